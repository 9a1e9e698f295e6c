"""Charts of the data set: where films went, classes by split, mean films and their differences, distributions."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts.draft import Properties, figure
from core.charts.style import NORMAL, PNEUMONIA, UNDECIDED, tidy
from core.types import Float32Array

BACTERIA, VIRUS = PNEUMONIA, "#F0A875"  # two shades of the colour of pneumonia
DASHES = {"train": "dot", "validation": "dash", "test": "solid"}
LABEL_COLOURS = {"NORMAL": NORMAL, "PNEUMONIA": PNEUMONIA}
LABEL_TITLES = {"NORMAL": "Normal", "PNEUMONIA": "Pneumonia"}


@dataclass(frozen=True, kw_only=True)
class FlowBox:
    """A station of the flow of films: its middle in [0, 1] from left and in rows from the top, and its lines."""

    x: float
    row: float
    lines: tuple[str, ...]
    width: float = 0.3


def flow(boxes: Sequence[FlowBox], arrows: Sequence[tuple[int, int]]) -> go.Figure:
    """Boxes with text, an arrow from box to box by their number."""
    rows = max(box.row for box in boxes)
    corners = {"type": "scatter", "x": [0, 1], "y": [0, 0], "mode": "markers", "marker": {"opacity": 0}}
    texts = [
        {
            "x": box.x,
            "y": box.row,
            "text": "<br>".join([f"<b>{box.lines[0]}</b>", *box.lines[1:]]),
            "showarrow": False,
            "font": {"size": 12},
        }
        for box in boxes
    ]
    return figure(
        [corners | {"hoverinfo": "skip"}],
        tidy(
            height=round(120 * (rows + 1)),
            margin={"t": 8},
            shapes=[_outline(box) for box in boxes],
            annotations=[*texts, *(_arrow(boxes[begin], boxes[end]) for begin, end in arrows)],
            showlegend=False,
            dragmode=False,
            xaxis={"visible": False, "range": [0, 1], "fixedrange": True},
            yaxis={"visible": False, "range": [rows + 0.5, -0.5], "fixedrange": True},
        ),
    )


def _outline(box: FlowBox) -> Properties:
    half = _half(box)
    return {
        "type": "rect",
        "x0": box.x - box.width / 2,
        "x1": box.x + box.width / 2,
        "y0": box.row - half,
        "y1": box.row + half,
        "line": {"color": UNDECIDED, "width": 1.5},
    }


def _arrow(first: FlowBox, second: FlowBox) -> Properties:
    """Return an arrow to the side within a row, else downwards."""
    aside = first.row == second.row
    return {
        "x": second.x - (second.width / 2 if aside else 0),
        "y": second.row - (0 if aside else _half(second)),
        "ax": first.x + (first.width / 2 if aside else 0),
        "ay": first.row + (0 if aside else _half(first)),
        "axref": "x",
        "ayref": "y",
        "text": "",
        "showarrow": True,
        "arrowhead": 2,
        "arrowwidth": 1.5,
        "arrowcolor": UNDECIDED,
    }


def _half(box: FlowBox) -> float:
    return 0.09 + 0.075 * len(box.lines)


def balance(rows: Sequence[tuple[str, dict[str, int]]]) -> go.Figure:
    """Films of each split by class and pathogen, as shares with their counts, first split on top.

    Parameters
    ----------
    rows : sequence of (split, dict)
        Films by ``normal``, ``bacteria``, ``virus`` and ``unknown`` pathogen.
    """
    parts = {
        "normal": ("Normal", NORMAL),
        "bacteria": ("Pneumonia, bacterial", BACTERIA),
        "virus": ("Pneumonia, viral", VIRUS),
        "unknown": ("Pneumonia, kind unknown", BACTERIA),
    }
    traces: list[Properties] = [
        {
            "type": "bar",
            "y": [split for split, _ in rows],
            "x": [100 * films.get(part, 0) / sum(films.values()) for _, films in rows],
            "orientation": "h",
            "name": title,
            "marker": {"color": colour},
            "text": [f"{films.get(part, 0):,}" for _, films in rows],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "textfont": {"color": "#1B2733" if part == "virus" else "white"},
            "hovertemplate": f"%{{y}}: {title.lower()}, %{{text}} films, %{{x:.1f}} %<extra></extra>",
        }
        for part, (title, colour) in parts.items()
        if any(films.get(part, 0) for _, films in rows)
    ]
    return figure(
        traces,
        tidy(
            height=110 + 44 * len(rows),
            barmode="stack",
            dragmode=False,
            legend={"traceorder": "normal"},
            xaxis={"title": "Share of the split's films, %", "range": [0, 100], "fixedrange": True},
            yaxis={"autorange": "reversed", "fixedrange": True},
        ),
    )


def mean_films(means: dict[str, dict[str, Float32Array]]) -> go.Figure:
    """Mean films, a row for each label and a column for each title; gray levels."""
    labels = list(means)
    titles = list(means[labels[0]])
    chart = _grid(titles, labels)
    for row, label in enumerate(labels, start=1):
        for column, title in enumerate(titles, start=1):
            chart.add_heatmap(
                z=np.rint(means[label][title]).astype(np.uint8), row=row, col=column, zmin=0, zmax=255,
                colorscale="Gray", showscale=False,
                hovertemplate=f"{LABEL_TITLES[label]}, {title}: mean gray level %{{z}}<extra></extra>",
            )  # fmt: skip
    return chart


def difference_films(differences: dict[str, dict[str, Float32Array]]) -> go.Figure:
    """Differences of mean films, a row for each label and a column for each title, all on one scale."""
    labels = list(differences)
    titles = list(differences[labels[0]])
    top = max(float(np.abs(one).max()) for row in differences.values() for one in row.values()) or 1.0
    chart = _grid(titles, labels)
    for row, label in enumerate(labels, start=1):
        for column, title in enumerate(titles, start=1):
            chart.add_heatmap(
                z=np.rint(differences[label][title]).astype(np.int16), row=row, col=column, coloraxis="coloraxis",
                hovertemplate=f"{LABEL_TITLES[label]}, {title}: %{{z:+d}} gray levels<extra></extra>",
            )  # fmt: skip
    chart.update_layout(
        coloraxis={
            "colorscale": "PuOr", "cmin": -top, "cmax": top,
            "colorbar": {
                "orientation": "h", "y": -0.02, "yanchor": "top", "thickness": 10, "len": 0.9, "outlinewidth": 0,
                "tickformat": "+d", "title": {"text": "gray levels", "side": "bottom"},
            },
        },
        margin={"b": 64},
    )  # fmt: skip
    chart.update_layout(height=chart.layout.height + 56)
    return chart


def _grid(titles: Sequence[str], labels: Sequence[str]) -> go.Figure:
    chart = make_subplots(
        rows=len(labels),
        cols=len(titles),
        column_titles=list(titles),
        row_titles=[LABEL_TITLES[label] for label in labels],
        horizontal_spacing=0.03,
        vertical_spacing=0.03,
    )
    chart.update_layout(tidy(height=40 + (150 if len(titles) > 2 else 200) * len(labels)))
    chart.update_layout(dragmode=False, margin={"l": 0, "r": 24, "t": 32, "b": 0})
    hidden = {"visible": False, "fixedrange": True, "automargin": True, "constrain": "domain"}
    chart.update_xaxes(hidden)
    chart.update_yaxes(hidden, autorange="reversed")
    for place in range(1, len(titles) * len(labels) + 1):
        name = "" if place == 1 else str(place)
        chart.update_layout({f"yaxis{name}": {"scaleanchor": f"x{name}"}})
    return chart


def distributions(
    edges: Sequence[float], counts: dict[str, dict[str, Sequence[int]]], axis: str, labels: Sequence[str]
) -> go.Figure:
    """Shares of films, or of pixels, by bin: a panel for each label, a line for each split.

    Parameters
    ----------
    edges : sequence of float
        Of the bins, one more than there are counts.
    counts : dict
        By split and label.
    axis : str
    labels : sequence of str
    """
    chart = make_subplots(
        rows=len(labels),
        cols=1,
        shared_xaxes=True,
        subplot_titles=[LABEL_TITLES[label] for label in labels],
        vertical_spacing=0.12,
    )
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    for row, label in enumerate(labels, start=1):
        for split, by_label in counts.items():
            total = sum(by_label[label])
            chart.add_scatter(
                x=middles, y=[100 * count / total for count in by_label[label]], row=row, col=1, mode="lines",
                name=split.capitalize(), legendgroup=split, showlegend=False,
                line={
                    "color": LABEL_COLOURS[label], "dash": DASHES[split], "width": 3 if split == "test" else 2,
                    "shape": "hvh",
                },
                hovertemplate=f"{LABEL_TITLES[label]}, {split}: %{{y:.1f}} % around %{{x}}<extra></extra>",
            )  # fmt: skip
    for split in counts:  # the legend explains the dashes, in the colour of neither class
        chart.add_scatter(
            x=[None], y=[None], mode="lines", name=split.capitalize(), legendgroup=split, row=1, col=1,
            line={"color": UNDECIDED, "dash": DASHES[split], "width": 3 if split == "test" else 2},
        )  # fmt: skip
    chart.update_xaxes(title=axis, row=len(labels), col=1)
    chart.update_xaxes(automargin=True)
    chart.update_yaxes(automargin=True, title="share, %", rangemode="tozero")
    chart.update_layout(tidy(height=90 + 190 * len(labels)))
    chart.update_layout(legend={"y": 1.08}, margin={"t": 64}, hovermode="closest")
    return chart
