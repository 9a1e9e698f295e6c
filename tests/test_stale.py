"""Nothing committed is stale: results, records, tables, manifest and ledger follow from the committed scores."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from core.evaluation.evaluate import evaluate
from core.evaluation.freeze import frozen_choices
from core.evaluation.metrics import auroc
from core.files import sha256
from core.manifest import check_all
from core.paths import ROOT, artifacts_dir
from core.results.build import compute_results
from core.results.markdown import documents, refresh
from core.results.store import HALF, RESULTS, evaluate_run
from core.runs.ledger import read_ledger
from core.runs.record import SPLITS, Run
from core.runs.store import list_runs, representative, served

RUNS = [run for run in list_runs()[0] if not run.own]
SAME = {"rel": 1e-9, "abs": 1e-9}
FITTED = {"rel": 1e-5, "abs": 1e-5}  # calibration: an optimiser ends a little elsewhere on another machine
every_run = pytest.mark.parametrize("run", RUNS, ids=lambda run: run.run_id)


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    return json.loads((artifacts_dir() / RESULTS).read_text())


def leaves(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every number, text and blank of nested data, by its path."""
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(value, f"{path}/{key}")
    else:
        yield path, data


def differences(found: Any, expected: Any, tolerance: dict[str, float]) -> list[str]:
    """Paths at which nested data differ; numbers may by the tolerance."""
    ours, theirs = dict(leaves(found)), dict(leaves(expected))
    lonely = sorted(ours.keys() ^ theirs.keys())
    return lonely + [path for path in ours if path in theirs and not _same(ours[path], theirs[path], tolerance)]


def _same(found: Any, expected: Any, tolerance: dict[str, float]) -> bool:
    number = isinstance(found, float) and isinstance(expected, float | int)
    return found == (pytest.approx(expected, **tolerance) if number else expected)


def test_the_comparison_sees_what_differs() -> None:
    first = {"a": [1.0, {"b": None}], "c": "x"}
    assert differences(first, {"a": [1.0 + 1e-12, {"b": None}], "c": "x"}, SAME) == []
    assert differences(first, {"a": [1.1, {"b": 0.0}], "c": "y", "d": 1}, SAME) == ["/d", "/a/0", "/a/1/b", "/c"]


def test_every_run_can_be_read_and_is_in_the_results(stored) -> None:
    assert list_runs()[1] == []
    assert RUNS
    assert {(run.run_id, split) for run in RUNS for split in SPLITS} == {
        (run_id, split) for run_id, by_split in stored["runs"].items() for split in by_split
    }
    assert set(stored["at_half"]) == set(stored["shifts"]) == {run.run_id for run in RUNS}


@every_run
def test_figures_are_those_of_the_scores(run: Run, stored) -> None:
    """Point values, counts and closed intervals of every split; the bootstrap is drawn once here, in full below."""
    for split in SPLITS:
        again = evaluate(run.scores(split), run.record.threshold, draws=1).to_dict()
        assert differences(without_draws(again), without_draws(stored["runs"][run.run_id][split]), SAME) == []
    half = evaluate(run.scores("test"), HALF, draws=1).to_dict()
    assert differences(without_draws(half), without_draws(stored["at_half"][run.run_id]), SAME) == []
    for metric, change in stored["shifts"][run.run_id].items():
        before, after = (stored["runs"][run.run_id][split]["metrics"][metric] for split in ("validation", "test"))
        assert change["value"] == pytest.approx(after["value"] - before["value"], **SAME)


def without_draws(evaluation: dict[str, Any]) -> dict[str, Any]:
    """An evaluation without what the bootstrap's draws decide."""
    values = {name: figure["value"] for name, figure in evaluation["metrics"].items()}
    return {**evaluation, "metrics": values, "draws": None}


def test_intervals_of_the_served_run_are_those_of_the_draws(stored) -> None:
    run = served(RUNS)
    for split in ("test", "stress_validation"):
        assert differences(evaluate_run(run, split).to_dict(), stored["runs"][run.run_id][split], SAME) == []


@pytest.mark.parametrize("split", SPLITS)
def test_comparisons_are_of_the_representative_runs(split, stored) -> None:
    shown = representative(RUNS)
    found = stored["comparisons"][split]
    pairs = {(one.title, other.title) for i, one in enumerate(shown) for other in shown[i + 1 :]}
    assert {(finding["a"], finding["b"]) for finding in found} == pairs
    by_title = {run.title: stored["runs"][run.run_id][split]["metrics"] for run in shown}
    for finding in found:
        a, b = (by_title[finding[side]][finding["metric"]]["value"] for side in "ab")
        assert finding["difference"]["value"] == pytest.approx(a - b, **SAME)


@pytest.mark.slow
def test_results_are_what_the_scores_give(stored) -> None:
    """Everything, with all draws; a section that other code adds is left to its own test."""
    again = compute_results(RUNS)
    assert differences(again, {key: stored[key] for key in again}, SAME) == []


@every_run
def test_frozen_choices_are_those_of_the_validation_scores(run: Run) -> None:
    record = json.loads((run.folder / "run.json").read_text())
    choices = frozen_choices(run.scores("validation"), run.scores("stress_validation"))
    again = json.loads(json.dumps(choices))
    fitted = ("calibration", "calibration_brier")
    assert record["calibration"]["method"] == again["calibration"]["method"]
    for key, value in again.items():
        assert differences({key: value}, {key: record[key]}, FITTED if key in fitted else SAME) == []


@every_run
def test_record_belongs_to_the_weights(run: Run) -> None:
    if run.has_weights:  # of the others scores alone are kept
        assert sha256(run.folder / "model.onnx") == run.record.weights_hash
    else:
        assert run not in representative(RUNS)
    assert run.run_id == run.folder.name == f"{run.record.model}-s{run.record.seed}"


@every_run
def test_ledger_holds_the_evaluation_on_test(run: Run) -> None:
    key = (run.run_id, run.record.weights_hash, "")  # lines with a note are of other looks at the test films
    recorded = [line for line in read_ledger(artifacts_dir()) if (line.run, line.weights_hash, line.note) == key]
    assert recorded, f"test_ledger.csv has no line for {run.run_id} with its weights"
    assert {line.data_hash for line in recorded} == {run.record.data_hash}
    assert float(recorded[0].auroc) == pytest.approx(auroc(run.scores("test")), abs=1e-6)


def test_all_runs_are_of_the_same_films() -> None:
    assert len({run.record.data_hash for run in RUNS}) == 1


def test_manifest_is_complete() -> None:
    assert check_all() == []


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_tables_in_the_documents_are_fresh(path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == refresh(text), f"{path.name} quotes older results; run: make results"
