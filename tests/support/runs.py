"""Committed runs, as the pages list them."""

from core.runs.record import Run
from core.runs.store import committed_runs, representative


def median_runs() -> list[Run]:
    """Return the run of the median seed for each committed model."""
    return representative(committed_runs())
