"""Per 1,000 children: found, missed, false alarms; and who waits when flagged films are read first (triage)."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.evaluation.types import Estimate, FloatArray

ComplexArray = npt.NDArray[np.complexfloating[Any, Any]]
CHILDREN = 1_000
MOST_BUSY = 0.99


def worth_of_time(seconds: float, hourly: float) -> float:
    """What seconds of a person's time cost at an hourly rate, in the rate's currency."""
    return seconds / 3600 * hourly


@dataclass(frozen=True, kw_only=True)
class PerThousand:
    """Counts among 1,000 imaged children.

    Parameters
    ----------
    pneumonias, normals : float
    found, missed : Estimate
        Of the pneumonias.
    false_alarms, cleared : Estimate
        Of the normals.
    """

    pneumonias: float
    normals: float
    found: Estimate
    missed: Estimate
    false_alarms: Estimate
    cleared: Estimate


def per_thousand(sensitivity: Estimate, specificity: Estimate, prevalence: float) -> PerThousand:
    """Found, missed, false alarms and cleared of 1,000 children; intervals are those of the two rates, scaled.

    The prevalence is taken as exact.

    Raises
    ------
    InputError
        The prevalence is not a share.
    """
    _check_share("prevalence", prevalence)
    pneumonias, normals = CHILDREN * prevalence, CHILDREN * (1 - prevalence)
    return PerThousand(
        pneumonias=pneumonias,
        normals=normals,
        found=_scaled(sensitivity, pneumonias),
        missed=_scaled(_complement(sensitivity), pneumonias),
        false_alarms=_scaled(_complement(specificity), normals),
        cleared=_scaled(specificity, normals),
    )


def _complement(rate: Estimate) -> Estimate:
    return Estimate(value=1 - rate.value, low=1 - rate.high, high=1 - rate.low, method=rate.method)


def _scaled(rate: Estimate, count: float) -> Estimate:
    return Estimate(value=count * rate.value, low=count * rate.low, high=count * rate.high, method=rate.method)


@dataclass(frozen=True, kw_only=True)
class Triage:
    """Mean waits until reading starts, when flagged films are read first; in the unit of the read time.

    Parameters
    ----------
    flagged_share : float in [0, 1]
        Films that the model moves to the front.
    in_order : float
        Wait of every film when they are read in order of arrival.
    flagged, unflagged : float
        Wait of films at the front and of the others.
    pneumonia, normal, missed : float
        Wait of all children with pneumonia, of those without, and of those whose pneumonia the model does not flag.
    """

    flagged_share: float
    in_order: float
    flagged: float
    unflagged: float
    pneumonia: float
    normal: float
    missed: float


def triage(
    *, prevalence: float, sensitivity: float, specificity: float, utilisation: float, read_time: float
) -> Triage:
    """Waits in a worklist with two priorities: non-preemptive M/M/1 (10.1007/s11134-024-09927-w).

    f = pi Se + (1 - pi)(1 - Sp); W0 = rho t; W_high = W0 / (1 - f rho); W_low = W_high / (1 - rho);
    in order of arrival W0 / (1 - rho). The mean over all films is the same in both orders: triage moves waiting from
    one child to another and saves no reading time.

    Parameters
    ----------
    prevalence, sensitivity, specificity : float in [0, 1]
    utilisation : float in [0, .99]
        Share of the time in which the reader is reading.
    read_time : float
        Mean time for one film, in any unit.

    Raises
    ------
    InputError
        An input is outside its range.
    """
    for name, share in (("prevalence", prevalence), ("sensitivity", sensitivity), ("specificity", specificity)):
        _check_share(name, share)
    if not 0 <= utilisation <= MOST_BUSY:
        raise InputError(f"A reader cannot be busy {utilisation:.0%} of the time; choose 0 to {MOST_BUSY:.0%}.")
    if not read_time > 0:
        raise InputError("The time to read a film must be above zero.")
    found = waits(
        prevalence=prevalence,
        sensitivity=sensitivity,
        specificity=specificity,
        utilisation=utilisation,
        read_time=read_time,
    )
    return Triage(**{name: float(value) for name, value in found.items()})


def waits(
    *,
    prevalence: npt.ArrayLike,
    sensitivity: npt.ArrayLike,
    specificity: npt.ArrayLike,
    utilisation: npt.ArrayLike,
    read_time: npt.ArrayLike,
) -> dict[str, FloatArray]:
    """The fields of `Triage`, elementwise and unchecked."""
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
    """Wait that 5 % of the films exceed which the model does not flag, in the unit of the read time; base of `triage`.

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
        found: ComplexArray = (1 - utilisation) * sigma / (s - low + low * mu / (mu + sigma))
        return found

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


def _check_share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise InputError(f"The {name} must lie between 0 and 1, not {value:g}.")
