"""Figures as people read them: rates in per cent, others without a leading zero, a range over runs likewise."""

import pytest

from core.evaluation.types import Estimate
from core.text import spread, text_of


@pytest.mark.parametrize(
    ("metric", "low", "expected"),
    [
        ("sensitivity", 0.928, "94.9 % (92.8-96.4)"),
        ("sensitivity", float("nan"), "94.9 %"),
        ("auroc", 0.928, ".949 (.928-.964)"),
        ("auroc", float("nan"), ".949"),
    ],
)
def test_a_figure_is_written_as_its_kind(metric: str, low: float, expected: str) -> None:
    assert text_of(Estimate(value=0.949, low=low, high=0.964, method="m"), metric) == expected


def test_spread_is_the_mean_with_the_lowest_and_the_highest() -> None:
    assert spread([0.9, 0.95, 0.92], "accuracy") == "92.3 % (90.0-95.0)"
    assert spread([0.9, 0.95, 0.92], "auroc") == ".923 (.900-.950)"
