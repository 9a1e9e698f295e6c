"""How many machines an archive asks for: figures of one measured machine, extrapolated in proportion to its cores."""

from dataclasses import dataclass

from core.errors import InputError

HOUR = 3600.0  # seconds
MANY = 1_000_000  # films that hours and costs are given for


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Two whole runs of ``screen`` on one machine, by `benchmarks/archive.py`.

    Parameters
    ----------
    films : (int, int)
        Of the smaller run and of the larger one.
    rates : (float, float)
        Films per second of each whole command, its start included.
    cores : int
        That the machine has and the runs used.
    kilobytes : float
        Of a film's file, on average.

    Raises
    ------
    InputError
        The larger run did not take longer, or a figure is not above zero.
    """

    films: tuple[int, int]
    rates: tuple[float, float]
    cores: int
    kilobytes: float

    def __post_init__(self) -> None:
        """Check that a speed can be taken from the figures."""
        if min(*self.films, *self.rates, self.cores, self.kilobytes) <= 0:
            raise InputError("Films, speeds, cores and kilobytes must be above zero.")
        if self.films[0] >= self.films[1] or self.seconds[0] >= self.seconds[1]:
            raise InputError("The second run must be the larger one, and have taken longer.")

    @property
    def seconds(self) -> tuple[float, float]:
        """What each run took."""
        return self.films[0] / self.rates[0], self.films[1] / self.rates[1]

    @property
    def per_core(self) -> float:
        """Films per second of one core between the two sizes, in which the start drops out."""
        small, large = self.seconds
        return (self.films[1] - self.films[0]) / (large - small) / self.cores

    @property
    def start(self) -> float:
        """Seconds before the first film, and for joining the table."""
        return self.seconds[0] - self.films[0] / (self.per_core * self.cores)


@dataclass(frozen=True, kw_only=True)
class Size:
    """What so many cores do.

    Parameters
    ----------
    cores : int
    per_second : float
        Films.
    hours, dollars : float
        For a million films, the start included.
    per_dollar : float
        Films.
    megabytes : float
        That storage has to deliver in a second.
    is_measured : bool
        Whether the speed was measured on so many cores; otherwise it is in proportion to them.
    """

    cores: int
    per_second: float
    hours: float
    dollars: float
    per_dollar: float
    megabytes: float
    is_measured: bool


def size(measured: Measured, cores: int, *, price: float) -> Size:
    """Films per second and per dollar on so many cores.

    Speed grows with the cores: ``per_second = per_core * cores``. A million films take ``start + 1e6 / per_second``
    seconds and cost ``price * cores * hours``.

    Parameters
    ----------
    measured : Measured
    cores : int
        All machines' together.
    price : float
        Dollars for a core and an hour, an assumption of the reader's.

    Raises
    ------
    InputError
        There are no cores, or the price is not above zero.
    """
    if cores < 1 or not 0 < price < float("inf"):
        raise InputError("At least one core and a price above zero are needed.")
    per_second = measured.per_core * cores
    hours = (measured.start + MANY / per_second) / HOUR
    dollars = price * cores * hours
    return Size(
        cores=cores,
        per_second=per_second,
        hours=hours,
        dollars=dollars,
        per_dollar=MANY / dollars,
        megabytes=per_second * measured.kilobytes / 1000,
        is_measured=cores == measured.cores,
    )
