"""The soak's own parts, and in short form the soak: `make soak` runs it for ten minutes."""

import sys

import pytest

from tests.soak.films import Planned
from tests.soak.soak import Tally, apart, by_minute, growth, soak, verdicts, wrong

NAME = "soak-001-002.jpeg"
FILM = Planned(name=NAME, shown=NAME, data=b"", score=0.5, said=(f"`{NAME}`", "scores 0.500, "))


def test_growth_is_that_of_the_second_half() -> None:
    memory = [(float(second), 100.0 + second) for second in range(100)]  # it warms up
    memory += [(float(second), 200 + (second - 100) * 0.1) for second in range(100, 201)]
    found = growth(memory)
    assert found.begin == pytest.approx(200)
    assert found.per_minute == pytest.approx(6)
    assert found.share == pytest.approx(0.05)


def test_memory_is_told_by_the_minute() -> None:
    assert by_minute([(0.0, 100.0), (30.0, 130.0), (120.0, 220.0)]) == ["100", "160", "220"]


def test_another_films_words_are_noticed() -> None:
    assert wrong("`soak-001-002.jpeg` scores 0.500, as it should", FILM) is None
    assert "not said: ['scores 0.500, ']" in (wrong("`soak-001-002.jpeg` scores 0.700, ", FILM) or "")
    assert "soak-009-002" in (wrong("`soak-001-002.jpeg` scores 0.500, `soak-009-002.jpeg`", FILM) or "")


def test_words_that_two_sessions_share_tell_nobody_apart() -> None:
    other = Planned(name="b", shown="b", data=b"", score=0.5, said=("`b`", "scores 0.600, "))
    assert apart([[FILM, FILM], [other]]) == 3
    assert apart([[FILM], [FILM, other]]) == 1


def test_criteria_can_be_missed() -> None:
    flat, steep = ([(0.0, 100.0), (10.0, 100.0), (20.0, end)] for end in (101.0, 120.0))
    assert all(verdicts(Tally(uploads=[3, 4], memory=flat)).values())
    assert list(verdicts(Tally(uploads=[3, 2], memory=steep, errors=["one"])).values()) == [False, False, False]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the server's log through /proc")
def test_eight_readers_for_half_a_minute() -> None:
    tally, films = soak(sessions=8, seconds=30, think=(0.5, 2.0))
    assert tally.errors == []
    assert min(tally.uploads) >= 2
    assert tally.broken_off
    assert tally.by_http
    assert tally.visits > 8
    assert apart(films) > 32
    assert len(tally.memory) >= 8
