"""Curves of several models on one pair of axes: ROC, precision and recall, calibration, decision, training."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.charts.comparison import SeriesStyle
from core.charts.draft import Properties, figure
from core.charts.intervals import error_bars
from core.charts.style import UNDECIDED, tidy
from core.evaluation.types import Estimate
from core.wording import format_rate

HEIGHT = 330  # pixels of a chart without its legend
LEGEND_ROW, LEGEND_WIDTH = 24, 330  # pixels of a row of names, and of the rows on a phone
LEGEND_SIGN, LETTER = 46, 6  # pixels of the line beside a name, and of a letter
_PERCENT: dict[str, Properties] = {
    "xaxis": {"range": [-2, 102], "dtick": 20},
    "yaxis": {"range": [-2, 104], "dtick": 20},
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """A model's curve.

    Parameters
    ----------
    style : SeriesStyle
    frame : DataFrame
        As made by the function of `core.evaluation` that the chart names.
    point : (x, y) or None
        Where the frozen threshold lies, in the unit of the frame.
    folded : bool
        The calibration chart names it in the legend and draws it when its name is clicked.
    """

    style: SeriesStyle
    frame: pd.DataFrame
    point: tuple[float, float] | None = None
    folded: bool = False


def roc(curves: list[Curve]) -> go.Figure:
    """ROC curves from frames of `metrics.roc_curve`; a marker shows each model's frozen threshold."""
    traces = [_reference([0, 100], [0, 100], "Chance")]
    for curve in curves:
        traces += _with_point(curve, 100 * curve.frame["false_positive_rate"], 100 * curve.frame["sensitivity"], 100)
    return figure(traces, _layout(traces, "False alarms among normal films, %", "Pneumonias found, %", **_PERCENT))


def precision_recall(curves: list[Curve], prevalence: float) -> go.Figure:
    """Precision and recall of pneumonia from frames of `metrics.precision_recall_curve`; the dotted line is chance."""
    traces = [_reference([0, 100], [100 * prevalence] * 2, "Chance")]
    for curve in curves:
        traces += _with_point(curve, 100 * curve.frame["recall"], 100 * curve.frame["precision"], 100)
    x_title, y_title = "Pneumonias found (recall), %", "Alarms that are pneumonia (precision), %"
    return figure(traces, _layout(traces, x_title, y_title, **_PERCENT))


def reliability(curves: list[Curve], x_title: str) -> go.Figure:
    """Observed share against mean score in bins, from `calibration.reliability`; bars are Wilson intervals.

    The bin, the interval and the number of films stand where the mouse is.
    """
    traces = [_reference([0, 100], [0, 100], "Perfect")]
    for curve in curves:
        frame, style = 100 * curve.frame, curve.style
        rows = curve.frame.to_dict("records")
        bins: Properties = {
            "mode": "lines+markers",
            "visible": "legendonly" if curve.folded else True,
            "line": style.line | {"width": 1.5},
            "marker": style.marker | {"size": 8},
            "error_y": error_bars([_share(row) for row in rows], scale=100, thickness=1),
            "customdata": [_bin_in_words(row) for row in rows],
            "hovertemplate": "%{customdata}",
        }
        traces.append(_line(style, frame["mean_score"], frame["observed"]) | bins)
    return figure(traces, _layout(traces, x_title, "Films labelled pneumonia, %", **_PERCENT))


def decision(curves: list[Curve], prevalence: float) -> go.Figure:
    """Net benefit per 1,000 children from frames of `decision.decision_curve`, beside treating all and none.

    Parameters
    ----------
    prevalence : float
        That the curves hold at; sets the range of the vertical axis.
    """
    traces: list[Properties] = []
    if curves:
        frame = curves[0].frame
        traces.append(_reference(100 * frame["probability"], 1000 * frame["treat_all"], "Treat all", dash="dashdot"))
        traces.append(_reference(100 * frame["probability"], 1000 * frame["treat_none"], "Treat none"))
    hover = {"hovertemplate": "acting at %{x:.0f} %: %{y:.0f} per 1,000"}
    traces += [
        _line(curve.style, 100 * curve.frame["probability"], 1000 * curve.frame["model"]) | hover for curve in curves
    ]
    x_title, y_title = "Probability at which one would act, %", "Net benefit per 1,000 children"
    heights: Properties = {"range": [-150 * prevalence, 1050 * prevalence]}
    return figure(traces, _layout(traces, x_title, y_title, xaxis={"range": [0, 60]}, yaxis=heights))


def training(history: list[dict[str, float]], style: SeriesStyle, best_epoch: int, quantity: str) -> go.Figure:
    """One run's loss or accuracy by epoch on training and validation films; the star is the epoch that was kept."""
    frame = pd.DataFrame(history)
    scale, unit = (100, ", %") if quantity == "accuracy" else (1, "")
    traces: list[Properties] = [
        {
            "type": "scatter",
            "x": frame["epoch"],
            "y": scale * frame[column],
            "mode": "lines",
            "name": name,
            "line": {"color": style.colour, "width": 2, "dash": dash},
            "hovertemplate": f"epoch %{{x}}: {name} %{{y:.4~g}}<extra></extra>",
        }
        for column, name, dash in ((quantity, "training", "dot"), (f"validation_{quantity}", "validation", "solid"))
    ]
    best = frame[frame["epoch"] == best_epoch]
    star: Properties = {
        "type": "scatter",
        "x": best["epoch"],
        "y": scale * best[f"validation_{quantity}"],
        "mode": "markers",
        "name": f"kept: epoch {best_epoch}",
        "marker": {"symbol": "star", "size": 14, "color": style.colour, "line": {"width": 1, "color": "#FFFFFF"}},
        "hovertemplate": f"epoch {best_epoch} was kept<extra></extra>",
    }
    return figure(
        [*traces, star],
        tidy(
            height=300,
            title={"text": style.title, "x": 0, "font": {"size": 15}},
            margin={"t": 64},
            xaxis={"title": "Epoch"},
            yaxis={
                "title": f"{quantity.capitalize()}{unit}",
                "rangemode": "tozero" if quantity == "loss" else "normal",
            },
        ),
    )


def _line(style: SeriesStyle, x: object, y: object) -> Properties:
    """Return a model's line, which the legend switches on and off with all else of the model."""
    names = {"name": style.title, "legendgroup": style.title}
    return {"type": "scatter", "x": x, "y": y, "mode": "lines", "line": style.line, **names}


def _with_point(curve: Curve, x: pd.Series, y: pd.Series, scale: float) -> list[Properties]:
    """Return the line of a curve, and its marker at the frozen threshold under one legend entry."""
    style, point = curve.style, curve.point
    hover = {"hovertemplate": "%{x:.1f} %, %{y:.1f} %"}
    if point is None:
        return [_line(style, x, y) | {"showlegend": True} | hover]
    marker: Properties = {
        "mode": "lines+markers",
        "marker": style.marker,
        "hovertemplate": "at the threshold: %{x:.1f} %, %{y:.1f} %",
    }
    return [
        _line(style, x, y) | {"showlegend": False} | hover,
        _line(style, [scale * point[0]], [scale * point[1]]) | marker,
    ]


def _share(row: dict[Hashable, Any]) -> Estimate:
    return Estimate(value=row["observed"], low=row["low"], high=row["high"], method="Wilson")


def _bin_in_words(row: dict[Hashable, Any]) -> str:
    """One bin of `calibration.reliability`."""
    return (
        f"{100 * row['bin_low']:.0f} to {100 * row['bin_high']:.0f} %, {100 * row['mean_score']:.1f} % on average"
        f"<br>labelled pneumonia: {format_rate(_share(row))}<br>{row['n']:,.0f} film{'' if row['n'] == 1 else 's'}"
    )


def _reference(x: object, y: object, name: str, dash: str = "dot") -> Properties:
    line = {"color": UNDECIDED, "width": 1.5, "dash": dash}
    names = {"name": name, "legendgroup": name}
    return {"type": "scatter", "x": x, "y": y, "mode": "lines", "line": line, "hoverinfo": "skip", **names}


def _layout(
    traces: list[Properties], x_title: str, y_title: str, *, xaxis: Properties, yaxis: Properties
) -> Properties:
    names = [str(trace["name"]) for trace in traces if trace.get("showlegend", True)]
    # Below the axis title, however narrow the chart, and never cut to half the height, behind a scrollbar.
    place = {"xref": "container", "x": 0, "yref": "container", "y": 0, "yanchor": "bottom", "maxheight": 1}
    return tidy(
        height=HEIGHT + LEGEND_ROW * _legend_rows(names),
        margin={"t": 12},
        legend=place | {"tracegroupgap": 5},
        hovermode="closest",
        xaxis={"title": x_title, **xaxis},
        yaxis={"title": y_title, **yaxis},
    )


def _legend_rows(names: list[str]) -> int:
    """Rows that names take on a phone, one beside the other as long as there is room."""
    rows, left = 0, 0
    for name in names:
        width = LEGEND_SIGN + LETTER * len(name)
        if width > left:
            rows, left = rows + 1, LEGEND_WIDTH
        left -= width
    return rows
