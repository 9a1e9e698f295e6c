"""The results file: what it holds, that it is stable, and what happens when it is damaged."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from core.data.samples import list_samples
from core.errors import ArtifactError
from core.evaluation.evaluate import evaluate
from core.evaluation.metrics import confusion
from core.evaluation.types import Estimate
from core.evidence.failures import shared_errors
from core.evidence.prevalence import PREVALENCES, mean_probability_at
from core.imaging.decode import read_film
from core.inference.model import Model
from core.manifest import write_manifest
from core.paths import ROOT
from core.results import store as results
from core.results.build import write_results
from core.results.store import mean_probability_of, shared_errors_of
from core.runs.record import SPLITS, Run
from core.runs.store import list_runs, representative
from core.wording import format_rate

METRICS_COMPARED = 5


@pytest.fixture
def artifacts(trained_folder: Path, no_artifacts: Path) -> Path:
    """An artifacts folder with two committed runs and a split of three training films to one."""
    shutil.copytree(trained_folder, no_artifacts, dirs_exist_ok=True)
    shutil.copytree(ROOT / "artifacts" / "samples", no_artifacts / "samples")
    films = ["NORMAL/a", "PNEUMONIA/b", "PNEUMONIA/c", "PNEUMONIA/d"]
    lines = [f"train/{film}.jpeg,train" for film in films] + ["train/NORMAL/e.jpeg,validation"]
    (no_artifacts / "split.csv").write_text("\n".join(["sample_id,split", *lines]) + "\n")
    write_manifest()
    return no_artifacts


def write() -> list[Run]:
    runs, problems = list_runs()
    assert problems == []
    write_results(runs)
    write_manifest()
    return runs


def test_every_committed_run_and_split_is_evaluated_at_its_frozen_threshold(artifacts: Path) -> None:
    runs = write()
    stored = results.read_results()
    assert set(stored) == {run.run_id for run in runs}
    for run in runs:
        assert set(stored[run.run_id]) == set(SPLITS)
        again = evaluate(run.scores("test"), run.record.threshold)
        assert stored[run.run_id]["test"].to_dict() == again.to_dict()
        assert results.read_at_half()[run.run_id].to_dict() == evaluate(run.scores("test"), 0.5).to_dict()
        assert results.evaluation_of(run, "test") is stored[run.run_id]["test"]


def test_pairs_shifts_and_baseline_are_read_back(artifacts: Path) -> None:
    first, second = write()
    found = results.read_findings("test")
    assert len(found) == METRICS_COMPARED
    assert {(one.a, one.b) for one in found} == {(first.title, second.title)}
    accuracy = {run.run_id: results.read_results()[run.run_id]["test"].metrics["accuracy"] for run in (first, second)}
    difference = next(one.difference.value for one in found if one.metric == "accuracy")
    assert difference == pytest.approx(accuracy[first.run_id].value - accuracy[second.run_id].value)
    change = results.read_shifts()[first.run_id]["specificity"]
    validation, test = (
        results.read_results()[first.run_id][split].metrics["specificity"].value for split in ("validation", "test")
    )
    assert change.value == pytest.approx(test - validation)
    baseline = results.read_baselines()["test"]
    assert baseline.metrics["auroc"].value == 0.5
    assert baseline.metrics["brier"].value == pytest.approx((0.75**2 + 0.25**2) / 2)  # score .75, half and half


def test_conformal_sets_of_representative_runs_are_read_back(artifacts: Path) -> None:
    runs = write()
    found = results.read_conformal()
    assert set(found) == {run.run_id for run in representative(runs)}
    for run in representative(runs):
        assert set(found[run.run_id]) == {"validation", "test"}
        sets = found[run.run_id]["test"]
        assert sets.band == run.conformal.abstain_band
        scores = run.scores("test")
        inside = run.conformal.contains(scores.y_score)
        own = inside[range(len(scores)), scores.y_true]
        assert sets.of("normal").coverage.value == pytest.approx(own[scores.y_true == 0].mean())
        assert sets.of("all").abstained.value == pytest.approx((inside.sum(axis=1) != 1).mean())


def test_answers_to_samples_count_those_that_cannot_tell_apart(artifacts: Path) -> None:
    runs = write()
    stored = json.loads((artifacts / results.RESULTS).read_text())["samples"]
    for run in representative(runs):
        verdicts = [(Model(run).predict(read_film(sample.path)).verdict, sample.label) for sample in list_samples()]
        right = [("flagged", "PNEUMONIA"), ("not_flagged", "NORMAL")]
        assert stored[run.run_id] == {
            "as_drawn": sum(answer in right for answer in verdicts),
            "cannot_tell": sum(verdict == "no_call" for verdict, _ in verdicts),
            "films": len(verdicts),
        }


def test_what_probabilities_average_is_read_back_and_else_computed(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = representative(write())[0]
    computed = mean_probability_at(run.calibration, run.scores("test"))
    assert set(mean_probability_of(run, [0.33])) == {0.33}  # not stored
    monkeypatch.setattr(results, "mean_probability_at", None)
    assert mean_probability_of(run) == computed
    assert mean_probability_of(run, PREVALENCES[2:3]) == {PREVALENCES[2]: computed[PREVALENCES[2]]}
    for changed in ({"weights_hash": "0" * 64}, {"calibration": {**run.record.calibration, "prevalence": 0.4}}):
        anew = dataclasses.replace(run, record=dataclasses.replace(run.record, **changed))
        assert results.read_mean_probability(anew) == {}
    (artifacts / results.RESULTS).unlink()
    assert results.read_mean_probability(run) == {}


def test_shared_errors_are_read_back_for_just_these_models(artifacts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = representative(write())
    computed = shared_errors(runs)
    anew = dataclasses.replace(runs[0], record=dataclasses.replace(runs[0].record, threshold=0.123))
    assert results.read_shared_errors([anew, *runs[1:]]) is None
    assert results.read_shared_errors(runs[:1]) is None
    monkeypatch.setattr(results, "shared_errors", None)
    for one, again in zip(computed, shared_errors_of(runs[::-1]), strict=True):
        assert (again.label, again.films, again.wrong) == (one.label, one.films, one.wrong)
        assert (again.share.value, again.by_chance) == pytest.approx((one.share.value, one.by_chance))
        assert [again.share.low, again.share.high] == pytest.approx([one.share.low, one.share.high], nan_ok=True)


def test_without_evidence_the_prevalence_is_the_only_null_baseline(artifacts: Path) -> None:
    write()
    assert results.null_baselines("test") == [results.read_baselines()["test"]]
    (artifacts / "evidence.json").write_text("{")
    write_manifest()
    with pytest.raises(ArtifactError, match=r"evidence\.json is damaged"):
        results.null_baselines("test")


def test_all_null_baselines_of_a_split() -> None:
    names = [one.name for one in results.null_baselines("test")]
    assert names == ["Prevalence alone", "File size alone", "Aspect ratio, estimated", "Thumbnail of 8 x 8 pixels"]
    stress = [one.name for one in results.null_baselines("stress_validation")]
    assert stress == [name for name in names if name != "File size alone"]  # a stress film has no file


def test_writing_twice_gives_the_same_bytes_and_no_nan(artifacts: Path) -> None:
    write()
    first = (artifacts / results.RESULTS).read_bytes()
    write()
    assert (artifacts / results.RESULTS).read_bytes() == first
    assert b"NaN" not in first


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"runs": {}})])
def test_damaged_results_are_named(artifacts: Path, text: str) -> None:
    (artifacts / results.RESULTS).write_text(text)
    write_manifest()
    with pytest.raises(ArtifactError, match="make results"):
        results.read_results()


def test_missing_results_are_named(artifacts: Path) -> None:
    with pytest.raises(ArtifactError, match=r"results\.json is missing"):
        results.read_results()


def test_own_runs_stay_out_of_the_committed_results(artifacts: Path, tmp_path: Path) -> None:
    shutil.copytree(artifacts / "dense-s3", tmp_path / "runs" / "dense-s3")
    runs = write()
    assert any(run.own for run in runs)
    assert len(results.read_results()) == len([run for run in runs if not run.own])


def test_the_committed_results_are_those_of_the_committed_scores() -> None:
    runs = [run for run in list_runs()[0] if not run.own]
    stored = results.read_results()
    assert runs
    assert set(stored) == {run.run_id for run in runs}
    for run in runs:
        for split in SPLITS:
            one = stored[run.run_id][split]
            assert one.threshold == run.record.threshold
            assert one.confusion == confusion(run.scores(split), run.record.threshold)


def test_a_section_of_another_form_is_named(artifacts: Path) -> None:
    run = write()[0]
    stored = json.loads((artifacts / results.RESULTS).read_text())
    del stored["runs"][run.run_id]["test"]["metrics"]["auroc"]["low"]
    (artifacts / results.RESULTS).write_text(json.dumps(stored))
    write_manifest()
    with pytest.raises(ArtifactError, match="make results"):
        results.read_results()


def test_a_run_that_is_not_in_the_results_is_named(artifacts: Path) -> None:
    run = write()[0]
    unknown = dataclasses.replace(run, record=dataclasses.replace(run.record, run_id="dense-s99"))
    for missing in (unknown, dataclasses.replace(run, own=True)):
        with pytest.raises(ArtifactError, match=f"{missing.run_id} is not in results.json for stress validation"):
            results.evaluation_of(missing, "stress_validation")


def test_a_changed_file_is_read_anew(artifacts: Path) -> None:
    run = write()[0]
    stored = json.loads((artifacts / results.RESULTS).read_text())
    before = results.read_results()[run.run_id]["test"]
    stored["runs"][run.run_id]["test"]["n"] += 1
    (artifacts / results.RESULTS).write_text(json.dumps(stored))
    write_manifest()
    assert results.read_results()[run.run_id]["test"].n == before.n + 1


@pytest.mark.parametrize(
    ("low", "high", "is_said"),
    [
        (0.17, 0.31, True),
        (0.16, 0.31, False),  # the interval touches the prevalence
        (0.12, 0.26, False),  # the value is above, the interval is not
    ],
)
def test_probabilities_are_too_high_where_the_whole_interval_is_above(low: float, high: float, is_said: bool) -> None:
    mean = Estimate(value=0.24, low=low, high=high, method="m")
    text = results.too_high_in_words(mean, 0.16)
    assert (f"at 16 % they average {format_rate(mean)} on the test films" in text) == is_said
    assert bool(text) == is_said
