"""Intervals as charts draw them: error bars that end at the ends of estimates, and bands between two lines."""

import math
from collections.abc import Sequence

from core.charts.draft import Properties
from core.evaluation.types import Estimate


def error_bars(
    estimates: Sequence[Estimate], *, scale: float = 1, width: float = 0, thickness: float = 2
) -> Properties:
    """Return Plotly's error bars from each estimate's low end to its high end.

    Parameters
    ----------
    estimates : sequence of Estimate
        Drawn at ``scale * value``; one without an interval gets a bar without length.
    scale : float
        100 where a rate is drawn in per cent.
    width, thickness : float
        Of the caps and of the bar, px.
    """
    return {
        "type": "data",
        "symmetric": False,
        "array": [scale * _length(estimate.value, estimate.high) for estimate in estimates],
        "arrayminus": [scale * _length(estimate.low, estimate.value) for estimate in estimates],
        "width": width,
        "thickness": thickness,
    }


def band(x: Sequence[float], low: Sequence[float], high: Sequence[float]) -> dict[str, list[float]]:
    """Return x and y of a band's outline: there along its upper end, back along its lower."""
    return {"x": [*x, *reversed(x)], "y": [*high, *reversed(low)]}


def _length(start: float, end: float) -> float:
    return 0.0 if math.isnan(end - start) else end - start
