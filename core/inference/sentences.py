"""Sentences about what a model says of a film."""

from collections.abc import Sequence

from core.evaluation.verdict import Verdict
from core.inference.model import Prediction
from core.wording import (
    agreement,
    cut_off,
    format_prevalence,
    format_probability,
    format_score,
    no_call_reason,
)


def prediction_sentences(prediction: Prediction, verdicts: Sequence[Verdict] = ()) -> str:
    """Return what belongs below the words of a verdict: score and cut-off, agreement of the models, probability.

    Where there is no call, the first sentence says why.

    Parameters
    ----------
    prediction : Prediction
        Of the model that the verdict rests on.
    verdicts : sequence of Verdict
        Of all models, this one among them; nothing is said of agreement where it is alone.
    """
    sentences = []
    if prediction.verdict is Verdict.NO_CALL:
        sentences += [no_call_reason(prediction.positive, prediction.conformal_set), "Please read it yourself."]
    score, threshold = prediction.score, prediction.threshold
    sentences.append(f"Score {format_score(score)} (cut-off {cut_off(threshold, score)}).")
    if len(verdicts) > 1:
        sentences.append(agreement(verdicts))
    likely, prevalence = format_probability(prediction.probability), format_prevalence(prediction.prevalence)
    sentences.append(f"Probability {likely} at {prevalence} prevalence.")
    if not prediction.positive:
        sentences.append("A low score does not rule pneumonia out.")
    return " ".join(sentences)
