"""Class-conditional conformal sets: which labels a score cannot exclude; applied with NumPy alone."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from core.errors import InputError
from core.evaluation.bootstrap import DRAWS, METHOD, share_interval
from core.evaluation.types import LABELS, Estimate, Scores, number_for_json, number_from_json
from core.types import BoolArray, Float64Array

SetFilms = Literal["normal", "pneumonia", "all"]
SET_FILMS: tuple[SetFilms, ...] = ("normal", "pneumonia", "all")


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


@dataclass(frozen=True, kw_only=True)
class SetRates:
    """What conformal sets do on the films of one label, or on all films.

    Parameters
    ----------
    films : {"normal", "pneumonia", "all"}
    n : int
    coverage : Estimate
        Share of sets that hold the film's own label, by patient.
    abstained : Estimate
        Share of sets that are not one label, by patient.
    decided, wrong : float
        Share of sets that are one label, and that are the other label alone.
    """

    films: SetFilms
    n: int
    coverage: Estimate
    abstained: Estimate
    decided: float
    wrong: float

    def to_dict(self) -> dict[str, str | float | None]:
        """Return plain data for JSON; the method of the intervals is not stored."""
        numbers = {
            "coverage": self.coverage.value,
            "low": self.coverage.low,
            "high": self.coverage.high,
            "decided": self.decided,
            "abstained": self.abstained.value,
            "abstained_low": self.abstained.low,
            "abstained_high": self.abstained.high,
            "wrong": self.wrong,
        }
        return {"row": self.films, "n": self.n, **{name: number_for_json(value) for name, value in numbers.items()}}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "SetRates":
        """Return the rates that `to_dict` wrote as JSON."""
        number = {name: number_from_json(value) for name, value in stored.items() if name != "row"}
        return cls(
            films=stored["row"],
            n=stored["n"],
            coverage=Estimate(value=number["coverage"], low=number["low"], high=number["high"], method=METHOD),
            abstained=Estimate(
                value=number["abstained"],
                low=number["abstained_low"],
                high=number["abstained_high"],
                method=METHOD,
            ),
            decided=number["decided"],
            wrong=number["wrong"],
        )


@dataclass(frozen=True, kw_only=True)
class ConformalSets:
    """What a rule's sets do on labelled films.

    Parameters
    ----------
    alpha : float
        Accepted share of films whose own label is missing.
    band : (float, float)
        Lowest and highest score between which the set is not one label.
    rows : tuple of SetRates
        Normal, pneumonia and all films; a label without films is left out.
    """

    alpha: float
    band: tuple[float, float]
    rows: tuple[SetRates, ...]

    def of(self, films: SetFilms) -> SetRates:
        """Return the rates on these films; raises KeyError if there are none."""
        return {row.films: row for row in self.rows}[films]

    @property
    def promise(self) -> float:
        """Return the share of films of each label whose set should hold their own label."""
        return 1 - self.alpha

    @property
    def breaks_promise(self) -> bool:
        """Return whether the coverage of a label falls short of the promise beyond chance: its whole interval below."""
        return any(row.coverage.high < self.promise for row in self.rows if row.films != "all")

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON."""
        return {"alpha": self.alpha, "band": list(self.band), "rows": [row.to_dict() for row in self.rows]}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "ConformalSets":
        """Return the sets that `to_dict` wrote as JSON."""
        low, high = stored["band"]
        return cls(alpha=stored["alpha"], band=(low, high), rows=tuple(map(SetRates.from_dict, stored["rows"])))


def evaluate_sets(rule: ConformalRule, scores: Scores, *, draws: int = DRAWS) -> ConformalSets:
    """Return coverage and workload of the sets on labelled films; intervals are by patient."""
    inside = rule.contains(scores.y_score)
    covered = inside[np.arange(len(scores)), scores.y_true]
    decided = inside.sum(axis=1) == 1
    chosen_films: dict[SetFilms, BoolArray] = {
        "normal": scores.y_true == 0,
        "pneumonia": scores.y_true == 1,
        "all": np.ones(len(scores), dtype=bool),
    }
    rows = []
    for films, chosen in chosen_films.items():
        if not chosen.any():
            continue
        abstained = share_interval(~decided[chosen], scores.take(chosen), draws=draws)
        rows.append(
            SetRates(
                films=films,
                n=int(chosen.sum()),
                coverage=share_interval(covered[chosen], scores.take(chosen), draws=draws),
                abstained=abstained,
                decided=1 - abstained.value,
                wrong=float((decided & ~covered)[chosen].mean()),
            )
        )
    return ConformalSets(alpha=rule.alpha, band=rule.abstain_band, rows=tuple(rows))
