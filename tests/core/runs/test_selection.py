"""The rules that choose: the lower of two middle seeds, the smallest within the tolerance."""

import pytest

from core.runs.selection import SELECTION_TOLERANCE, choose_within_tolerance, median_seed, within_tolerance


@pytest.mark.parametrize(
    ("figures", "median"), [([0.9], 0.9), ([0.9, 0.8], 0.8), ([0.9, 0.7, 0.8], 0.8), ([4, 1, 3, 2], 2)]
)
def test_the_median_seed_is_the_lower_of_two_middle_ones(figures: list[float], median: float) -> None:
    assert median_seed(figures, float) == median


def test_the_smallest_within_the_tolerance_is_chosen_and_of_equals_the_best() -> None:
    sizes = {0.9956: 700, 0.9952: 300, 0.9947: 300, 0.993: 10}
    assert within_tolerance(sizes, float) == [0.9956, 0.9952, 0.9947]
    assert choose_within_tolerance(sizes, figure=float, size=sizes.__getitem__) == 0.9952
    assert choose_within_tolerance([0.9, 0.5], figure=float, size=lambda _: 1) == 0.9


def test_the_tolerance_is_inclusive() -> None:
    assert within_tolerance([SELECTION_TOLERANCE, 0.0], float) == [SELECTION_TOLERANCE, 0.0]
