"""Choose the threshold of a score table: given, of a named model, of the run beside the table, or one half."""

from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError
from core.runs.record import Run
from core.runs.store import find_run, list_runs, read_run

HALF = 0.5
FALLBACK = f"a table that lies beside a run.json gets that run's frozen threshold, and any other {HALF}"


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """The threshold of a table, and a description of its source."""

    value: float
    source: str


def run_beside(table: Path) -> Run | None:
    """Return the run in whose folder the table is; raises `ArtifactError` if its record is damaged."""
    return read_run(table.parent, own=True) if (table.parent / "run.json").exists() else None


def frozen_threshold(run: Run) -> Threshold:
    """Return the frozen threshold of a run."""
    return Threshold(value=run.record.threshold, source=f"frozen threshold of {run.run_id}")


def table_threshold(
    beside: Run | None, *, given: float | None = None, model: str | None = None, option: str = "--threshold"
) -> Threshold:
    """Return the given threshold, else the named model's, else that of the run beside the table, else one half.

    Parameters
    ----------
    beside : Run or None
        `run_beside` of the table.
    given : float, optional
    model : str, optional
        As for `core.runs.store.find_run`.
    option : str
        What the given threshold is called on the command line.

    Raises
    ------
    InputError
        The given threshold is outside 0 to 1.
    UnknownModelError
        No such model.
    """
    if given is not None:
        if not 0 <= given <= 1:
            raise InputError(f"{option} {given:g}: must lie between 0 and 1.")
        return Threshold(value=given, source="given")
    run = find_run(model, list_runs()[0]) if model else beside
    if run:
        return frozen_threshold(run)
    return Threshold(value=HALF, source="default, since no run.json lies beside the table")
