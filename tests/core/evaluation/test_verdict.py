"""A verdict needs threshold and conformal set."""

import pytest

from core.evaluation.verdict import Verdict, verdict_of


@pytest.mark.parametrize(
    ("positive", "labels", "expected"),
    [
        (True, ("pneumonia",), Verdict.FLAGGED),
        (False, ["normal"], Verdict.NOT_FLAGGED),
        (True, ("normal",), Verdict.NO_CALL),
        (False, ("pneumonia",), Verdict.NO_CALL),
        (True, (), Verdict.NO_CALL),
        (False, (), Verdict.NO_CALL),
        (True, ("normal", "pneumonia"), Verdict.NO_CALL),
        (False, ("normal", "pneumonia"), Verdict.NO_CALL),
    ],
)
def test_a_verdict_needs_threshold_and_set(positive: bool, labels: tuple[str, ...], expected: Verdict) -> None:
    assert verdict_of(positive, labels) is expected


def test_a_verdict_is_its_name_in_json() -> None:
    assert [str(verdict) for verdict in Verdict] == ["flagged", "not_flagged", "no_call"]
