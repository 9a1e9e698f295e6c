"""The rules that choose one of several trained models: the median of its seeds, and the model that is served."""

from collections.abc import Callable, Iterable
from typing import TypeVar

SELECTION_TOLERANCE = 0.002  # models whose selection figures differ by less are ranked by their size
T = TypeVar("T")


def median_seed(seeds: Iterable[T], figure: Callable[[T], float]) -> T:
    """Return the one with the median figure, the lower of two middle ones."""
    ranked = sorted(seeds, key=figure)
    return ranked[(len(ranked) - 1) // 2]


def within_tolerance(candidates: Iterable[T], figure: Callable[[T], float]) -> list[T]:
    """Return those whose figure is within `SELECTION_TOLERANCE` of the highest."""
    candidates = list(candidates)
    highest = max(map(figure, candidates))
    return [candidate for candidate in candidates if figure(candidate) >= highest - SELECTION_TOLERANCE]


def choose_within_tolerance(candidates: Iterable[T], *, figure: Callable[[T], float], size: Callable[[T], int]) -> T:
    """Return the smallest of those within the tolerance, of equally small ones the one with the highest figure."""
    return min(within_tolerance(candidates, figure), key=lambda candidate: (size(candidate), -figure(candidate)))
