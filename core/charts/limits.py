"""Charts of Limits: figures side by side in rows, lines with a band, counts as bars."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from core.charts.comparison import SeriesStyle
from core.charts.draft import Properties, figure
from core.charts.intervals import band, error_bars
from core.charts.style import UNDECIDED, tidy, vertical_line
from core.evaluation.types import Estimate
from core.wording import format_figure, format_rate

ROW, GAP = 44, 0.22  # pixels of a row; distance of two groups within it, in rows
LINES = 320  # pixels


@dataclass(frozen=True, kw_only=True)
class Point:
    """A figure in a row.

    Parameters
    ----------
    row : str
    estimate : Estimate
    colour : str or None
        Another one than the group's.
    """

    row: str
    estimate: Estimate
    colour: str | None = None


@dataclass(frozen=True, kw_only=True)
class Group:
    """Figures of one kind, drawn alike in every row.

    Parameters
    ----------
    title : str
        In the legend.
    symbol : str
        Plotly's.
    points : sequence of Point
    colour : str
    """

    title: str
    symbol: str
    points: Sequence[Point]
    colour: str = UNDECIDED


def grouped_dots(
    groups: Sequence[Group], axis: str, *, is_rate: bool = True, line: float | None = None, slim: bool = False
) -> go.Figure:
    """Figures with 95 % intervals, the groups below one another within each row, first row on top.

    Parameters
    ----------
    groups : sequence of Group
    axis : str
    is_rate : bool
        Whether figures are shown in per cent.
    line : float, optional
        Where a dotted line stands.
    slim : bool
        Whether rows are half as high and groups share a line, for many rows of which few overlap.
    """
    rows = list(dict.fromkeys(point.row for group in groups for point in group.points))
    scale, text = (100, format_rate) if is_rate else (1, format_figure)
    kinds = {row: [group for group in groups if any(point.row == row for point in group.points)] for row in rows}
    traces: list[Properties] = []
    for group in groups:
        traces.append(_legend_entry(group))
        for point in group.points:
            place = 0 if slim else kinds[point.row].index(group) - (len(kinds[point.row]) - 1) / 2
            traces.append(_dot(point, group, rows.index(point.row) + place * GAP, scale, text))
    return figure(
        traces,
        tidy(
            height=96 + (ROW // 2 if slim else ROW) * len(rows),
            shapes=None if line is None else [vertical_line(scale * line)],
            xaxis={"title": axis},
            yaxis={
                "tickvals": list(range(len(rows))),
                "ticktext": rows,
                "range": [len(rows) - 0.45, -0.55],
                "zeroline": False,
                "showgrid": True,
            },
        ),
    )


def _legend_entry(group: Group) -> Properties:
    return {
        "type": "scatter",
        "x": [None],
        "y": [None],
        "mode": "markers",
        "name": group.title,
        "marker": {"symbol": group.symbol, "color": group.colour, "size": 10, "line": {"width": 2}},
    }


def _dot(point: Point, group: Group, y: float, scale: float, text: Callable[[Estimate], str]) -> Properties:
    estimate, colour = point.estimate, point.colour or group.colour
    has_interval = not math.isnan(estimate.low)
    return {
        "type": "scatter",
        "x": [scale * estimate.value],
        "y": [y],
        "mode": "markers",
        "showlegend": False,
        "marker": {"symbol": group.symbol, "color": colour, "size": 10, "line": {"width": 2, "color": colour}},
        "error_x": error_bars([estimate], scale=scale, width=4) | {"color": colour} if has_interval else None,
        "hovertemplate": f"{point.row}, {group.title}<br>{text(estimate)}<extra></extra>",
    }


@dataclass(frozen=True, kw_only=True, eq=False)
class Line:
    """A model's line.

    Parameters
    ----------
    style : SeriesStyle
    frame : DataFrame
        x, value, low, high, in the unit of the axes.
    is_chosen : bool
        Drawn with its band; the others stay thin.
    """

    style: SeriesStyle
    frame: pd.DataFrame
    is_chosen: bool = False


def lines(shown: Sequence[Line], x: str, y: str, *, neutral: float | None = None, diagonal: bool = False) -> go.Figure:
    """Lines of all models, the chosen one with the band of its 95 % intervals.

    Parameters
    ----------
    shown : sequence of Line
    x, y : str
        Titles of the axes.
    neutral : float, optional
        Where nothing is changed; a dotted line stands there.
    diagonal : bool
        Whether a dotted diagonal shows where y is x.
    """
    traces: list[Properties] = []
    if diagonal and shown:
        ends = shown[0].frame["x"]
        dotted = {"color": UNDECIDED, "width": 1.5, "dash": "dot"}
        calibrated = {"mode": "lines", "name": "Calibrated", "hoverinfo": "skip", "line": dotted}
        traces.append({"type": "scatter", "x": ends, "y": ends, **calibrated})
    for line in sorted(shown, key=lambda line: line.is_chosen):
        if line.is_chosen:
            traces.append(_band(line))
        traces.append(_marked_line(line))
    return figure(
        traces,
        tidy(
            height=LINES + 24 * len(shown),
            margin={"t": 12},
            legend={"y": -0.22, "yanchor": "top"},
            hovermode="closest",
            shapes=None if neutral is None else [vertical_line(neutral)],
            xaxis={"title": x},
            yaxis={"title": y},
        ),
    )


def _band(line: Line) -> Properties:
    frame = line.frame
    return {
        "type": "scatter",
        **band(list(frame["x"]), list(frame["low"]), list(frame["high"])),
        "fill": "toself",
        "fillcolor": _pale(line.style.colour),
        "mode": "lines",
        "line": {"width": 0},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _marked_line(line: Line) -> Properties:
    frame, style = line.frame, line.style
    return {
        "type": "scatter",
        "x": frame["x"],
        "y": frame["value"],
        "mode": "lines+markers",
        "name": style.title,
        "opacity": 1 if line.is_chosen else 0.6,
        "line": style.line | {"width": 3 if line.is_chosen else 1.5},
        "marker": style.marker | {"size": 8 if line.is_chosen else 6},
        "customdata": frame[["low", "high"]],
        "hovertemplate": f"{style.title}, %{{x}}<br>%{{y:.3~f}} (%{{customdata[0]:.3~f}} to %{{customdata[1]:.3~f}})"
        "<extra></extra>",
    }


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.2)"


def bars(counts: dict[str, int], axis: str) -> go.Figure:
    """Draw counts as bars with their numbers, first on top."""
    trace: Properties = {
        "type": "bar",
        "x": list(counts.values()),
        "y": list(counts),
        "orientation": "h",
        "text": [str(number) for number in counts.values()],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": UNDECIDED},
        "hoverinfo": "skip",
    }
    return figure(
        [trace],
        tidy(
            height=96 + 36 * len(counts),
            xaxis={"title": axis, "range": [0, 1.12 * max(counts.values(), default=1)]},
            yaxis={"autorange": "reversed"},
        ),
    )
