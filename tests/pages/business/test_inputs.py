"""Ranges of inputs, as the page, the page for a board and the command line write them."""

import pytest

from core.cli.impact import _row
from core.impact.inputs import SHARE, Assumption
from core.reports.business import _input
from pages.business.inputs import span


@pytest.mark.parametrize(
    ("low", "base", "high", "unit", "on_page", "on_paper", "in_terminal"),
    [
        (0.085, 0.16, 0.222, SHARE, "8.5 % to 22.2 %, base 16.0 %", "16.0 % (8.5 to 22.2)", "0.085 to 0.222"),
        (1.5, 2.0, 9.0, "min", "1.5 to 9 min, base 2", "2 min (1.5 to 9)", "1.5 to 9"),
        (2.0, 2.0, 2.0, "min", "2 min, exact", "2 min", "exact"),
    ],
)
def test_ends_stand_in_their_order(
    low: float, base: float, high: float, unit: str, on_page: str, on_paper: str, in_terminal: str
) -> None:
    spread = "exact" if low == high else "beta" if unit == SHARE else "gamma"
    assumption = Assumption(
        title="Input", low=low, base=base, high=high, unit=unit, evidence="assumption", source="us", spread=spread,
        most=100.0,
    )  # fmt: skip
    assert span(assumption) == on_page
    assert _input(assumption)[1] == on_paper
    assert _row(assumption)[2] == in_terminal
