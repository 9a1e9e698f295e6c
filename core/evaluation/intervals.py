"""Intervals in closed form: Wilson for a proportion, DeLong for an AUROC."""

import math

import numpy as np
import numpy.typing as npt

from core.evaluation.types import Estimate, Scores
from core.types import Float64Array, Int64Array

Z_95 = 1.959963984540054


def wilson(count: float, n: float) -> Estimate:
    """95 % interval of the proportion ``count / n`` (Wilson 1927, 10.2307/2276774); NaN if n is zero."""
    if n == 0:
        return Estimate(value=math.nan, low=math.nan, high=math.nan, method="Wilson")
    p, z2 = count / n, Z_95**2
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    margin = Z_95 / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n**2))
    return Estimate(
        value=p,
        low=0.0 if count == 0 else centre - margin,
        high=1.0 if count == n else centre + margin,
        method="Wilson",
    )


def delong(y_true: Int64Array, y_scores: npt.ArrayLike) -> tuple[Float64Array, Float64Array]:
    """AUROC of several score columns on the same samples, with their covariance.

    A sample's placement is the share of the other class that it beats, ties counted half; with m positives and n
    negatives the covariance is S10 / m + S01 / n (DeLong et al. 1988, 10.2307/2531595). Sorting finds the placements,
    as in Sun and Xu 2014 (10.1109/LSP.2014.2337313). Samples are taken as independent.

    Parameters
    ----------
    y_true : (n,) in {0, 1}
    y_scores : (k, n)

    Returns
    -------
    aurocs : (k,) float64
    covariance : (k, k) float64
        NaN where a class has fewer than two samples.
    """
    table = np.atleast_2d(np.asarray(y_scores, dtype=float))
    truth = np.asarray(y_true) == 1
    m, n = int(truth.sum()), int((~truth).sum())
    if min(m, n) < 2:
        return np.full(len(table), np.nan), np.full((len(table), len(table)), np.nan)
    of_positives = np.array([_share_below(row[truth], row[~truth]) for row in table])
    of_negatives = np.array([1 - _share_below(row[~truth], row[truth]) for row in table])
    covariance = np.cov(of_positives) / m + np.cov(of_negatives) / n
    return of_positives.mean(axis=1), np.atleast_2d(covariance)


def _share_below(values: Float64Array, others: Float64Array) -> Float64Array:
    """Share of `others` below each value, ties counted half."""
    ordered = np.sort(others)
    below, up_to = np.searchsorted(ordered, values, "left"), np.searchsorted(ordered, values, "right")
    share: Float64Array = (below + up_to) / (2 * len(ordered))
    return share


def auroc_interval(scores: Scores) -> Estimate:
    """AUROC with DeLong's 95 % interval, cut to [0, 1]; none for an AUROC of exactly 0 or 1, which has no variance."""
    aurocs, covariance = delong(scores.y_true, scores.y_score)
    value, variance = float(aurocs[0]), float(covariance[0, 0])
    if not variance > 0:
        return Estimate(value=value, low=np.nan, high=np.nan, method="none: no variance")
    margin = Z_95 * variance**0.5
    return Estimate(value=value, low=max(value - margin, 0.0), high=min(value + margin, 1.0), method="DeLong")
