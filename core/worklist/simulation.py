"""Simulate a lab's worklist by discrete events: who waits how long, in three orders of reading.

The formulas of `core.impact` hold for one reader around the clock and films that come evenly by day and night. Here the
rate of films changes by the hour, several readers work in shifts, and a cap may pull films forward that have waited too
long.
"""

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import simpy
from scipy import stats

from core.errors import InputError
from core.evaluation.types import Estimate
from core.impact.waiting import MOST_BUSY
from core.types import BoolArray, Float64Array

Order = Literal["arrival", "flagged first", "flagged first, capped"]
Group = Literal["all", "pneumonia", "normal", "missed"]
ORDERS: tuple[Order, ...] = get_args(Order)
GROUPS: tuple[Group, ...] = get_args(Group)

DAY = 24 * 60  # minutes
EVEN = (1.0,) * 24
# Ours, an assumption: few at night, most between late morning and evening.
DAY_PROFILE = (1, 1, 1, 1, 1, 1, 2, 3, 5, 7, 8, 8, 7, 7, 7, 8, 8, 8, 7, 6, 5, 4, 3, 2)
METHOD = "95 % t interval over replications"


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Working hours of one reader each day; ``end`` may be beyond midnight. 0 to 24 is around the clock."""

    start: float
    end: float

    def __post_init__(self) -> None:
        if not (0 <= self.start < 24 and self.start < self.end <= self.start + 24):
            raise InputError(f"A shift from {self.start:g} to {self.end:g}: start within the day, end within 24 hours.")

    @property
    def minutes(self) -> float:
        """Minutes of work a day."""
        return 60 * (self.end - self.start)

    def at_work(self, now: float) -> bool:
        """Return whether the reader takes a new film at a time in minutes since the first midnight."""
        return (now - 60 * self.start) % DAY < self.minutes


AROUND_THE_CLOCK = Shift(start=0, end=24)
ROSTERS: dict[str, tuple[Shift, ...]] = {
    "Around the clock": (AROUND_THE_CLOCK,),
    "Early and late, 7 to 23": (Shift(start=7, end=15), Shift(start=15, end=23)),
    "Day, 8 to 18": (Shift(start=8, end=18),),
}


def roster(name: str, readers: int) -> tuple[Shift, ...]:
    """Return the shifts of a named roster with so many readers at work at a time, one entry for each person."""
    return ROSTERS[name] * readers


@dataclass(frozen=True, kw_only=True)
class Lab:
    """Inputs of the simulation: a lab and the model that flags.

    Parameters
    ----------
    films_a_day : float
    read_minutes : float
        Mean time for one film.
    shifts : tuple of Shift
        One for each reader. A film begun before the end of a shift is finished.
    prevalence, sensitivity, specificity : float in [0, 1]
        Whether a film is flagged depends on its label alone.
    cap_minutes : float
        Wait after which a film is next in the capped order, flagged or not.
    profile : 24 floats
        Relative number of films in each hour of the day.
    read_cv : float
        Standard deviation of the reading time over its mean: 1 is exponential, as in the formulas; 0 always the same.
    """

    films_a_day: float
    read_minutes: float
    shifts: tuple[Shift, ...]
    prevalence: float
    sensitivity: float
    specificity: float
    cap_minutes: float = 120.0
    profile: tuple[float, ...] = EVEN
    read_cv: float = 1.0

    def __post_init__(self) -> None:
        for name in ("prevalence", "sensitivity", "specificity"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"The {name} must lie between 0 and 1, not {getattr(self, name):g}.")
        for name in ("films_a_day", "read_minutes", "cap_minutes"):
            if not 0 < getattr(self, name) < float("inf"):
                raise InputError(f"{name} must be above zero, not {getattr(self, name):g}.")
        if len(self.profile) != 24 or min(self.profile) < 0 or not sum(self.profile) > 0:
            raise InputError("The profile of arrivals takes 24 numbers of at least 0, one for each hour, not all 0.")
        if not self.shifts:
            raise InputError("A lab without readers reads nothing: give at least one shift.")
        if not 0 <= self.read_cv < float("inf"):
            raise InputError("read_cv must be at least 0.")
        if self.utilisation > MOST_BUSY:
            need, have = self.films_a_day * self.read_minutes / 60, sum(shift.minutes for shift in self.shifts) / 60
            raise InputError(
                f"{self.films_a_day:g} films of {self.read_minutes:g} min take {need:.1f} hours of reading a day, and "
                f"the readers are at work for {have:.1f}: the list would grow without end. Add readers or hours."
            )

    @property
    def utilisation(self) -> float:
        """Incoming reading time over the working time of the readers."""
        return self.films_a_day * self.read_minutes / sum(shift.minutes for shift in self.shifts)

    @property
    def covered(self) -> bool:
        """Whether at least one reader is at work at every full hour."""
        return all(any(shift.at_work(60 * hour) for shift in self.shifts) for hour in range(24))


@dataclass(frozen=True, kw_only=True, eq=False)
class ArrivingFilms:
    """Films of some days, the same for every order of reading.

    Parameters
    ----------
    arrival : (n,) float64
        Minutes since the first midnight, ascending.
    reading : (n,) float64
        Minutes that each takes to read.
    pneumonia, flagged : (n,) bool
    """

    arrival: Float64Array
    reading: Float64Array
    pneumonia: BoolArray
    flagged: BoolArray

    def in_group(self, group: Group) -> BoolArray:
        """Return which films belong to a group; ``missed`` are those with pneumonia that the model does not flag."""
        chosen = {
            "all": np.ones(len(self.arrival), bool),
            "pneumonia": self.pneumonia,
            "normal": ~self.pneumonia,
            "missed": self.pneumonia & ~self.flagged,
        }
        return chosen[group]


def draw_films(lab: Lab, days: int, rng: np.random.Generator) -> ArrivingFilms:
    """Draw films of so many days: a Poisson stream whose rate changes with the hour, gamma reading times."""
    rates = np.tile(np.array(lab.profile, float) / sum(lab.profile) * lab.films_a_day, days)
    counts = rng.poisson(rates)
    n = int(counts.sum())
    arrival = np.sort((np.repeat(np.arange(len(rates)), counts) + rng.random(n)) * 60)
    pneumonia = rng.random(n) < lab.prevalence
    flagged = rng.random(n) < np.where(pneumonia, lab.sensitivity, 1 - lab.specificity)
    if lab.read_cv > 0:
        reading = rng.gamma(1 / lab.read_cv**2, lab.read_minutes * lab.read_cv**2, n)
    else:
        reading = np.full(n, lab.read_minutes)
    return ArrivingFilms(arrival=arrival, reading=reading, pneumonia=pneumonia, flagged=flagged)


def simulate(lab: Lab, films: ArrivingFilms, order: Order) -> Float64Array:
    """Return the minutes that each film waits until a reader opens it: (n,) float64."""
    return _Worklist(lab, films, order).run()


class _Worklist:
    """One run: a process for arrivals, two for each reader, and two queues, each in order of arrival."""

    def __init__(self, lab: Lab, films: ArrivingFilms, order: Order) -> None:
        self.env = simpy.Environment()
        self.arrival, self.reading = films.arrival.tolist(), films.reading.tolist()
        self.flagged = films.flagged.tolist() if order != "arrival" else [False] * len(self.arrival)
        self.cap = lab.cap_minutes if order == "flagged first, capped" else float("inf")
        self.shifts = lab.shifts
        self.front: deque[int] = deque()
        self.rest: deque[int] = deque()
        self.bells: dict[int, simpy.Event] = {}  # of readers who wait for a film
        self.wait = [0.0] * len(self.arrival)
        self.unread = len(self.arrival)
        self.done = self.env.event()

    def run(self) -> Float64Array:
        if self.unread:
            self.env.process(self._arrivals())
            for reader, shift in enumerate(self.shifts):
                self.env.process(self._reader(reader, shift))
                if shift.minutes < DAY:
                    self.env.process(self._start_of_work(reader, shift))
            self.env.run(until=self.done)
        return np.array(self.wait)

    def _arrivals(self) -> Generator[simpy.Event, None, None]:
        for film, arrival in enumerate(self.arrival):
            yield self.env.timeout(max(arrival - self.env.now, 0.0))
            (self.front if self.flagged[film] else self.rest).append(film)
            for reader in self.bells:
                if self.shifts[reader].at_work(self.env.now):
                    self.bells.pop(reader).succeed()
                    break

    def _start_of_work(self, reader: int, shift: Shift) -> Generator[simpy.Event, None, None]:
        yield self.env.timeout(60 * shift.start)
        while True:
            if reader in self.bells:
                self.bells.pop(reader).succeed()
            yield self.env.timeout(DAY)

    def _reader(self, reader: int, shift: Shift) -> Generator[simpy.Event, None, None]:
        env = self.env
        while True:
            if not (self.front or self.rest) or not shift.at_work(env.now):
                self.bells[reader] = env.event()
                yield self.bells[reader]
                continue
            film = self._next_film(env.now)
            self.wait[film] = env.now - self.arrival[film]
            yield env.timeout(self.reading[film])
            self.unread -= 1
            if self.unread == 0:
                self.done.succeed()

    def _next_film(self, now: float) -> int:
        if not self.front or not self.rest:
            return (self.front or self.rest).popleft()
        first, other = self.arrival[self.front[0]], self.arrival[self.rest[0]]
        overdue = now - other >= self.cap and other < first  # the earlier of two overdue films goes first
        return (self.rest if overdue else self.front).popleft()


@dataclass(frozen=True, kw_only=True)
class Waits:
    """Waits of one group in one order, in minutes, with intervals over the replications.

    Parameters
    ----------
    order : Order
    group : Group
    films : int
        Counted over all replications.
    mean, p95, longest : Estimate
        Mean over replications of the mean, the 95th percentile and the longest wait of one; NaN without films.
    change : Estimate
        Mean wait less that in order of arrival: its interval is that of the differences, since both saw the same films.
    """

    order: Order
    group: Group
    films: int
    mean: Estimate
    p95: Estimate
    longest: Estimate
    change: Estimate


@dataclass(frozen=True, kw_only=True)
class WaitingSimulation:
    """Waits in all orders.

    Parameters
    ----------
    lab : Lab
    days, replications, seed : int
        Days counted in each replication. The longest wait is that of so many days.
    rows : tuple of Waits
        Every order, in it every group.
    """

    lab: Lab
    days: int
    replications: int
    seed: int
    rows: tuple[Waits, ...]

    def waits(self, order: Order, group: Group) -> Waits:
        """Return the row of an order and a group."""
        return next(row for row in self.rows if (row.order, row.group) == (order, group))


def replicate(lab: Lab, *, days: int, replications: int = 10, seed: int = 0, edge_days: int = 1) -> WaitingSimulation:
    """Simulate a lab several times in all orders; each replication hands the same films to every order.

    Parameters
    ----------
    days : int
        Counted in each replication.
    edge_days : int
        Simulated before and after these and not counted, so that neither the empty list at the start nor its last
        films, which nothing overtakes, count.

    Raises
    ------
    InputError
        Fewer than two replications, or no day.
    """
    if days < 1 or replications < 2 or edge_days < 0:
        raise InputError("A simulation takes at least one day and two replications.")
    waits_by_key: dict[tuple[Order, Group], list[Float64Array]] = {
        (order, group): [] for order in ORDERS for group in GROUPS
    }
    for child in np.random.SeedSequence(seed).spawn(replications):
        films = draw_films(lab, days + 2 * edge_days, np.random.default_rng(child))
        counted = (films.arrival >= edge_days * DAY) & (films.arrival < (edge_days + days) * DAY)
        for order in ORDERS:
            wait = simulate(lab, films, order)
            for group in GROUPS:
                waits_by_key[order, group].append(wait[counted & films.in_group(group)])
    rows = tuple(
        _waits(order, group, samples, waits_by_key["arrival", group])
        for (order, group), samples in waits_by_key.items()
    )
    return WaitingSimulation(lab=lab, days=days, replications=replications, seed=seed, rows=rows)


def days_for(lab: Lab, films: int, replications: int = 10) -> int:
    """Return the days, 7 to 90, that make about so many films over all replications."""
    return min(max(round(films / replications / lab.films_a_day), 7), 90)


def _waits(order: Order, group: Group, samples: list[Float64Array], in_arrival: list[Float64Array]) -> Waits:
    filled = [sample for sample in samples if len(sample)]
    means = [float(sample.mean()) for sample in filled]
    before = [float(sample.mean()) for sample in in_arrival if len(sample)]  # of the same films, so filled alike
    return Waits(
        order=order,
        group=group,
        films=sum(len(sample) for sample in filled),
        mean=_estimate(means, least=0),
        p95=_estimate([float(np.quantile(sample, 0.95)) for sample in filled], least=0),
        longest=_estimate([float(sample.max()) for sample in filled], least=0),
        change=_estimate([later - earlier for later, earlier in zip(means, before, strict=True)]),
    )


def _estimate(values: list[float], least: float = -np.inf) -> Estimate:
    """Return the mean of replications with its t interval, cut off at the least possible value."""
    nan = float("nan")
    if len(values) < 2:
        return Estimate(value=values[0] if values else nan, low=nan, high=nan, method=METHOD)
    mean = float(np.mean(values))
    half = float(stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return Estimate(value=mean, low=max(mean - half, least), high=mean + half, method=METHOD)
