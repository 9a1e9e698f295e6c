"""The description of a film: its size, brightness and contrast do not matter, turning and inverting only permute it."""

import numpy as np
import pytest

from core.gate.features import FEATURES, describe, permute_features, thumbnail
from core.imaging.film import resize
from tests.support.films import draw_film


def pictures(count: int = 3) -> np.ndarray:
    return np.stack([thumbnail(draw_film(seed)) for seed in range(count)])


def test_shape_and_type() -> None:
    found = describe(pictures())
    assert (found.shape, found.dtype) == ((3, FEATURES), np.float32)
    assert np.isfinite(found).all()


def test_one_by_one_and_together_are_the_same() -> None:
    films = pictures()
    alone = np.concatenate([describe(film[None]) for film in films])
    assert describe(films) == pytest.approx(alone, abs=1e-5)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("inverted", [False, True])
def test_turned_and_inverted_pictures_have_permuted_descriptions(turns: int, inverted: bool) -> None:
    films = pictures()
    turned = np.ascontiguousarray(np.rot90(films, turns, axes=(1, 2)))
    expected = describe(255 - turned if inverted else turned)
    assert permute_features(describe(films), turns, inverted) == pytest.approx(expected, abs=2e-5)
    if turns or inverted:
        assert np.abs(describe(films) - expected).max() > 0.1


def test_brightness_and_contrast_hardly_matter() -> None:
    films = pictures()
    fainter = (40 + 0.6 * films).astype(np.uint8)
    assert describe(fainter) == pytest.approx(describe(films), abs=0.12)


def test_a_flat_picture_has_no_edges() -> None:
    assert np.abs(describe(np.full((1, 64, 64), 90, np.uint8))).max() == 0


def test_an_edge_votes_for_its_own_direction() -> None:
    ramp = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (64, 1))  # brighter to the right: direction 0
    edges = describe(ramp[None])[0, :512].reshape(8, 8, 8)
    assert (edges[1:-1, 1:-1, 0] > 0.3).all()
    assert edges[1:-1, 1:-1, 1:].max() < 1e-6


def test_the_same_picture_at_another_resolution_is_described_alike() -> None:
    film = draw_film(2, width=640, height=512)
    half = resize(film, 256, 320)
    found = [describe(thumbnail(pixels)[None]) for pixels in (film, half)]
    assert found[0] == pytest.approx(found[1], abs=0.1)
