"""Models side by side: dots with intervals, confusion matrices."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import plotly.graph_objects as go

from core.charts.draft import Properties, figure
from core.charts.intervals import error_bars
from core.charts.style import NORMAL, PNEUMONIA, UNDECIDED, model_colour, model_symbol, tidy
from core.evaluation.metrics import Confusion, Metric
from core.evaluation.types import Estimate
from core.wording import format_count, format_decimal, format_difference, format_figure, format_percent, format_rate

ROW = 34  # pixels for each row of dots
VERDICTS = ("alarm", "no alarm")
DARK_CELL = 0.85  # share from which white text reads better
# An axis of names, first on top; the empty title makes room for the wider letters that a saved picture has.
_CATEGORIES = {"autorange": "reversed", "type": "category", "ticklabelstandoff": 6, "title": " "}


@dataclass(frozen=True, kw_only=True)
class SeriesStyle:
    """How one thing is drawn on every chart.

    Parameters
    ----------
    title : str
    model : str or None
        Registry name, which gives colour and marker; None for what is not ours.
    hollow : bool
        Reported by others, a null baseline, or a reader's own run.
    dashed : bool
        A further seed or a reader's own run of a model that is drawn already.
    """

    title: str
    model: str | None
    hollow: bool = False
    dashed: bool = False

    @property
    def colour(self) -> str:
        return UNDECIDED if self.model is None else model_colour(self.model)

    @property
    def symbol(self) -> str:
        name = "circle" if self.model is None else model_symbol(self.model)
        return f"{name}-open" if self.hollow else name

    @property
    def line(self) -> dict[str, str | float]:
        return {"color": self.colour, "width": 2.0, "dash": "dash" if self.dashed else "solid"}

    @property
    def marker(self) -> dict[str, object]:
        return {"color": self.colour, "symbol": self.symbol, "size": 11, "line": {"width": 2, "color": self.colour}}


@dataclass(frozen=True, kw_only=True)
class DotRow:
    """One row of dots.

    Parameters
    ----------
    style : SeriesStyle
    estimate : Estimate
        Drawn large, with its interval.
    seeds : tuple of float
        The same figure of further seeds, drawn small.
    may_lie_outside : bool
        The axis does not stretch to hold this row; an arrow at its edge stands for it.
    """

    style: SeriesStyle
    estimate: Estimate
    seeds: tuple[float, ...] = ()
    may_lie_outside: bool = False


def dots(rows: list[DotRow], metric: Metric) -> go.Figure:
    """One figure of every model with its 95 % interval, first row on top; small bars are further seeds.

    Parameters
    ----------
    rows : list of DotRow
        Rows without the figure are left out.
    metric : Metric
        Gives the unit and the direction.
    """
    better = "higher is better" if metric.better == "higher" else "lower is better"
    axis = f"{metric.title}{', %' if metric.is_rate else ''} ({better})"
    return _dots(rows, axis, 100 if metric.is_rate else 1, format_rate if metric.is_rate else format_figure)


def count_dots(rows: list[DotRow], axis: str) -> go.Figure:
    """Draw a count of every row with its 95 % interval, first row on top; the axis starts at zero."""
    return _dots(rows, axis, 1, format_count, from_zero=True)


def _dots(
    rows: list[DotRow], axis: str, scale: float, text: Callable[[Estimate], str], *, from_zero: bool = False
) -> go.Figure:
    shown = [row for row in rows if not math.isnan(row.estimate.value)]
    low, high = _axis_range(shown)
    traces: list[Properties] = []
    for row in shown:
        if not low <= row.estimate.value <= high:
            is_low = row.estimate.value < low
            traces.append(_arrow(row, scale * (low if is_low else high), is_low, text(row.estimate)))
            continue
        traces.append(_dot(row, scale, text))
        if row.seeds:
            traces.append(_seed_marks(row, scale))
    return figure(
        traces,
        tidy(
            height=80 + ROW * len(shown),
            margin={"t": 8},
            showlegend=False,
            xaxis={"title": axis, "range": [-0.03 * scale * high if from_zero else scale * low, scale * high]},
            yaxis=_CATEGORIES | {"showgrid": True},
        ),
    )


def _dot(row: DotRow, scale: float, text: Callable[[Estimate], str]) -> Properties:
    estimate, style = row.estimate, row.style
    has_caps = estimate.low < estimate.high
    return {
        "type": "scatter",
        "x": [scale * estimate.value],
        "y": [style.title],
        "mode": "markers",
        "marker": style.marker,
        "error_x": error_bars([estimate], scale=scale, width=5 if has_caps else 0) | {"color": style.colour},
        "hovertemplate": f"{style.title}<br>{text(estimate)}<extra></extra>",
    }


def _seed_marks(row: DotRow, scale: float) -> Properties:
    style = row.style
    return {
        "type": "scatter",
        "x": [scale * value for value in row.seeds],
        "y": [style.title] * len(row.seeds),
        "mode": "markers",
        "marker": {"symbol": "line-ns-open", "size": 13, "color": style.colour, "line": {"width": 2}},
        "hovertemplate": f"{style.title}, another seed<br>%{{x:.3~f}}<extra></extra>",
    }


def _axis_range(rows: list[DotRow]) -> tuple[float, float]:
    """Range that holds all rows but those that may lie outside, with a margin."""
    values = [
        value
        for row in rows
        if not row.may_lie_outside
        for value in (row.estimate.value, row.estimate.low, row.estimate.high, *row.seeds)
        if not math.isnan(value)
    ]
    if not values:
        return 0.0, 1.0
    margin = 0.07 * (max(values) - min(values)) or 0.05
    return min(values) - margin, max(values) + margin


def _arrow(row: DotRow, edge: float, is_low: bool, words: str) -> Properties:
    """Return an arrow at the edge of the axis, and the figure in words."""
    return {
        "type": "scatter",
        "x": [edge],
        "y": [row.style.title],
        "mode": "markers+text",
        "text": [f"&nbsp;{words}" if is_low else f"{words}&nbsp;"],
        "textposition": "middle right" if is_low else "middle left",
        "marker": {"symbol": "triangle-left" if is_low else "triangle-right", "size": 11, "color": row.style.colour},
        "cliponaxis": False,
        "hovertemplate": f"{row.style.title}, beyond the axis<br>{words}<extra></extra>",
    }


def confusion_matrix(counts: Confusion, title: str) -> go.Figure:
    """Draw counts and shares of each class: what was found and missed, alarmed and cleared.

    Rows are labels, columns verdicts; the depth of a colour is the share of the row.
    """
    rows = (
        (counts.positives, (counts.tp, counts.fn), PNEUMONIA, ("found", "missed")),
        (counts.negatives, (counts.fp, counts.tn), NORMAL, ("false alarm", "no alarm")),
    )
    traces: list[Properties] = []
    annotations: list[Properties] = []
    for place, (total, cells, colour, words) in enumerate(rows):
        shares = [cell / total if total else 0.0 for cell in cells]
        empty: list[None] = [None, None]
        traces.append(
            {
                "type": "heatmap",
                "x": list(VERDICTS),
                "y": ["pneumonia", "normal"],
                "z": [shares, empty] if place == 0 else [empty, shares],
                "zmin": 0,
                "zmax": 1,
                "colorscale": [[0, "#E9EDF1"], [1, colour]],
                "showscale": False,
                "xgap": 3,
                "ygap": 3,
                "hoverinfo": "skip",
            }
        )
        for verdict, cell, word, share in zip(VERDICTS, cells, words, shares, strict=True):
            annotations.append(
                {
                    "x": verdict,
                    "y": ("pneumonia", "normal")[place],
                    "text": f"<b>{cell}</b> {word}<br>{format_percent(share)} of {total}",
                    "font": {"color": "#FFFFFF" if share > DARK_CELL else "#1B2733"},
                    "showarrow": False,
                }
            )
    return figure(
        traces,
        tidy(
            height=256,
            annotations=annotations,
            title={"text": title, "x": 0, "y": 0.98, "yanchor": "top", "font": {"size": 15}},
            margin={"t": 72},
            xaxis={"side": "top", "showgrid": False, "fixedrange": True},
            yaxis={"autorange": "reversed", "showgrid": False, "tickangle": -90, "fixedrange": True},
        ),
    )


def pairs_matrix(cells: dict[tuple[str, str], Estimate], real: set[tuple[str, str]], metric: Metric) -> go.Figure:
    """Every model against every other: row less column, coloured where the difference is real.

    Parameters
    ----------
    cells : dict of (row, column) to Estimate
        Differences, both ways round; titles in the order in which they first occur as rows.
    real : set of (row, column)
        Pairs that can be told apart.
    metric : Metric
        Its direction says which sign is blue (better).
    """
    titles = list(dict.fromkeys(row for row, _ in cells))
    scale, digits = (100, 1) if metric.is_rate else (1, 3)
    sign = 1 if metric.better == "higher" else -1
    largest = max((abs(cells[pair].value) for pair in real), default=0.0) or 1.0
    grey = "rgba(127, 127, 127, 0.12)"  # of `UNDECIDED`, on either theme
    kinds = (
        (True, [[0, "#F5BD95"], [0.5, "#F3F5F7"], [1, "#9BC8E4"]], "#1B2733"),
        (False, [[0, grey], [1, grey]], UNDECIDED),
    )
    traces: list[Properties] = []
    for is_real, colours, ink in kinds:
        shown = {pair: estimate for pair, estimate in cells.items() if (pair in real) == is_real}
        words = {
            pair: f"<b>{format_decimal(scale * estimate.value, digits, '+')}</b>" if is_real else "not clear"
            for pair, estimate in shown.items()
        }
        hover = {pair: format_difference(estimate, metric.name) for pair, estimate in shown.items()}
        values = [
            [sign * shown[row, column].value if (row, column) in shown else None for column in titles] for row in titles
        ]
        traces.append(
            {
                "type": "heatmap",
                "x": titles,
                "y": titles,
                "z": values,
                "zmin": -largest,
                "zmax": largest,
                "colorscale": colours,
                "showscale": False,
                "text": [[words.get((row, column), "") for column in titles] for row in titles],
                "texttemplate": "%{text}",  # without a size of its own it shrinks to the cell
                "textfont": {"color": ink},
                "customdata": [[hover.get((row, column), "") for column in titles] for row in titles],
                "hovertemplate": "%{y} less %{x}: %{customdata}<extra></extra>",
                "hoverongaps": False,
                "xgap": 2,
                "ygap": 2,
            }
        )
    return figure(
        traces,
        tidy(
            height=110 + 44 * len(titles),
            xaxis={"side": "top", "showgrid": False, "fixedrange": True, "type": "category"},
            yaxis=_CATEGORIES | {"showgrid": False, "fixedrange": True},
        ),
    )
