"""Draw the trials of a search as parallel coordinates: a line for each trial through its settings to its figure."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts.draft import Properties
from core.charts.style import tidy

FEW = 6  # distinct values up to which an axis names each of them, at even steps
# Readable on white and on black, dark to bright in gray.
SCALE = ["#B0552B", "#C98A3A", "#A9A04A", "#5FA777", "#2F9FA8"]
LETTER = 7  # pixels of an axis for each letter
LARGE = 100_000  # from which the numbers of an axis are written in millions, where all are as large
SPREAD = 0.6  # of the step between two values of a setting, filled by the lines through each
WIDE = 30  # ratio of highest to lowest from which an axis of many values, most of them small, is logarithmic


def parallel_coordinates(frame: pd.DataFrame, axes: dict[str, str], figure: str, title: str) -> go.Figure:
    """Draw parallel coordinates of trials, coloured by the selection figure, which is the last axis.

    Parameters
    ----------
    frame : DataFrame
        One row for each trial, all with the figure.
    axes : dict
        Column to its title, in the order of drawing. A column with one value for all, the same on every line, is left
        out. Lines through one value of a setting are spread by the rank of their figure, the highest on top.
    figure, title : str
        Column of the selection figure, higher is better, and its title.
    """
    rank = frame[figure].rank(pct=True) - 0.5
    columns = [name for name in axes if frame[name].nunique(dropna=False) > 1]
    trace = {
        "type": "parcoords",
        "dimensions": [
            *(_axis(frame[name], axes[name], SPREAD * rank) for name in columns),
            {"label": title, "values": frame[figure], "tickformat": ".3f"},
        ],
        "line": {"color": frame[figure], "colorscale": SCALE},
        "labelangle": -25 if len(columns) < FEW else -50,  # many titles are close together on a phone
        "labelside": "top",
        "labelfont": {"size": 13},
    }
    names = [len(name) for name in frame[columns[0]] if isinstance(name, str)] if columns else []
    margin = {"l": max([64, *(LETTER * letters for letters in names)]), "r": 64, "t": 104, "b": 24}
    return go.Figure(data=[trace], layout=tidy(height=420, margin=margin))


def _axis(values: pd.Series, title: str, spread: pd.Series) -> Properties:
    """Return a dimension: names or few numbers at even steps, the lines through each spread; many numbers to scale."""
    if values.dtype == object or isinstance(values.dtype, pd.StringDtype) or values.nunique() <= FEW:
        filled = values.where(values.notna(), "none")
        ordered = sorted(filled.unique(), key=lambda value: (isinstance(value, str), value))
        steps = {value: step for step, value in enumerate(ordered)}
        return {
            "label": title,
            "values": [steps[value] + offset for value, offset in zip(filled, spread, strict=True)],
            "tickvals": list(steps.values()),
            "ticktext": _ticks(list(steps)),
            "range": [-0.5, len(steps) - 0.5],
        }
    low, high = float(values.min()), float(values.max())
    if low > 0 and high / low >= WIDE and values.median() < low + (high - low) / 5:
        ticks = list(range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1))
        return {
            "label": title,
            "values": np.log10(values),
            "tickvals": ticks,
            "ticktext": [f"{10.0**power:g}" for power in ticks],
            "range": [ticks[0], ticks[-1]],
        }
    return {"label": title, "values": values, "tickformat": ".3f" if high <= 1 else ",.4~r"}


def _ticks(values: list[Any]) -> list[str]:
    """Return names as they are, numbers written out, or in millions where they are large and stay different."""
    texts = [value if isinstance(value, str) else _number(value) for value in values]
    if not all(isinstance(value, str) or value >= LARGE for value in values):
        return texts
    short = [value if isinstance(value, str) else f"{value / 1e6:.2f} M" for value in values]
    return short if len(set(short)) == len(short) else texts


def _number(value: float) -> str:
    """Format a number: ``2,603,150``, ``0.25``, never ``2.6e+06``."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:g}"
