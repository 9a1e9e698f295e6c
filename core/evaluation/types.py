"""Result objects of the evaluation: an estimate with its interval, and the scores it comes from."""

from dataclasses import dataclass

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
        """The chosen films, by position or mask, in that order; under another name if one is given."""
        return Scores(
            sample_id=self.sample_id[films],
            cluster_id=self.cluster_id[films],
            y_true=self.y_true[films],
            y_score=self.y_score[films],
            name=self.name if name is None else name,
        )
