"""Class-conditional conformal sets: which labels a score cannot exclude; applied with NumPy alone."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import InputError
from core.evaluation.bootstrap import DRAWS, share_interval
from core.evaluation.types import LABELS, Scores
from core.types import Float64Array

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class ConformalRule:
    """Limits within which a label stays in the set.

    Each label is missing from the sets of at most `alpha` of its own films, on average over films that are
    exchangeable with those it was fitted on; a shift between hospitals breaks that promise.

    Parameters
    ----------
    alpha : float
        Accepted share of films whose own label is missing.
    highest_normal : float in [0, 1]
        "normal" is in the set if score <= highest_normal.
    lowest_pneumonia : float in [0, 1]
        "pneumonia" is in the set if score >= lowest_pneumonia.
    """

    alpha: float
    highest_normal: float
    lowest_pneumonia: float

    def predict_set(self, score: float) -> tuple[str, ...]:
        """Labels that the score does not exclude: one, both, or none.

        One label is a verdict; both, or none, means that the model abstains.
        """
        return tuple(label for label, inside in zip(LABELS, self.contains(np.array([score]))[0], strict=True) if inside)

    def contains(self, score: Float64Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Whether normal and pneumonia are in each set: (n, 2) bool."""
        return np.column_stack([score <= self.highest_normal, score >= self.lowest_pneumonia])

    @property
    def abstain_band(self) -> tuple[float, float]:
        """The scores between which the set is not one label, lower end first."""
        low, high = sorted((self.highest_normal, self.lowest_pneumonia))
        return low, high

    def to_dict(self) -> dict[str, float]:
        return asdict(self)


def conformal_rank(n: int, alpha: float) -> int:
    """Rank ceil((n + 1)(1 - alpha)) of the score that limits the set; n + 1 means that there is no limit."""
    return int(np.ceil(round((n + 1) * (1 - alpha), 9)))


def fit_conformal(scores: Scores, *, alpha: float = 0.1) -> ConformalRule:
    """Limits from validation scores: the conformal rank of each class's distance from its own label.

    With too few films of a class its label is never excluded.

    Raises
    ------
    InputError
        If a class is missing.
    """
    if len(np.unique(scores.y_true)) < 2:
        raise InputError(f"{scores.name or 'scores'}: conformal sets need films of both classes.")
    normal = np.sort(scores.y_score[scores.y_true == 0])
    pneumonia = np.sort(scores.y_score[scores.y_true == 1])[::-1]
    rank_normal, rank_pneumonia = conformal_rank(len(normal), alpha), conformal_rank(len(pneumonia), alpha)
    return ConformalRule(
        alpha=alpha,
        highest_normal=float(normal[rank_normal - 1]) if rank_normal <= len(normal) else 1.0,
        lowest_pneumonia=float(pneumonia[rank_pneumonia - 1]) if rank_pneumonia <= len(pneumonia) else 0.0,
    )


def evaluate_sets(rule: ConformalRule, scores: Scores, *, draws: int = DRAWS) -> "pd.DataFrame":
    """Coverage and workload of the sets on labelled films.

    Returns
    -------
    DataFrame
        One row for ``normal``, ``pneumonia`` and ``all`` (column row): n; shares of n: coverage (own label in the
        set) with low and high, decided (one label), abstained (both or none) with abstained_low and abstained_high,
        wrong (decided for the other label). Intervals are by patient.
    """
    import pandas as pd

    inside = rule.contains(scores.y_score)
    covered = inside[np.arange(len(scores)), scores.y_true]
    decided = inside.sum(axis=1) == 1
    films = {"normal": scores.y_true == 0, "pneumonia": scores.y_true == 1, "all": np.ones(len(scores), dtype=bool)}
    rows = []
    for row, chosen in films.items():
        if not chosen.any():
            continue
        coverage = share_interval(covered[chosen], scores.take(chosen), draws=draws)
        abstained = share_interval(~decided[chosen], scores.take(chosen), draws=draws)
        rows.append(
            {
                "row": row,
                "n": int(chosen.sum()),
                "coverage": coverage.value,
                "low": coverage.low,
                "high": coverage.high,
                "decided": 1 - abstained.value,
                "abstained": abstained.value,
                "abstained_low": abstained.low,
                "abstained_high": abstained.high,
                "wrong": float((decided & ~covered)[chosen].mean()),
            }
        )
    return pd.DataFrame(rows)
