"""Rates at any threshold against the slow way: `evaluate` and `compare_all`."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from core.evaluation.decision import net_benefit
from core.evaluation.evaluate import evaluate
from core.evaluation.operating_points import (
    MOVED,
    RatesAt,
    costs_at,
    findings_at,
    make_draws,
    moved,
    rates_at,
    threshold_steps,
)
from core.evaluation.paired_tests import Candidate, compare_all
from core.evaluation.types import Scores
from core.runs.store import list_runs, representative


def drawn_scores(seed: int, name: str, shift: float = 0.2) -> Scores:
    """Eighty films of about thirty patients; the films are those of every seed, the scores are not."""
    films = np.random.default_rng(0)
    truth, patient = films.integers(0, 2, 80), films.integers(0, 30, 80)
    noise = np.random.default_rng(seed).normal(0.4, 0.2, 80)
    return Scores(
        sample_id=np.array([f"film{number:02d}" for number in range(80)]),
        cluster_id=np.array([f"patient{number}" for number in patient]),
        y_true=truth,
        y_score=np.clip(noise + shift * truth, 0, 1),
        name=name,
    )


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.99, 1.5])
def test_rates_are_those_of_the_evaluation(threshold):
    scores = drawn_scores(1, "a")
    found = rates_at(scores, threshold, make_draws(scores))
    slow = evaluate(scores, threshold)
    assert found.confusion == slow.confusion
    for name, estimate in found.estimates.items():
        assert asdict(estimate) == pytest.approx(asdict(slow.metrics[name]), nan_ok=True), name


def test_findings_are_those_of_compare_all():
    tables = [drawn_scores(seed, name, shift) for seed, name, shift in [(1, "a", 0.1), (2, "b", 0.3), (3, "c", 0.5)]]
    thresholds = [0.5, 0.45, 0.6]
    draws = make_draws(tables[0])
    found = findings_at(tables, [rates_at(table, t, draws) for table, t in zip(tables, thresholds, strict=True)])
    pairs = [Candidate(scores=table, threshold=t) for table, t in zip(tables, thresholds, strict=True)]
    slow = [finding for finding in compare_all(pairs) if finding.metric in MOVED]
    assert [asdict(one) for one in found] == [
        asdict(one) | {"difference": pytest.approx(asdict(one.difference))} for one in slow
    ]
    assert any(one.distinguishable for one in found)
    assert not all(one.distinguishable for one in found)


def test_films_in_another_order_give_the_same_findings():
    first, second = drawn_scores(1, "a"), drawn_scores(2, "b")
    turned = second.take(np.arange(len(second))[::-1])
    draws = make_draws(first)
    straight = findings_at([first, second], [rates_at(first, 0.5, draws), rates_at(second, 0.5, draws)])
    assert findings_at([first, turned], [rates_at(first, 0.5, draws), rates_at(turned, 0.5, draws)]) == straight


def test_a_moved_evaluation_is_the_one_of_the_new_threshold():
    scores = drawn_scores(1, "a")
    before, after = evaluate(scores, 0.5), evaluate(scores, 0.7)
    changed = moved(before, rates_at(scores, 0.7, make_draws(scores)))
    assert changed.to_dict() == replace(after, by_film={}).to_dict()  # where what is undefined is None, not NaN


def test_costs_count_a_miss_as_so_many_false_alarms():
    scores = drawn_scores(1, "a", 0.5)
    found = rates_at(scores, 0.6, make_draws(scores))
    costs = costs_at([found], 5.0, 0.16)
    (one,) = costs.each
    misses, alarms = 160 * (1 - found.confusion.sensitivity), 840 * (1 - found.confusion.specificity)
    assert one.value == pytest.approx(5 * misses + alarms)
    assert one.low < one.value < one.high
    assert (costs.nobody, costs.everybody, costs.dearer) == (pytest.approx(800), pytest.approx(840), (False,))


def test_costs_are_least_where_net_benefit_is_most():
    scores, ratio, share = drawn_scores(1, "a", 0.5), 4.0, 0.3
    draws = make_draws(scores)
    found = [rates_at(scores, threshold, draws) for threshold in np.linspace(0.1, 1, 19)]
    costs = costs_at(found, ratio, share)
    benefits = [
        net_benefit(
            sensitivity=one.confusion.sensitivity,
            specificity=one.confusion.specificity,
            prevalence=share,
            probability=1 / (1 + ratio),
        )
        for one in found
    ]
    assert np.argmin([one.value for one in costs.each]) == np.argmax(benefits)
    saved = np.array([costs.nobody - one.value for one in costs.each])
    assert saved == pytest.approx(1000 * ratio * np.array(benefits))


def test_a_far_worse_model_is_dearer_beyond_chance_and_a_twin_is_not():
    good, twin, bad = drawn_scores(1, "a", 0.6), drawn_scores(1, "b", 0.6), drawn_scores(2, "c", 0.0)
    draws = make_draws(good)
    costs = costs_at([rates_at(bad, 0.7, draws), *(rates_at(one, 0.7, draws) for one in (good, twin))], 5.0, 0.5)
    assert costs.dearer == (True, False, False)


def at(scores: Scores, threshold: float) -> RatesAt:
    return rates_at(scores, threshold, make_draws(scores))


def table(y_true: list[int], y_score: list[float], clusters: list[str] | None = None) -> Scores:
    names = np.array([f"f{number}" for number in range(len(y_true))])
    return Scores(
        sample_id=names,
        cluster_id=names if clusters is None else np.array(clusters),
        y_true=np.array(y_true, dtype=np.int64),
        y_score=np.array(y_score, dtype=np.float64),
    )


def test_counts_by_hand() -> None:
    scores = table([1, 1, 1, 1, 0, 0], [0.9, 0.5, 0.4, 0.2, 0.5, 0.1])
    point = at(scores, 0.5)  # a score at the threshold is positive
    assert (point.confusion.positives, point.confusion.negatives, point.threshold) == (4, 2, 0.5)
    assert point.estimates["sensitivity"].value == 0.5
    assert point.estimates["specificity"].value == 0.5
    assert 0 <= point.estimates["sensitivity"].low < 0.5 < point.estimates["sensitivity"].high <= 1


def test_raising_the_threshold_trades_sensitivity_for_specificity() -> None:
    scores = representative(list_runs()[0])[0].scores("validation")
    points = [at(scores, threshold) for threshold in (0.1, 0.5, 0.9)]
    found = [point.estimates["sensitivity"].value for point in points]
    spared = [point.estimates["specificity"].value for point in points]
    assert found == sorted(found, reverse=True)
    assert spared == sorted(spared)
    assert found[0] > found[-1]


@pytest.mark.parametrize("split", ["validation", "stress_validation"])
def test_the_frozen_threshold_gives_the_intervals_of_every_other_table(split) -> None:
    run = representative(list_runs()[0])[0]
    scores = run.scores(split)
    expected = evaluate(scores, run.record.threshold).metrics
    found = at(scores, run.record.threshold).estimates
    assert found == {name: expected[name] for name in found}  # to the last digit


def test_a_rate_without_films_is_undefined_and_a_perfect_one_has_an_interval() -> None:
    point = at(table([1, 1, 1], [0.9, 0.8, 0.7]), 0.5)
    assert np.isnan(point.estimates["specificity"].value)
    assert point.estimates["sensitivity"].value == point.estimates["sensitivity"].high == 1
    assert point.estimates["sensitivity"].low == pytest.approx(0.4385, abs=1e-4)  # Wilson, 3 of 3


def test_films_of_a_patient_are_drawn_together() -> None:
    truth, score = [1] * 8 + [0] * 8, [0.9] * 4 + [0.1] * 4 + [0.1] * 8
    alone = at(table(truth, score), 0.5).estimates["sensitivity"]
    together = at(table(truth, score, ["a"] * 4 + ["b"] * 4 + [f"n{i}" for i in range(8)]), 0.5).estimates[
        "sensitivity"
    ]
    assert together.high - together.low > alone.high - alone.low


def test_steps_hold_the_frozen_threshold_exactly() -> None:
    steps = threshold_steps(0.1451038420200348)
    assert 0.1451038420200348 in steps
    assert steps == sorted(set(steps))
    assert steps[0] > 0
    assert steps[-1] < 1
    assert len(threshold_steps(0.5)) == len(steps) - 1
