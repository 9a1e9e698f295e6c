"""What Overview says of the served model, as functions."""

import pytest

from core.evaluation.types import Estimate
from pages.overview.parts import losses_in_words, of_hundred, points_in_words


def test_false_alarms_are_the_rest_of_the_specificity_with_its_ends_swapped() -> None:
    specificity = Estimate(value=0.893, low=0.841, high=0.914, method="m")
    value, note = of_hundred(specificity.complement(), "normals", 25, 234)
    assert value == "11 of 100 normals"
    assert note == "95 % interval 9 to 16; 25 of 234 test films"


def test_what_is_found_keeps_its_ends() -> None:
    value, note = of_hundred(Estimate(value=0.972, low=0.931, high=0.984, method="m"), "pneumonias", 379, 390)
    assert (value, note) == ("97 of 100 pneumonias", "95 % interval 93 to 98; 379 of 390 test films")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ((-0.0914, -0.1331, -0.0722), "−9.1 points (95 % interval −13.3 to −7.2)"),
        ((0.01, -0.002, 0.013), "+1.0 points (95 % interval −0.2 to +1.3)"),
    ],
)
def test_a_change_has_its_sign_and_its_ends_in_order(change, expected) -> None:
    value, low, high = change
    assert points_in_words(Estimate(value=value, low=low, high=high, method="m")) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([-0.08, -0.33, -0.2], "All 3 models lose, 8 to 33 points."),
        ([-0.08, 0.0, 0.02], "1 of 3 models lose."),
        ([0.01, 0.02], "0 of 2 models lose."),
    ],
)
def test_losses_are_counted(changes, expected) -> None:
    assert losses_in_words(changes) == expected
