"""What the loss of a training says: whether the model overfits, has plateaued or still improves."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from core.runs.record import Run

Shape = Literal["overfitting", "plateaued", "improving", "short"]
SHAPES: dict[Shape, tuple[str, str]] = {  # of one training, of several
    "overfitting": ("was overfitting when it stopped", "were overfitting when they stopped"),
    "plateaued": ("had plateaued",) * 2,
    "improving": ("was still improving when it stopped", "were still improving when they stopped"),
    "short": ("was too short to tell", "were too short to tell"),
}
SHARE = 0.05  # of the loss; what moves less is called a plateau
SHORTEST = 6  # epochs, two for each third


@dataclass(frozen=True, kw_only=True)
class LossSummary:
    """A training's losses in a few numbers.

    Parameters
    ----------
    epochs : int
    lowest : int
        Epoch of the lowest validation loss.
    lowest_loss : float
    shape : {"overfitting", "plateaued", "improving", "short"}
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


def summarise_history(history: list[dict[str, float]]) -> LossSummary:
    """Summarise a history of at least one epoch, rows in the columns of `core.runs.record.HISTORY`."""
    losses = [row["validation_loss"] for row in history]
    lowest = losses.index(min(losses))
    training, validation = _thirds([row["loss"] for row in history]), _thirds(losses)
    ratio = validation[1] / validation[0] if validation[0] else 1.0
    shape: Shape = "plateaued"
    if len(history) < SHORTEST:
        shape = "short"
    elif ratio > 1 + SHARE and training[1] < training[0]:
        shape = "overfitting"
    elif ratio < 1 - SHARE:
        shape = "improving"
    return LossSummary(
        epochs=len(history),
        lowest=lowest + 1,
        lowest_loss=losses[lowest],
        shape=shape,
        training=training,
        validation=validation,
    )


def _thirds(values: list[float]) -> tuple[float, float]:
    """Return the means of the middle and of the last third."""
    size = max(1, len(values) // 3)
    last, middle = values[-size:], values[-2 * size : -size] or values
    return sum(middle) / len(middle), sum(last) / len(last)


def loss_sentence(summary: LossSummary) -> str:
    """Return what the loss curve of one training shows, from the middle third of its epochs to the last."""
    lowest = f"Lowest validation loss: {summary.lowest_loss:.3f} at epoch {summary.lowest} of {summary.epochs}."
    if summary.shape == "short":
        return lowest
    (train_before, train_after), (before, after) = summary.training, summary.validation
    falls = "falls" if train_after < train_before else "goes"
    training = f"training loss {falls} from {train_before:.3f} to {train_after:.3f}"
    title, moves = {
        "overfitting": ("Overfitting", "rises"),
        "plateaued": ("Plateaued", "goes"),
        "improving": ("Still improving", "falls"),
    }[summary.shape]
    return f"{title}: {training}, validation loss {moves} from {before:.3f} to {after:.3f}. {lowest}"


def overfitting_sentence(summaries: list[LossSummary]) -> str:
    """Return how many trainings were overfitting, had plateaued or still improved, most first; empty without any."""
    total = len(summaries)
    counts = {shape: sum(summary.shape == shape for summary in summaries) for shape in SHAPES}
    counted = [
        (count, SHAPES[shape][count > 1]) for shape, count in sorted(counts.items(), key=lambda item: -item[1]) if count
    ]
    if not counted:
        return ""
    (first, words), *others = counted
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
