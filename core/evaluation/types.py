"""Result objects of the evaluation: an estimate with its interval, and the scores it comes from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.types import BoolArray, Float64Array, Int64Array, StrArray

LABELS = ("normal", "pneumonia")  # by y_true


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A figure with its 95 % interval.

    Parameters
    ----------
    value, low, high : float
        The figure and the ends of its interval, in the unit of the figure (rates in [0, 1]).
        NaN where the figure is undefined, such as a sensitivity without positives.
    method : str
        How the interval was made: ``"cluster bootstrap"``, ``"Wilson"``, ``"DeLong"``.
    """

    value: float
    low: float
    high: float
    method: str

    def complement(self) -> "Estimate":
        """Return the share of the rest, such as false alarms for a specificity: its ends swap."""
        return Estimate(value=1 - self.value, low=1 - self.high, high=1 - self.low, method=self.method)

    def to_dict(self) -> dict[str, float | str | None]:
        """Return plain data for JSON, with None for NaN and infinity."""
        numbers = {name: number_for_json(getattr(self, name)) for name in ("value", "low", "high")}
        return {**numbers, "method": self.method}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Estimate":
        """Return the estimate that `to_dict` wrote as JSON; None becomes NaN."""
        value, low, high = (number_from_json(stored[name]) for name in ("value", "low", "high"))
        return cls(value=value, low=low, high=high, method=stored["method"])


def number_for_json(value: float) -> float | None:
    """Return the number, or None for NaN and infinity, which JSON does not know."""
    return value if math.isfinite(value) else None


def number_from_json(stored: float | None) -> float:
    """Return the number, or NaN for None."""
    return math.nan if stored is None else stored


@dataclass(frozen=True, kw_only=True, eq=False)
class Scores:
    """One model's scores on labelled films.

    Parameters
    ----------
    sample_id, cluster_id : (n,) str
        Film and patient key; clusters are resampled together.
    y_true : (n,) int64 in {0, 1}
        1 is pneumonia.
    y_score : (n,) float64 in [0, 1]
    name : str
        What the scores belong to, for messages and tables.
    """

    sample_id: StrArray
    cluster_id: StrArray
    y_true: Int64Array
    y_score: Float64Array
    name: str = ""

    def __len__(self) -> int:
        return len(self.y_true)

    def take(self, films: Int64Array | BoolArray, name: str | None = None) -> "Scores":
        """Return the chosen films, by position or mask, in that order; under another name if one is given."""
        return Scores(
            sample_id=self.sample_id[films],
            cluster_id=self.cluster_id[films],
            y_true=self.y_true[films],
            y_score=self.y_score[films],
            name=self.name if name is None else name,
        )
