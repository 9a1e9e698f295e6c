"""Decision curve against dcurves (tests/golden/make_decision_curve.py)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.evaluation.decision import decision_curve, error_cost, net_benefit
from core.evaluation.tables import read_scores

GOLDEN = Path(__file__).parents[2] / "golden"


def test_curve_agrees_with_dcurves():
    scores = read_scores(GOLDEN / "decision_curve_scores.csv")
    golden = pd.read_csv(GOLDEN / "decision_curve.csv")
    for prevalence, table in golden.groupby("prevalence"):
        ours = decision_curve(scores, prevalence=prevalence)
        for column in ("probability", "model", "treat_all", "treat_none"):
            np.testing.assert_allclose(ours[column], table[column], atol=1e-12)


def test_values_of_the_literature():
    curve = decision_curve(read_scores(GOLDEN / "decision_curve_scores.csv")).set_index("probability")
    assert curve.loc[0.1, "model"] == pytest.approx(0.087407, abs=5e-7)
    assert curve.loc[0.1, "treat_all"] == pytest.approx(0.044444, abs=5e-7)


def test_perfect_model_is_worth_the_prevalence_and_treating_all_breaks_even_at_it():
    assert net_benefit(sensitivity=1, specificity=1, prevalence=0.2, probability=0.5) == pytest.approx(0.2)
    assert net_benefit(sensitivity=1, specificity=0, prevalence=0.2, probability=0.2) == pytest.approx(0)


def test_a_miss_costs_as_many_false_alarms_as_it_weighs():
    cost = error_cost(sensitivity=[0.9, 1.0], specificity=[0.8, 0.5], miss=4.0, prevalence=0.25)
    assert cost == pytest.approx([4 * 0.25 * 0.1 + 0.75 * 0.2, 0.75 * 0.5])
