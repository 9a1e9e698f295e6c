"""What training and scoring cost, measured by ``scripts/measure_speed.py``.

Processor time of one core, so that other work on the machine does not count; kept in ``artifacts/speed.json``.
"""

from dataclasses import dataclass

from core.manifest import is_expected, read_as
from core.paths import artifacts_dir
from core.runs.record import Run

SPEED = "speed.json"


@dataclass(frozen=True, kw_only=True)
class ModelSpeed:
    """What was measured of a model on one core."""

    seconds_per_epoch: float
    milliseconds_per_film: float
    pretraining_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Speed:
    """What ``speed.json`` holds of the models, by name."""

    models: dict[str, ModelSpeed]


def training_seconds(run: Run) -> float | None:
    """Return seconds on one core, pretraining and all epochs; None for a user's own run or one not measured."""
    speed = _speed_of(run)
    return None if speed is None else speed.pretraining_seconds + run.record.epochs * speed.seconds_per_epoch


def film_milliseconds(run: Run) -> float | None:
    """Return milliseconds for one film's score on one core; None for a user's own run or a model not measured."""
    speed = _speed_of(run)
    return None if speed is None else speed.milliseconds_per_film


def _speed_of(run: Run) -> ModelSpeed | None:
    if run.own or not is_expected(artifacts_dir() / SPEED):
        return None
    return read_as(Speed, SPEED, "python -m scripts.measure_speed --data DIR").models.get(run.record.model)
