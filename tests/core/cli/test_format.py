"""How the command line writes the intervals of JSON documents."""

import pytest

from core.cli.compare import _interval
from core.cli.evaluate import _cells
from core.cli.format import format_ends


@pytest.mark.parametrize(
    ("value", "low", "high", "ends", "cells", "interval"),
    [
        (0.9, 0.8123, 0.93, "0.8123 to 0.9300", ("0.9000", "0.8123 to 0.9300", "m"), "0.9000 (0.8123 to 0.9300)"),
        (-0.02, -0.1, 0.01, "-0.1000 to 0.0100", ("-0.0200", "-0.1000 to 0.0100", "m"), "-0.0200 (-0.1000 to 0.0100)"),
        (0.9, None, None, "", ("0.9000", "", "m"), "0.9000"),
        (None, None, None, "", ("-", "", "m"), "-"),
    ],
)  # fmt: skip
def test_ends_stand_in_their_order(value, low, high, ends, cells, interval) -> None:
    figure = {"value": value, "low": low, "high": high, "method": "m"}
    assert format_ends(figure) == ends
    assert _cells(figure) == cells
    assert _interval(figure) == interval
