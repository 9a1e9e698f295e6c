"""Intervals in closed form: Wilson for a proportion, DeLong for an AUROC."""

import numpy as np
import numpy.typing as npt

from core.evaluation.types import Estimate, FloatArray, IntArray, Scores

Z_95 = 1.959963984540054


def wilson(count: float, n: float) -> Estimate:
    """95 % interval of the proportion ``count / n`` (Wilson 1927); NaN if n is zero."""
    if n == 0:
        return Estimate(value=np.nan, low=np.nan, high=np.nan, method="Wilson")
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(count, n, alpha=0.05, method="wilson")
    return Estimate(value=count / n, low=float(low), high=float(high), method="Wilson")


def delong(y_true: IntArray, y_scores: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """AUROC of several score columns on the same samples, with their covariance.

    Placements from midranks (Sun and Xu 2014, 10.1109/LSP.2014.2337313) of DeLong et al. 1988 (10.2307/2531595):
    covariance = S10 / m + S01 / n for m positives and n negatives. It takes samples as independent.

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
    from scipy.stats import rankdata

    table = np.atleast_2d(np.asarray(y_scores, dtype=float))
    truth = np.asarray(y_true) == 1
    positive, negative = table[:, truth], table[:, ~truth]
    m, n = positive.shape[1], negative.shape[1]
    if min(m, n) < 2:
        return np.full(len(table), np.nan), np.full((len(table), len(table)), np.nan)
    ranks = rankdata(table, axis=1)
    of_positives = (ranks[:, truth] - rankdata(positive, axis=1)) / n
    of_negatives = 1 - (ranks[:, ~truth] - rankdata(negative, axis=1)) / m
    covariance = np.cov(of_positives) / m + np.cov(of_negatives) / n
    return of_positives.mean(axis=1), np.atleast_2d(covariance)


def auroc_interval(scores: Scores) -> Estimate:
    """AUROC with DeLong's 95 % interval, cut to [0, 1]; none for an AUROC of exactly 0 or 1, which has no variance."""
    aurocs, covariance = delong(scores.y_true, scores.y_score)
    value, variance = float(aurocs[0]), float(covariance[0, 0])
    if not variance > 0:
        return Estimate(value=value, low=np.nan, high=np.nan, method="none: no variance")
    margin = Z_95 * variance**0.5
    return Estimate(value=value, low=max(value - margin, 0.0), high=min(value + margin, 1.0), method="DeLong")
