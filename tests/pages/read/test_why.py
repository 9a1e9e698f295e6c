"""What was measured of a method, in sentences; no interval is symmetric."""

import pytest

from core.explain.findings import Contest, MeanCorrelation, MethodFindings, Wins, WinsByClass
from core.wording import format_rate
from pages.read.why import findings_in_words


def wins(value: float, low: float, high: float) -> WinsByClass:
    of_class = Wins(count=3, n=4, value=value, low=low, high=high, method="m")
    return WinsByClass(count=3, n=4, value=value, low=low, high=high, method="m", normal=of_class, pneumonia=of_class)


@pytest.mark.parametrize(
    ("depends", "ends", "words"),
    [
        (True, (0.042, -0.02, 0.3), "it becomes another one: rank correlation with its own map 0.04 (−0.02 to 0.30);"),
        (False, (0.9, 0.71, 0.95), "**it hardly changes**: rank correlation with its own map 0.90 (0.71 to 0.95);"),
        (True, (-0.001, -0.2, 0.1), "it becomes another one: rank correlation with its own map 0.00 (−0.20 to 0.10);"),
    ],
)
def test_what_was_measured(depends: bool, ends: tuple[float, float, float], words: str) -> None:
    value, low, high = ends
    deletion, insertion = wins(0.8, 0.6, 0.87), wins(0.7, 0.66, 0.9)
    contest = Contest(deletion=deletion, insertion=insertion, both=deletion)
    lines = findings_in_words(
        MethodFindings(
            n=4,
            blank=1,
            against={"random": contest, "other_film": contest},
            beats_chance=True,
            beats_other_film=True,
            areas={},
            weights={"all_weights": MeanCorrelation(n=4, value=value, low=low, high=high, method="m")},
            depends_on_weights=depends,
        )
    )
    for line, rival in zip(lines, ("a random map that is as smooth", "another film's map"), strict=False):
        assert rival in line
        assert line.index(format_rate(deletion.share)) < line.index(format_rate(insertion.share))
    assert words in lines[2]
    assert lines[3] == "Blank on 1 of the 4."
