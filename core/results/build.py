"""Compute artifacts/results.json from the stored scores of the committed runs."""

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.data.samples import list_samples
from core.evaluation.verdict import Verdict
from core.files import write_text
from core.imaging.decode import read_film
from core.inference.model import Model, Prediction
from core.manifest import check_file
from core.paths import artifacts_dir
from core.results.store import HALF, SET_SPLITS, _state
from core.runs.ledger import record_test
from core.runs.record import Run, ScoredSplit
from core.runs.store import representative
from core.wording import finding_sentence

if TYPE_CHECKING:
    pass
from core.results.store import RESULTS
from core.runs.record import SPLITS


def compute_results(runs: Iterable[Run]) -> dict[str, Any]:
    """Everything that is quoted, from stored scores.

    Returns
    -------
    dict
        ``runs``: `Evaluation.to_dict` by run id and split; ``baselines``: the same for the share of pneumonia among
        training films as every film's score, by split; ``at_half``: `Evaluation.to_dict` on test at a threshold of 0.5,
        the notebook's, by run id; ``comparisons``: `Finding.to_dict` of all pairs of
        representative runs, by split; ``shifts``: change of figures from validation to test, by run id;
        ``conformal``: `conformal_sets` of the representative runs on validation and test, by run id and split;
        ``samples``: how many synthetic films get the verdict that they were drawn for, and for how many the model
        cannot tell, by id of the representative runs; ``said``: what their probabilities average on test, by run id;
        ``shared_errors``: what all of them get wrong on test; ``numbers``: `core.evidence.groups.by_number` on test,
        by run id.
    """
    from core.evaluation.evaluate import without_nan
    from core.evaluation.subgroups import shift

    scored = {split: [run for run in runs if run.has_scores(split)] for split in SPLITS}
    everyone = list({run.run_id: run for group in scored.values() for run in group}.values())
    shifted = [run for run in everyone if run in scored["validation"] and run in scored["test"]]
    return {
        "runs": {
            run.run_id: {split: evaluate_run(run, split) for split in SPLITS if run in scored[split]}
            for run in everyone
        },
        "baselines": {split: _baseline(group[0], split) for split, group in scored.items() if group},
        "at_half": {run.run_id: evaluate_run(run, "test", HALF) for run in scored["test"]},
        "comparisons": {split: _comparisons(representative(group), split) for split, group in scored.items()},
        "shifts": {
            run.run_id: {
                metric: without_nan(asdict(change))
                for metric, change in shift(run.scores("validation"), run.scores("test"), run.record.threshold).items()
            }
            for run in shifted
        },
        "conformal": {
            run.run_id: {split: conformal_sets(run, split) for split in SET_SPLITS if run in scored[split]}
            for run in representative(everyone)
        },
        "samples": _sample_answers(representative(everyone)),
        "said": {run.run_id: _mean_probability(run) for run in representative(scored["test"])},
        "shared_errors": _shared_errors(representative(scored["test"])),
        "numbers": {run.run_id: _numbers(run) for run in representative(scored["test"])},
    }


def evaluate_run(run: Run, split: ScoredSplit, threshold: float | None = None) -> dict[str, Any]:
    """`Evaluation.to_dict` of a run's stored scores, at its frozen threshold if no other is given."""
    from core.evaluation.evaluate import evaluate

    return evaluate(run.scores(split), run.record.threshold if threshold is None else threshold).to_dict()


def conformal_sets(run: Run, split: ScoredSplit) -> dict[str, Any]:
    """What a run's conformal sets do on a split.

    Returns
    -------
    dict
        ``alpha``; ``band``: lowest and highest score between which the set is not one label; ``rows``: those of
        `core.evaluation.conformal.evaluate_sets`.
    """
    from core.evaluation.conformal import evaluate_sets
    from core.evaluation.evaluate import without_nan

    rule = run.conformal
    rows = evaluate_sets(rule, run.scores(split)).to_dict("records")
    return {"alpha": rule.alpha, "band": list(rule.abstain_band), "rows": without_nan(rows)}


def _baseline(run: Run, split: ScoredSplit) -> dict[str, Any]:
    from core.evaluation.baselines import prevalence_baseline
    from core.evaluation.evaluate import evaluate

    scores = prevalence_baseline(run.scores(split), _train_prevalence())
    return evaluate(scores, HALF).to_dict()


def _train_prevalence() -> float:
    """Share of pneumonia among the films that models learn from."""
    labels = [row["sample_id"].split("/")[1] for row in _train_folder() if row["split"] == "train"]
    return labels.count("PNEUMONIA") / len(labels)


def _train_folder() -> list[dict[str, str]]:
    """Rows of the committed split: the films of the folder train, with train or validation."""
    from core.data.split import SPLIT_FILE

    with check_file(artifacts_dir() / SPLIT_FILE).open(newline="") as file:
        return list(csv.DictReader(file))


def _comparisons(runs: list[Run], split: ScoredSplit) -> list[dict[str, Any]]:
    from core.evaluation.paired_tests import Candidate, compare_all

    candidates = [Candidate(scores=run.scores(split), threshold=run.record.threshold) for run in runs]
    if len(candidates) < 2:
        return []
    return [finding.to_dict() | {"sentence": finding_sentence(finding)} for finding in compare_all(candidates)]


def _sample_answers(runs: list[Run]) -> dict[str, dict[str, int]]:
    films = [(read_film(sample.path), sample.label.lower()) for sample in list_samples()]
    return {
        model.run.run_id: _answers([(model.predict(film), label) for film, label in films])
        for model in map(Model, runs)
    }


def _answers(answered: list[tuple[Prediction, str]]) -> dict[str, int]:
    expected = {"pneumonia": Verdict.FLAGGED, "normal": Verdict.NOT_FLAGGED}
    return {
        "as_drawn": sum(prediction.verdict is expected[label] for prediction, label in answered),
        "cannot_tell": sum(prediction.verdict is Verdict.NO_CALL for prediction, _ in answered),
        "films": len(answered),
    }


def _mean_probability(run: Run) -> dict[str, Any]:
    from core.evaluation.evaluate import without_nan
    from core.evidence.prevalence import mean_probability_at

    means = mean_probability_at(run.calibration, run.scores("test"))
    return {"of": _state(run), "at": [[prevalence, without_nan(asdict(one))] for prevalence, one in means.items()]}


def _numbers(run: Run) -> dict[str, Any]:
    from core.data.patients import patient_key
    from core.evidence.groups import by_number

    trained = {patient_key(row["sample_id"].rsplit("/", 1)[-1]).wide for row in _train_folder()}
    films = by_number(run.scores("test"), run.record.threshold, trained)
    return {"of": _state(run), "films": {name: evaluation.to_dict() for name, evaluation in films.items()}}


def _shared_errors(runs: list[Run]) -> dict[str, Any]:
    from core.evaluation.evaluate import without_nan
    from core.evidence.failures import shared_errors

    groups = [without_nan(asdict(one)) for one in shared_errors(runs)] if len(runs) > 1 else []
    return {"of": {run.run_id: _state(run) for run in runs}, "groups": groups}


def write_results(runs: Iterable[Run]) -> None:
    """Write ``artifacts/results.json`` anew for the committed runs, and what it looks at on test into the ledger."""
    from core.evidence.groups import NUMBER_NOTE

    committed = [run for run in runs if not run.own]
    for run in representative([run for run in committed if run.has_scores("test")]):
        record_test(run, run.scores("test"), run.record.data_hash, NUMBER_NOTE)
    results = compute_results(committed)
    write_text(artifacts_dir() / RESULTS, json.dumps(results, indent=1, sort_keys=True) + "\n")
