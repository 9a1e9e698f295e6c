"""Material for the gate: seeded, alike in size, range and weight; and fitting tells it apart on drawn films."""

import io

import numpy as np
import pytest
from PIL import Image

from core.data.not_films import CHANGED, CROP, DRAWN, change_film, draw_picture
from core.data.stress import stress_film
from core.errors import DataError
from core.gate import Gate
from core.gate import material as module
from core.gate.features import thumbnail
from core.gate.fit import describe_material, fit_basis, fit_scorer, with_limits
from core.gate.material import ADULTS, SCANS, encode_film, encode_like, make_material, read_other_images
from core.gate.measure import count_verdicts, measure_films, summarise_refusals, wrap_thumbnails
from tests.support.films import draw_film

FILMS = np.stack([thumbnail(draw_film(seed)) for seed in range(60)])


@pytest.mark.parametrize("kind", DRAWN)
def test_a_seed_gives_the_same_picture_and_another_seed_another(kind: str) -> None:
    first, again, other = (draw_picture(kind, seed) for seed in (3, 3, 4))
    assert (first.shape, first.dtype) == ((192, 192), np.uint8)
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("kind", CHANGED)
def test_changes_are_seeded_and_keep_a_film_s_type(kind: str) -> None:
    film = draw_film(1)
    first, again = (change_film(kind, film, 5) for _ in range(2))
    assert first.dtype == np.uint8
    assert (first == again).all()
    assert first.shape in (film.shape, film.shape[::-1])
    assert first.shape != film.shape or (first != film).any()


def test_a_crop_keeps_a_small_part() -> None:
    ramp = np.tile(np.linspace(0, 255, 400), (300, 1)).astype(np.uint8)
    spans = [float(np.ptp(change_film("cropped", ramp, seed))) / 255 for seed in range(30)]
    assert CROP[0] - 0.05 <= min(spans) <= max(spans) <= CROP[1] + 0.02


def test_a_picture_is_carried_like_its_partner() -> None:
    draw = np.random.default_rng(0)
    for film in FILMS[:10]:
        partner = encode_film(film, draw)
        found = encode_like(change_film("rotated", film, 1), partner)
        assert (found.width, found.height) == (partner.width, partner.height) == found.film.size
        assert len(found.data) == pytest.approx(len(partner.data), rel=0.1)
        with Image.open(io.BytesIO(found.data)) as image:
            assert (image.format, image.mode) == ("JPEG", "L")
        ranges = [np.percentile(carrier.film.pixels, [1, 99]) for carrier in (found, partner)]
        assert ranges[0] == pytest.approx(ranges[1], abs=12)


def test_a_folder_without_pictures_is_named(tmp_path) -> None:
    with pytest.raises(DataError, match="AbdomenCT"):
        read_other_images(tmp_path)


@pytest.fixture(scope="module")
def halves() -> tuple[module.Material, module.Material]:
    scans = {
        kind: [draw_picture("bones", 100 * place + seed) for seed in range(16)] for place, kind in enumerate(SCANS)
    }
    other = scans | {ADULTS: [draw_film(1_000 + seed) for seed in range(16)]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PER_KIND", 8)
        return make_material(FILMS[:30], other, 0), make_material(FILMS[30:], other, 1)


def test_no_picture_is_in_both_halves(halves) -> None:
    first, second = ({carrier.data for kind in half.kinds.values() for carrier in kind} for half in halves)
    assert len(first) > 100
    assert not first & second


def test_a_gate_fitted_on_drawn_films_tells_them_from_the_rest(halves) -> None:
    fit_half, check_half = halves
    stressed = np.stack([thumbnail(stress_film(film, str(number))) for number, film in enumerate(FILMS)])
    fitting = describe_material(fit_half, stressed[:30])
    basis = fit_basis(fitting.films, fitting.adults)
    kinds = {kind: basis.parts(features) for kind, features in fitting.kinds.items()}
    scorer = fit_scorer(basis, basis.parts(fitting.films), basis.parts(fitting.adults), kinds)
    plain = measure_films(basis, wrap_thumbnails(FILMS[30:]))
    scorer = with_limits(scorer, plain.parts, plain.parts)
    found = {
        kind: count_verdicts(scorer, measure_films(basis, [carrier.film for carrier in carriers]))
        for kind, carriers in check_half.kinds.items()
    }
    assert count_verdicts(scorer, plain).refuse == 0
    assert summarise_refusals(found).mean > 0.9
    films = [carrier.film for carrier in check_half.kinds["inverted"]]
    one_by_one = [Gate(scorer=scorer).check(film).verdict for film in films]
    assert one_by_one.count("refuse") == found["inverted"].refuse
