"""What ``artifacts/evidence.json`` holds, as frozen dataclasses with the fields of the file, in its order."""

from dataclasses import asdict, dataclass, field

from core.evaluation.bootstrap import METHOD
from core.evaluation.evaluate import Evaluation, without_nan
from core.evaluation.types import Estimate


@dataclass(frozen=True, kw_only=True)
class BaselineEvidence:
    """A null baseline and its evaluation by split.

    Parameters
    ----------
    title, meaning : str
    columns : tuple of str
        What it looks at, see `core.evidence.measures.measure_films`.
    fitted_on, threshold_rule : dict
        As its record has them.
    threshold : float
    record_hash : str
        sha256 of its record.
    evaluations : dict of str to Evaluation
    """

    title: str
    meaning: str
    columns: tuple[str, ...]
    fitted_on: dict[str, object]
    threshold: float
    threshold_rule: dict[str, object]
    record_hash: str
    evaluations: dict[str, Evaluation]


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Mean and standard deviation of a measure over the ``n`` films where it is known."""

    n: int
    mean: float
    deviation: float


@dataclass(frozen=True, kw_only=True)
class MeasureDifference:
    """Standardised difference of a measure between two splits, ``after`` less ``before``; NaN without spread."""

    label: str
    measure: str
    before: str
    after: str
    difference: float


@dataclass(frozen=True, kw_only=True)
class SplitAuroc:
    """How well a classifier tells films of two splits apart within a class, by ``looks_at``; ``n`` films of each."""

    label: str
    before: str
    after: str
    looks_at: str
    n: tuple[int, int]
    auroc: Estimate


@dataclass(frozen=True, kw_only=True)
class ImageShift:
    """How films of the splits differ.

    Parameters
    ----------
    means : dict
        `Moments` by label, measure and split.
    differences : tuple of MeasureDifference
    tell_apart : tuple of SplitAuroc
    """

    means: dict[str, dict[str, dict[str, Moments]]]
    differences: tuple[MeasureDifference, ...]
    tell_apart: tuple[SplitAuroc, ...]

    def split_auroc(self, label: str, before: str, after: str, looks_at: str = "both") -> Estimate:
        """Return the AUROC of telling two splits apart within a class, measures and thumbnail taken together."""
        return next(
            row.auroc
            for row in self.tell_apart
            if (row.label, row.before, row.after, row.looks_at) == (label, before, after, looks_at)
        )


@dataclass(frozen=True, kw_only=True)
class BothIntervals:
    """An AUROC with its interval by patient (bootstrap) and by film (DeLong)."""

    by_patient: Estimate
    by_film: Estimate


@dataclass(frozen=True, kw_only=True)
class ShortcutScores:
    """AUROC of whole films, of films with the lungs masked, and with nothing but the lungs."""

    whole: BothIntervals
    lungs_masked: BothIntervals
    lungs_only: BothIntervals


@dataclass(frozen=True, kw_only=True)
class CurveValues:
    """A figure at each level of a factor, with the ends of its 95 % interval; NaN where it is undefined."""

    value: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def at(self, level: int) -> Estimate:
        """Return the figure at the level of this position."""
        return Estimate(value=self.value[level], low=self.low[level], high=self.high[level], method=METHOD)


@dataclass(frozen=True, kw_only=True)
class StressCurve:
    """Figures by level of one factor of `core.imaging.perturbations.FACTORS`; at ``neutral`` nothing is changed."""

    title: str
    unit: str
    neutral: float
    levels: tuple[float, ...]
    auroc: CurveValues
    sensitivity: CurveValues
    specificity: CurveValues

    def values(self, metric: str) -> CurveValues:
        """Return the curve of ``auroc``, ``sensitivity`` or ``specificity``."""
        return {"auroc": self.auroc, "sensitivity": self.sensitivity, "specificity": self.specificity}[metric]

    @property
    def unchanged(self) -> int:
        """Return the position of the level at which nothing is changed."""
        return self.levels.index(self.neutral)

    @property
    def worst(self) -> int:
        """Return the position of the level with the lowest sum of sensitivity and specificity."""
        sums = [a + b for a, b in zip(self.sensitivity.value, self.specificity.value, strict=True)]
        return sums.index(min(sums))

    @property
    def loss(self) -> float:
        """Return how much of sensitivity and specificity together is lost at the worst level."""
        curves = (self.sensitivity, self.specificity)
        return sum(curve.value[self.unchanged] - curve.value[self.worst] for curve in curves)


@dataclass(frozen=True, kw_only=True)
class StressCurves:
    """Curves by factor, on as many films of validation, ``positives`` of them labelled pneumonia."""

    films: int
    positives: int
    factors: dict[str, StressCurve]


@dataclass(frozen=True, kw_only=True)
class RunEvidence:
    """What was measured of a run on films.

    Parameters
    ----------
    model : str
    seed : int
    weights_hash, threshold
        Of the run as it was measured.
    shortcut : dict of str to ShortcutScores
        By split.
    stress_curves : StressCurves
    subgroups : dict of str to Evaluation
        ``bacteria``, ``virus`` and ``first_film`` on test; empty where test labels were left alone.
    """

    model: str
    seed: int
    weights_hash: str
    threshold: float
    shortcut: dict[str, ShortcutScores]
    stress_curves: StressCurves
    subgroups: dict[str, Evaluation] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SeedSpread:
    """Mean and range of a figure over the seeds of a model."""

    split: str
    model: str
    metric: str
    seeds: int
    mean: float
    lowest: float
    highest: float


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All evidence that needs films.

    Parameters
    ----------
    settings : dict
        What the findings depend on besides the models, see `core.evidence.collect.settings`.
    unreadable : tuple of str
        sample_id of the films that none of this is of.
    baselines : dict of str to BaselineEvidence
    image_shift : ImageShift
    runs : dict of str to RunEvidence
        By run id.
    seed_variation : tuple of SeedSpread
    """

    settings: dict[str, object]
    unreadable: tuple[str, ...]
    baselines: dict[str, BaselineEvidence]
    image_shift: ImageShift
    runs: dict[str, RunEvidence]
    seed_variation: tuple[SeedSpread, ...]

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON; undefined figures are None."""
        document = asdict(self)
        for run in document["runs"].values():
            if not run["subgroups"]:
                del run["subgroups"]
        return without_nan(document)
