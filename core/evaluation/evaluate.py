"""The evaluation of one score table at one threshold."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar, cast

import numpy as np

from core.evaluation import metrics
from core.evaluation.bootstrap import DRAWS, interval, resampled_metrics, resampling
from core.evaluation.intervals import auroc_interval, wilson
from core.evaluation.metrics import Confusion
from core.evaluation.types import Estimate, Scores, number_for_json

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Every figure of one score table with its interval.

    Parameters
    ----------
    name : str
        What was evaluated.
    n, positives, clusters : int
        Films, pneumonia films and patients.
    prevalence : float
        Share of pneumonia among these films; ppv, npv and accuracy hold at it alone.
    threshold : float
        Positive if score >= threshold.
    confusion : Confusion
    metrics : dict of str to Estimate
        Keyed by `METRICS`; cluster bootstrap by patient.
    by_film : dict of str to Estimate
        Rates with Wilson's and AUROC with DeLong's interval, which take films as independent; empty where a moved
        threshold left them out.
    draws, seed : int
        Of the bootstrap.
    """

    name: str
    n: int
    positives: int
    clusters: int
    prevalence: float
    threshold: float
    confusion: Confusion
    metrics: dict[str, Estimate]
    by_film: dict[str, Estimate]
    draws: int
    seed: int

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON; undefined figures are None."""
        return without_nan(asdict(self))

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Evaluation":
        """Return the evaluation that `to_dict` wrote as JSON."""
        estimates = {
            name: {metric: Estimate.from_dict(figure) for metric, figure in stored[name].items()}
            for name in ("metrics", "by_film")
        }
        return cls(**{**stored, **estimates, "confusion": Confusion(**stored["confusion"])})


def without_nan(data: T) -> T:
    """Return the same nested data with None for NaN and infinity, which JSON does not know."""
    return cast(T, _without_nan(data))


def _without_nan(data: object) -> object:
    if isinstance(data, dict):
        return {key: _without_nan(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_without_nan(value) for value in data]
    return number_for_json(data) if isinstance(data, float) else data


def evaluate(scores: Scores, threshold: float, *, draws: int = DRAWS, seed: int = 0) -> Evaluation:
    """Evaluate scores at a threshold that was chosen elsewhere.

    Figures that need both classes are NaN if one is missing.
    """
    counts = metrics.confusion(scores, threshold)
    samples = resampling(scores, draws=draws, seed=seed)
    resampled = resampled_metrics(scores, threshold, samples)
    values = counts.rates | {
        "auroc": metrics.auroc(scores),
        "average_precision": metrics.average_precision(scores),
        "brier": metrics.brier(scores),
    }
    clusters = _clusters_behind(scores, threshold)
    estimates = {
        name: interval(value, resampled[name], name=name, clusters=clusters.get(name, 0))
        for name, value in values.items()
    }
    estimates["ece"] = Estimate(
        value=metrics.ece(scores), low=np.nan, high=np.nan, method="none: resampling biases it upwards"
    )
    return Evaluation(
        name=scores.name,
        n=len(scores),
        positives=counts.positives,
        clusters=len(samples.clusters),
        prevalence=counts.prevalence,
        threshold=threshold,
        confusion=counts,
        metrics=estimates,
        by_film=_by_film(scores, counts),
        draws=draws,
        seed=seed,
    )


def _clusters_behind(scores: Scores, threshold: float) -> dict[str, int]:
    """Patients in the denominator of each rate."""
    positive, truth = scores.y_score >= threshold, scores.y_true == 1
    denominators = {
        "sensitivity": truth,
        "specificity": ~truth,
        "ppv": positive,
        "npv": ~positive,
        "accuracy": np.ones(len(scores), dtype=bool),
    }
    return {name: len(np.unique(scores.cluster_id[films])) for name, films in denominators.items()}


def _by_film(scores: Scores, counts: Confusion) -> dict[str, Estimate]:
    """Wilson's interval of each rate and DeLong's of the AUROC."""
    return {
        "sensitivity": wilson(counts.tp, counts.positives),
        "specificity": wilson(counts.tn, counts.negatives),
        "ppv": wilson(counts.tp, counts.tp + counts.fp),
        "npv": wilson(counts.tn, counts.tn + counts.fn),
        "accuracy": wilson(counts.tp + counts.tn, counts.n),
        "auroc": auroc_interval(scores),
    }
