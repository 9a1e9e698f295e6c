"""Who waits how long when flagged films are read first (triage), by formula."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from core.types import ComplexArray, Float64Array

CHILDREN = 1_000
MOST_BUSY = 0.99


def worth_of_time(seconds: float, hourly: float) -> float:
    """Return the cost of seconds of a person's time at an hourly rate, in the rate's currency."""
    return seconds / 3600 * hourly


def waits(
    *,
    prevalence: npt.ArrayLike,
    sensitivity: npt.ArrayLike,
    specificity: npt.ArrayLike,
    utilisation: npt.ArrayLike,
    read_time: npt.ArrayLike,
) -> dict[str, Float64Array]:
    """Mean waits in a worklist with two priorities, elementwise: non-preemptive M/M/1 (10.1007/s11134-024-09927-w).

    f = pi Se + (1 - pi)(1 - Sp); W0 = rho t; W_high = W0 / (1 - f rho); W_low = W_high / (1 - rho);
    in order of arrival W0 / (1 - rho). The mean over all films is the same in both orders: triage moves waiting from
    one child to another and saves no reading time.

    Parameters
    ----------
    prevalence, sensitivity, specificity : array-like in [0, 1]
    utilisation : array-like in [0, `MOST_BUSY`]
        Share of the time in which the reader is reading.
    read_time : array-like
        Mean time for one film, in any unit.

    Returns
    -------
    dict of float64
        ``flagged_share``, and waits until reading starts in the unit of the read time: ``in_order`` of every film in
        order of arrival; with flagged films first ``flagged`` and ``unflagged`` of films at the front and of the
        others, ``pneumonia``, ``normal`` and ``missed`` of children with, without, and with pneumonia not flagged.
    """
    pi, se, sp, rho, time = (
        np.asarray(value, dtype=float) for value in (prevalence, sensitivity, specificity, utilisation, read_time)
    )
    flagged_share = pi * se + (1 - pi) * (1 - sp)
    flagged = rho * time / (1 - flagged_share * rho)
    unflagged = flagged / (1 - rho)
    return {
        "flagged_share": flagged_share,
        "in_order": rho * time / (1 - rho),
        "flagged": flagged,
        "unflagged": unflagged,
        "pneumonia": se * flagged + (1 - se) * unflagged,
        "normal": sp * unflagged + (1 - sp) * flagged,
        "missed": unflagged,
    }


def p95_of_missed(*, flagged_share: float, utilisation: float, read_time: float) -> float:
    """Wait that 5 % of the films exceed which the model does not flag, in the unit of the read time; base of `waits`.

    The Laplace transform of the wait in the lower class of a non-preemptive M/M/1 queue,
    (1 - rho) sigma / (s - l + l mu / (mu + sigma)) with sigma = s + h (1 - B(s)), h and l the arrival rates of flagged
    and other films and B the busy period of the flagged, is inverted numerically (Abate and Whitt 1995,
    10.1287/ijoc.7.1.36) and searched for its 95th percentile. Zero where 95 % do not wait. Without flags it is the
    wait in order of arrival, log(rho / .05) t / (1 - rho).
    """
    mu = 1 / read_time
    high, low = flagged_share * utilisation * mu, (1 - flagged_share) * utilisation * mu

    def transform(s: ComplexArray) -> ComplexArray:
        total = mu + high + s
        busy = 2 * mu / (total + np.sqrt(total**2 - 4 * high * mu))
        sigma = s + high * (1 - busy)
        waiting: ComplexArray = (1 - utilisation) * sigma / (s - low + low * mu / (mu + sigma))
        return waiting

    def exceeds(time: float) -> bool:
        return _inverted(lambda s: (1 - transform(s)) / s, time) > 0.05

    if utilisation <= 0.05 or not exceeds(1e-6 * read_time):
        return 0.0
    ends = [0.0, read_time]
    while exceeds(ends[1]):
        ends = [ends[1], 2 * ends[1]]
    for _ in range(30):
        middle = sum(ends) / 2
        ends = [middle, ends[1]] if exceeds(middle) else [ends[0], middle]
    return sum(ends) / 2


def _inverted(transform: Callable[[ComplexArray], ComplexArray], time: float) -> float:
    """Value at a time of the function with this Laplace transform, by Euler summation."""
    a, terms, averaged = 18.4, 30, 12
    k = np.arange(terms + averaged + 1)
    values = (-1.0) ** k * transform((a + 2j * math.pi * k) / (2 * time)).real
    values[0] /= 2
    sums = np.cumsum(values)[terms:]
    weights = [math.comb(averaged, j) / 2**averaged for j in range(averaged + 1)]
    return float(math.exp(a / 2) / time * np.dot(weights, sums))
