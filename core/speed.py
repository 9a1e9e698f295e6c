"""What training and scoring cost, measured for all models in one go by ``scripts/measure_speed.py``.

Processor time of one core, so that other work on the machine does not count; kept in ``artifacts/speed.json``.
"""

import json

from core.errors import ArtifactError
from core.manifest import check_file
from core.paths import artifacts_dir
from core.runs import Run

SPEED = "speed.json"


def training_seconds(run: Run) -> float:
    """Seconds on one core, epochs times seconds per epoch; the run's wall time where its model was not measured."""
    measured = _measured(run)
    return run.record.epochs * measured["seconds_per_epoch"] if measured else run.record.seconds


def film_milliseconds(run: Run) -> float:
    """Milliseconds for one film's score on one core; those at the end of training where it was not measured."""
    measured = _measured(run)
    return measured["milliseconds_per_film"] if measured else run.record.milliseconds


def _measured(run: Run) -> dict[str, float] | None:
    path = artifacts_dir() / SPEED
    if run.own or not path.exists():
        return None
    try:
        models: dict[str, dict[str, float]] = json.loads(check_file(path).read_text())["models"]
    except (ValueError, KeyError, TypeError):
        raise ArtifactError(f"{path} is damaged; fetch artifacts/ again or run scripts/measure_speed.py.") from None
    return models.get(run.record.model)
