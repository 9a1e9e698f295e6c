"""Calibration where pneumonia is rarer or more frequent: what a model's probabilities add up to."""

from collections.abc import Sequence

import numpy as np

from core.evaluation.bootstrap import METHOD, resampled_mean, resampling
from core.evaluation.calibration import Calibration, shift_prevalence
from core.evaluation.types import Estimate, Scores

PREVALENCES = (0.05, 0.085, 0.16, 0.222, 0.3, 0.4, 0.5, 0.625, 0.743, 0.85)


def is_too_high(mean: Estimate, prevalence: float) -> bool:
    """Return whether a mean probability is above the prevalence beyond chance: its whole interval lies above."""
    return mean.low > prevalence


def mean_probability_at(
    calibration: Calibration, scores: Scores, prevalences: Sequence[float] = PREVALENCES
) -> dict[float, Estimate]:
    """Return the mean probability over films whose classes are weighted to a prevalence.

    Of a calibrated model it is that prevalence.
    Each film's calibrated probability is moved to the prevalence, as on Read; the means of the two classes are then
    weighted by it.

    Parameters
    ----------
    calibration : Calibration
        Score to probability, at the prevalence of validation.
    scores : Scores
        Of films with both labels.
    prevalences : sequence of float in (0, 1)

    Returns
    -------
    dict of Estimate in [0, 1]
        By prevalence; the interval is by patient.
    """
    probability = calibration.apply(scores.y_score)
    moved = np.array([shift_prevalence(probability, old=calibration.prevalence, new=new) for new in prevalences])
    of_class = [scores.y_true == label for label in (0, 1)]
    normal, pneumonia = (moved[:, films].mean(axis=1) for films in of_class)
    drawn_normal, drawn_pneumonia = (
        resampled_mean(moved[:, films], part := scores.take(films), resampling(part, seed=label))
        for label, films in enumerate(of_class)
    )
    weight = np.array(prevalences)
    resampled = (1 - weight)[:, None] * drawn_normal + weight[:, None] * drawn_pneumonia
    low, high = np.quantile(resampled, [0.025, 0.975], axis=1)
    value = (1 - weight) * normal + weight * pneumonia
    return {
        prevalence: Estimate(value=float(value[i]), low=float(low[i]), high=float(high[i]), method=METHOD)
        for i, prevalence in enumerate(prevalences)
    }
