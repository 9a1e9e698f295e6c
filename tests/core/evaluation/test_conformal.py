"""Conformal sets: the rank, the promise on exchangeable films, and what is served."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.evaluation.conformal import (
    ConformalRule,
    ConformalSets,
    SetRates,
    conformal_rank,
    evaluate_sets,
    fit_conformal,
)
from core.evaluation.evaluate import evaluate
from core.evaluation.tables import read_scores
from core.evaluation.types import Estimate
from tests.support.scores import scores_of, seeded

GOLDEN = Path(__file__).parents[2] / "golden"


def test_rank_of_the_literature():
    assert conformal_rank(234, 0.1) == 212
    assert conformal_rank(99, 0.05) == 95
    assert conformal_rank(8, 0.1) == 9


def test_limits_are_the_ranked_scores_of_each_class():
    scores = seeded(0, digits=8)
    rule = fit_conformal(scores, alpha=0.2)
    for label, nonconformity, limit in (
        (0, scores.y_score, rule.highest_normal),
        (1, 1 - scores.y_score, 1 - rule.lowest_pneumonia),
    ):
        own = np.sort(nonconformity[scores.y_true == label])
        assert limit == pytest.approx(own[conformal_rank(len(own), 0.2) - 1])


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.2])
def test_sets_agree_with_crepes(alpha):
    """tests/golden/make_conformal.py; a label is in the set where crepes' p-value is above alpha."""
    golden = pd.read_csv(GOLDEN / "conformal.csv").query("alpha == @alpha")
    assert len(golden) == 150
    inside = fit_conformal(read_scores(GOLDEN / "conformal_scores.csv"), alpha=alpha).contains(
        golden["y_score"].to_numpy()
    )
    np.testing.assert_array_equal(inside, golden[["normal", "pneumonia"]])
    np.testing.assert_array_equal(inside, golden[["p_normal", "p_pneumonia"]] > alpha)


def test_coverage_of_each_class_on_exchangeable_films():
    """On average over many fits the own label is missing from at most alpha of new films, hardly less."""
    sets = [
        evaluate_sets(fit_conformal(seeded(s, digits=8), alpha=0.1), seeded(1_000 + s, n=400, digits=8), draws=1)
        for s in range(200)
    ]
    for label in ("normal", "pneumonia"):
        assert 0.895 < np.mean([one.of(label).coverage.value for one in sets]) < 0.93


@pytest.mark.parametrize(
    ("rule", "middle"),
    [
        (ConformalRule(alpha=0.1, highest_normal=0.7, lowest_pneumonia=0.3), ("normal", "pneumonia")),
        (ConformalRule(alpha=0.1, highest_normal=0.3, lowest_pneumonia=0.7), ()),
    ],
)
def test_sets_by_score(rule, middle):
    assert rule.predict_set(0.1) == ("normal",)
    assert rule.predict_set(0.5) == middle
    assert rule.predict_set(0.9) == ("pneumonia",)
    assert rule.abstain_band == (0.3, 0.7)
    assert ConformalRule(**rule.to_dict()) == rule


def test_too_few_films_never_exclude_their_label():
    rule = fit_conformal(scores_of([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]), alpha=0.1)
    assert rule.predict_set(1.0) == rule.predict_set(0.0) == ("normal", "pneumonia")


def test_workload_counts_verdicts_abstentions_and_errors():
    rule = ConformalRule(alpha=0.1, highest_normal=0.6, lowest_pneumonia=0.4)
    sets = evaluate_sets(rule, scores_of([0, 0, 1, 1], [0.1, 0.5, 0.2, 0.9]))
    normal, pneumonia = sets.of("normal"), sets.of("pneumonia")
    assert (normal.n, normal.coverage.value, normal.decided, normal.abstained.value, normal.wrong) == (
        2,
        1,
        0.5,
        0.5,
        0,
    )
    assert (pneumonia.n, pneumonia.coverage.value, pneumonia.decided) == (2, 0.5, 1)
    assert (pneumonia.abstained.value, pneumonia.wrong) == (0, 0.5)
    assert pneumonia.coverage.low < 0.5 < pneumonia.coverage.high
    assert sets.of("all").decided == 0.75
    assert (sets.alpha, sets.band) == (0.1, (0.4, 0.6))


def test_sets_come_back_from_json_as_they_were():
    rule = ConformalRule(alpha=0.1, highest_normal=0.6, lowest_pneumonia=0.4)
    sets = evaluate_sets(rule, seeded(5, n=300, digits=8), draws=200)
    again = ConformalSets.from_dict(json.loads(json.dumps(sets.to_dict(), allow_nan=False)))
    assert again == sets
    row = again.of("pneumonia")
    assert row.coverage.high - row.coverage.value != pytest.approx(row.coverage.value - row.coverage.low)
    stored = sets.to_dict()["rows"][1]
    assert (stored["row"], stored["low"], stored["high"]) == ("pneumonia", row.coverage.low, row.coverage.high)
    assert (stored["abstained_low"], stored["abstained_high"]) == (row.abstained.low, row.abstained.high)


def test_a_label_without_films_has_no_rates():
    rule = ConformalRule(alpha=0.1, highest_normal=0.6, lowest_pneumonia=0.4)
    sets = evaluate_sets(rule, scores_of([0, 0], [0.1, 0.5]))
    assert [row.films for row in sets.rows] == ["normal", "all"]


def test_intervals_are_by_patient():
    """Coverage of each class is a sensitivity or specificity at that class's limit, interval included."""
    rule, scores = ConformalRule(alpha=0.1, highest_normal=0.6, lowest_pneumonia=0.4), seeded(5, n=300, digits=8)
    scores = replace(scores, cluster_id=np.array([f"{y}-{i // 6}" for i, y in enumerate(scores.y_true)]))
    sets = evaluate_sets(rule, scores)
    pneumonia = evaluate(scores.take(scores.y_true == 1), 0.4).metrics["sensitivity"]
    normal = evaluate(scores.take(scores.y_true == 0), float(np.nextafter(0.6, 1))).metrics["specificity"]
    for label, expected in (("pneumonia", pneumonia), ("normal", normal)):
        found = sets.of(label).coverage
        assert (found.value, found.low, found.high) == pytest.approx((expected.value, expected.low, expected.high))
    abstained = sets.of("all").abstained
    assert abstained.low < abstained.value < abstained.high
    assert abstained.value == pytest.approx(((scores.y_score >= 0.4) & (scores.y_score <= 0.6)).mean())


def test_one_class_is_refused():
    with pytest.raises(InputError, match="both classes"):
        fit_conformal(scores_of([0, 0], [0.1, 0.2]))


def rates_of(films, low, high):
    coverage = Estimate(value=0.88, low=low, high=high, method="m")
    return SetRates(films=films, n=9, coverage=coverage, abstained=coverage, decided=0.1, wrong=0.0)


@pytest.mark.parametrize(
    ("normal", "pneumonia", "broken"),
    [
        ((0.85, 0.93), (0.82, 0.91), False),  # both values are below .9, both intervals reach it
        ((0.85, 0.90), (0.82, 0.91), False),
        ((0.85, 0.89), (0.82, 0.91), True),
        ((0.85, 0.93), (0.82, 0.89), True),
        ((0.91, 0.99), (0.92, 0.95), False),
    ],
)
def test_a_promise_breaks_where_the_whole_interval_of_a_label_is_below(normal, pneumonia, broken):
    rows = (rates_of("normal", *normal), rates_of("pneumonia", *pneumonia), rates_of("all", 0.1, 0.2))
    sets = ConformalSets(alpha=0.1, band=(0.2, 0.6), rows=rows)
    assert sets.promise == 0.9
    assert sets.breaks_promise is broken
