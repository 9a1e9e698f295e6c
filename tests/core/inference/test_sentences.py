"""What stands below the words of a verdict."""

import pytest

from core.evaluation.verdict import Verdict
from core.inference.model import Prediction
from core.inference.sentences import prediction_sentences

FLAGGED, NOT_FLAGGED, NO_CALL = Verdict.FLAGGED, Verdict.NOT_FLAGGED, Verdict.NO_CALL


@pytest.mark.parametrize(
    ("score", "labels", "verdicts", "expected"),
    [
        (
            0.9996,
            ("pneumonia",),
            [FLAGGED] * 11,
            "Score above 0.999 (cut-off 0.61). All 11 models agree. Probability 0.42 at 16 % prevalence.",
        ),
        (
            0.611,
            ("pneumonia",),
            [FLAGGED, NO_CALL],
            "Score 0.611 (cut-off 0.611). Of 2 models, 1 flags it and 1 makes no call. "
            "Probability 0.42 at 16 % prevalence.",
        ),
        (
            0.1,
            ("normal",),
            [],
            "Score 0.100 (cut-off 0.61). Probability 0.42 at 16 % prevalence. A low score does not rule pneumonia out.",
        ),
        (
            0.6,
            (),
            [NO_CALL],
            "The score is low, but unlike the normals it was tuned on. Please read it yourself. Score 0.600 (cut-off "
            "0.61). Probability 0.42 at 16 % prevalence. A low score does not rule pneumonia out.",
        ),
        (
            0.7,
            ("normal", "pneumonia"),
            [NO_CALL, NOT_FLAGGED, NOT_FLAGGED],
            "Too close to call: the score fits normals and pneumonias alike. Please read it yourself. Score 0.700 "
            "(cut-off 0.61). Of 3 models, 2 do not flag it and 1 makes no call. Probability 0.42 at 16 % prevalence.",
        ),
    ],
)
def test_sentences(score: float, labels: tuple[str, ...], verdicts: list[Verdict], expected: str) -> None:
    prediction = Prediction(
        run_id="one",
        title="One",
        score=score,
        logit=0.0,
        probability=0.42,
        prevalence=0.16,
        threshold=0.611,
        positive=score >= 0.611,
        conformal_set=labels,
    )
    assert prediction_sentences(prediction, verdicts) == expected
