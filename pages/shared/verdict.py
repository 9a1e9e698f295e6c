"""The words of a verdict as pages show them."""

from core.evaluation.verdict import Verdict
from core.inference.model import Prediction
from core.wording import VERDICT_WORDS

COLOURS = {Verdict.FLAGGED: "red", Verdict.NOT_FLAGGED: "blue", Verdict.NO_CALL: "gray"}  # of Markdown


def headline(prediction: Prediction) -> str:
    """Return the words of the verdict in their colour; Markdown."""
    return f":{COLOURS[prediction.verdict]}[{VERDICT_WORDS[prediction.verdict]}]"
