"""Curves of several models on one pair of axes: ROC, precision and recall, calibration, decision, training."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.charts.comparison import SeriesStyle
from core.charts.draft import Draft
from core.charts.intervals import error_bars
from core.charts.style import UNDECIDED, tidy
from core.evaluation.types import Estimate
from core.wording import format_rate

HEIGHT = 330  # pixels of a chart without its legend
LEGEND_ROW, LEGEND_WIDTH = 24, 330  # pixels of a row of names, and of the rows on a phone
LEGEND_SIGN, LETTER = 46, 6  # pixels of the line beside a name, and of a letter
_REFERENCE = {"color": UNDECIDED, "width": 1.5, "dash": "dot"}


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
    chart = Draft()
    _reference(chart, [0, 100], [0, 100], "Chance")
    for curve in curves:
        _draw(chart, curve, 100 * curve.frame["false_positive_rate"], 100 * curve.frame["sensitivity"], 100)
    return _axes(chart, "False alarms among normal films, %", "Pneumonias found, %", percent=True).figure()


def precision_recall(curves: list[Curve], prevalence: float) -> go.Figure:
    """Precision and recall of pneumonia from frames of `metrics.precision_recall_curve`; the dotted line is chance."""
    chart = Draft()
    _reference(chart, [0, 100], [100 * prevalence] * 2, "Chance")
    for curve in curves:
        _draw(chart, curve, 100 * curve.frame["recall"], 100 * curve.frame["precision"], 100)
    return _axes(
        chart, "Pneumonias found (recall), %", "Alarms that are pneumonia (precision), %", percent=True
    ).figure()


def reliability(curves: list[Curve], x_title: str) -> go.Figure:
    """Observed share against mean score in bins, from `calibration.reliability`; bars are Wilson intervals.

    The bin, the interval and the number of films stand where the mouse is.
    """
    chart = Draft()
    _reference(chart, [0, 100], [0, 100], "Perfect")
    for curve in curves:
        frame, style = 100 * curve.frame, curve.style
        rows = curve.frame.to_dict("records")
        chart.add_scatter(
            x=frame["mean_score"],
            y=frame["observed"],
            mode="lines+markers",
            name=style.title,
            legendgroup=style.title,
            visible="legendonly" if curve.folded else True,
            line=style.line | {"width": 1.5},
            marker=style.marker | {"size": 8},
            error_y=error_bars([_share(row) for row in rows], scale=100, thickness=1),
            customdata=[_bin_in_words(row) for row in rows],
            hovertemplate="%{customdata}",
        )
    return _axes(chart, x_title, "Films labelled pneumonia, %", percent=True).figure()


def decision(curves: list[Curve], prevalence: float) -> go.Figure:
    """Net benefit per 1,000 children from frames of `decision.decision_curve`, beside treating all and none.

    Parameters
    ----------
    prevalence : float
        That the curves hold at; sets the range of the vertical axis.
    """
    chart = Draft()
    if curves:
        frame = curves[0].frame
        _reference(chart, 100 * frame["probability"], 1000 * frame["treat_all"], "Treat all", dash="dashdot")
        _reference(chart, 100 * frame["probability"], 1000 * frame["treat_none"], "Treat none")
    for curve in curves:
        style = curve.style
        chart.add_scatter(
            x=100 * curve.frame["probability"],
            y=1000 * curve.frame["model"],
            mode="lines",
            name=style.title,
            legendgroup=style.title,
            line=style.line,
            hovertemplate="acting at %{x:.0f} %: %{y:.0f} per 1,000",
        )
    _axes(chart, "Probability at which one would act, %", "Net benefit per 1,000 children")
    chart.update_xaxes(range=[0, 60])
    chart.update_yaxes(range=[-150 * prevalence, 1050 * prevalence])
    return chart.figure()


def training(history: list[dict[str, float]], style: SeriesStyle, best_epoch: int, quantity: str) -> go.Figure:
    """One run's loss or accuracy by epoch on training and validation films; the star is the epoch that was kept."""
    frame = pd.DataFrame(history)
    scale, unit = (100, ", %") if quantity == "accuracy" else (1, "")
    chart = Draft()
    for column, name, dash in ((quantity, "training", "dot"), (f"validation_{quantity}", "validation", "solid")):
        chart.add_scatter(
            x=frame["epoch"],
            y=scale * frame[column],
            mode="lines",
            name=name,
            line={"color": style.colour, "width": 2, "dash": dash},
            hovertemplate=f"epoch %{{x}}: {name} %{{y:.4~g}}<extra></extra>",
        )
    kept = frame[frame["epoch"] == best_epoch]
    chart.add_scatter(
        x=kept["epoch"],
        y=scale * kept[f"validation_{quantity}"],
        mode="markers",
        name=f"kept: epoch {best_epoch}",
        marker={"symbol": "star", "size": 14, "color": style.colour, "line": {"width": 1, "color": "#FFFFFF"}},
        hovertemplate=f"epoch {best_epoch} was kept<extra></extra>",
    )
    chart.update_xaxes(title="Epoch")
    chart.update_yaxes(title=f"{quantity.capitalize()}{unit}", rangemode="tozero" if quantity == "loss" else "normal")
    tidy(chart, height=300)
    chart.update_layout(title={"text": style.title, "x": 0, "font": {"size": 15}}, margin={"t": 64})
    return chart.figure()


def _draw(chart: Draft, curve: Curve, x: pd.Series, y: pd.Series, scale: float) -> None:
    """The line of a curve, and its marker at the frozen threshold under one legend entry."""
    style, point = curve.style, curve.point
    chart.add_scatter(
        x=x,
        y=y,
        mode="lines",
        name=style.title,
        legendgroup=style.title,
        showlegend=point is None,
        line=style.line,
        hovertemplate="%{x:.1f} %, %{y:.1f} %",
    )
    if point is not None:
        chart.add_scatter(
            x=[scale * point[0]],
            y=[scale * point[1]],
            mode="lines+markers",
            name=style.title,
            legendgroup=style.title,
            line=style.line,
            marker=style.marker,
            hovertemplate="at the threshold: %{x:.1f} %, %{y:.1f} %",
        )


def _share(row: dict[Hashable, Any]) -> Estimate:
    return Estimate(value=row["observed"], low=row["low"], high=row["high"], method="Wilson")


def _bin_in_words(row: dict[Hashable, Any]) -> str:
    """One bin of `calibration.reliability`."""
    return (
        f"{100 * row['bin_low']:.0f} to {100 * row['bin_high']:.0f} %, {100 * row['mean_score']:.1f} % on average"
        f"<br>labelled pneumonia: {format_rate(_share(row))}<br>{row['n']:,.0f} film{'' if row['n'] == 1 else 's'}"
    )


def _reference(chart: Draft, x: object, y: object, name: str, dash: str = "dot") -> None:
    line = _REFERENCE | {"dash": dash}
    chart.add_scatter(x=x, y=y, mode="lines", name=name, legendgroup=name, line=line, hoverinfo="skip")


def _axes(chart: Draft, x: str, y: str, *, percent: bool = False) -> Draft:
    names = [trace["name"] for trace in chart.traces if trace.get("showlegend", True)]
    tidy(chart, height=HEIGHT + LEGEND_ROW * _legend_rows(names))
    chart.update_xaxes(title=x)
    chart.update_yaxes(title=y)
    if percent:
        chart.update_xaxes(range=[-2, 102], dtick=20)
        chart.update_yaxes(range=[-2, 104], dtick=20)
    # Below the axis title, however narrow the chart, and never cut to half the height, behind a scrollbar.
    place = {"xref": "container", "x": 0, "yref": "container", "y": 0, "yanchor": "bottom", "maxheight": 1}
    chart.update_layout(margin={"t": 12}, legend=place | {"tracegroupgap": 5}, hovermode="closest")
    return chart


def _legend_rows(names: list[str]) -> int:
    """Rows that names take on a phone, one beside the other as long as there is room."""
    rows, left = 0, 0
    for name in names:
        width = LEGEND_SIGN + LETTER * len(name)
        if width > left:
            rows, left = rows + 1, LEGEND_WIDTH
        left -= width
    return rows
