"""Freed memory returns to the operating system after large films alone, and where the C library can."""

import ctypes

import pytest

from core.imaging import memory
from core.imaging.memory import LARGE, trim, trim_after


class Library:
    """Counts what is asked of it."""

    def __init__(self) -> None:
        self.asked = 0

    def malloc_trim(self, _: int) -> None:
        self.asked += 1


def test_memory_is_returned_after_large_films_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: library)
    trim_after(LARGE - 1)
    assert library.asked == 0
    trim_after(LARGE)
    assert library.asked == 1


@pytest.mark.parametrize("error", [AttributeError, TypeError])
def test_another_c_library_is_no_error(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def lacking(_: None) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", lacking)
    trim()
