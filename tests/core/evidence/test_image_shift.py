"""The shift between splits, on drawn measurements whose shift is known."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation.bootstrap import METHOD
from core.evidence.image_shift import describe, differences, split_auroc, standardised_difference, tell_apart
from core.evidence.measures import MEASURES, THUMBNAIL_COLUMNS


def drawn(splits=("train", "validation", "test"), n: int = 60, moved: float = 0.0) -> pd.DataFrame:
    """Standard normal measures; test normals alone are moved by `moved` in brightness."""
    rng = np.random.default_rng(0)
    parts = []
    for label in (0, 1):
        for split in splits:
            part = pd.DataFrame(rng.normal(size=(n, len(MEASURES) + 64)), columns=[*MEASURES, *THUMBNAIL_COLUMNS])
            part["gray_mean"] += moved * (split == "test" and label == 0)
            part = part.assign(y_true=label, split=split)
            part["sample_id"] = [f"{label}-{split}-{i}" for i in range(n)]
            part["cluster_id"] = [f"{label}-{split}-{i // 2}" for i in range(n)]
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def test_standardised_difference() -> None:
    before, after = pd.Series([1.0, 2.0, 3.0]), pd.Series([3.0, 5.0, 7.0])
    assert standardised_difference(before, after) == pytest.approx(3 / np.sqrt((1 + 4) / 2))
    assert np.isnan(standardised_difference(pd.Series([1.0, 1.0]), pd.Series([1.0, 1.0])))


def test_a_planted_shift_is_found_in_its_class_alone() -> None:
    films = drawn(moved=3.0)
    found = {
        (row.label, row.before, row.after): row.difference for row in differences(films) if row.measure == "gray_mean"
    }
    assert found["normal", "train", "test"] == pytest.approx(3, abs=0.6)
    assert found["pneumonia", "train", "test"] == pytest.approx(0, abs=0.4)
    assert found["normal", "train", "validation"] == pytest.approx(0, abs=0.4)

    films.loc[::3, "lung_top"] = np.nan  # lungs that were not found are no obstacle
    rows = tell_apart(films[films["split"] != "validation"])
    apart = {(row.label, row.looks_at): row.auroc.value for row in rows}
    assert len(apart) == len(rows) == 2 * 3
    assert apart["normal", "measures"] > 0.9
    assert apart["pneumonia", "measures"] == pytest.approx(0.5, abs=0.15)
    assert apart["normal", "thumbnail"] == pytest.approx(0.5, abs=0.2)


def test_films_of_one_patient_do_not_help_the_classifier() -> None:
    """Each patient has a look of its own; over folds of whole patients that tells nothing of the split."""
    rng = np.random.default_rng(1)
    looks = np.repeat(rng.normal(size=(40, len(MEASURES))), 6, axis=0)
    films = pd.DataFrame(looks + rng.normal(0, 0.01, looks.shape), columns=list(MEASURES))
    films["sample_id"] = [str(i) for i in range(240)]
    films["cluster_id"] = [str(i // 6) for i in range(240)]
    value = split_auroc(films[:120], films[120:], list(MEASURES)).value
    assert value < 0.75  # 1.0 if films of a patient lay on both sides of a fold


def test_interval_is_by_patient() -> None:
    """The same measures count for less when they come from few patients."""
    rng = np.random.default_rng(2)
    looks = np.repeat(rng.normal(size=(60, len(MEASURES))), 6, axis=0)
    looks[180:] += 0.5
    films = pd.DataFrame(looks, columns=list(MEASURES)).assign(sample_id=[str(i) for i in range(360)])
    films["cluster_id"] = [str(i // 6) for i in range(360)]
    found = split_auroc(films[:180], films[180:], list(MEASURES))
    assert found.method == METHOD
    assert found.low < found.value < found.high
    assert found.high - found.low > 0.15  # DeLong's, of 360 films, would be about .08 wide


def test_means_are_of_the_films_where_a_measure_is_known() -> None:
    films = drawn(moved=3.0)
    films.loc[::3, "lung_top"] = np.nan
    means = describe(films)
    assert means["normal"]["lung_top"]["test"].n == 40
    assert means["normal"]["gray_mean"]["test"].mean == pytest.approx(3, abs=0.4)


def test_without_test_films_there_is_one_pair() -> None:
    rows = differences(drawn(splits=("train", "validation")))
    assert {(row.before, row.after) for row in rows} == {("train", "validation")}
