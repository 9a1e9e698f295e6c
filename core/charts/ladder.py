"""Charts of gain against cost (seconds, parameters, milliseconds) and of the scores of each kind of film."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts.comparison import SeriesStyle
from core.charts.draft import Properties, figure
from core.charts.style import NORMAL, PNEUMONIA, UNDECIDED, tidy, vertical_line
from core.evaluation.film_errors import BACTERIAL, VIRAL
from core.evaluation.film_errors import NORMAL as NORMAL_KIND
from core.types import Float64Array, StrArray

LOG_ODDS = 8.0  # of a score; beyond, all fall into the last bin
BINS = 32
SCORE_TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
_LINES = {
    NORMAL_KIND: {"color": NORMAL, "width": 2},
    BACTERIAL: {"color": PNEUMONIA, "width": 2},
    VIRAL: {"color": PNEUMONIA, "width": 2, "dash": "dot"},
}


@dataclass(frozen=True, kw_only=True)
class CostGainPoint:
    """A model as a point over its cost.

    Parameters
    ----------
    style : SeriesStyle
    cost : float
        More than 0.
    gain : float
        Higher is better.
    words : str
        Gain and cost, shown on hovering.
    """

    style: SeriesStyle
    cost: float
    gain: float
    words: str


def pareto_front(points: list[CostGainPoint]) -> list[CostGainPoint]:
    """Return the points that no other beats in both gain and cost, cheapest first."""
    front: list[CostGainPoint] = []
    for point in sorted(points, key=lambda point: (point.cost, -point.gain)):
        if not front or point.gain > front[-1].gain:
            front.append(point)
    return front


def pareto_chart(points: list[CostGainPoint], cost_title: str, gain_title: str) -> go.Figure:
    """Draw gain over cost on a logarithmic axis; the dotted line joins the models that no other beats in both."""
    front = pareto_front(points)
    joined: Properties = {
        "type": "scatter",
        "x": [point.cost for point in front],
        "y": [point.gain for point in front],
        "mode": "lines",
        "name": "best for its cost",
        "line": {"color": UNDECIDED, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }
    markers: list[Properties] = [
        {
            "type": "scatter",
            "x": [point.cost],
            "y": [point.gain],
            "mode": "markers",
            "name": point.style.title,
            "marker": point.style.marker,
            "hovertemplate": f"{point.style.title}<br>{point.words}<extra></extra>",
        }
        for point in points
    ]
    ticks = [digit * 10.0**power for power in range(-2, 9) for digit in (1, 2, 5)]
    return figure(
        [joined, *markers],
        tidy(
            height=430,
            margin={"t": 12},
            legend={"yref": "container", "y": 0, "yanchor": "bottom"},
            hovermode="closest",
            xaxis={
                "title": f"{cost_title} (logarithmic)",
                "type": "log",
                "tickvals": ticks,
                "ticktext": [f"{tick:,g}" for tick in ticks],
            },
            yaxis={"title": gain_title},
        ),
    )


def log_odds(score: Float64Array) -> Float64Array:
    """Return the log-odds of scores in [0, 1] and of thresholds beyond, clipped to the axis: (n,) to (n,)."""
    least = 1 / (1 + np.exp(LOG_ODDS))
    inside = np.clip(score, least, 1 - least)
    odds: Float64Array = np.log(inside / (1 - inside))
    return odds


def score_histogram(score: Float64Array, kinds: StrArray, threshold: float, title: str) -> go.Figure:
    """Draw the share of the films of each kind in bins of the score; the vertical line is the threshold.

    Bins are of equal width in log-odds, since networks crowd their scores near 0 and 1.

    Parameters
    ----------
    score : (n,) float64 in [0, 1]
    kinds : (n,) str
        As of `core.evaluation.film_errors.kinds`.
    threshold : float
    title : str
    """
    position, edges = log_odds(score), np.linspace(-LOG_ODDS, LOG_ODDS, BINS + 1)
    middle = (edges[1:] + edges[:-1]) / 2
    scores_of_bins = np.char.mod("%.3f", 1 / (1 + np.exp(-middle)))
    traces: list[Properties] = []
    for kind in sorted(np.unique(kinds), key=lambda kind: list(_LINES).index(kind) if kind in _LINES else len(_LINES)):
        counts = np.histogram(position[kinds == kind], edges)[0]
        traces.append(
            {
                "type": "scatter",
                "x": middle,
                "y": 100 * counts / max(counts.sum(), 1),
                "mode": "lines",
                "line": {"shape": "hvh", **_LINES.get(str(kind), {"color": PNEUMONIA, "width": 2, "dash": "dash"})},
                "name": str(kind),
                "customdata": np.column_stack([scores_of_bins, counts]),
                "hovertemplate": f"score about %{{customdata[0]}}: %{{y:.1f}} % of the {kind} films "
                "(%{customdata[1]})<extra></extra>",
                **({"fill": "tozeroy", "fillcolor": "rgba(0, 114, 178, 0.12)"} if kind == NORMAL_KIND else {}),
            }
        )
    return figure(
        traces,
        tidy(
            height=280,
            title={"text": title, "x": 0, "font": {"size": 15}},
            margin={"t": 64},
            showlegend=True,
            shapes=[vertical_line(log_odds(np.array([threshold]))[0], width=2, dash="dash")],
            xaxis={
                "title": "Score (axis in log-odds)",
                "range": [-LOG_ODDS, LOG_ODDS],
                "tickvals": log_odds(np.array(SCORE_TICKS)),
                "ticktext": [f"{tick:g}" for tick in SCORE_TICKS],
            },
            yaxis={"title": "Films of the kind, %", "rangemode": "tozero"},
        ),
    )
