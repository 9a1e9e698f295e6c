"""What the loss of a training says: whether a model still learns what holds for other films, or learns by heart."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from core.runs.record import Run

Shape = Literal["parted", "level", "together", "short"]
SHAPES: dict[Shape, tuple[str, str]] = {  # of one training, of several
    "parted": (
        "was getting worse on validation films and better on its own when it ended: it learnt by heart",
        "were getting worse on validation films and better on their own when they ended: they learnt by heart",
    ),
    "level": ("had stopped getting better on validation films",) * 2,
    "together": (
        "was still getting better on validation films when it ended",
        "were still getting better on validation films when they ended",
    ),
    "short": ("was too short to tell", "were too short to tell"),
}
SHARE = 0.05  # of the loss; what moves less is called level
SHORTEST = 6  # epochs, two for each third


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A training's losses in a few numbers.

    Parameters
    ----------
    epochs : int
    lowest : int
        Epoch of the lowest validation loss.
    lowest_loss : float
    shape : {"parted", "level", "together", "short"}
        See `SHAPES`.
    training, validation : (float, float)
        Mean loss in the middle third of the epochs and in the last: single epochs are noise, and the lowest one is
        lower than its neighbours by its choice.
    """

    epochs: int
    lowest: int
    lowest_loss: float
    shape: Shape
    training: tuple[float, float]
    validation: tuple[float, float]


def read_history(history: list[dict[str, float]]) -> Reading:
    """Read a history of at least one epoch, rows in the columns of `core.runs.record.HISTORY`."""
    losses = [row["validation_loss"] for row in history]
    lowest = losses.index(min(losses))
    training, validation = _thirds([row["loss"] for row in history]), _thirds(losses)
    ratio = validation[1] / validation[0] if validation[0] else 1.0
    shape: Shape = "level"
    if len(history) < SHORTEST:
        shape = "short"
    elif ratio > 1 + SHARE and training[1] < training[0]:
        shape = "parted"
    elif ratio < 1 - SHARE:
        shape = "together"
    return Reading(
        epochs=len(history),
        lowest=lowest + 1,
        lowest_loss=losses[lowest],
        shape=shape,
        training=training,
        validation=validation,
    )


def _thirds(values: list[float]) -> tuple[float, float]:
    """Mean of the middle and of the last third."""
    size = max(1, len(values) // 3)
    last, middle = values[-size:], values[-2 * size : -size] or values
    return sum(middle) / len(middle), sum(last) / len(last)


def sentence(reading: Reading) -> str:
    """What to see on the loss curve of one training; the change is from the middle third of its epochs to the last."""
    lowest = f"Validation loss is lowest at epoch {reading.lowest} of {reading.epochs}, {reading.lowest_loss:.3f}."
    if reading.shape == "short":
        return lowest
    (train_before, train_after), (before, after) = reading.training, reading.validation
    moved = f"from {before:.3f} to {after:.3f}"
    falls = "falls" if train_after < train_before else "goes"
    training = f"training loss {falls} from {train_before:.3f} to {train_after:.3f}"
    verdict = {
        "parted": f"Learns by heart: {training}, validation rises {moved}.",
        "level": f"Gets no better: {training}, validation goes {moved}.",
        "together": f"Still gets better: {training}, validation falls {moved}.",
    }[reading.shape]
    return f"{verdict} {lowest}"


def summary(readings: list[Reading]) -> str:
    """How many of the trainings learnt by heart, stood still or still learned, most first; empty without any."""
    total = len(readings)
    counts = {shape: sum(reading.shape == shape for reading in readings) for shape in SHAPES}
    found = [
        (count, SHAPES[shape][count > 1]) for shape, count in sorted(counts.items(), key=lambda one: -one[1]) if count
    ]
    if not found:
        return ""
    (first, words), *others = found
    text = f"This training {words}" if total == 1 else f"{first} of {total} trainings {words}"
    return "; ".join([text, *(f"{count} {words}" for count, words in others)]) + "."


def saved_epoch_sentence(runs: Iterable[Run]) -> str:
    """Return which epoch's weights these runs keep, and when their training stops."""
    rules = {
        "best": "training stops when the validation loss has not fallen for some epochs; the epoch with the lowest is "
        "kept",
        "last": "training runs a fixed number of epochs; the last is kept",
    }
    titles: dict[str, list[str]] = {}
    for run in runs:
        group = titles.setdefault(run.record.spec["train"].get("keep", "best"), [])
        if run.title not in group:
            group.append(run.title)
    parts = [f"{'; '.join(f'*{title}*' for title in group)}: {rules[keep]}" for keep, group in titles.items()]
    return "The star is the epoch whose weights are kept. " + " ".join(f"{part}." for part in parts)
