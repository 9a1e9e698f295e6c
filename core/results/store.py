"""The one results file that pages, README and exports quote: every committed run, evaluated at its frozen threshold.

`core.results.build` writes it. Here it becomes typed objects, a section when it is first asked for.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from core.errors import ArtifactError
from core.evaluation.calibration import DEFAULT_PREVALENCE
from core.evaluation.conformal import ConformalSets, evaluate_sets
from core.evaluation.evaluate import Evaluation, evaluate
from core.evaluation.paired_tests import Finding
from core.evaluation.types import Estimate
from core.evidence.failures import SharedErrors, shared_errors
from core.evidence.prevalence import PREVALENCES, is_too_high, mean_probability_at
from core.evidence.read import EVIDENCE, read_evidence
from core.manifest import is_expected, read_document
from core.paths import artifacts_dir
from core.runs.record import Run, ScoredSplit
from core.wording import format_percent, format_rate

RESULTS = "results.json"
REMEDY = "make results"
SECTIONS = frozenset({"runs", "baselines", "at_half", "comparisons", "shifts", "conformal", "samples"})
SET_SPLITS: tuple[ScoredSplit, ...] = ("validation", "test")
HALF = 0.5

BySplit = dict[ScoredSplit, Evaluation]
Results = dict[str, BySplit]
RunState = Mapping[str, object]
T = TypeVar("T")


def read_results() -> Results:
    """Return the evaluations of the committed runs by run id and split; raises `ArtifactError` if damaged."""
    return dict(_section("runs", _parse_results))


def evaluation_of(run: Run, split: ScoredSplit) -> Evaluation:
    """Return the committed evaluation of a run; raises `ArtifactError` if there is none, as of a user's own run."""
    evaluation = None if run.own else read_results().get(run.run_id, {}).get(split)
    if evaluation is None:
        raise ArtifactError(f"{run.run_id} is not in {RESULTS} for {split.replace('_', ' ')}; run: {REMEDY}")
    return evaluation


def read_baselines() -> BySplit:
    """Return the evaluation of the prevalence alone as every film's score, by split."""
    return dict(_section("baselines", _parse_evaluations))


def null_baselines(split: ScoredSplit) -> list[Evaluation]:
    """Return every null baseline that can be scored on a split, prevalence first.

    Those that need the films come from ``evidence.json``; without that file there is only prevalence.

    Raises
    ------
    ArtifactError
        A file is damaged, or the results are missing.
    """
    baselines = read_baselines()
    nulls = [baselines[split]] if split in baselines else []
    if not is_expected(artifacts_dir() / EVIDENCE):
        return nulls
    measured = (baseline.evaluations for baseline in read_evidence().baselines.values())
    return nulls + [evaluations[split] for evaluations in measured if split in evaluations]


def null_title(evaluation: Evaluation) -> str:
    """Return what people read of a null baseline."""
    return f"Null baseline: {evaluation.name.lower()}"


def read_conformal() -> dict[str, dict[ScoredSplit, ConformalSets]]:
    """Return what the conformal sets do, by representative run and split."""
    return dict(_section("conformal", _parse_sets))


def read_at_half() -> dict[str, Evaluation]:
    """Return the evaluation on test at a threshold of 0.5, by run id."""
    return dict(_section("at_half", _parse_evaluations))


def read_findings(split: ScoredSplit) -> list[Finding]:
    """Return all pairs of representative committed runs."""
    return list(_section("comparisons", _parse_findings).get(split, ()))


def read_shifts() -> dict[str, dict[str, Estimate]]:
    """Return the change of figures from validation to test, by run id and metric."""
    return dict(_section("shifts", _parse_shifts))


def read_mean_probability(run: Run) -> dict[float, Estimate]:
    """Return the mean of a run's probabilities on test, by prevalence; empty where it is not stored of this state."""
    stored = _optional("said").get(run.run_id, {})
    if run.own or stored.get("of") != run_state(run):
        return {}
    return {prevalence: Estimate.from_dict(mean) for prevalence, mean in stored["at"]}


def mean_probability_of(run: Run, prevalences: Sequence[float] = PREVALENCES) -> dict[float, Estimate]:
    """Return `mean_probability_at` of a run's test films: from the results file if it has them all, else computed."""
    stored = read_mean_probability(run)
    if all(prevalence in stored for prevalence in prevalences):
        return {prevalence: stored[prevalence] for prevalence in prevalences}
    return mean_probability_at(run.calibration, run.scores("test"), prevalences)


def too_high(run: Run, prevalence: float = DEFAULT_PREVALENCE) -> str:
    """Return by how much a run's probabilities are too high on test, in words; empty where they are not known to be."""
    mean = read_mean_probability(run).get(prevalence)
    return "" if mean is None else too_high_in_words(mean, prevalence)


def too_high_in_words(mean: Estimate, prevalence: float) -> str:
    """Return a warning where the whole interval of the mean probability lies above the prevalence, else nothing."""
    if not is_too_high(mean, prevalence):
        return ""
    return (
        f"Its probabilities are too high where pneumonia is rare: at {format_percent(prevalence, 0)} they average "
        f"{format_rate(mean)} on the test films. Use them to sort, not as a child's risk."
    )


def read_shared_errors(runs: Iterable[Run]) -> list[SharedErrors] | None:
    """Return the errors that these runs share on test; None where those of other runs are stored, or none."""
    runs = list(runs)
    stored = _optional("shared_errors")
    if any(run.own for run in runs) or stored.get("of") != {run.run_id: run_state(run) for run in runs}:
        return None
    groups = [SharedErrors(**{**group, "share": Estimate.from_dict(group["share"])}) for group in stored["groups"]]
    return groups or None


def shared_errors_of(runs: Sequence[Run]) -> list[SharedErrors]:
    """Return the errors that runs share on test, from the results file if it has just these; else computed."""
    return read_shared_errors(runs) or shared_errors(runs)


def read_numbers(run: Run) -> dict[str, Evaluation]:
    """Return `core.evidence.groups.by_number` of a run on test; empty where it is not stored of this state."""
    stored = _optional("numbers").get(run.run_id, {})
    if run.own or stored.get("of") != run_state(run):
        return {}
    return {name: Evaluation.from_dict(part) for name, part in stored["films"].items()}


def run_state(run: Run) -> RunState:
    """Return what figures depend on besides the scores: those of another state are not this run's."""
    record = run.record
    return {"weights": record.weights_hash, "threshold": record.threshold, "calibration": record.calibration}


def _optional(section: str) -> dict[str, Any]:
    """Return a section that spares computing; empty where the file is missing or older than the section."""
    try:
        return dict(read_document(RESULTS, SECTIONS, REMEDY).get(section, {}))
    except ArtifactError:
        return {}


def _section(name: str, parse: Callable[[Any], T]) -> T:
    """Return a section as typed objects, made once for each state of the file; nobody may change them."""
    read_document(RESULTS, SECTIONS, REMEDY)  # says what is wrong with the file, each time
    path = artifacts_dir() / RESULTS
    typed: T = _parsed(name, parse, path, path.stat().st_mtime_ns)
    return typed


@lru_cache(maxsize=32)
def _parsed(name: str, parse: Callable[[Any], Any], path: Path, changed: int) -> Any:
    """Parse the file at `path`; `changed`, the time when it was written, is a part of the cache's key."""
    try:
        return parse(read_document(RESULTS, SECTIONS, REMEDY)[name])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ArtifactError(f"{path} is damaged; fetch artifacts/ again or run: {REMEDY}") from None


def _parse_evaluations(stored: Any) -> dict[Any, Evaluation]:
    return {name: Evaluation.from_dict(evaluation) for name, evaluation in stored.items()}


def _parse_results(stored: Any) -> Results:
    return {run_id: _parse_evaluations(by_split) for run_id, by_split in stored.items()}


def _parse_sets(stored: Any) -> dict[str, dict[ScoredSplit, ConformalSets]]:
    return {
        run_id: {split: ConformalSets.from_dict(sets) for split, sets in by_split.items()}
        for run_id, by_split in stored.items()
    }


def _parse_findings(stored: Any) -> dict[ScoredSplit, tuple[Finding, ...]]:
    return {split: tuple(map(Finding.from_dict, findings)) for split, findings in stored.items()}


def _parse_shifts(stored: Any) -> dict[str, dict[str, Estimate]]:
    return {
        run_id: {metric: Estimate.from_dict(change) for metric, change in changes.items()}
        for run_id, changes in stored.items()
    }


def evaluate_run(run: Run, split: ScoredSplit, threshold: float | None = None) -> Evaluation:
    """Return the evaluation of a run's stored scores, at its frozen threshold if no other is given."""
    return evaluate(run.scores(split), run.record.threshold if threshold is None else threshold)


def conformal_sets(run: Run, split: ScoredSplit) -> ConformalSets:
    """Return what a run's conformal sets do on a split."""
    return evaluate_sets(run.conformal, run.scores(split))
