"""The one results file that pages, README and exports quote: every committed run, evaluated at its frozen threshold."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from core.errors import ArtifactError
from core.evaluation.calibration import DEFAULT_PREVALENCE
from core.evaluation.types import Estimate
from core.evidence.failures import SharedErrors, shared_errors
from core.evidence.prevalence import PREVALENCES, mean_probability_at
from core.evidence.read import EVIDENCE, read_evidence
from core.manifest import is_expected, read_document
from core.paths import artifacts_dir
from core.runs.record import Run, ScoredSplit
from core.wording import format_percent, format_rate

if TYPE_CHECKING:
    from core.evaluation.paired_tests import Finding

RESULTS = "results.json"
SECTIONS = frozenset({"runs", "baselines", "at_half", "comparisons", "shifts", "conformal", "samples"})
Results = dict[str, dict[str, dict[str, Any]]]


def read_results() -> Results:
    """Evaluations of the committed runs by run id and split; raises `ArtifactError` if missing or damaged."""
    return dict(_read()["runs"])


def read_baselines() -> dict[str, dict[str, Any]]:
    """Evaluation of the prevalence alone as every film's score, by split; raises `ArtifactError` if damaged."""
    return dict(_read()["baselines"])


def null_baselines(split: ScoredSplit) -> list[dict[str, Any]]:
    """`Evaluation.to_dict` of every null baseline that can be scored on a split, prevalence first.

    Those that need the films come from ``evidence.json``; without that file prevalence stands alone.

    Raises
    ------
    ArtifactError
        A file is damaged, or the results are missing.
    """
    found = [read_baselines()[split]] if split in read_baselines() else []
    if not is_expected(artifacts_dir() / EVIDENCE):
        return found
    stored = (baseline.evaluations for baseline in read_evidence().baselines.values())
    return found + [evaluations[split].to_dict() for evaluations in stored if split in evaluations]


def read_conformal() -> dict[str, dict[str, dict[str, Any]]]:
    """`conformal_sets` by representative run and split; raises `ArtifactError` if missing or damaged."""
    return dict(_read()["conformal"])


def read_at_half() -> dict[str, dict[str, Any]]:
    """Evaluation on test at a threshold of 0.5 by run id; raises `ArtifactError` if missing or damaged."""
    return dict(_read()["at_half"])


def read_findings(split: ScoredSplit) -> "list[Finding]":
    """All pairs of representative committed runs; raises `ArtifactError` if missing or damaged."""
    return [_finding(stored) for stored in _read()["comparisons"].get(split, [])]


def read_shifts() -> dict[str, dict[str, Estimate]]:
    """Change of figures from validation to test by run id; raises `ArtifactError` if missing or damaged."""
    return {
        run_id: {name: stored_estimate(one) for name, one in group.items()}
        for run_id, group in _read()["shifts"].items()
    }


def read_sample_answers() -> dict[str, dict[str, int]]:
    """``as_drawn`` and ``cannot_tell`` of all ``films`` by representative run; raises `ArtifactError` if damaged."""
    return dict(_read()["samples"])


def read_mean_probability(run: Run) -> dict[float, Estimate]:
    """What a run's probabilities average on test, by prevalence; empty where nothing of the run as it is is stored."""
    found = _stored("said").get(run.run_id, {})
    if run.own or found.get("of") != _state(run):
        return {}
    return {prevalence: stored_estimate(one) for prevalence, one in found["at"]}


def read_shared_errors(runs: Iterable[Run]) -> list[dict[str, Any]] | None:
    """`SharedErrors` of these runs on test as JSON holds them; None where those of other runs are stored, or none."""
    runs = list(runs)
    found = _stored("shared_errors")
    if any(run.own for run in runs) or found.get("of") != {run.run_id: _state(run) for run in runs}:
        return None
    return list(found["groups"]) or None


def read_numbers(run: Run) -> dict[str, dict[str, Any]]:
    """`core.evidence.groups.by_number` of a run on test; empty where nothing of the run as it is is stored."""
    found = _stored("numbers").get(run.run_id, {})
    return dict(found["films"]) if not run.own and found.get("of") == _state(run) else {}


def _stored(section: str) -> dict[str, Any]:
    """A section that spares computing; empty where the file is missing or older than the section."""
    try:
        return dict(_read().get(section, {}))
    except ArtifactError:
        return {}


def _read() -> dict[str, Any]:
    return read_document(RESULTS, SECTIONS, "make results")


def null_title(evaluation: dict[str, Any]) -> str:
    """What people read of a null baseline, given its evaluation."""
    return f"Null baseline: {evaluation['name'].lower()}"


def estimate(evaluation: dict[str, Any], metric: str) -> Estimate:
    """One figure of an evaluation read from results, such as ``sensitivity``."""
    return stored_estimate(evaluation["metrics"][metric])


def stored_estimate(stored: dict[str, Any]) -> Estimate:
    """An estimate from what JSON holds of it."""
    return Estimate(method=stored["method"], **{key: _number(stored[key]) for key in ("value", "low", "high")})


def _number(stored: float | None) -> float:
    return float("nan") if stored is None else stored


def _finding(stored: dict[str, Any]) -> "Finding":
    from core.evaluation.paired_tests import Finding

    return Finding(
        difference=stored_estimate(stored["difference"]),
        p=_number(stored["p"]),
        p_adjusted=_number(stored["p_adjusted"]),
        **{key: stored[key] for key in ("a", "b", "metric", "test", "only_a", "only_b")},
    )


SET_SPLITS: tuple[ScoredSplit, ...] = ("validation", "test")
HALF = 0.5


def _state(run: Run) -> dict[str, Any]:
    """What figures depend on besides the scores: those of another state are not this run's."""
    record = run.record
    return {"weights": record.weights_hash, "threshold": record.threshold, "calibration": record.calibration}


def too_high(run: Run, prevalence: float = DEFAULT_PREVALENCE) -> str:
    """By how much a run's probabilities are too high on test, in words; empty where they are not or it is not known."""
    one = read_mean_probability(run).get(prevalence)
    if one is None or not one.low > prevalence:
        return ""
    return (
        f"Its probabilities are too high where pneumonia is rare: at {format_percent(prevalence, 0)} they average "
        f"{format_rate(one)} "
        "on the test films. Read them as ranks, not as risks."
    )


def mean_probability_of(run: Run, prevalences: Sequence[float] = PREVALENCES) -> dict[float, Estimate]:
    """`mean_probability_at` of a run's test films: from the results file as far as it has them, else computed."""
    stored = read_mean_probability(run)
    if all(prevalence in stored for prevalence in prevalences):
        return {prevalence: stored[prevalence] for prevalence in prevalences}
    return mean_probability_at(run.calibration, run.scores("test"), prevalences)


def shared_errors_of(runs: Sequence[Run]) -> list[SharedErrors]:
    """`shared_errors` on test: from the results file where it has those of just these runs, else computed."""
    stored = read_shared_errors(runs)
    if stored is None:
        return shared_errors(runs)
    return [SharedErrors(**{**one, "share": stored_estimate(one["share"])}) for one in stored]
