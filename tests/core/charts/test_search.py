"""Parallel coordinates: settings by name, numbers to scale, coloured by the figure."""

import numpy as np
import pandas as pd
import pytest

from core.charts.search import FEW, SCALE, SPREAD, parallel_coordinates

MANY = FEW + 2


@pytest.fixture
def trials() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "optimizer": ["sgd", "adam"] * (MANY // 2),
            "dense": [512, 128, 128, 512] * (MANY // 4),
            "learning_rate": np.geomspace(1e-4, 1e-1, MANY),
            "noise": np.linspace(0.1, 16, MANY),
            "crop": np.linspace(0.5, 0.8, MANY),
            "parameters": np.arange(MANY) * 1000,
            "seed": 0,
            "mean": np.linspace(0.9, 0.97, MANY),
        }
    )


def dimensions(trials: pd.DataFrame) -> dict:
    axes = {name: name.upper() for name in trials if name != "mean"}
    return {one.label: one for one in parallel_coordinates(trials, axes, "mean", "Mean AUROC").data[0].dimensions}


def test_the_figure_is_the_last_axis_and_the_colour(trials: pd.DataFrame) -> None:
    chart = parallel_coordinates(trials, {"crop": "Crop"}, "mean", "Mean AUROC")
    drawn = chart.data[0]
    assert [one.label for one in drawn.dimensions] == ["Crop", "Mean AUROC"]
    assert list(drawn.dimensions[-1]["values"]) == list(drawn.line.color) == trials["mean"].tolist()
    assert [colour for _, colour in drawn.line.colorscale] == SCALE


def test_settings_stand_at_even_steps_under_their_names(trials: pd.DataFrame) -> None:
    axes = dimensions(trials)
    assert list(axes["OPTIMIZER"].ticktext) == ["adam", "sgd"]
    assert np.round(axes["OPTIMIZER"]["values"]).tolist()[:2] == [1, 0]
    assert list(axes["DENSE"].ticktext) == ["128", "512"]
    assert np.round(axes["DENSE"]["values"]).tolist()[:4] == [1, 0, 0, 1]


def test_lines_through_one_value_are_spread_by_the_figure(trials: pd.DataFrame) -> None:
    values = np.array(dimensions(trials)["OPTIMIZER"]["values"])
    for name in ("adam", "sgd"):
        of_one = values[trials["optimizer"] == name]
        assert (np.diff(of_one) > 0).all()  # the figure rises from row to row
        assert np.abs(of_one - np.round(of_one)).max() <= SPREAD / 2


def test_many_numbers_keep_their_scale_wide_ones_a_logarithmic_one(trials: pd.DataFrame) -> None:
    axes = dimensions(trials)
    assert list(axes["CROP"]["values"]) == trials["crop"].tolist()
    assert axes["CROP"].ticktext is None
    assert list(axes["NOISE"]["values"]) == trials["noise"].tolist()  # wide, but even
    assert axes["LEARNING_RATE"]["values"] == pytest.approx(np.linspace(-4, -1, MANY))
    assert list(axes["LEARNING_RATE"].ticktext) == ["0.0001", "0.001", "0.01", "0.1"]
    assert list(axes["PARAMETERS"]["values"]) == trials["parameters"].tolist()  # zero has no logarithm


def test_what_is_the_same_for_all_is_left_out(trials: pd.DataFrame) -> None:
    assert "SEED" not in dimensions(trials)


def test_a_setting_that_some_lack_is_none(trials: pd.DataFrame) -> None:
    trials["dropout"] = [0.3, np.nan] * (MANY // 2)
    assert list(dimensions(trials)["DROPOUT"].ticktext) == ["0.3", "none"]
    trials["note"] = ["x", None] * (MANY // 2)
    assert list(dimensions(trials)["NOTE"].ticktext) == ["none", "x"]


def test_names_of_the_first_axis_have_room_and_numbers_are_short(trials: pd.DataFrame) -> None:
    name = "a network with a long name"
    frame = trials.assign(
        network=[name, *["net"] * (len(trials) - 1)], weights=[2_603_150, *[306_913] * (len(trials) - 1)]
    )
    chart = parallel_coordinates(frame, {"network": "Network", "weights": "Weights"}, "mean", "Mean AUROC")
    assert chart.layout.margin.l >= 6 * len(name)
    assert list(chart.data[0].dimensions[1].ticktext) == ["0.31 M", "2.60 M"]


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([128, 2_603_150], ["128", "2,603,150"]),
        ([306_913, 306_914], ["306,913", "306,914"]),  # in millions they would be the same
        ([689_617, None], ["0.69 M", "none"]),
    ],
)
def test_large_numbers_are_written_in_millions_where_all_are_large_and_differ(
    values: list[float | None], ticks: list[str]
) -> None:
    frame = pd.DataFrame({"weights": pd.Series(values, dtype=float), "mean": [0.9, 0.8]})
    chart = parallel_coordinates(frame, {"weights": "Weights"}, "mean", "Mean AUROC")
    assert list(chart.data[0].dimensions[0].ticktext) == ticks
