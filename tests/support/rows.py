"""Rows of a worklist, one for each verdict."""

from core.inference.model import Prediction
from core.worklist.queue import Row


def prediction(score: float, positive: bool, labels: tuple[str, ...]) -> Prediction:
    return Prediction(
        run_id="one",
        title="One",
        score=score,
        logit=0.0,
        probability=score / 2,
        prevalence=0.16,
        threshold=0.5,
        positive=positive,
        conformal_set=labels,
    )


def flagged(number: int, score: float = 0.9) -> Row:
    said = prediction(score, True, ("pneumonia",))
    return Row(number=number, file=f"{number}.png", status="scored", prediction=said)


def unsure(number: int, score: float = 0.5) -> Row:
    said = prediction(score, score >= 0.5, ("normal", "pneumonia"))
    return Row(number=number, file=f"{number}.png", status="scored", prediction=said)


def clear(number: int, score: float = 0.1) -> Row:
    said = prediction(score, False, ("normal",))
    return Row(number=number, file=f"{number}.png", status="scored", prediction=said)


def broken(number: int) -> Row:
    return Row(number=number, file=f"{number}.png", status="refused", reason="damaged")
