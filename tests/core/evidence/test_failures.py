"""Errors that models share, on score tables whose errors are planted."""

from dataclasses import dataclass

import numpy as np
import pytest

from core.errors import InputError
from core.evaluation.types import Scores
from core.evidence.failures import shared_errors, shared_films
from core.runs.store import list_runs, representative
from tests.support.scores import scores_of


@dataclass(frozen=True)
class Record:
    threshold: float


@dataclass(frozen=True)
class Scored:
    """What `shared_errors` needs of a run."""

    title: str
    table: Scores
    record: Record

    def scores(self, split: str) -> Scores:
        return self.table


def scored(title: str, wrong: list[int], threshold: float = 0.5) -> Scored:
    """Ten normal and ten pneumonia films, right but for these."""
    truth = np.repeat([0, 1], 10)
    flagged = truth.copy()
    flagged[wrong] = 1 - flagged[wrong]
    low, high = threshold / 2, (1 + threshold) / 2
    return Scored(title, scores_of(truth.tolist(), np.where(flagged == 1, high, low).tolist()), Record(threshold))


def test_films_that_all_models_get_wrong() -> None:
    runs = [scored("a", [0, 1, 2, 12]), scored("b", [1, 2, 3, 13], threshold=0.2)]
    (normal, pneumonia), films = shared_errors(runs), shared_films(runs)
    assert (normal.wrong, normal.films, pneumonia.wrong, pneumonia.films) == (2, 10, 0, 10)
    assert normal.share.value == pytest.approx(0.2)
    assert normal.share.low < 0.2 < normal.share.high
    assert normal.by_chance == pytest.approx(0.3 * 0.3)
    assert films["sample_id"].tolist() == ["film-1", "film-2"]
    assert films["label"].unique().tolist() == ["normal"]
    assert films["b"].tolist() == pytest.approx([0.6, 0.6])


def test_one_model_shares_nothing() -> None:
    with pytest.raises(InputError, match="two or more"):
        shared_errors([scored("a", [0])])


def test_other_films_are_refused() -> None:
    other = scored("b", [0])
    other = Scored("b", other.table.take(np.arange(15)), other.record)
    with pytest.raises(InputError, match="different films"):
        shared_errors([scored("a", [0]), other])


def test_committed_failures_are_wrong_in_every_model() -> None:
    runs = representative([run for run in list_runs()[0] if not run.own])
    groups, films = shared_errors(runs), shared_films(runs)
    assert sum(group.wrong for group in groups) == len(films)
    for run in runs:
        flagged = films[run.title] >= run.record.threshold
        assert ((films["label"] == "pneumonia") != flagged).all()
