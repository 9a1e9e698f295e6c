"""Threshold rules against a search over every candidate."""

import numpy as np
import pytest

from core.errors import InputError
from core.evaluation.metrics import confusion
from core.evaluation.threshold import PROTOCOL_RULE, RULES, ThresholdRule, choose_threshold
from tests.support.scores import scores_of, seeded


def candidates(scores):
    values = np.unique(scores.y_score)
    return [*values, np.nextafter(values[-1], np.inf)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("target", [0.5, 0.9, 0.95, 1.0])
def test_fixed_sensitivity_is_the_highest_threshold_that_keeps_it(seed, target):
    scores = seeded(seed)
    threshold = choose_threshold(ThresholdRule(kind="fixed_sensitivity", value=target), scores)
    assert threshold == max(t for t in candidates(scores) if confusion(scores, t).sensitivity >= target)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("target", [0.5, 0.9, 0.95, 1.0])
def test_fixed_specificity_is_the_lowest_threshold_that_keeps_it(seed, target):
    scores = seeded(seed)
    threshold = choose_threshold(ThresholdRule(kind="fixed_specificity", value=target), scores)
    assert threshold == min(t for t in candidates(scores) if confusion(scores, t).specificity >= target)


@pytest.mark.parametrize("seed", range(5))
def test_youden_and_cost_ratio_are_optimal(seed):
    scores = seeded(seed)

    def youden(t):
        return confusion(scores, t).sensitivity + confusion(scores, t).specificity

    def cost(t):
        counts = confusion(scores, t)
        return 5 * 0.1 * (1 - counts.sensitivity) + 0.9 * (1 - counts.specificity)

    best = choose_threshold(RULES["youden"], scores)
    assert youden(best) == pytest.approx(max(map(youden, candidates(scores))))
    best = choose_threshold(ThresholdRule(kind="cost_ratio", value=5, prevalence=0.1), scores)
    assert cost(best) == pytest.approx(min(map(cost, candidates(scores))))


def test_cost_ratio_counts_films_by_default():
    """With 5 to 1, missing the film at .3 costs more than the two alarms at .4."""
    scores = scores_of([1, 1, 0, 0, 0], [0.9, 0.3, 0.4, 0.4, 0.1])
    assert choose_threshold(RULES["cost_5"], scores) == 0.3
    assert choose_threshold(ThresholdRule(kind="cost_ratio", value=1), scores) == 0.9


def test_target_is_safe_against_rounding():
    """0.95 of 20 is 19, although 0.95 * 20 may come out as 19.000000000000004."""
    scores = scores_of([1] * 20 + [0], [*np.arange(1, 21) / 20, 0.01])
    assert choose_threshold(PROTOCOL_RULE, scores) == 0.1


def test_no_alarm_at_all_is_a_threshold_above_every_score():
    scores = scores_of([0, 1], [1.0, 0.2])
    threshold = choose_threshold(ThresholdRule(kind="fixed_specificity", value=1.0), scores)
    assert threshold > 1
    assert confusion(scores, threshold).specificity == 1


def test_rules_are_data_with_titles():
    assert RULES["half"].to_dict() == {"kind": "fixed", "value": 0.5, "prevalence": None}
    assert PROTOCOL_RULE.title == "Sensitivity of at least 95.0 %"
    assert len({rule.title for rule in RULES.values()}) == len(RULES)
    assert choose_threshold(RULES["half"], seeded(0)) == 0.5


@pytest.mark.parametrize("name", ["sensitivity_95", "specificity_95", "youden", "cost_5"])
def test_one_class_is_refused(name):
    with pytest.raises(InputError, match="both classes"):
        choose_threshold(RULES[name], scores_of([1, 1], [0.2, 0.3]))
