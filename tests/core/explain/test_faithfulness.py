"""Curves and comparisons on models and maps whose answer is known."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core.data.arrays import Films
from core.explain import benchmark as measure
from core.explain import trust as worth
from core.explain.benchmark import FilmFindings, choose_films, measure_run, summary
from core.explain.faithfulness import STEPS, measure_areas, random_map, rank_correlation, removal_order
from core.explain.findings import Areas, MethodFindings
from core.explain.geometry import Grid
from core.explain.methods import METHODS, Explanation, methods_for
from core.explain.trust import (
    EXPLANATIONS,
    doubt,
    doubt_in_words,
    findings_of,
    leading_method,
    read_explanations,
)
from core.imaging.decode import decode_film
from core.inference.model import Model
from core.manifest import write_manifest
from core.runs.store import find_run, list_runs, representative, served

SIDE = 32


class Brightness:
    """A network whose logit is the mean gray of the upper left quarter, less 100."""

    def score(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        logit = images[:, : SIDE // 2, : SIDE // 2].astype(np.float32).mean(axis=(1, 2)) - 100
        return 1 / (1 + np.exp(-logit)), logit


def on_grid(values: np.ndarray) -> Explanation:
    step = SIDE // len(values)
    grid = Grid(step=step, first=(step - 1) / 2, receptive_field=step, size=SIDE)
    return Explanation(method="occlusion", values=values.astype(np.float32), rows=grid, columns=grid)


@pytest.fixture
def image() -> np.ndarray:
    """Bright where the model looks, and noisy everywhere."""
    film = np.random.default_rng(0).integers(0, 60, (SIDE, SIDE))
    film[: SIDE // 2, : SIDE // 2] += 150
    return film.astype(np.uint8)


def test_pixels_are_removed_from_the_strongest_on() -> None:
    found = on_grid(np.array([[3.0, -1.0], [0.0, 1.0]]))
    first = removal_order(found, 1)
    assert first.shape == (SIDE * SIDE,)
    assert sorted(first) == list(range(SIDE * SIDE))
    assert all(place < SIDE // 2 for place in np.unravel_index(first[0], (SIDE, SIDE)))
    row, column = np.unravel_index(removal_order(found, -1)[0], (SIDE, SIDE))
    assert row < SIDE // 2 <= column


def test_ends_of_the_curves(image: np.ndarray) -> None:
    """Deletion goes from the film to one gray, insertion from the blurred film to the film; the former by hand."""
    model, order = Brightness(), np.arange(SIDE * SIDE)
    areas = measure_areas(model, image, order, 1)
    films = [image.copy() for _ in range(STEPS + 1)]
    for step, film in enumerate(films):
        film.ravel()[: round(step / STEPS * image.size)] = round(float(image.mean()))
    logits = model.score(np.stack(films))[1]
    assert logits[0] == model.score(image[None])[1][0]
    assert areas.deletion == pytest.approx((logits[:-1] + logits[1:]).sum() / 2 / STEPS, rel=1e-5)


@pytest.mark.parametrize("toward", [1, -1])
def test_a_map_that_knows_the_place_beats_one_that_does_not(image: np.ndarray, toward: int) -> None:
    model = Brightness()
    knowing, wrong = np.zeros((4, 4)), np.zeros((4, 4))
    knowing[:2, :2] = toward
    wrong[2:, 2:] = toward
    film = image if toward == 1 else 255 - image
    good, bad = (
        measure_areas(model, film, removal_order(on_grid(values), toward), toward) for values in (knowing, wrong)
    )
    assert good.deletion < bad.deletion
    assert good.insertion >= bad.insertion


@pytest.mark.parametrize("shape", [(4, 4), (15, 15), (6, 6)])
def test_random_maps_are_as_smooth_and_know_nothing(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    values = np.cumsum(np.cumsum(rng.normal(size=shape), axis=0), axis=1).astype(np.float32)
    made = [random_map(values, np.random.default_rng(seed)) for seed in range(400)]
    for one in made[:20]:
        assert one.dtype == np.float32
        np.testing.assert_allclose(np.abs(np.fft.fft2(one)), np.abs(np.fft.fft2(values)), rtol=1e-3, atol=1e-3)
    assert abs(np.mean([rank_correlation(values, one) for one in made])) < 0.1
    np.testing.assert_array_equal(made[0], random_map(values, np.random.default_rng(0)))


def test_rank_correlation() -> None:
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert rank_correlation(values, values**3) == pytest.approx(1)
    assert rank_correlation(values, -values) == pytest.approx(-1)
    assert rank_correlation(values, np.ones_like(values)) == 0


def film(own: tuple[float, float], random: tuple[float, float], *, y_true: int = 1, after: float = 0.1) -> FilmFindings:
    return FilmFindings(
        y_true=y_true,
        blank=False,
        own=Areas(deletion=own[0], insertion=own[1]),
        random=Areas(deletion=random[0], insertion=random[1]),
        other_film=Areas(deletion=0.0, insertion=0.0),
        correlation={"all_weights": after, "last_layer": after},
        correlation_other=0.2,
    )


def test_wins_are_counted_in_each_class() -> None:
    rows = [film((1, 3), (2, 2))] * 90 + [film((2, 2), (2, 2), y_true=0)] * 10
    found = summary(rows)
    deletion = found.against["random"].deletion
    assert (deletion.count, deletion.n) == (90, 100)
    assert deletion.low < 0.9 < deletion.high
    assert (deletion.pneumonia.value, deletion.normal.value) == (1, 0)
    assert found.beats_chance is True
    assert found.beats_other_film is False
    assert found.areas["own"].deletion == pytest.approx(1.1)


@pytest.mark.parametrize(("wins", "beats"), [(58, False), (70, True), (30, False)])
def test_a_method_within_chance_does_not_beat_it(wins: int, beats: bool) -> None:
    rows = [film((1, 3), (2, 2))] * wins + [film((3, 1), (2, 2))] * (100 - wins)
    assert summary(rows).beats_chance is beats


def test_one_curve_alone_is_not_enough() -> None:
    assert summary([film((1, 1), (2, 2))] * 100).beats_chance is False


@pytest.mark.parametrize(("after", "depends"), [(0.1, True), (0.9, False)])
def test_a_map_that_outlives_its_weights_is_told(after: float, depends: bool) -> None:
    found = summary([film((1, 3), (2, 2), after=after + 0.01 * (number % 2)) for number in range(50)])
    assert found.depends_on_weights is depends


def test_films_are_of_different_patients_and_seeded() -> None:
    table = pd.DataFrame(
        {
            "sample_id": [f"f{number:03d}" for number in range(90)],
            "cluster_id": [f"p{number // 3}" for number in range(90)],
            "y_true": [int(number >= 45) for number in range(90)],
        }
    )
    chosen = choose_films(table, 10)
    assert chosen["y_true"].value_counts().to_dict() == {0: 10, 1: 10}
    assert chosen["cluster_id"].is_unique
    pd.testing.assert_frame_equal(chosen, choose_films(table.sample(frac=1, random_state=1), 10))


def test_a_run_is_measured_by_every_method_that_works(make_film) -> None:
    run = find_run("cnn_adam_dropout", [run for run in list_runs()[0] if not run.own])
    drawn = [decode_film(make_film(seed=n, width=64, height=64), "film").pixels for n in range(4)]
    pixels = np.stack(drawn)
    table = pd.DataFrame({"sample_id": list("abcd"), "y_true": [0, 1, 0, 1]})
    films = Films(pixels=pixels, table=table, unreadable=[])
    found = measure_run(Model(run), films)
    assert list(found.methods) == [method.name for method in methods_for(run)] == list(METHODS)
    assert (found.films, found.positives, found.weights_hash) == (4, 2, run.record.weights_hash)
    for figures in found.methods.values():
        assert figures.n == 4
        assert {weights.n for weights in figures.weights.values()} == {4}
        random = figures.against["random"]
        assert {wins.n for wins in (random.deletion, random.insertion, random.both)} == {4}
    assert found == measure_run(Model(run), films)


def findings(**verdicts: bool) -> MethodFindings:
    """Findings of a method that beat both, but for what is given."""
    good = summary([film((1, 3), (2, 2))] * 60 + [film((1, 3), (2, 2), y_true=0)] * 40)
    return replace(good, **{"beats_chance": True, "beats_other_film": True, "depends_on_weights": True, **verdicts})


def write_findings(folder: Path, methods: dict[str, MethodFindings], weights_hash: str = "h") -> None:
    """Write the file with findings of one run, r, and the rest as it is committed."""
    document = read_explanations()
    run = next(iter(document.runs.values()))
    runs = {"r": replace(run, run_id="r", weights_hash=weights_hash, methods=methods)}
    (folder / EXPLANATIONS).write_text(json.dumps(replace(document, runs=runs).to_dict()))


def test_figures_of_other_weights_are_not_shown(tmp_path, monkeypatch) -> None:
    write_findings(tmp_path, {"occlusion": findings()})
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(tmp_path))
    write_manifest()

    def run(weights_hash: str, *, own: bool = False) -> SimpleNamespace:
        return SimpleNamespace(run_id="r", own=own, record=SimpleNamespace(weights_hash=weights_hash))

    assert findings_of(run("h"), "occlusion") == findings()
    assert findings_of(run("h"), "score_cam") is None
    assert findings_of(run("other"), "occlusion") is None
    assert findings_of(run("h", own=True), "occlusion") is None


@pytest.mark.parametrize(
    ("measured", "sentence"),
    [
        (None, "What this map is worth was not measured for M"),
        (findings(beats_chance=False), "did not do better than chance"),
        (findings(depends_on_weights=False), "hardly change when the model's weights are shuffled"),
        (findings(beats_other_film=False), "but not better than the map of another film"),
    ],
)
def test_what_speaks_against_a_map_is_said(measured: MethodFindings | None, sentence: str) -> None:
    assert sentence in doubt_in_words(SimpleNamespace(title="M"), measured)


def test_nothing_is_said_against_a_map_that_beat_both(tmp_path, monkeypatch) -> None:
    write_findings(tmp_path, {"occlusion": findings()})
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(tmp_path))
    run = SimpleNamespace(run_id="r", title="M", own=False, record=SimpleNamespace(weights_hash="h"))
    assert "is not known" in doubt(run, "occlusion")  # the file is in no manifest
    write_manifest()
    assert doubt(run, "occlusion") == ""


@pytest.mark.parametrize(
    ("maps", "good", "first"),
    [
        (True, {"class_activation_map", "occlusion"}, "class_activation_map"),
        (True, {"occlusion", "score_cam"}, "occlusion"),
        (True, {"score_cam"}, "score_cam"),
        (True, set(), "class_activation_map"),
        (False, set(), "occlusion"),
    ],
)
def test_the_first_map_is_one_that_nothing_speaks_against(
    maps: bool, good: set[str], first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(run: object, method: str) -> MethodFindings:
        return findings(beats_chance=method in good)

    monkeypatch.setattr(worth, "findings_of", measured)
    assert leading_method(SimpleNamespace(title="M", has_feature_maps=maps)).name == first


def test_without_measurements_the_first_map_that_works_is_first(no_artifacts) -> None:
    run = SimpleNamespace(run_id="r", title="M", own=False, has_feature_maps=True, record=None)
    assert leading_method(run).name == "class_activation_map"


def test_committed_figures_are_of_the_committed_runs() -> None:
    """All models, at least 200 films, with intervals that follow from the counts."""
    runs = [run for run in list_runs()[0] if not run.own]
    found = read_explanations()
    by_id = {run.run_id: run for run in runs}
    assert set(found.runs) == {run.run_id for run in representative(runs)}
    assert found.settings == measure.settings(runs[0].record.data_hash)
    assert found.similar.run_id == served(runs).run_id
    assert {name: (text.title, text.meaning, text.source) for name, text in found.methods.items()} == {
        name: (method.title, method.meaning, method.source) for name, method in METHODS.items()
    }
    for run_id, measured in found.runs.items():
        assert measured.weights_hash == by_id[run_id].record.weights_hash
        assert measured.films >= 200
        assert 0 < measured.positives < measured.films
        assert list(measured.methods) == [method.name for method in methods_for(by_id[run_id])]
        for figures in measured.methods.values():
            for contest in figures.against.values():
                for wins in (contest.deletion, contest.insertion, contest.both):
                    assert wins.value == wins.count / wins.n
                    assert wins.n == wins.normal.n + wins.pneumonia.n == measured.films
                    assert wins.low <= wins.value <= wins.high
            random = figures.against["random"]
            assert figures.beats_chance == (min(random.deletion.low, random.insertion.low) > 0.5)
            assert figures.depends_on_weights == (figures.weights["all_weights"].high < 0.5)
