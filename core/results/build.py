"""Compute artifacts/results.json from the stored scores of the committed runs."""

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict

from core.data.patients import patient_key
from core.data.samples import list_samples
from core.data.split import SPLIT_FILE
from core.evaluation.baselines import prevalence_baseline
from core.evaluation.evaluate import Evaluation, evaluate, without_nan
from core.evaluation.paired_tests import Candidate, Finding, compare_all
from core.evaluation.subgroups import shift
from core.evaluation.verdict import Verdict
from core.evidence.failures import shared_errors
from core.evidence.groups import NUMBER_NOTE, by_number
from core.evidence.prevalence import mean_probability_at
from core.files import write_text
from core.imaging.decode import read_film
from core.inference.model import Model, Prediction
from core.manifest import check_file
from core.paths import artifacts_dir
from core.results.store import HALF, RESULTS, SET_SPLITS, conformal_sets, evaluate_run, run_state
from core.runs.ledger import record_test
from core.runs.record import SPLITS, Run, ScoredSplit
from core.runs.store import representative
from core.wording import finding_sentence


def compute_results(runs: Iterable[Run]) -> dict[str, object]:
    """Return everything that is quoted, from stored scores, as the file holds it.

    Returns
    -------
    dict
        ``runs``: `Evaluation` by run id and split; ``baselines``: the same for the share of pneumonia among training
        films as every film's score, by split; ``at_half``: `Evaluation` on test at a threshold of 0.5, the notebook's,
        by run id; ``comparisons``: `Finding` of all pairs of representative runs, by split; ``shifts``: change of
        figures from validation to test, by run id; ``conformal``: `ConformalSets` of the representative runs on
        validation and test, by run id and split; ``samples``: counts of answers to the synthetic films by id of the
        representative runs; ``said``: the mean of their probabilities on test, by run id; ``shared_errors``: the films
        of test that all of them get wrong; ``numbers``: `core.evidence.groups.by_number` on test, by run id.
    """
    scored = {split: [run for run in runs if run.has_scores(split)] for split in SPLITS}
    everyone = list({run.run_id: run for group in scored.values() for run in group}.values())
    shifted = [run for run in everyone if run in scored["validation"] and run in scored["test"]]
    return {
        "runs": {
            run.run_id: {split: evaluate_run(run, split).to_dict() for split in SPLITS if run in scored[split]}
            for run in everyone
        },
        "baselines": {split: _baseline(group[0], split).to_dict() for split, group in scored.items() if group},
        "at_half": {run.run_id: evaluate_run(run, "test", HALF).to_dict() for run in scored["test"]},
        "comparisons": {
            split: [_with_sentence(finding) for finding in _comparisons(representative(group), split)]
            for split, group in scored.items()
        },
        "shifts": {
            run.run_id: {
                metric: change.to_dict()
                for metric, change in shift(run.scores("validation"), run.scores("test"), run.record.threshold).items()
            }
            for run in shifted
        },
        "conformal": {
            run.run_id: {split: conformal_sets(run, split).to_dict() for split in SET_SPLITS if run in scored[split]}
            for run in representative(everyone)
        },
        "samples": _sample_answers(representative(everyone)),
        "said": {run.run_id: _mean_probability(run) for run in representative(scored["test"])},
        "shared_errors": _shared_errors(representative(scored["test"])),
        "numbers": {run.run_id: _numbers(run) for run in representative(scored["test"])},
    }


def write_results(runs: Iterable[Run]) -> None:
    """Write ``artifacts/results.json`` anew for the committed runs, and what it looks at on test into the ledger."""
    committed = [run for run in runs if not run.own]
    for run in representative([run for run in committed if run.has_scores("test")]):
        record_test(run, run.scores("test"), run.record.data_hash, NUMBER_NOTE)
    results = compute_results(committed)
    write_text(artifacts_dir() / RESULTS, json.dumps(results, indent=1, sort_keys=True) + "\n")


def _baseline(run: Run, split: ScoredSplit) -> Evaluation:
    return evaluate(prevalence_baseline(run.scores(split), _train_prevalence()), HALF)


def _train_prevalence() -> float:
    """Return the share of pneumonia among the films that models learn from."""
    labels = [row["sample_id"].split("/")[1] for row in _train_folder() if row["split"] == "train"]
    return labels.count("PNEUMONIA") / len(labels)


def _train_folder() -> list[dict[str, str]]:
    """Return the rows of the committed split: the films of the folder train, with train or validation."""
    with check_file(artifacts_dir() / SPLIT_FILE).open(newline="") as file:
        return list(csv.DictReader(file))


def _comparisons(runs: list[Run], split: ScoredSplit) -> list[Finding]:
    candidates = [Candidate(scores=run.scores(split), threshold=run.record.threshold) for run in runs]
    return compare_all(candidates) if len(candidates) > 1 else []


def _with_sentence(finding: Finding) -> dict[str, object]:
    return finding.to_dict() | {"sentence": finding_sentence(finding)}


def _sample_answers(runs: list[Run]) -> dict[str, dict[str, int]]:
    films = [(read_film(sample.path), sample.label.lower()) for sample in list_samples()]
    return {
        model.run.run_id: _answers([(model.predict(film), label) for film, label in films])
        for model in map(Model, runs)
    }


def _answers(predictions: list[tuple[Prediction, str]]) -> dict[str, int]:
    expected = {"pneumonia": Verdict.FLAGGED, "normal": Verdict.NOT_FLAGGED}
    return {
        "as_drawn": sum(prediction.verdict is expected[label] for prediction, label in predictions),
        "cannot_tell": sum(prediction.verdict is Verdict.NO_CALL for prediction, _ in predictions),
        "films": len(predictions),
    }


def _mean_probability(run: Run) -> dict[str, object]:
    means = mean_probability_at(run.calibration, run.scores("test"))
    return {"of": run_state(run), "at": [[prevalence, mean.to_dict()] for prevalence, mean in means.items()]}


def _numbers(run: Run) -> dict[str, object]:
    trained = {patient_key(row["sample_id"].rsplit("/", 1)[-1]).wide for row in _train_folder()}
    parts = by_number(run.scores("test"), run.record.threshold, trained)
    return {"of": run_state(run), "films": {name: part.to_dict() for name, part in parts.items()}}


def _shared_errors(runs: list[Run]) -> dict[str, object]:
    groups = shared_errors(runs) if len(runs) > 1 else []
    return {
        "of": {run.run_id: run_state(run) for run in runs},
        "groups": without_nan([asdict(group) for group in groups]),
    }
