"""What training and scoring cost, measured by ``scripts/measure_speed.py``.

Processor time of one core, so that other work on the machine does not count; kept in ``artifacts/speed.json``.
"""

from core.manifest import is_expected, read_document
from core.paths import artifacts_dir
from core.runs.record import Run

SPEED = "speed.json"


def training_seconds(run: Run) -> float | None:
    """Seconds on one core, pretraining and epochs times seconds per epoch; None for an own run or one not measured."""
    measured = _measured(run)
    if measured is None:
        return None
    return measured.get("pretraining_seconds", 0.0) + run.record.epochs * measured["seconds_per_epoch"]


def film_milliseconds(run: Run) -> float | None:
    """Milliseconds for one film's score on one core; None for an own run or a model that was not measured."""
    measured = _measured(run)
    return measured["milliseconds_per_film"] if measured else None


def _measured(run: Run) -> dict[str, float] | None:
    if run.own or not is_expected(artifacts_dir() / SPEED):
        return None
    models = read_document(SPEED, frozenset({"models"}), "python -m scripts.measure_speed --data DIR")["models"]
    measured: dict[str, float] | None = models.get(run.record.model)
    return measured
