"""Each change leaves a film alone at the neutral level, changes it more with every step, and is the same every time."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.evaluation.bootstrap import METHOD
from core.evaluation.metrics import auroc
from core.evaluation.types import Scores
from core.evidence.stress_curves import SETTINGS, choose_films, curve, figures_at
from core.imaging.perturbations import FACTORS
from tests.support.films import draw_film

every_factor = pytest.mark.parametrize("factor", FACTORS.values(), ids=lambda factor: factor.name)
FILM = draw_film(seed=1, width=224, height=224)


def test_the_eight_factors() -> None:
    assert list(FACTORS) == ["aspect_ratio", "crop", "exposure", "blur", "noise", "jpeg", "rotation", "border"]
    assert SETTINGS["split"] == "validation"


@every_factor
def test_neutral_level_is_the_film(factor) -> None:
    assert factor.neutral in factor.levels
    assert (factor.apply(FILM, factor.neutral, "a") == FILM).all()


@every_factor
def test_change_keeps_shape_and_is_repeatable(factor) -> None:
    for level in factor.levels:
        changed = factor.apply(FILM, level, "a")
        assert changed.shape == FILM.shape
        assert changed.dtype == np.uint8
        assert (changed == factor.apply(FILM, level, "a")).all()
        assert level == factor.neutral or (changed != FILM).any()


@every_factor
def test_further_levels_change_more(factor) -> None:
    """The mean distance from the film grows on either side of the neutral level."""
    distance = [np.abs(factor.apply(FILM, level, "a").astype(float) - FILM).mean() for level in factor.levels]
    neutral = factor.levels.index(factor.neutral)
    assert (np.diff(distance[neutral:]) > 0).all()
    assert (np.diff(distance[: neutral + 1]) < 0).all()


def test_noise_differs_between_films() -> None:
    noise = FACTORS["noise"]
    assert (noise.apply(FILM, 5.0, "a") != noise.apply(FILM, 5.0, "b")).any()


def test_gamma_above_one_darkens() -> None:
    exposure = FACTORS["exposure"]
    means = [exposure.apply(FILM, level, "a").mean() for level in exposure.levels]
    assert (np.diff(means) < 0).all()
    assert exposure.apply(np.array([[0, 64, 255]], np.uint8), 2.0, "a").tolist() == [[0, 16, 255]]


def test_crop_and_aspect_keep_the_middle() -> None:
    film = np.zeros((100, 100), np.uint8)
    film[40:60, 40:60] = 255

    def size(name: str, level: float) -> tuple[int, int]:
        seen = FACTORS[name].apply(film, level, "a") > 127
        return int(seen.any(axis=0).sum()), int(seen.any(axis=1).sum())

    assert size("aspect_ratio", 1.25) == pytest.approx((25, 20), abs=1)
    assert size("aspect_ratio", 0.8) == pytest.approx((20, 25), abs=1)
    assert size("crop", 0.8) == pytest.approx((25, 25), abs=1)


def test_rotation_is_clockwise_on_black() -> None:
    film = np.full((101, 101), 100, np.uint8)
    film[:10, 46:55] = 255  # a mark at the top
    turned = FACTORS["rotation"].apply(film, 15.0, "a")
    assert np.nonzero(turned > 200)[1].mean() > 60  # moved to the right
    assert turned[0, 0] == 0


def test_border_covers_the_edges() -> None:
    framed = FACTORS["border"].apply(np.full((100, 100), 9, np.uint8), 0.06, "a")
    assert (framed[6:94, 6:94] == 9).all()
    assert framed.sum() == 9 * 88**2


def bright_model(pixels: np.ndarray, truth: np.ndarray) -> Scores:
    """A score that is the brightness of the middle of the film."""
    names = np.array([f"film-{i}" for i in range(len(pixels))])
    return Scores(sample_id=names, cluster_id=names, y_true=truth, y_score=pixels[:, 80:144, 80:144].mean((1, 2)) / 255)


def test_curves_of_a_model_that_looks_at_brightness() -> None:
    """Darker films are called normal more and more: sensitivity falls, specificity rises; a border changes nothing."""
    truth = np.arange(24) % 2
    films = [np.clip(draw_film(seed=i, width=224, height=224) + 12.0 * truth[i], 0, 255) for i in range(24)]
    films = [film.astype(np.uint8) for film in films]
    threshold = float(np.median(bright_model(np.stack(films), truth).y_score))

    def points(name: str):
        factor = FACTORS[name]
        return [
            figures_at(bright_model(np.stack([factor.apply(film, level, "a") for film in films]), truth), threshold)
            for level in factor.levels
        ]

    exposure = curve(FACTORS["exposure"], points("exposure"))
    assert (np.diff(exposure.sensitivity.value) <= 0).all()
    assert (np.diff(exposure.specificity.value) >= 0).all()
    assert (exposure.sensitivity.value[0], exposure.sensitivity.value[-1]) == (1, 0)
    border = curve(FACTORS["border"], points("border"))
    assert len(set(border.auroc.value)) == 1
    assert len(set(border.sensitivity.value)) == 1


def test_figures_have_intervals() -> None:
    names = np.array(list("abcdef"))
    scores = Scores(
        sample_id=names,
        cluster_id=names,
        y_true=np.array([0, 0, 0, 1, 1, 1]),
        y_score=np.array([0.1, 0.2, 0.6, 0.5, 0.8, 0.9]),
    )
    found = figures_at(scores, 0.5)
    assert found["auroc"].value == auroc(scores) == pytest.approx(8 / 9)
    assert found["sensitivity"].value == 1
    assert found["specificity"].value == pytest.approx(2 / 3)
    assert found["specificity"].low < 2 / 3 < found["specificity"].high
    assert found["auroc"].method == METHOD


def test_intervals_widen_where_patients_have_several_films() -> None:
    """The same scores, eight films a patient instead of one: a patient's films are right or wrong together."""
    truth = np.repeat(np.arange(30) % 2, 8)
    score = np.repeat(np.random.default_rng(0).uniform(size=30) * 0.6 + 0.3 * (np.arange(30) % 2), 8)
    names = np.array([f"film-{i}" for i in range(240)])
    alone = Scores(sample_id=names, cluster_id=names, y_true=truth, y_score=score)
    together = replace(alone, cluster_id=np.repeat([f"patient-{i}" for i in range(30)], 8))
    for figure in ("auroc", "sensitivity", "specificity"):
        narrow, wide = figures_at(alone, 0.5)[figure], figures_at(together, 0.5)[figure]
        assert narrow.value == wide.value
        assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_films_are_chosen_alike_from_both_classes() -> None:
    table = pd.DataFrame({"sample_id": [f"{i:04d}" for i in range(500)], "y_true": [int(i >= 150) for i in range(500)]})
    chosen = choose_films(table, per_class=100)
    assert chosen["y_true"].value_counts().to_dict() == {0: 100, 1: 100}
    assert chosen["sample_id"].is_monotonic_increasing
    shuffled = choose_films(table.sample(frac=1, random_state=0), per_class=100)
    assert shuffled["sample_id"].tolist() == chosen["sample_id"].tolist()
    assert choose_films(table, per_class=200)["y_true"].value_counts().to_dict() == {1: 200, 0: 150}
