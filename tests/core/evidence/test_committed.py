"""The committed evidence belongs to the committed runs, and its figures follow from the committed scores."""

import pytest

from core.evaluation.evaluate import evaluate
from core.evaluation.metrics import auroc
from core.evidence import image_shift, shortcuts, stress_curves
from core.evidence.baselines import FOLDER, RECORD, baseline_scores, read_baseline
from core.evidence.collect import CHANGES, SHIFT_NOTE, SUBGROUP_NOTE
from core.evidence.groups import subgroups, variation
from core.evidence.read import read_evidence
from core.evidence.types import Evidence
from core.files import sha256
from core.paths import artifacts_dir
from core.runs.ledger import read_ledger
from core.runs.record import Run
from core.runs.store import list_runs, representative

RUNS = [run for run in list_runs()[0] if not run.own]
WEIGHED = [run for run in RUNS if run.has_weights]
every_run = pytest.mark.parametrize("run", WEIGHED, ids=lambda run: run.run_id)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return read_evidence()


def test_settings_are_those_of_the_code(evidence) -> None:
    settings = evidence.settings
    assert settings["with_test"]
    assert {settings["data_hash"]} == {run.record.data_hash for run in RUNS}
    for name, module in (("shortcut", shortcuts), ("stress_curves", stress_curves), ("image_shift", image_shift)):
        assert settings[name] == module.SETTINGS


def test_every_run_with_weights_is_in_the_evidence(evidence) -> None:
    assert list(evidence.runs) == [run.run_id for run in WEIGHED]
    assert {run.run_id for run in representative(RUNS)} <= {run.run_id for run in WEIGHED}


@every_run
def test_evidence_is_of_these_weights(run: Run, evidence) -> None:
    found = evidence.runs[run.run_id]
    assert (found.weights_hash, found.threshold) == (run.record.weights_hash, run.record.threshold)
    for split in ("validation", "test"):
        whole = found.shortcut[split].whole.by_patient.value
        assert whole == pytest.approx(auroc(run.scores(split)), abs=1e-4)  # scored anew, perhaps on another machine


@every_run
def test_subgroups_are_those_of_the_scores(run: Run, evidence, monkeypatch) -> None:
    for module in ("core.evidence.groups", "core.evaluation.subgroups"):  # point values alone
        monkeypatch.setattr(f"{module}.evaluate", lambda scores, threshold, **_: evaluate(scores, threshold, draws=1))
    again = subgroups(run.scores("test"), run.record.threshold)
    stored = evidence.runs[run.run_id].subgroups
    assert list(again) == list(stored)
    for name, group in again.items():
        assert group.confusion == stored[name].confusion
        for metric, figure in group.metrics.items():
            assert figure.value == pytest.approx(stored[name].metrics[metric].value, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("name", ["byte_size", "aspect_ratio", "thumbnail"])
def test_baselines_are_those_of_the_scores(name, evidence) -> None:
    found, record = evidence.baselines[name], read_baseline(name)
    assert found.record_hash == sha256(artifacts_dir() / FOLDER / name / RECORD)
    assert list(found.evaluations) == record["splits"]
    for split, stored in found.evaluations.items():
        again = evaluate(baseline_scores(name, split), record["threshold"], draws=1)
        assert again.confusion == stored.confusion
        assert again.metrics["auroc"].value == pytest.approx(stored.metrics["auroc"].value, abs=1e-9)


def test_seed_variation_is_that_of_the_runs(evidence) -> None:
    for again, stored in zip(variation(RUNS, with_test=True), evidence.seed_variation, strict=True):
        assert (again.split, again.model, again.metric, again.seeds) == (
            stored.split,
            stored.model,
            stored.metric,
            stored.seeds,
        )
        assert again.mean == pytest.approx(stored.mean, abs=1e-9, nan_ok=True)


def test_the_ledger_holds_every_look(evidence) -> None:
    lines = {(line.run, line.weights_hash, line.note) for line in read_ledger(artifacts_dir())}
    notes = [SUBGROUP_NOTE, *(note for _, note in CHANGES.values())]
    looks = {(run.run_id, run.record.weights_hash, note) for run in WEIGHED for note in notes}
    looks |= {(f"baseline:{name}", found.record_hash, "") for name, found in evidence.baselines.items()}
    assert looks | {("films", "", SHIFT_NOTE)} <= lines
