"""Cluster bootstrap: resample patients within class, with the same draws for every model."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from core.evaluation.intervals import wilson
from core.evaluation.metrics import METRICS, rates, ratio
from core.evaluation.types import Estimate, Scores
from core.types import BoolArray, Float64Array, Int64Array, StrArray

Counts = npt.NDArray[np.int32]

DRAWS = 2_000
METHOD = "cluster bootstrap"
_KEPT = 1_000_000  # draws x patients up to which the draws are kept for the next model on the same films
_CELLS = 500_000  # draws x films worked on at once: small enough for the processor's cache


@dataclass(frozen=True, kw_only=True, eq=False)
class Resampling:
    """Draws of patients with replacement, within strata.

    A stratum holds the clusters with the same classes (only normal, only pneumonia, or both), so that every draw
    keeps the number of patients of each kind. The draws depend on the clusters and the seed alone, not on the order
    of the films: tables of several models on the same films get the same draws.

    Parameters
    ----------
    clusters : (k,) str
        Distinct patient keys, sorted.
    stratum : (k,) int64
    draws, seed : int
    """

    clusters: StrArray
    stratum: Int64Array
    draws: int
    seed: int

    def code(self, scores: Scores) -> Int64Array:
        """Position in `clusters` of each film's patient, (n,) int64."""
        return np.searchsorted(self.clusters, scores.cluster_id)

    def counts(self, size: int) -> Iterator[Counts]:
        """How often each cluster is drawn, as blocks of at most `size` draws: (b, k) int32."""
        if self.draws * len(self.clusters) > _KEPT:
            yield from _draw(self.stratum, self.draws, self.seed, size)
            return
        weights = _draw_all(self.stratum.tobytes(), self.draws, self.seed)
        for start in range(0, self.draws, size):
            yield weights[start : start + size]


def _draw(stratum: Int64Array, draws: int, seed: int, size: int) -> Iterator[Counts]:
    members = [np.flatnonzero(stratum == value) for value in np.unique(stratum)]
    streams = [np.random.default_rng([seed, number]) for number in range(len(members))]
    for start in range(0, draws, size):
        b = min(size, draws - start)
        block = np.empty((b, len(stratum)), dtype=np.int32)
        for member, stream in zip(members, streams, strict=True):
            k = len(member)
            draws_of_strata = stream.integers(0, k, (b, k)) + np.arange(b)[:, None] * k
            block[:, member] = np.bincount(draws_of_strata.ravel(), minlength=b * k).reshape(b, k)
        yield block


@lru_cache(maxsize=4)
def _draw_all(stratum: bytes, draws: int, seed: int) -> Counts:
    """All draws in one block, kept: every model on the same films asks for the same."""
    (block,) = _draw(np.frombuffer(stratum, dtype=np.int64), draws, seed, draws)
    block.flags.writeable = False
    return block


def resampling(scores: Scores, *, draws: int = DRAWS, seed: int = 0) -> Resampling:
    """Draws for all models that are scored on these films."""
    clusters, code = np.unique(scores.cluster_id, return_inverse=True)
    has_normal = np.bincount(code, weights=scores.y_true == 0, minlength=len(clusters)) > 0
    has_pneumonia = np.bincount(code, weights=scores.y_true == 1, minlength=len(clusters)) > 0
    return Resampling(clusters=clusters, stratum=has_normal + 2 * has_pneumonia, draws=draws, seed=seed)


def resampled_metrics(scores: Scores, threshold: float, resampling: Resampling) -> dict[str, Float64Array]:
    """Every figure in each draw.

    Returns
    -------
    dict of (draws,) float64
        The rates, ``auroc``, ``average_precision`` and ``brier``; NaN in draws where a figure is undefined.
    """
    code = resampling.code(scores)
    sums = _cluster_sums(scores, threshold, code, len(resampling.clusters))
    order = np.argsort(-scores.y_score, kind="stable")
    ordered = scores.y_score[order]
    starts = np.append(0, np.flatnonzero(np.diff(ordered)) + 1)
    truth = scores.y_true[order].astype(np.int32)

    parts: dict[str, list[Float64Array]] = {}
    for counts in resampling.counts(max(1, _CELLS // len(scores))):
        tp, fp, tn, fn, error = (counts.astype(float) @ sums).T
        area, average = _rank_metrics(counts.take(code[order], axis=1), truth, starts)
        block = rates(tp=tp, fp=fp, tn=tn, fn=fn)
        block |= {"auroc": area, "average_precision": average, "brier": ratio(error, tp + fp + tn + fn)}
        for name, values in block.items():
            parts.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in parts.items()}


def _cluster_sums(scores: Scores, threshold: float, code: Int64Array, clusters: int) -> Float64Array:
    """Return true and false positives, true and false negatives and squared error by cluster, (clusters, 5)."""
    positive, truth = scores.y_score >= threshold, scores.y_true == 1
    columns = (
        positive & truth,
        positive & ~truth,
        ~positive & ~truth,
        ~positive & truth,
        (scores.y_score - scores.y_true) ** 2,
    )
    return np.column_stack([np.bincount(code, weights=column, minlength=clusters) for column in columns])


def _rank_metrics(weights: Counts, truth: Counts, starts: Int64Array) -> tuple[Float64Array, Float64Array]:
    """AUROC and average precision of films in descending order of score, for each row of weights.

    Parameters
    ----------
    weights : (b, n) int32
    truth : (n,) int32
    starts : (g,)
        First position of each group of equal scores.
    """
    new, new_tp = weights, weights * truth
    if len(starts) < len(truth):
        new, new_tp = np.add.reduceat(new, starts, axis=1), np.add.reduceat(new_tp, starts, axis=1)
    flagged, tp = np.cumsum(new, axis=1, dtype=np.int32), np.cumsum(new_tp, axis=1, dtype=np.int32)
    positives, negatives = tp[:, -1].astype(float), (flagged[:, -1] - tp[:, -1]).astype(float)
    doubled_area = np.einsum("bg,bg->b", new - new_tp, 2 * tp - new_tp, dtype=float)
    precision = tp / np.maximum(flagged, 1)
    return ratio(doubled_area / 2, positives * negatives), ratio(np.einsum("bg,bg->b", new_tp, precision), positives)


def resampled_mean(values: Float64Array, scores: Scores, resampling: Resampling) -> Float64Array:
    """Means of numbers per film in each draw: (k, n) float64 to (k, draws)."""
    code, clusters = resampling.code(scores), len(resampling.clusters)
    columns = (*values, np.ones(len(code)))
    sums = np.column_stack([np.bincount(code, weights=column, minlength=clusters) for column in columns])
    total = np.concatenate([counts @ sums for counts in resampling.counts(max(1, _CELLS // clusters))]).T
    return ratio(total[:-1], total[-1])


def share_interval(happened: BoolArray, scores: Scores, *, draws: int = DRAWS, seed: int = 0) -> Estimate:
    """Share of films for which something holds, (n,) bool, with its interval by patient."""
    values, samples = happened.astype(np.float64), resampling(scores, draws=draws, seed=seed)
    (resampled,) = resampled_mean(values[None], scores, samples)
    return interval(float(values.mean()), resampled, name="accuracy", clusters=len(samples.clusters))


def interval(value: float, resampled: Float64Array, *, name: str = "", clusters: int = 0) -> Estimate:
    """95 % percentile interval; draws where the figure is undefined are left out.

    Draws that are all alike tell nothing: a rate, as of 0 or 1, then gets Wilson's interval with the clusters as its
    denominator, and any other figure none.

    Parameters
    ----------
    value : float
        The figure on the films as they are.
    resampled : (draws,) float64
    name : str
        Name in `METRICS`; says whether the figure is a rate.
    clusters : int
        Clusters in the denominator of a rate.
    """
    defined = resampled[np.isfinite(resampled)]
    if np.isnan(value) or len(defined) == 0:
        return Estimate(value=value, low=np.nan, high=np.nan, method=METHOD)
    low, high = np.quantile(defined, [0.025, 0.975])
    if low < high:
        return Estimate(value=value, low=float(low), high=float(high), method=METHOD)
    if name in METRICS and METRICS[name].is_rate and clusters:
        whole = wilson(value * clusters, clusters)
        return Estimate(value=value, low=whole.low, high=whole.high, method="Wilson on clusters")
    return Estimate(value=value, low=np.nan, high=np.nan, method="none: all draws are alike")
