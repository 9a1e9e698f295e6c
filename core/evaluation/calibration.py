"""From score to probability: fitted on validation scores, applied with NumPy alone, shifted to another prevalence."""

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.evaluation.intervals import wilson
from core.evaluation.metrics import ECE_BINS, bin_index, brier, ratio
from core.evaluation.types import Scores
from core.types import Float64Array

DEFAULT_PREVALENCE = 0.16  # of pneumonia among imaged children; sources: `core.impact.inputs`

if TYPE_CHECKING:
    import pandas as pd

Method = Literal["none", "sigmoid", "isotonic", "temperature"]
_CLIP = 1e-7  # scores of exactly 0 or 1 get a finite logit


def logit(score: npt.ArrayLike) -> Float64Array:
    """Log odds of scores in [0, 1], cut to about -16 to 16."""
    clipped = np.clip(np.asarray(score, dtype=float), _CLIP, 1 - _CLIP)
    odds: Float64Array = clipped / (1 - clipped)
    return np.log(odds)


def expit(log_odds: npt.ArrayLike) -> Float64Array:
    """Probability of log odds; the inverse of `logit`."""
    return 0.5 * (1 + np.tanh(np.asarray(log_odds, dtype=float) / 2))


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """A fitted map from score to probability, at the prevalence of the scores it was fitted on.

    Parameters
    ----------
    method : str
        ``sigmoid``: expit(slope * logit(score) + intercept); ``temperature``: expit(logit(score) / temperature);
        ``isotonic``: linear between the points (score, probability); ``none``: the score itself.
    prevalence : float
        Share of pneumonia where it was fitted.
    parameters : dict
        Numbers and lists of numbers, ready for JSON.
    """

    method: Method
    prevalence: float
    parameters: dict[str, Any] = field(default_factory=dict)

    @overload
    def apply(self, score: float) -> float: ...
    @overload
    def apply(self, score: Float64Array) -> Float64Array: ...
    def apply(self, score: float | Float64Array) -> float | Float64Array:
        """Probability of pneumonia for one score or an array of scores."""
        values = np.asarray(score, dtype=float)
        known = self.parameters
        if self.method == "sigmoid":
            values = expit(known["slope"] * logit(values) + known["intercept"])
        elif self.method == "temperature":
            values = expit(logit(values) / known["temperature"])
        elif self.method == "isotonic":
            values = np.asarray(np.interp(values, known["score"], known["probability"]))
        return values if isinstance(score, np.ndarray) else float(values)

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


def fit_none(scores: Scores) -> Calibration:
    """Return the calibration that leaves the score unchanged."""
    return Calibration(method="none", prevalence=_prevalence(scores))


def fit_sigmoid(scores: Scores) -> Calibration:
    """Logistic regression on the logit of the score, with Platt's smoothed targets, which keep it finite."""
    from scipy.optimize import minimize  # scipy starts slowly; whoever applies a calibration does without

    prevalence = _prevalence(scores)
    truth = scores.y_true == 1
    positives, negatives = truth.sum(), (~truth).sum()
    target = np.where(truth, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    log_odds = logit(scores.y_score)

    def loss(line: Float64Array) -> tuple[float, Float64Array]:
        linear = line[0] * log_odds + line[1]
        slack = expit(linear) - target
        return float(np.mean(np.logaddexp(0, linear) - target * linear)), np.array(
            [np.mean(slack * log_odds), np.mean(slack)]
        )

    slope, intercept = minimize(loss, np.array([1.0, 0.0]), jac=True, method="BFGS", options={"gtol": 1e-8}).x
    return Calibration(
        method="sigmoid", prevalence=prevalence, parameters={"slope": float(slope), "intercept": float(intercept)}
    )


def fit_isotonic(scores: Scores) -> Calibration:
    """Rising step curve of least squares (pool adjacent violators), linear between its corners."""
    from sklearn.isotonic import IsotonicRegression  # scikit-learn starts slowly

    prevalence = _prevalence(scores)
    curve = IsotonicRegression(y_min=0, y_max=1).fit(scores.y_score, scores.y_true)
    return Calibration(
        method="isotonic",
        prevalence=prevalence,
        parameters={"score": curve.X_thresholds_.tolist(), "probability": curve.y_thresholds_.tolist()},
    )


def fit_temperature(scores: Scores) -> Calibration:
    """One divisor of the logit, between 0.01 and 100, of least log loss."""
    from scipy.optimize import minimize_scalar  # scipy starts slowly

    prevalence = _prevalence(scores)
    log_odds = logit(scores.y_score)

    def loss(log_temperature: float) -> float:
        scaled = log_odds / np.exp(log_temperature)
        return float(np.mean(np.logaddexp(0, scaled) - scores.y_true * scaled))

    best = minimize_scalar(loss, bounds=(np.log(0.01), np.log(100)), method="bounded", options={"xatol": 1e-8}).x
    return Calibration(method="temperature", prevalence=prevalence, parameters={"temperature": float(np.exp(best))})


FITTERS = {"none": fit_none, "sigmoid": fit_sigmoid, "isotonic": fit_isotonic, "temperature": fit_temperature}


def choose_calibration(scores: Scores, *, folds: int = 5, seed: int = 0) -> tuple[Calibration, dict[str, float]]:
    """Calibration of the lowest Brier score on patients that it was not fitted on, then fitted on all films.

    With fewer patients of a class than folds there is nothing to choose by: sigmoid, and no Brier scores.

    Returns
    -------
    calibration : Calibration
    brier : dict of str to float
        Cross-validated Brier score of each method, by patient.
    """
    from sklearn.model_selection import StratifiedGroupKFold  # scikit-learn starts slowly

    if min(len(np.unique(scores.cluster_id[scores.y_true == label])) for label in (0, 1)) < folds:
        return fit_sigmoid(scores), {}
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    splits = list(splitter.split(scores.y_score, scores.y_true, scores.cluster_id))
    losses = {}
    for method, fit in FITTERS.items():
        probability = np.empty(len(scores))
        for fitted_on, held_out in splits:
            probability[held_out] = fit(scores.take(fitted_on)).apply(scores.y_score[held_out])
        losses[method] = brier(replace(scores, y_score=probability))
    return FITTERS[min(losses, key=losses.__getitem__)](scores), losses


def _prevalence(scores: Scores) -> float:
    prevalence = float(np.mean(scores.y_true))
    if not 0 < prevalence < 1:
        raise InputError(f"{scores.name or 'scores'}: calibration needs films of both classes.")
    return prevalence


def reliability(scores: Scores, *, bins: int = ECE_BINS) -> "pd.DataFrame":
    """Observed share of pneumonia in bins of equal width, empty bins left out.

    Returns
    -------
    DataFrame
        bin_low, bin_high, n, mean_score, observed, low, high (Wilson, films taken as independent).
    """
    import pandas as pd  # pandas doubles the start of the first page

    where = bin_index(scores.y_score, bins)
    n = np.bincount(where, minlength=bins)
    positives = np.bincount(where, weights=scores.y_true, minlength=bins)
    total = np.bincount(where, weights=scores.y_score, minlength=bins)
    shares = [wilson(positives[b], n[b]) for b in range(bins)]
    frame = pd.DataFrame(
        {
            "bin_low": np.arange(bins) / bins,
            "bin_high": (np.arange(bins) + 1) / bins,
            "n": n,
            "mean_score": ratio(total, n),
            "observed": [share.value for share in shares],
            "low": [share.low for share in shares],
            "high": [share.high for share in shares],
        }
    )
    return frame[frame["n"] > 0].reset_index(drop=True)


@overload
def shift_prevalence(probability: float, *, old: float, new: float) -> float: ...
@overload
def shift_prevalence(probability: Float64Array, *, old: float, new: float) -> Float64Array: ...
def shift_prevalence(probability: float | Float64Array, *, old: float, new: float) -> float | Float64Array:
    """Probability at another prevalence: the posterior odds move with the prior odds.

    It holds where the films of each class look the same and only their mix changes.

    Parameters
    ----------
    probability : float or (n,) float64
    old, new : float in (0, 1)
        Prevalence that the probability holds at, and the one that is asked for.
    """
    factor = (new / (1 - new)) / (old / (1 - old))
    shifted = probability * factor / (probability * factor + 1 - probability)
    return np.minimum(shifted, 1.0)  # rounding can exceed 1 by the last bit


def ppv_at(prevalence: npt.ArrayLike, *, sensitivity: npt.ArrayLike, specificity: npt.ArrayLike) -> Float64Array:
    """Share of alarms that are pneumonia at a prevalence (Bayes), elementwise; NaN if there is no alarm."""
    true_positives = np.asarray(prevalence) * np.asarray(sensitivity)
    return ratio(true_positives, true_positives + (1 - np.asarray(prevalence)) * (1 - np.asarray(specificity)))


def npv_at(prevalence: npt.ArrayLike, *, sensitivity: npt.ArrayLike, specificity: npt.ArrayLike) -> Float64Array:
    """Share of cleared films that are normal at a prevalence (Bayes), elementwise; NaN if none is cleared."""
    cleared = (1 - np.asarray(prevalence)) * np.asarray(specificity)
    return ratio(cleared, cleared + np.asarray(prevalence) * (1 - np.asarray(sensitivity)))
