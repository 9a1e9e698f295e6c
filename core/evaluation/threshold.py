"""Rules that choose a threshold on validation scores; only NumPy is imported, since serving reads the rules."""

from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from core.errors import InputError
from core.evaluation.decision import error_cost
from core.evaluation.metrics import operating_points
from core.evaluation.types import Scores
from core.types import Float64Array

Kind = Literal["fixed_sensitivity", "fixed_specificity", "youden", "cost_ratio", "fixed"]


@dataclass(frozen=True, kw_only=True)
class ThresholdRule:
    """How a threshold is chosen.

    Parameters
    ----------
    kind : str
        ``fixed_sensitivity``: the highest threshold with at least this sensitivity; ``fixed_specificity``: the lowest
        with at least this specificity; ``youden``: the largest sensitivity + specificity; ``cost_ratio``: the least
        cost when a miss costs this many false alarms; ``fixed``: the value itself.
    value : float
        The target, the cost ratio or the threshold; not used by ``youden``.
    prevalence : float or None
        Share of pneumonia at which ``cost_ratio`` counts; None for that of the scores.
    """

    kind: Kind
    value: float = 0.0
    prevalence: float | None = None

    @property
    def title(self) -> str:
        """The rule in words."""
        return {
            "fixed_sensitivity": f"Sensitivity of at least {100 * self.value:.1f} %",
            "fixed_specificity": f"Specificity of at least {100 * self.value:.1f} %",
            "youden": "Largest sensitivity + specificity (Youden)",
            "cost_ratio": f"Least cost when a miss costs {self.value:g} false alarms",
            "fixed": f"Fixed at {self.value:g}",
        }[self.kind]

    def to_dict(self) -> dict[str, str | float | None]:
        """Return plain data for JSON."""
        return asdict(self)


PROTOCOL_RULE = ThresholdRule(kind="fixed_sensitivity", value=0.95)
RULES = {
    "sensitivity_95": PROTOCOL_RULE,
    "specificity_95": ThresholdRule(kind="fixed_specificity", value=0.95),
    "youden": ThresholdRule(kind="youden"),
    "cost_5": ThresholdRule(kind="cost_ratio", value=5.0),
    "half": ThresholdRule(kind="fixed", value=0.5),
}


def choose_threshold(rule: ThresholdRule, scores: Scores) -> float:
    """Threshold that the rule picks on these scores; among equals the highest.

    Returns
    -------
    float
        One of the scores, or just above all of them where the rule wants no alarm at all.

    Raises
    ------
    InputError
        If a class is missing.
    """
    if rule.kind == "fixed":
        return rule.value
    threshold, tp, fp = operating_points(scores)
    threshold[0] = np.nextafter(threshold[1], np.inf)
    positives, negatives = int(tp[-1]), int(fp[-1])
    if not positives or not negatives:
        raise InputError(f"{scores.name or 'scores'}: a threshold needs films of both classes.")
    sensitivity, specificity = tp / positives, 1 - fp / negatives
    if rule.kind == "fixed_sensitivity":
        return float(threshold[np.argmax(tp >= _needed(rule.value, positives))])
    if rule.kind == "fixed_specificity":
        return float(threshold[negatives - fp >= _needed(rule.value, negatives)][-1])
    return float(threshold[np.argmin(_cost(rule, sensitivity, specificity, positives / len(scores)))])


def _needed(share: float, n: int) -> int:
    """Smallest count that is at least this share of n, safe against rounding (0.95 of 20 is 19)."""
    return int(np.ceil(round(share * n, 9)))


def _cost(rule: ThresholdRule, sensitivity: Float64Array, specificity: Float64Array, observed: float) -> Float64Array:
    if rule.kind == "youden":
        return np.round(-(sensitivity + specificity), 12)
    prevalence = observed if rule.prevalence is None else rule.prevalence
    cost = error_cost(sensitivity=sensitivity, specificity=specificity, miss=rule.value, prevalence=prevalence)
    return np.round(cost, 12)
