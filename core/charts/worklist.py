"""Charts of Worklist: the place of each film in two orders, and simulated waits."""

from collections.abc import Sequence
from typing import Literal

import plotly.graph_objects as go

from core.charts.intervals import error_bars
from core.charts.style import PNEUMONIA, VERDICT_COLOURS, tidy
from core.evaluation.verdict import Verdict
from core.wording import VERDICT_WORDS, format_count, shorten
from core.worklist.queue import Pace, Row
from core.worklist.simulation import Group, Order, WaitingSimulation

WaitFigure = Literal["mean", "p95", "longest"]
ARRIVAL, FLAGGED_FIRST = "As they came", "Flagged first"
SYMBOLS = {Verdict.FLAGGED: "square", Verdict.NO_CALL: "diamond", None: "x", Verdict.NOT_FLAGGED: "circle"}
FIGURES: dict[WaitFigure, str] = {"mean": "Mean wait", "p95": "95 of 100 wait at most", "longest": "Longest wait"}
ORDER_TITLES: dict[Order, str] = {
    "arrival": "As they came",
    "flagged first": "Flagged first",
    "flagged first, capped": "Flagged first, capped",
}
GROUP_TITLES: dict[Group, str] = {
    "pneumonia": "Pneumonia",
    "missed": "Pneumonia, missed",
    "normal": "Normal",
    "all": "All films",
}
# Not the colours of verdicts: an order of reading is no verdict on a film.
ORDER_STYLES: dict[Order, tuple[str, str]] = {
    "arrival": ("#8A94A0", "circle-open"),
    "flagged first": ("#009E73", "diamond"),
    "flagged first, capped": ("#CC79A7", "square"),
}
_ROW, _GAP = 60, 0.24  # pixels of a group; distance of two orders within it, in groups
_BELOW, _LEGEND = 58, 66  # pixels of the axis with its title, and of the legend under it


def order_chart(rows: Sequence[Row], pace: Pace) -> go.Figure:
    """Draw every film at the minute at which it is opened in both orders; lines join the places of flagged films."""
    figure = go.Figure()
    flagged = [row for row in rows if row.verdict is Verdict.FLAGGED]
    across = [x for row in flagged for x in (pace.in_arrival[row.number], pace.in_order[row.number], None)]
    figure.add_scatter(
        x=across,
        y=[ARRIVAL, FLAGGED_FIRST, None] * len(flagged),
        mode="lines",
        line={"color": PNEUMONIA, "width": 1},
        opacity=0.5 if len(flagged) <= 60 else 0.2,
        hoverinfo="skip",
        showlegend=False,
    )
    size = 11 if len(rows) <= 25 else 8 if len(rows) <= 60 else 5
    for verdict, symbol in SYMBOLS.items():
        rows_of_kind = [row for row in rows if row.verdict is verdict]
        if not rows_of_kind:
            continue
        names = [_hover_name(row.file) for row in rows_of_kind]
        figure.add_scatter(
            x=[pace.in_arrival[row.number] for row in rows_of_kind]
            + [pace.in_order[row.number] for row in rows_of_kind],
            y=[ARRIVAL] * len(rows_of_kind) + [FLAGGED_FIRST] * len(rows_of_kind),
            mode="markers",
            name=VERDICT_WORDS[verdict],
            marker={"color": VERDICT_COLOURS[verdict], "symbol": symbol, "size": size},
            customdata=names * 2,
            hovertemplate="%{customdata}<br>opened after %{x:,.0f} min<extra>%{y}</extra>",
            cliponaxis=False,
        )
    figure.update_layout(tidy(height=230))
    figure.update_layout(dragmode=False, margin={"l": 8, "r": 20, "t": 36, "b": 8})
    figure.update_xaxes(title="minutes until a film is opened", rangemode="tozero", fixedrange=True, zeroline=False)
    figure.update_yaxes(
        categoryorder="array", categoryarray=[FLAGGED_FIRST, ARRIVAL], fixedrange=True, range=[-0.5, 1.5], title=None
    )
    return figure


def wait_chart(simulation: WaitingSimulation, figure: WaitFigure) -> go.Figure:
    """Draw one figure of the waits for every group, the three orders below one another."""
    chart = go.Figure()
    groups = [group for group in GROUP_TITLES if simulation.waits("arrival", group).films]
    for index, (order, title) in enumerate(ORDER_TITLES.items()):
        colour, symbol = ORDER_STYLES[order]
        estimates = [getattr(simulation.waits(order, group), figure) for group in groups]
        chart.add_scatter(
            x=[estimate.value for estimate in estimates],
            y=[row + (1 - index) * _GAP for row in _positions(groups)],
            mode="markers",
            name=title,
            marker={"color": colour, "symbol": symbol, "size": 11, "line": {"width": 2, "color": colour}},
            error_x=error_bars(estimates),
            customdata=[
                [GROUP_TITLES[group], format_count(estimate, 1)]
                for group, estimate in zip(groups, estimates, strict=True)
            ],
            hovertemplate="%{customdata[0]}: %{customdata[1]} min<extra>" + title + "</extra>",
        )
    chart.update_layout(tidy(height=48 + _BELOW + _LEGEND + _ROW * len(groups)))
    chart.update_layout(
        title={"text": FIGURES[figure], "x": 0, "font": {"size": 15}},
        margin={"l": 8, "r": 12, "t": 40, "b": 8},
        legend={"orientation": "v", "y": -_BELOW / (_ROW * len(groups)), "yanchor": "top", "x": 0},
        dragmode=False,
    )
    chart.update_xaxes(title="minutes", rangemode="tozero", fixedrange=True, zeroline=False)
    chart.update_yaxes(
        tickvals=_positions(groups),
        ticktext=[GROUP_TITLES[group] for group in groups],
        range=[-0.5, len(groups) - 0.5],
        fixedrange=True,
        showgrid=False,
        zeroline=False,
        title=None,
    )
    return chart


def _positions(groups: Sequence[Group]) -> list[float]:
    """Return the place of each group on the axis, the first on top."""
    return [float(index) for index in range(len(groups))][::-1]


def _hover_name(name: str) -> str:
    return shorten(name, 48).replace("&", "&amp;").replace("<", "&lt;")  # hover labels take some HTML
