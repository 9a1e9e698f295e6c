"""The verdict on one film in words, as Read and Worklist show it."""

from core.inference.model import Prediction
from core.wording import (
    CANNOT_TELL,
    FLAGGED,
    NOT_FLAGGED,
    format_prevalence,
    format_probability,
    format_score,
    set_in_words,
)
from core.wording import verdict as verdict_of

HEADLINES = {
    FLAGGED: ":red[Resembles films labelled pneumonia]",
    NOT_FLAGGED: ":blue[Not flagged]",
    CANNOT_TELL: ":gray[Cannot tell: refer to reader]",
}


def headline(prediction: Prediction) -> str:
    """Return the verdict in a few words, in the colour of its label; Markdown."""
    return HEADLINES[verdict_in_words(prediction)]


def verdict_in_words(prediction: Prediction) -> str:
    """Return the verdict as `core.wording` names it."""
    return verdict_of(prediction.positive, prediction.conformal_set)


def sentence(prediction: Prediction, predictions: list[Prediction]) -> str:
    """Return probability, set and agreement of a model in one sentence; ``predictions`` are those of all models."""
    likely = format_probability(prediction.probability)
    parts = [
        f"probability {likely} at {format_prevalence(prediction.prevalence)} prevalence",
        f"set: {set_in_words(prediction.conformal_set)}",
    ]
    if len(predictions) > 1:
        verdicts = [verdict_in_words(other) for other in predictions]
        parts.append(
            f"of {len(predictions)} models {verdicts.count(FLAGGED)} flag it, {verdicts.count(NOT_FLAGGED)} do not and "
            f"{verdicts.count(CANNOT_TELL)} cannot tell"
        )
    side = "above" if prediction.positive else "below"
    score = format_score(prediction.score)
    lead = f"{prediction.title} scores {score}, {side} its threshold of {prediction.threshold:.3f}: "
    end = "." if prediction.positive else ". A low score does not rule pneumonia out."
    return lead + "; ".join(parts) + end
