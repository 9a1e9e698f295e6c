"""What is known of a model's errors, in sentences for whoever reads its verdict."""

from contextlib import suppress
from dataclasses import dataclass

from core.errors import ArtifactError
from core.evaluation.types import Estimate
from core.evidence.read import evidence_of
from core.results.published import ELSEWHERE
from core.results.store import read_results, read_shifts, too_high
from core.runs.record import Run
from core.wording import format_figure, format_percent, format_points, format_rate

TRAINED_ON = (
    "Trained on films of children aged 1 to 5 from one centre, labelled pneumonia or normal by readers of the films, "
    "not by outcome. It knows no other finding."
)
CHANCE = 0.5


@dataclass(frozen=True, kw_only=True)
class TestFigures:
    """A model's figures on the test films at its frozen threshold.

    Parameters
    ----------
    n, positives, clusters : int
        Films, those labelled pneumonia, and patients.
    sensitivity, specificity, auroc : Estimate
    """

    n: int
    positives: int
    clusters: int
    sensitivity: Estimate
    specificity: Estimate
    auroc: Estimate


def test_figures(run: Run) -> TestFigures | None:
    """Return committed figures on the test films; None for a run that is not in the results, as the user's own."""
    evaluation = None if run.own else read_results().get(run.run_id, {}).get("test")
    if evaluation is None:
        return None
    return TestFigures(
        n=evaluation.n,
        positives=evaluation.positives,
        clusters=evaluation.clusters,
        sensitivity=evaluation.metrics["sensitivity"],
        specificity=evaluation.metrics["specificity"],
        auroc=evaluation.metrics["auroc"],
    )


def limits_of(run: Run) -> list[str]:
    """Return sentences on a model's measured weaknesses; what is not known is marked."""
    test = test_figures(run)
    if test is None:
        unknown = f"No figures on the test films are kept for {run.title} ({run.run_id}): its errors are unknown here."
        return [TRAINED_ON, unknown, ELSEWHERE]
    on_test = (
        f"On {test.n} test films of {test.clusters} patients ({format_percent(test.positives / test.n)} "
        f"pneumonia) {run.title}: sensitivity {format_rate(test.sensitivity)}, specificity "
        f"{format_rate(test.specificity)}, "
        f"AUROC {format_figure(test.auroc)}; 95 % intervals by patient."
    )
    return [TRAINED_ON, on_test, *filter(None, [too_high(run)]), *_shift(run), *_shortcut(run), ELSEWHERE]


def _shift(run: Run) -> list[str]:
    change = read_shifts().get(run.run_id, {}).get("specificity")
    if change is None:
        return []
    return [f"From validation to test, at the same threshold, its specificity changed by {format_points(change)}."]


def _shortcut(run: Run) -> list[str]:
    """AUROC on test without the lungs and with nothing else, where it was measured of these weights."""
    with suppress(ArtifactError, KeyError):
        scores = evidence_of(run).shortcut["test"]
        masked, only = scores.lungs_masked.by_patient, scores.lungs_only.by_patient
        meaning = ": part of what it goes by lies outside the lungs" if masked.low > CHANCE else ""
        return [
            f"On test films with the lungs masked its AUROC is {format_figure(masked)}, with nothing but the lungs "
            f"{format_figure(only)}; 0.5 is chance{meaning}."
        ]
    return []
