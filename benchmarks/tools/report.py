"""What every benchmark prints: the machine and its load, tables of ratios, and whether a goal was met."""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

CPU_INFO = Path("/proc/cpuinfo")
FLAGS = ("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimd", "bf16")
PACKAGES = ("streamlit", "onnxruntime", "keras", "tensorflow-cpu", "numpy", "pillow")
LOOK = 3.0  # seconds
BUSY = 10.0  # % of all cores' time from which figures are not to be compared with others


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Wall times of one thing.

    Parameters
    ----------
    seconds : tuple of float
        One for each repetition, in order.
    """

    seconds: tuple[float, ...]

    @property
    def count(self) -> int:
        """Repetitions."""
        return len(self.seconds)

    @property
    def p50(self) -> float:
        """Median in seconds."""
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        """95th percentile in seconds, the nearest of the times above it."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, -(-95 * len(ordered) // 100) - 1)]

    @property
    def best(self) -> float:
        """The shortest time in seconds."""
        return min(self.seconds)


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A figure and the bound that it is held to.

    Parameters
    ----------
    name : str
        What the figure is, with its peer.
    value, bound : float
    at_least : bool
        Whether the figure has to reach the bound from above.
    unit : str
    """

    name: str
    value: float
    bound: float
    at_least: bool
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether the figure is on the right side of its bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def sentence(self) -> str:
        """``Goal met: ...`` or ``Goal missed by 12 %: ...``."""
        side = "at least" if self.at_least else "at most"
        fact = f"{self.name} is {number(self.value)}{self.unit}, {side} {number(self.bound)}{self.unit} wanted."
        return (
            f"Goal met: {fact}"
            if self.met
            else f"Goal missed by {100 * abs(self.value / self.bound - 1):.0f} %: {fact}"
        )


def parser(description: str | None, *, data: bool = True) -> argparse.ArgumentParser:
    """A command line with ``--quick`` and, where films are used, ``--data``."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--quick", action="store_true", help="a small run that shows that it works; no figures to quote")
    if data:
        made.add_argument("--data", type=Path, help="folder with train/ and test/; the committed samples without it")
    return made


def headline(title: str, *, quick: bool) -> None:
    """Print what is measured, on which machine, and what else that is doing."""
    print(f"# {title}{' (quick: no figures to quote)' if quick else ''}")
    print(machine())
    print(load(), flush=True)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> str:
    """Date, processor with its vector instructions, cores, Python and packages in two lines."""
    words = CPU_INFO.read_text().split("\n") if CPU_INFO.is_file() else []
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in words)}
    known = set((fields.get("flags") or fields.get("Features") or "").split())
    flags = " ".join(flag for flag in FLAGS if flag in known) or "unknown instructions"
    name = fields.get("model name") or platform.processor() or platform.machine()
    packages = ", ".join(f"{package} {version_of(package)}" for package in PACKAGES)
    return (
        f"{time.strftime('%Y-%m-%d %H:%M')}, {name}, {cores()} cores ({flags})\n"
        f"Python {platform.python_version()}, {packages}"
    )


def version_of(package: str) -> str:
    """Version of an installed package, or ``not installed``."""
    try:
        return version(package)
    except ModuleNotFoundError:
        return "not installed"


def load() -> str:
    """How busy the cores are before the benchmark starts, and whether that is too much to measure under."""
    share = psutil.cpu_percent(interval=LOOK)
    busy = " BUSY: other work disturbs these figures; do not quote them." if share > BUSY else ""
    return f"Cores busy in the {LOOK:.0f} s before the start: {share:.0f} %.{busy}"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows of text as a Markdown table whose columns line up; the first column to the left, the others to the right."""
    widths = [max(len(row[place]) for row in (columns, *rows)) for place in range(len(columns))]

    def line(row: Sequence[str]) -> str:
        cells = [
            cell.ljust(width) if not place else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return f"| {' | '.join(cells)} |"

    rule = [":" + "-" * (width - 1) if not place else "-" * (width - 1) + ":" for place, width in enumerate(widths)]
    return "\n".join([line(columns), line(rule), *(line(row) for row in rows)])


def number(value: float) -> str:
    """Three digits, more where the whole part has more."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def timings(measured: Mapping[str, Timing], ours: str, unit: str = "ms") -> str:
    """A table of times, each beside its ratio to ours."""
    factor = {"ms": 1000.0, "s": 1.0}[unit]
    rows = [
        [
            name,
            str(timing.count),
            number(factor * timing.p50),
            number(factor * timing.p95),
            f"{timing.p50 / measured[ours].p50:.2f}",
        ]
        for name, timing in measured.items()
    ]
    return table(["what", "runs", f"p50, {unit}", f"p95, {unit}", "times ours"], rows)


def measure(work: Mapping[str, Callable[[], object]], *, rounds: int, repeats: Mapping[str, int]) -> dict[str, Timing]:
    """Time several things in turn, so that whatever else the machine does meets all of them alike.

    Parameters
    ----------
    work : dict of str to callable
        Each is called once beforehand, untimed.
    rounds : int
    repeats : dict of str to int
        Calls of each thing in one round; 1 where not named.
    """
    seconds_of: dict[str, list[float]] = {name: [] for name in work}
    for call in work.values():
        call()
    for _ in range(rounds):
        for name, call in work.items():
            for _ in range(repeats.get(name, 1)):
                start = time.perf_counter()
                call()
                seconds_of[name].append(time.perf_counter() - start)
    return {name: Timing(seconds=tuple(seconds)) for name, seconds in seconds_of.items()}
