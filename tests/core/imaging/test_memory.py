"""Freed memory is handed back after large films alone, and where the C library can."""

import ctypes

import pytest

from core.imaging import memory
from core.imaging.memory import LARGE, give_back


class Library:
    """Counts what is asked of it."""

    def __init__(self) -> None:
        self.asked = 0

    def malloc_trim(self, _: int) -> None:
        self.asked += 1


def test_large_films_give_back(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: library)
    give_back(LARGE - 1)
    assert library.asked == 0
    give_back(LARGE)
    assert library.asked == 1


@pytest.mark.parametrize("error", [AttributeError, TypeError])
def test_another_c_library_is_no_error(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def lacking(_: None) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", lacking)
    give_back(LARGE)
