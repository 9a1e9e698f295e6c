"""The model in the business case: sensitivity and specificity at an operating point, with draws by patient."""

from dataclasses import dataclass

import numpy as np

from core.errors import ArtifactError, InputError
from core.evaluation.bootstrap import DRAWS, interval, resampled_mean, resampling
from core.evaluation.threshold import RULES, ThresholdRule, choose_threshold
from core.evaluation.types import Estimate, Scores
from core.impact.draws import draw
from core.impact.inputs import Assumption, Evidence
from core.runs.record import Run, ScoredSplit
from core.types import Float64Array

FROZEN = "frozen"
CHOSEN_ON: ScoredSplit = "stress_validation"
POINTS: dict[str, ThresholdRule | None] = {
    FROZEN: None,
    "sensitivity_99": ThresholdRule(kind="fixed_sensitivity", value=0.99),
    "youden": RULES["youden"],
    "specificity_95": RULES["specificity_95"],
    "cost_5": RULES["cost_5"],
    "half": RULES["half"],
}


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelRates:
    """What the model gets right, and how well that is known.

    Parameters
    ----------
    title : str
    run_id : str
        Empty where the rates were given by hand.
    point : str
        The operating point in words.
    threshold : float or None
    sensitivity, specificity : Estimate
    drawn_sensitivity, drawn_specificity : (d,) float64
        Paired draws; films of one patient stay together. A single element: exact.
    evidence : str
    source : str
    """

    title: str
    run_id: str
    point: str
    threshold: float | None
    sensitivity: Estimate
    specificity: Estimate
    drawn_sensitivity: Float64Array
    drawn_specificity: Float64Array
    evidence: Evidence
    source: str


def point_title(point: str | float) -> str:
    """Return the title of an operating point."""
    if isinstance(point, float | int):
        return f"Threshold {point:g}, given"
    rule = POINTS.get(point)
    return rule.title if rule else "As served (frozen threshold)"


def is_fixed(point: str | float) -> bool:
    """Whether the threshold of an operating point is given, not chosen on films."""
    rule = None if isinstance(point, float | int) else POINTS.get(point)
    return isinstance(point, float | int) or (rule is not None and rule.kind == "fixed")


def threshold_at(run: Run, point: str | float) -> float:
    """Threshold of a run at an operating point, chosen on stress validation, never on test.

    Raises
    ------
    InputError
        No such operating point, or a threshold outside 0 to 1.
    ArtifactError
        The run has no scores of stress validation.
    """
    if isinstance(point, float | int):
        if not 0 <= point <= 1:
            raise InputError(f"A threshold must lie between 0 and 1, not {point:g}.")
        return float(point)
    if point not in POINTS:
        raise InputError(f"There is no operating point {point!r}; choose one of {', '.join(POINTS)}, or a threshold.")
    rule = POINTS[point]
    if rule is None:
        return run.record.threshold
    if rule.kind == "fixed":
        return rule.value
    if not run.has_scores(CHOSEN_ON):
        raise ArtifactError(f"{run.run_id} has no scores of stress validation, on which this threshold is chosen.")
    return choose_threshold(rule, run.scores(CHOSEN_ON))


def measured_rates(run: Run, point: str | float = FROZEN, *, draws: int = DRAWS, seed: int = 0) -> ModelRates:
    """Sensitivity and specificity of a run on the test films, from its stored scores.

    The draws are those of the results file: patients with replacement, within class, the same for every model. At the
    frozen threshold the intervals are those of the results file.
    """
    if not run.has_scores("test"):
        raise ArtifactError(f"{run.run_id} has no scores of test films; evaluate it or choose another model.")
    threshold, scores = threshold_at(run, point), run.scores("test")
    (se, drawn_se), (sp, drawn_sp) = (_rate(scores, threshold, label, draws, seed) for label in (1, 0))
    clusters = len(np.unique(scores.cluster_id))
    return ModelRates(
        title=run.title,
        run_id=run.run_id,
        point=point_title(point),
        threshold=threshold,
        sensitivity=se,
        specificity=sp,
        drawn_sensitivity=drawn_se,
        drawn_specificity=drawn_sp,
        evidence="measured here",
        source=f"{len(scores):,} test films of {clusters:,} patients of one hospital",
    )


def _rate(scores: Scores, threshold: float, label: int, draws: int, seed: int) -> tuple[Estimate, Float64Array]:
    """Share of films with a label that get the right verdict, and its draws.

    The same as `core.evaluation.operating_points.rates_at` but for the last bit of a draw, which scenarios keep.
    """
    of_label = scores.y_true == label
    right = of_label & ((scores.y_score >= threshold) == (label == 1))
    samples = resampling(scores, draws=draws, seed=seed)
    counted, denominator = resampled_mean(np.array([right, of_label], dtype=float), scores, samples)
    resampled = counted / denominator
    value = float(right.sum() / of_label.sum())
    clusters = len(np.unique(scores.cluster_id[of_label]))
    name = "sensitivity" if label == 1 else "specificity"
    estimate = interval(value, resampled, name=name, clusters=clusters)
    if resampled.min() == resampled.max():  # no error, or only errors: resampling cannot make others
        resampled = np.random.default_rng([seed, label]).beta(
            value * clusters + 0.5, (1 - value) * clusters + 0.5, size=draws
        )
    return estimate, resampled


def given_rates(title: str, sensitivity: Assumption, specificity: Assumption, *, draws: int, seed: int) -> ModelRates:
    """Return a model by its published rates, such as a vendor's; draws from a Beta over the ranges given."""
    draws_of_rates = draw({"model_sensitivity": sensitivity, "model_specificity": specificity}, draws, seed)
    return ModelRates(
        title=title,
        run_id="",
        point="as given",
        threshold=None,
        sensitivity=_as_estimate(sensitivity),
        specificity=_as_estimate(specificity),
        drawn_sensitivity=draws_of_rates["model_sensitivity"],
        drawn_specificity=draws_of_rates["model_specificity"],
        evidence=sensitivity.evidence,
        source=sensitivity.source,
    )


def _as_estimate(assumption: Assumption) -> Estimate:
    ends = (assumption.low, assumption.high) if assumption.varies else (np.nan, np.nan)
    return Estimate(value=assumption.base, low=ends[0], high=ends[1], method="range given")
