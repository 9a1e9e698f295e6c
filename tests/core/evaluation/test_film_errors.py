"""Films behind the figures, on tables made by hand."""

import numpy as np
import pytest

from core.errors import InputError
from core.evaluation.film_errors import disagreements, failures, kinds
from core.evaluation.types import Scores

NAMES = [
    "test/NORMAL/IM-0001-0001.jpeg",
    "test/NORMAL/NORMAL2-IM-0002-0001.jpeg",
    "test/PNEUMONIA/person1_bacteria_1.jpeg",
    "test/PNEUMONIA/person2_virus_1.jpeg",
    "test/PNEUMONIA/other.jpeg",
]


def table(name: str, *scores: float) -> Scores:
    return Scores(
        sample_id=np.array(NAMES),
        cluster_id=np.array(NAMES),
        y_true=np.array([0, 0, 1, 1, 1]),
        y_score=np.array(scores),
        name=name,
    )


def test_kinds_come_from_label_and_name():
    expected = ["normal", "normal", "bacterial pneumonia", "viral pneumonia", "pneumonia"]
    assert kinds(table("a", 0, 0, 0, 0, 0)).tolist() == expected


def test_disagreements_name_the_model_that_is_right_and_stand_by_their_gap():
    first, second = table("a", 0.1, 0.9, 0.9, 0.2, 0.8), table("b", 0.2, 0.4, 0.8, 0.9, 0.45)
    found = disagreements(first, second, 0.5, 0.5)
    assert found["sample_id"].tolist() == [NAMES[3], NAMES[1], NAMES[4]]
    assert found["right"].tolist() == ["b", "b", "a"]
    assert found["first"].tolist() == [0.2, 0.9, 0.8]
    assert disagreements(first, first, 0.5, 0.5).empty


def test_a_score_at_the_threshold_is_an_alarm():
    assert disagreements(table("a", 0.5, 0, 1, 1, 1), table("b", 0.4, 0, 1, 1, 1), 0.5, 0.5)["right"].tolist() == ["b"]


def test_other_films_cannot_disagree():
    whole = table("a", 0.1, 0.9, 0.9, 0.2, 0.8)
    with pytest.raises(InputError, match="different films"):
        disagreements(whole, whole.take(np.array([0, 1, 2])), 0.5, 0.5)


def test_failures_begin_with_the_surest():
    found = failures(table("a", 0.9, 0.3, 0.1, 0.7, 0.79), 0.8)
    assert found["sample_id"].tolist() == [NAMES[2], NAMES[0], NAMES[3], NAMES[4]]
    assert found["error"].tolist() == ["missed", "false alarm", "missed", "missed"]
    assert found["sureness"].tolist() == pytest.approx([0.875, 0.5, 0.125, 0.0125])


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_thresholds_at_the_ends_have_failures_too(threshold):
    found = failures(table("a", 0.0, 1.0, 0.0, 1.0, 0.5), threshold)
    assert found["sureness"].between(0, 1).all()
