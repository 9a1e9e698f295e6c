"""The style of all charts: Okabe-Ito colours, one colour and one marker for each model."""

from core.charts.draft import Properties
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


def tidy(*, height: int = 380, **changes: object) -> Properties:
    """Return the shared layout with changes to it, each to a whole property or to entries of one.

    No chart junk, room for labels, legend on top; Streamlit's theme colours the text.
    """
    shared: dict[str, Properties] = {
        "margin": {"l": 8, "r": 8, "t": 36, "b": 8},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": None},
        "hoverlabel": {"align": "left"},
        "xaxis": {"automargin": True},
        "yaxis": {"automargin": True},
    }
    merged = {
        name: shared.get(name, {}) | change if isinstance(change, dict) else change for name, change in changes.items()
    }
    return {"height": height, **shared, **merged}


def vertical_line(x: float, *, width: float = 1.5, dash: str = "dot") -> Properties:
    """Return a gray line over the whole height of a chart, as a shape of its layout."""
    line = {"color": UNDECIDED, "width": width, "dash": dash}
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "xref": "x", "yref": "y domain", "line": line}
