"""What the notebook reported beside what its networks reach here, for README and pages."""

import math
from collections.abc import Mapping

from core.evaluation.evaluate import Evaluation
from core.evaluation.metrics import METRICS
from core.evaluation.types import Estimate
from core.results.published import NOTEBOOK
from core.wording import format_metric

MISSING = "not trained"


def notebook_rows(at_half: Mapping[str, Evaluation], frozen: Mapping[str, Evaluation]) -> list[dict[str, str]]:
    """Return one row for each figure that the notebook printed.

    Parameters
    ----------
    at_half, frozen : dict of str to Evaluation
        On test by model name: at the notebook's threshold of 0.5, and at the frozen one.
    """
    rows = []
    for result in NOTEBOOK:
        half, as_frozen = at_half.get(result.model or ""), frozen.get(result.model or "")
        for metric, reported in result.metrics.items():
            again = half.metrics[metric] if half else None
            rows.append(
                {
                    "Network": result.name.removeprefix("Notebook, "),
                    "Figure": METRICS[metric].title,
                    "Notebook": format_metric(reported, metric),
                    "Here, threshold 0.5": format_metric(again, metric) if again else MISSING,
                    "Notebook lies": place(reported.value, again) if again else "–",
                    "Here, frozen threshold": format_metric(as_frozen.metrics[metric], metric)
                    if as_frozen
                    else MISSING,
                }
            )
    return rows


def place(value: float, interval: Estimate) -> str:
    """Compare a reported figure with our interval; a dash where we have none."""
    if math.isnan(interval.low):
        return "–"
    if value < interval.low:
        return "below our interval"
    return "above our interval" if value > interval.high else "within our interval"
