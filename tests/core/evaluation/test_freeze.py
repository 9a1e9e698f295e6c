"""What is frozen comes from the validation table or from the stress table, each figure from its own."""

import json

import pytest

from core.evaluation.calibration import choose_calibration
from core.evaluation.conformal import fit_conformal
from core.evaluation.freeze import frozen_choices, selection_figures
from core.evaluation.threshold import RULES, choose_threshold
from tests.support.scores import scores_of, seeded

# By hand. Validation: 5 of 6 pairs are in order; sensitivity of 95 % wants all three of label 1. Stress: 4 of 6.
VALIDATION = scores_of([0, 0, 1, 1, 1], [0.2, 0.6, 0.5, 0.8, 0.9], name="validation")
STRESS = scores_of([0, 0, 1, 1, 1], [0.3, 0.7, 0.4, 0.6, 0.95], name="stress")


def test_selection_is_by_the_mean_of_both_aurocs() -> None:
    assert selection_figures(VALIDATION, STRESS) == {
        "validation_auroc": pytest.approx(5 / 6),
        "stress_validation_auroc": pytest.approx(4 / 6),
        "mean": pytest.approx(9 / 12),
    }


def test_the_threshold_is_that_of_stress_and_the_others_are_those_of_validation() -> None:
    frozen = frozen_choices(VALIDATION, STRESS)
    assert frozen["threshold"] == 0.4
    assert frozen["threshold_rule"] == {
        "kind": "fixed_sensitivity",
        "value": 0.95,
        "prevalence": None,
        "split": "stress_validation",
    }
    assert frozen["thresholds"] == {"validation_sensitivity_95": 0.5, "validation_youden": 0.8, "half": 0.5}
    assert frozen["selection"] == selection_figures(VALIDATION, STRESS)


def test_calibration_and_conformal_limits_are_those_of_validation() -> None:
    validation, stress = seeded(1, per_patient=2), seeded(2, per_patient=2)
    calibration, brier = choose_calibration(validation)
    frozen = frozen_choices(validation, stress)
    assert frozen["calibration"] == calibration.to_dict() != choose_calibration(stress)[0].to_dict()
    assert frozen["calibration_brier"] == brier != {}
    assert frozen["conformal"] == fit_conformal(validation).to_dict() != fit_conformal(stress).to_dict()
    assert frozen["thresholds"]["validation_youden"] == choose_threshold(RULES["youden"], validation)
    json.dumps(frozen, allow_nan=False)
