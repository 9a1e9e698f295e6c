"""Charts of Limits: what is drawn where."""

import pandas as pd
import plotly.graph_objects as go
import pytest

from core.charts.comparison import SeriesStyle
from core.charts.limits import GAP, Group, Line, Point, bars, grouped_dots, lines
from core.evaluation.types import Estimate


def of(value: float, low: float = float("nan"), high: float = float("nan")) -> Estimate:
    return Estimate(value=value, low=low, high=high, method="test")


def drawn(chart: go.Figure) -> list[tuple[float, float]]:
    """Place of every mark, without the empty ones that make the legend."""
    return [(trace.x[0], trace.y[0]) for trace in chart.data if trace.x[0] is not None]


def test_groups_share_a_row_and_one_alone_stands_in_its_middle() -> None:
    chart = grouped_dots(
        [
            Group(title="a", symbol="circle", points=[Point(row="x", estimate=of(0.5, 0.4, 0.7))]),
            Group(title="b", symbol="x", points=[Point(row="x", estimate=of(0.9)), Point(row="y", estimate=of(0.2))]),
        ],
        "Rate, %",
        line=0.9,
    )
    assert drawn(chart) == [(50, -GAP / 2), (90, GAP / 2), (20, 1)]
    assert list(chart.layout.yaxis.ticktext) == ["x", "y"]
    assert chart.layout.yaxis.range[0] > chart.layout.yaxis.range[1]  # the first row is on top
    with_interval, without = (trace for trace in chart.data if trace.x[0] in (50, 90))
    assert with_interval.error_x.array[0] == pytest.approx(20)
    assert with_interval.error_x.arrayminus[0] == pytest.approx(10)
    assert without.error_x.array is None
    assert "50.0 % (40.0 to 70.0)" in with_interval.hovertemplate
    assert chart.layout.shapes[0].x0 == pytest.approx(90)
    assert [trace.name for trace in chart.data if trace.showlegend is None] == ["a", "b"]


def test_figures_that_are_no_rates_keep_their_unit_and_slim_rows_one_line() -> None:
    groups = [Group(title=name, symbol="circle", points=[Point(row="x", estimate=of(0.5))]) for name in "ab"]
    slim = grouped_dots(groups, "AUROC", is_rate=False, slim=True)
    assert drawn(slim) == [(0.5, 0), (0.5, 0)]
    assert slim.layout.height < grouped_dots(groups, "AUROC", is_rate=False).layout.height


def test_the_chosen_line_is_on_top_with_its_band() -> None:
    frame = pd.DataFrame({"x": [0.0, 1.0], "value": [10.0, 20.0], "low": [5.0, 15.0], "high": [12.0, 30.0]})
    chosen, other = (SeriesStyle(title=name, model=model) for name, model in (("a", "dense"), ("b", "cnn_sgd")))
    chart = lines(
        [Line(style=chosen, frame=frame, is_chosen=True), Line(style=other, frame=frame)],
        "x", "y", neutral=1.0, diagonal=True,
    )  # fmt: skip
    assert [trace.name for trace in chart.data if trace.showlegend is None] == ["Calibrated", "b", "a"]
    band = next(trace for trace in chart.data if trace.fill == "toself")
    assert list(band.y) == [12, 30, 15, 5]
    assert chart.data[-1].customdata.tolist() == [[5, 12], [15, 30]]
    assert "(%{customdata[0]:.3~f} to %{customdata[1]:.3~f})" in chart.data[-1].hovertemplate
    assert band.mode == "lines"
    assert chart.data[-1].line.width > chart.data[-3].line.width
    assert chart.layout.shapes[0].x0 == 1.0


def test_bars_carry_their_numbers() -> None:
    chart = bars({"a": 7, "b": 2}, "Looks")
    assert list(chart.data[0].text) == ["7", "2"]
    assert chart.layout.xaxis.range[1] > 7
