"""The style of all charts: Okabe-Ito colours, one colour and one marker for each model."""

from typing import TypeVar

import plotly.graph_objects as go

from core.charts.draft import Draft
from core.evaluation.verdict import Verdict
from core.models.registry import MODELS

PNEUMONIA = "#D55E00"  # vermilion
NORMAL = "#0072B2"  # blue
UNDECIDED = "#7F7F7F"  # grey
VERDICT_COLOURS: dict[Verdict | None, str] = {
    Verdict.FLAGGED: PNEUMONIA,
    Verdict.NOT_FLAGGED: NORMAL,
    Verdict.NO_CALL: UNDECIDED,
    None: UNDECIDED,
}
Chart = TypeVar("Chart", go.Figure, Draft)
_COLOURS = (
    *("#A0704A", "#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#B8A800"),
    *("#5C7CFA", "#44AA99", "#9467BD", "#B0366F", "#7FA32A", "#C44E52"),
)
_SYMBOLS = (
    *("square", "circle", "diamond", "triangle-up", "cross", "star"),
    *("pentagon", "hexagon", "triangle-down", "x", "star-square", "star-diamond"),
)


def model_colour(name: str) -> str:
    """Return the colour of a registered model, by its place in the registry; never the grey of `UNDECIDED`."""
    return _COLOURS[_index(name) % len(_COLOURS)]


def model_symbol(name: str) -> str:
    """Return the Plotly marker of a registered model."""
    return _SYMBOLS[_index(name) % len(_SYMBOLS)]


def _index(name: str) -> int:
    return list(MODELS).index(name) if name in MODELS else len(MODELS)


def tidy(figure: Chart, *, height: int = 380) -> Chart:
    """Apply the shared layout: no chart junk, room for labels, legend on top; Streamlit's theme colours the text."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 36, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": None},
        hoverlabel={"align": "left"},
    )
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    return figure
