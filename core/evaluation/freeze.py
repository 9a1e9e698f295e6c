"""What is frozen before a model meets the test films: chosen from validation scores alone."""

from typing import TypedDict

from core.evaluation.calibration import choose_calibration
from core.evaluation.conformal import fit_conformal
from core.evaluation.metrics import auroc
from core.evaluation.threshold import PROTOCOL_RULE, RULES, choose_threshold
from core.evaluation.types import Scores


class FrozenChoices(TypedDict):
    """The fields of a run record that are chosen from validation scores; see `core.runs.record.RunRecord`."""

    threshold: float
    threshold_rule: dict[str, object]
    thresholds: dict[str, float]
    calibration: dict[str, object]
    calibration_brier: dict[str, float]
    conformal: dict[str, object]
    selection: dict[str, float]


def frozen_choices(validation: Scores, stress: Scores) -> FrozenChoices:
    """Threshold, calibration, conformal limits and selection figure, all from validation scores alone."""
    calibration, brier_by_method = choose_calibration(validation)
    return {
        "threshold": choose_threshold(PROTOCOL_RULE, stress),
        "threshold_rule": {**PROTOCOL_RULE.to_dict(), "split": "stress_validation"},
        "thresholds": {
            "validation_sensitivity_95": choose_threshold(PROTOCOL_RULE, validation),
            "validation_youden": choose_threshold(RULES["youden"], validation),
            "half": 0.5,
        },
        "calibration": calibration.to_dict(),
        "calibration_brier": brier_by_method,
        "conformal": {**fit_conformal(validation).to_dict()},
        "selection": selection_figures(validation, stress),
    }


def selection_figures(validation: Scores, stress: Scores) -> dict[str, float]:
    """AUROC on plain and on stress validation, and their mean, by which models are chosen."""
    plain_auroc, stress_auroc = auroc(validation), auroc(stress)
    return {
        "validation_auroc": plain_auroc,
        "stress_validation_auroc": stress_auroc,
        "mean": (plain_auroc + stress_auroc) / 2,
    }
