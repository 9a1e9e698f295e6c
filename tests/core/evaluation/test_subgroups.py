"""Subgroups, seeds and splits."""

import numpy as np
import pytest

from core.evaluation.evaluate import evaluate
from core.evaluation.metrics import METRICS, auroc
from core.evaluation.subgroups import SHIFTED, evaluate_subgroups, seed_variation, shift
from tests.support.scores import seeded


def test_each_pathogen_stands_against_all_normals():
    scores = seeded(0, n=200)
    pathogen = np.where(scores.y_true == 0, "", np.where(np.arange(200) % 3 == 0, "virus", "bacteria"))
    parts = evaluate_subgroups(scores, 0.5, pathogen, draws=50)
    assert list(parts) == ["bacteria", "virus"]
    normals = int(np.sum(scores.y_true == 0))
    for name, evaluation in parts.items():
        own = scores.take((scores.y_true == 0) | (pathogen == name))
        assert evaluation.name == name
        assert evaluation.n == normals + np.sum(pathogen == name)
        assert evaluation.metrics["auroc"].value == auroc(own)
    assert parts["bacteria"].confusion.specificity == parts["virus"].confusion.specificity
    whole = evaluate(scores, 0.5, draws=10).confusion
    assert parts["bacteria"].confusion.tp + parts["virus"].confusion.tp == whole.tp


def test_seed_variation_gives_mean_and_range():
    evaluations = [evaluate(seeded(seed), 0.5, draws=10) for seed in range(3)]
    table = seed_variation({"cnn": evaluations}).set_index("metric")
    values = [evaluation.metrics["auroc"].value for evaluation in evaluations]
    assert set(table.index) == set(METRICS)
    assert table.loc["auroc", "seeds"] == 3
    assert table.loc["auroc", "mean"] == pytest.approx(np.mean(values))
    assert (table.loc["auroc", "lowest"], table.loc["auroc", "highest"]) == (min(values), max(values))


def test_shift_finds_the_normals_that_moved():
    before, after = seeded(0, n=600, digits=8), seeded(1, n=600, digits=8)
    moved = after.take(np.arange(600))
    moved.y_score[moved.y_true == 0] = moved.y_score[moved.y_true == 0] ** 0.3
    changes = shift(before, moved, 0.5, draws=200)
    assert set(changes) == set(SHIFTED)
    assert changes["specificity"].high < -0.2
    assert changes["sensitivity"].low < 0 < changes["sensitivity"].high
    assert changes["auroc"].low < changes["auroc"].value < changes["auroc"].high


def test_taken_films_are_copies_in_the_order_asked_for():
    scores = seeded(0)
    part = scores.take(np.array([3, 1]))
    assert list(part.sample_id) == ["film-3", "film-1"]
    assert part.name == scores.name
    part.y_score[0] = -1
    assert scores.y_score[3] >= 0
