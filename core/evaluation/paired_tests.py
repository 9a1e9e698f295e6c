"""Paired comparison of models on the same films: how large a difference is, and whether it is real."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from core.evaluation.bootstrap import DRAWS, METHOD, Resampling, resampled_metrics, resampling
from core.evaluation.evaluate import without_nan
from core.evaluation.intervals import delong
from core.evaluation.metrics import auroc, brier, confusion
from core.evaluation.tables import align_samples
from core.evaluation.types import Estimate, Scores, number_from_json
from core.types import BoolArray, Float64Array

SIGNIFICANCE = 0.05
COMPARED = ("sensitivity", "specificity", "accuracy", "auroc", "brier")
MCNEMAR, DELONG, BOOTSTRAP_Z = "exact McNemar", "DeLong", "z of the cluster bootstrap"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A model's scores with the threshold that was frozen for it."""

    scores: Scores
    threshold: float


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What the films say about one figure of two models.

    Parameters
    ----------
    a, b : str
        Names of the models.
    metric : str
        One of `COMPARED`.
    difference : Estimate
        Figure of a less figure of b, in the unit of the figure; cluster bootstrap with common draws.
    test : str
        The paired test behind `p`.
    p, p_adjusted : float
        Of the test, and after Holm over all pairs that were compared on this figure.
    only_a, only_b : int or None
        Films that a alone or b alone gets right, where the figure counts films.
    """

    a: str
    b: str
    metric: str
    difference: Estimate
    test: str
    p: float
    p_adjusted: float
    only_a: int | None = None
    only_b: int | None = None

    @property
    def distinguishable(self) -> bool:
        """True if the interval leaves out zero and the adjusted p is below 0.05: both must agree."""
        outside = self.difference.low > 0 or self.difference.high < 0
        return outside and self.p_adjusted < SIGNIFICANCE

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON, with the verdict."""
        return without_nan(asdict(self) | {"distinguishable": self.distinguishable})

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Finding":
        """Return the finding that `to_dict` wrote as JSON."""
        return cls(
            difference=Estimate.from_dict(stored["difference"]),
            p=number_from_json(stored["p"]),
            p_adjusted=number_from_json(stored["p_adjusted"]),
            **{name: stored[name] for name in ("a", "b", "metric", "test", "only_a", "only_b")},
        )

    def swapped(self) -> "Finding":
        """Return the same finding with the second model first."""
        difference = self.difference
        return replace(
            self,
            a=self.b,
            b=self.a,
            difference=replace(difference, value=-difference.value, low=-difference.high, high=-difference.low),
            only_a=self.only_b,
            only_b=self.only_a,
        )


def mcnemar(right_a: BoolArray, right_b: BoolArray) -> tuple[int, int, float]:
    """Exact McNemar test on the films that one model alone gets right.

    Returns
    -------
    only_a, only_b : int
    p : float
        Two-sided, binomial; 1 if the models never disagree. It takes films as independent.
    """
    from scipy.special import bdtr  # the binomial law without the second that scipy.stats takes to import

    only_a, only_b = int(np.sum(right_a & ~right_b)), int(np.sum(right_b & ~right_a))
    return only_a, only_b, min(1.0, float(2 * bdtr(min(only_a, only_b), only_a + only_b, 0.5)))


def delong_p(first: Scores, second: Scores) -> float:
    """Two-sided p of DeLong's paired test; 1 for equal rankings, NaN if a class has fewer than two films."""
    aurocs, covariance = delong(first.y_true, [first.y_score, second.y_score])
    difference = aurocs[0] - aurocs[1]
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    if difference == 0:
        return 1.0
    return _p_of(difference, np.sqrt(max(variance, 0.0)))


def _p_of(difference: float, error: float) -> float:
    """Two-sided p of a difference under the normal law; NaN for a difference without spread, as of too few films."""
    if error == 0:
        return 1.0 if difference == 0 else math.nan
    return math.erfc(abs(difference) / error / math.sqrt(2))


def holm(p: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment (Holm 1979); an undefined p stays NaN and does not count as a comparison."""
    given = np.asarray(p, dtype=float)
    defined = np.flatnonzero(np.isfinite(given))
    order = defined[np.argsort(given[defined])]
    adjusted = given.copy()
    adjusted[order] = np.minimum(np.maximum.accumulate(given[order] * np.arange(len(order), 0, -1)), 1)
    return [float(value) for value in adjusted]


def compare(
    a: Scores, b: Scores, *, threshold_a: float, threshold_b: float, draws: int = DRAWS, seed: int = 0
) -> list[Finding]:
    """Compare two models on the same films, one finding for each of `COMPARED`.

    Raises
    ------
    InputError
        If the tables hold different films, labels or patients.
    """
    pair = [Candidate(scores=a, threshold=threshold_a), Candidate(scores=b, threshold=threshold_b)]
    return compare_all(pair, draws=draws, seed=seed)


def compare_all(candidates: Sequence[Candidate], *, draws: int = DRAWS, seed: int = 0) -> list[Finding]:
    """Compare every pair of models on the same films; Holm runs over the pairs of each figure.

    Raises
    ------
    InputError
        If the tables hold different films, labels or patients.
    """
    aligned = align_samples([candidate.scores for candidate in candidates])
    models = [
        Candidate(scores=scores, threshold=candidate.threshold)
        for scores, candidate in zip(aligned, candidates, strict=True)
    ]
    samples = resampling(aligned[0], draws=draws, seed=seed)
    values = [_figures(model) for model in models]
    resampled = [_resampled(model, samples) for model in models]
    findings = []
    for metric in COMPARED:
        pairs = []
        for i, j in combinations(range(len(models)), 2):
            differences = resampled[i][metric] - resampled[j][metric]
            difference = _difference(values[i][metric] - values[j][metric], differences)
            pairs.append(_finding(models[i], models[j], metric, difference, float(differences.std())))
        adjusted = holm([finding.p for finding in pairs])
        findings += [replace(finding, p_adjusted=p) for finding, p in zip(pairs, adjusted, strict=True)]
    return findings


def _figures(model: Candidate) -> dict[str, float]:
    rates = confusion(model.scores, model.threshold).rates
    return rates | {"auroc": auroc(model.scores), "brier": brier(model.scores)}


def _resampled(model: Candidate, samples: Resampling) -> dict[str, Float64Array]:
    return resampled_metrics(model.scores, model.threshold, samples)


def _difference(value: float, resampled: Float64Array) -> Estimate:
    """Return a difference with its percentile interval; the interval has no width where all draws are equal."""
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Estimate(value=value, low=float(low), high=float(high), method=METHOD)


def _finding(first: Candidate, second: Candidate, metric: str, difference: Estimate, error: float) -> Finding:
    """Return a finding before adjustment, by the paired test that fits the figure."""
    a, b = first.scores, second.scores
    only_a = only_b = None
    if metric == "auroc":
        test, p = DELONG, delong_p(a, b)
    elif metric == "brier":
        test, p = BOOTSTRAP_Z, _p_of(difference.value, error)
    else:
        films = {"sensitivity": a.y_true == 1, "specificity": a.y_true == 0}.get(metric, np.ones(len(a), dtype=bool))
        right_a = (a.y_score >= first.threshold) == (a.y_true == 1)
        right_b = (b.y_score >= second.threshold) == (b.y_true == 1)
        only_a, only_b, p = mcnemar(right_a[films], right_b[films])
        test = MCNEMAR
    return Finding(
        a=a.name,
        b=b.name,
        metric=metric,
        difference=difference,
        test=test,
        p=p,
        p_adjusted=p,
        only_a=only_a,
        only_b=only_b,
    )
