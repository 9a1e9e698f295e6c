"""What another threshold would have given on validation films; the frozen one is in the run record and stays."""

from dataclasses import dataclass

import numpy as np

from core.evaluation.bootstrap import DRAWS, interval, resampled_mean, resampling
from core.evaluation.metrics import confusion, ratio
from core.evaluation.types import Estimate, Scores


@dataclass(frozen=True, kw_only=True)
class OperatingPoint:
    """Sensitivity and specificity at a threshold.

    Parameters
    ----------
    threshold : float
        Positive if score >= threshold.
    positives, negatives : int
        Films labelled pneumonia and normal.
    sensitivity, specificity : Estimate
        Rates in [0, 1]; intervals by patient.
    """

    threshold: float
    positives: int
    negatives: int
    sensitivity: Estimate
    specificity: Estimate


def operating_point(scores: Scores, threshold: float, *, draws: int = DRAWS, seed: int = 0) -> OperatingPoint:
    """Sensitivity and specificity of these scores at a threshold.

    The draws are those of `core.evaluation.evaluate.evaluate`, so that at the frozen threshold the intervals are the
    ones that stand in every other table. A rate without films is NaN.
    """
    counts = confusion(scores, threshold)
    positive, truth = scores.y_score >= threshold, scores.y_true == 1
    columns = np.array([positive & truth, truth, ~positive & ~truth, ~truth], dtype=np.float64)
    found, pneumonia, spared, normal = resampled_mean(columns, scores, resampling(scores, draws=draws, seed=seed))
    return OperatingPoint(
        threshold=threshold,
        positives=counts.positives,
        negatives=counts.negatives,
        sensitivity=interval(
            counts.sensitivity, ratio(found, pneumonia), name="sensitivity", clusters=_patients(scores, 1)
        ),
        specificity=interval(
            counts.specificity, ratio(spared, normal), name="specificity", clusters=_patients(scores, 0)
        ),
    )


def _patients(scores: Scores, label: int) -> int:
    return len(np.unique(scores.cluster_id[scores.y_true == label]))


def threshold_steps(frozen: float) -> list[float]:
    """Thresholds to try, ascending: hundredths, finer ones where networks crowd their scores, and the frozen one."""
    fine = (0.001, 0.002, 0.005, 0.995, 0.998, 0.999)
    return sorted({*(step / 100 for step in range(1, 100)), *fine, frozen})
