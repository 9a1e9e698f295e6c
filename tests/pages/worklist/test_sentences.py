"""What the simulated waits of Worklist say; no interval is symmetric."""

import pytest

from core.evaluation.types import Estimate
from pages.worklist.waits import change_in_words


@pytest.mark.parametrize(
    ("value", "low", "high", "words"),
    [
        (17.0, 10.0, 25.5, "17.0 (10.0 to 25.5) min more"),
        (-17.0, -25.5, -10.0, "17.0 (10.0 to 25.5) min less"),
        (-1.0, -4.0, 0.5, "1.0 (−0.5 to 4.0) min less"),
        (0.0, -0.5, 2.0, "0.0 (−0.5 to 2.0) min more"),
    ],
)
def test_a_change_of_the_wait(value: float, low: float, high: float, words: str) -> None:
    assert change_in_words(Estimate(value=value, low=low, high=high, method="m")) == words
