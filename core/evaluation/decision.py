"""Decision curve: what a model is worth at every exchange rate between a miss and a false alarm."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.evaluation.types import Scores
from core.types import Float64Array

if TYPE_CHECKING:
    import pandas as pd

PROBABILITIES = np.round(np.arange(1, 100) / 100, 2)


def net_benefit(
    *, sensitivity: npt.ArrayLike, specificity: npt.ArrayLike, prevalence: float, probability: npt.ArrayLike
) -> Float64Array:
    """Return true positives per film minus false positives at the odds of a threshold probability.

    Se pi - (1 - Sp)(1 - pi) p / (1 - p) (Vickers and Elkin 2006, 10.1177/0272989X06295361), elementwise.

    Parameters
    ----------
    sensitivity, specificity : (...) in [0, 1]
        With every film positive whose probability is at `probability` or above.
    prevalence : float in [0, 1]
    probability : (...) in [0, 1)
        Where acting and waiting are worth the same: p / (1 - p) is what a false alarm costs, in found pneumonias.
    """
    p = np.asarray(probability, dtype=float)
    true_positives = np.asarray(sensitivity, dtype=float) * prevalence
    alarms = (1 - np.asarray(specificity, dtype=float)) * (1 - prevalence)
    benefit: Float64Array = true_positives - alarms * p / (1 - p)
    return benefit


def error_cost(
    *, sensitivity: npt.ArrayLike, specificity: npt.ArrayLike, miss: float, prevalence: float
) -> Float64Array:
    """Return misses and false alarms per child, counted in false alarms, elementwise.

    The least of it over all thresholds is the most of `net_benefit` at the probability 1 / (1 + miss).

    Parameters
    ----------
    sensitivity, specificity : (...) in [0, 1]
    miss : float
        False alarms that weigh as much as a miss.
    prevalence : float in [0, 1]
    """
    missed, alarmed = 1 - np.asarray(sensitivity, dtype=float), 1 - np.asarray(specificity, dtype=float)
    cost: Float64Array = miss * prevalence * missed + (1 - prevalence) * alarmed
    return cost


def decision_curve(
    scores: Scores, *, prevalence: float | None = None, probabilities: Float64Array = PROBABILITIES
) -> "pd.DataFrame":
    """Net benefit of acting on a model, on every film and on none.

    Parameters
    ----------
    scores : Scores
        With calibrated probabilities as its scores, at the prevalence that is asked for.
    prevalence : float or None
        None for that of the films.
    probabilities : (k,) float64 in [0, 1)

    Returns
    -------
    DataFrame
        probability, model, treat_all, treat_none; net benefit per film.
    """
    import pandas as pd  # pandas doubles the start of the first page

    pi = float(np.mean(scores.y_true)) if prevalence is None else prevalence
    positive = np.sort(scores.y_score[scores.y_true == 1])
    negative = np.sort(scores.y_score[scores.y_true == 0])
    sensitivity = 1 - np.searchsorted(positive, probabilities, side="left") / len(positive)
    specificity = np.searchsorted(negative, probabilities, side="left") / len(negative)
    model = net_benefit(sensitivity=sensitivity, specificity=specificity, prevalence=pi, probability=probabilities)
    everyone = net_benefit(sensitivity=1, specificity=0, prevalence=pi, probability=probabilities)
    return pd.DataFrame({"probability": probabilities, "model": model, "treat_all": everyone, "treat_none": 0.0})
