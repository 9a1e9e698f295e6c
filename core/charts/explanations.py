"""Figures of receptive fields, what-if changes and how faithful maps are."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.charts.limits import Group, Point, grouped_dots
from core.charts.style import NORMAL, PNEUMONIA, UNDECIDED, tidy
from core.explain.findings import MethodFindings
from core.explain.geometry import Field
from core.explain.methods import METHODS
from core.imaging.perturbations import Factor

FIELD = "#F0E442"  # yellow, for receptive fields in all charts
CURVES = {"deletion": ("Deletion", "circle"), "insertion": ("Insertion", "diamond")}


def add_field(figure: go.Figure, field: Field) -> go.Figure:
    """Draw a receptive field on a figure of `core.charts.film.film_figure`."""
    edges = {"x0": field.left, "x1": field.right, "y0": field.top, "y1": field.bottom}
    for colour, width in (("black", 5), (FIELD, 3)):  # seen on light films as on dark ones
        figure.add_shape(type="rect", **edges, line={"color": colour, "width": width})
    return figure


def counterfactual_figure(rows: pd.DataFrame, factor: Factor, threshold: float) -> go.Figure:
    """Draw the score of one film as one of its properties changes, with the threshold and the unchanged film.

    Parameters
    ----------
    rows : DataFrame
        `core.explain.counterfactual.counterfactual`, of one change.
    factor : Factor
        That of the change.
    threshold : float
    """
    plain = rows[rows["value"] == factor.neutral]
    figure = go.Figure(
        go.Scatter(
            x=rows["value"],
            y=rows["score"],
            mode="lines",
            line={"color": UNDECIDED, "width": 2},
            hovertemplate=f"{factor.title.lower()} %{{x:.2f}}: score %{{y:.3f}}<extra></extra>",
        )
    )
    positive = plain["score"].item() >= threshold
    figure.add_scatter(
        x=plain["value"],
        y=plain["score"],
        mode="markers",
        cliponaxis=False,
        marker={"size": 12, "color": PNEUMONIA if positive else NORMAL, "line": {"color": "white", "width": 1.5}},
        hovertemplate="the film as it is: score %{y:.3f}<extra></extra>",
    )
    figure.add_hline(y=threshold, line={"color": UNDECIDED, "dash": "dot"}, annotation_text="threshold")
    figure.update_layout(tidy(height=260))
    figure.update_layout(showlegend=False, dragmode=False, margin={"t": 8})
    log = {"type": "log", "dtick": "D1"} if factor.neutral == 1 else {}
    figure.update_xaxes(title=f"{factor.title} ({factor.unit})", fixedrange=True, **log)
    figure.update_yaxes(title="score", range=[-0.02, 1.02], fixedrange=True)
    return figure


def quality_figure(measured: Mapping[str, MethodFindings], against: str = "random") -> go.Figure:
    """How often each method's map beats another map, with 95 % intervals and the line of chance.

    Parameters
    ----------
    measured : mapping of str to MethodFindings
        By method.
    against : {"random", "other_film"}
    """
    groups = [
        Group(
            title=title,
            symbol=symbol,
            points=[
                Point(row=METHODS[name].title, estimate=getattr(found.against[against], curve).share)
                for name, found in measured.items()
            ],
        )
        for curve, (title, symbol) in CURVES.items()
    ]
    return grouped_dots(groups, "share of films on which the map does better", line=0.5)
