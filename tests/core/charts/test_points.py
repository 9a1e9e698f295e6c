"""Points of charts as a table: every line, under the titles of its axes."""

import numpy as np
import pytest

from core.charts.comparison import SeriesStyle
from core.charts.curves import training
from core.charts.points import COLUMNS, point_table

HISTORY = [
    {"epoch": epoch, "loss": 1 / epoch, "validation_loss": 2 / epoch, "accuracy": 0.5, "validation_accuracy": 0.4}
    for epoch in (1, 2, 4)
]


def test_every_point_of_every_line() -> None:
    chart = training(HISTORY, SeriesStyle(title="A", model="dense"), 2, "loss")
    table = point_table({"A": chart, "again": chart})
    assert table.columns.tolist() == COLUMNS
    assert len(table) == 2 * (3 + 3 + 1)
    first = table[(table["chart"] == "A") & (table["line"] == "validation")]
    assert first["x"].tolist() == [1, 2, 4]
    assert first["y"].tolist() == pytest.approx([2, 1, 0.5])
    assert set(zip(table["x_is"], table["y_is"], strict=True)) == {("Epoch", "Loss")}
    kept = table[table["line"] == "kept: epoch 2"]
    assert np.allclose(kept[["x", "y"]].to_numpy(dtype=float), [[2, 1], [2, 1]])


def test_no_charts_are_an_empty_table() -> None:
    assert point_table({}).empty
