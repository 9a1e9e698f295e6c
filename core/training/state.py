"""Store the state of a training after its last full epoch in a file (imports TensorFlow)."""

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from core.files import atomic_path, read_npz
from core.models.spec import TrainSpec
from core.types import Float32Array

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One row of a run's history; losses are mean binary cross-entropy, seconds are wall time."""

    epoch: int
    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float
    seconds: float


class State:
    """Model, optimizer, history and best weights after the last full epoch."""

    def __init__(self, model: keras.Model, optimizer: keras.Optimizer, path: Path, fingerprint: str, keep: str) -> None:
        self.variables = [*model.variables, *optimizer.variables]
        self.weights = model.variables
        self.path = path
        self.fingerprint = fingerprint
        self.keep = keep
        self.history: list[Epoch] = []
        self.best: list[Float32Array] = []

    @property
    def best_epoch(self) -> int:
        """Number of the epoch whose weights are kept, from 1."""
        if self.keep == "last":
            return len(self.history)
        return 1 + int(np.argmin([epoch.validation_loss for epoch in self.history]))

    def finished(self, settings: TrainSpec) -> bool:
        """Return whether the limit of epochs or of patience is reached."""
        done = len(self.history)
        if not done or done >= settings.max_epochs:
            return done > 0
        return self.keep == "best" and done - self.best_epoch >= settings.patience

    def add(self, epoch: Epoch) -> None:
        """Add an epoch, and store the weights if it is the best so far."""
        self.history.append(epoch)
        if self.best_epoch == epoch.epoch:
            self.best = [weight.numpy() for weight in self.weights]

    def save(self) -> None:
        """Write the checkpoint atomically."""
        arrays: dict[str, Any] = {f"v{i}": variable.numpy() for i, variable in enumerate(self.variables)}
        arrays |= {f"b{i}": value for i, value in enumerate(self.best)}
        history = json.dumps([asdict(epoch) for epoch in self.history])
        with atomic_path(self.path) as temporary, temporary.open("wb") as file:
            np.savez(file, fingerprint=self.fingerprint, history=history, **arrays)

    def load(self) -> None:
        """Restore the checkpoint; a missing, damaged or foreign one is logged and ignored."""
        if not self.path.is_file():
            logger.warning("No checkpoint to resume from; training starts anew.")
            return
        try:
            self._restore()
        except (ValueError, KeyError, TypeError):
            logger.warning("The checkpoint is damaged; training starts anew.")

    def _restore(self) -> None:
        stored = read_npz(self.path)  # all of it first: a damaged file must not change the fresh weights
        if str(stored["fingerprint"]) != self.fingerprint:
            logger.warning("The checkpoint belongs to other data or settings; training starts anew.")
            return
        values = [stored[f"v{i}"] for i in range(len(self.variables))]
        best = [stored[f"b{i}"] for i in range(len(self.weights))]
        history = [Epoch(**row) for row in json.loads(str(stored["history"]))]
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(value)
        self.best, self.history = best, history
        logger.info("Resumed after epoch %d.", len(self.history))
