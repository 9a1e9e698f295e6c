"""Subgroups, seeds and splits: where and how much the figures of a model vary."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.evaluation.bootstrap import DRAWS, METHOD, resampled_metrics, resampling
from core.evaluation.evaluate import Evaluation, evaluate
from core.evaluation.types import Estimate, Scores
from core.types import StrArray

if TYPE_CHECKING:
    import pandas as pd

SHIFTED = ("sensitivity", "specificity", "auroc", "brier")


def evaluate_subgroups(
    scores: Scores, threshold: float, group: StrArray, *, draws: int = DRAWS, seed: int = 0
) -> dict[str, Evaluation]:
    """Evaluate each subgroup, such as bacterial and viral pneumonia, each against all normals.

    Parameters
    ----------
    scores : Scores
    threshold : float
    group : (n,) str
        Subgroup of each film; a film with a blank belongs to every subgroup.

    Returns
    -------
    dict of str to Evaluation
        In the order of the names; figures that a subgroup cannot give are NaN.
    """
    return {
        str(name): evaluate(scores.take((group == name) | (group == ""), str(name)), threshold, draws=draws, seed=seed)
        for name in np.unique(group)
        if name
    }


def seed_variation(evaluations: Mapping[str, Sequence[Evaluation]]) -> "pd.DataFrame":
    """Mean and range of every figure over the seeds of each model.

    Parameters
    ----------
    evaluations : mapping of str to sequence of Evaluation
        Those of one model on the same films, by model.

    Returns
    -------
    DataFrame
        model, metric, seeds, mean, lowest, highest.
    """
    import pandas as pd  # pandas doubles the start of the first page

    rows: list[dict[str, str | float]] = []
    for model, of_seeds in evaluations.items():
        for metric in of_seeds[0].metrics:
            values = [evaluation.metrics[metric].value for evaluation in of_seeds]
            rows.append(
                {
                    "model": model,
                    "metric": metric,
                    "seeds": len(values),
                    "mean": float(np.mean(values)),
                    "lowest": min(values),
                    "highest": max(values),
                }
            )
    return pd.DataFrame(rows)


def shift(before: Scores, after: Scores, threshold: float, *, draws: int = DRAWS, seed: int = 0) -> dict[str, Estimate]:
    """Change of a model's figures from one set of patients to another, such as validation to test.

    The draws of the two sets are independent: a key that occurs in both is taken for two patients.

    Returns
    -------
    dict of str to Estimate
        Figure after less figure before, for `SHIFTED`.
    """
    first = evaluate(before, threshold, draws=1).metrics
    second = evaluate(after, threshold, draws=1).metrics
    drawn_first = resampled_metrics(before, threshold, resampling(before, draws=draws, seed=seed))
    drawn_second = resampled_metrics(after, threshold, resampling(after, draws=draws, seed=seed + 1))
    changes = {}
    for metric in SHIFTED:
        low, high = np.quantile(drawn_second[metric] - drawn_first[metric], [0.025, 0.975])
        changes[metric] = Estimate(
            value=second[metric].value - first[metric].value, low=float(low), high=float(high), method=METHOD
        )
    return changes
