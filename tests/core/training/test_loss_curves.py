"""What a history says: overfitting, plateaued, improving or too short; noise in single epochs does not decide."""

from types import SimpleNamespace
from typing import Any

import pytest

from core.training.loss_curves import (
    LossSummary,
    Shape,
    loss_sentence,
    overfitting_sentence,
    saved_epoch_sentence,
    summarise_history,
)


def history(training: list[float], validation: list[float]) -> list[dict[str, float]]:
    pairs = enumerate(zip(training, validation, strict=True), start=1)
    return [{"epoch": epoch, "loss": loss, "validation_loss": other} for epoch, (loss, other) in pairs]


FALLS = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]


def test_validation_parts_from_training() -> None:
    reading = summarise_history(history(FALLS, [0.9, 0.7, 0.5, 0.4, 0.4, 0.4, 0.5, 0.6, 0.7]))
    assert reading.shape == "overfitting"
    assert reading.lowest == 4
    assert reading.training == pytest.approx((0.5, 0.2))
    assert reading.validation == pytest.approx((0.4, 0.6))
    assert loss_sentence(reading) == (
        "Overfitting: training loss falls from 0.500 to 0.200, validation loss rises from 0.400 to 0.600. "
        "Lowest validation loss: 0.400 at epoch 4 of 9."
    )


def test_both_fall_together_in_spite_of_one_lucky_epoch() -> None:
    reading = summarise_history(history(FALLS, [0.9, 0.8, 0.7, 0.6, 0.05, 0.6, 0.2, 0.2, 0.2]))
    assert reading.shape == "improving"
    assert reading.lowest == 5
    assert "validation loss falls from 0.417 to 0.200" in loss_sentence(reading)


def test_small_moves_are_level() -> None:
    reading = summarise_history(history(FALLS, [0.9, 0.7, 0.5, 0.4, 0.4, 0.4, 0.41, 0.41, 0.41]))
    assert reading.shape == "plateaued"
    assert loss_sentence(reading).startswith("Plateaued: ")


def test_a_rise_of_both_is_no_parting() -> None:
    rises = FALLS[::-1]
    reading = summarise_history(history(rises, rises))
    assert reading.shape == "plateaued"
    assert "training loss goes from 0.500 to 0.800" in loss_sentence(reading)


@pytest.mark.parametrize("epochs", [1, 2, 5])
def test_a_short_training_says_its_lowest_alone(epochs: int) -> None:
    reading = summarise_history(history(FALLS[:epochs], FALLS[:epochs]))
    assert reading.shape == "short"
    assert loss_sentence(reading) == f"Lowest validation loss: {FALLS[epochs - 1]:.3f} at epoch {epochs} of {epochs}."


def of(shape: Shape) -> LossSummary:
    return LossSummary(epochs=9, lowest=2, lowest_loss=0.1, shape=shape, training=(0.5, 0.4), validation=(0.6, 0.7))


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (
            "overfitting",
            "Overfitting: training loss falls from 0.500 to 0.400, validation loss rises from 0.600 to 0.700. ",
        ),
        ("plateaued", "Plateaued: training loss falls from 0.500 to 0.400, validation loss goes from 0.600 to 0.700. "),
        (
            "improving",
            "Still improving: training loss falls from 0.500 to 0.400, validation loss falls from 0.600 to 0.700. ",
        ),
        ("short", ""),
    ],
)
def test_each_shape_has_its_sentence(shape: Shape, text: str) -> None:
    assert loss_sentence(of(shape)) == f"{text}Lowest validation loss: 0.100 at epoch 2 of 9."


@pytest.mark.parametrize(
    ("shapes", "text"),
    [
        ([], ""),
        (["overfitting"], "This training was overfitting when it stopped."),
        (["plateaued"], "This training had plateaued."),
        (["improving"], "This training was still improving when it stopped."),
        (["short"], "This training was too short to tell."),
        (["overfitting"] * 2, "2 of 2 trainings were overfitting when they stopped."),
        (["plateaued"] * 2, "2 of 2 trainings had plateaued."),
        (
            ["improving", "short", "short"],
            "2 of 3 trainings were too short to tell; 1 was still improving when it stopped.",
        ),
        (
            ["improving", "overfitting", "overfitting"],
            "2 of 3 trainings were overfitting when they stopped; 1 was still improving when it stopped.",
        ),
        (
            ["short", "improving", "improving", "improving", "plateaued", "plateaued"],
            "3 of 6 trainings were still improving when they stopped; 2 had plateaued; 1 was too short to tell.",
        ),
    ],
)
def test_the_summary_counts(shapes: list[Shape], text: str) -> None:
    assert overfitting_sentence([of(shape) for shape in shapes]) == text


def run_of(title: str, keep: str | None) -> Any:
    train = {} if keep is None else {"keep": keep}
    return SimpleNamespace(title=title, record=SimpleNamespace(spec={"train": train}))


BEST = "training stops when the validation loss has not fallen for some epochs; the epoch with the lowest is kept."
LAST = "training runs a fixed number of epochs; the last is kept."


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([run_of("A", "best")], f"*A*: {BEST}"),
        ([run_of("A", None)], f"*A*: {BEST}"),
        ([run_of("A", "last"), run_of("A", "last")], f"*A*: {LAST}"),
        ([run_of("A", "best"), run_of("B", "best")], f"*A*; *B*: {BEST}"),
        ([run_of("A", "last"), run_of("B", "best")], f"*A*: {LAST} *B*: {BEST}"),
    ],
)
def test_the_saved_epoch_is_told_once_for_each_rule(runs: list[Any], expected: str) -> None:
    assert saved_epoch_sentence(runs) == f"The star is the epoch whose weights are kept. {expected}"
