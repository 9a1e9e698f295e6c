"""The results file: what it holds, that it is stable, and what happens when it is damaged."""

import dataclasses
import json
import math
import shutil
from pathlib import Path

import pytest

from core.data.samples import list_samples
from core.errors import ArtifactError
from core.evaluation.evaluate import evaluate
from core.evaluation.metrics import confusion
from core.evidence import failures, prevalence
from core.evidence.failures import shared_errors
from core.evidence.prevalence import PREVALENCES, mean_probability_at
from core.imaging.decode import read_film
from core.inference.model import Model
from core.manifest import write_manifest
from core.paths import ROOT
from core.results import store as results
from core.results.store import mean_probability_of, shared_errors_of
from core.runs.record import Run
from core.runs.store import list_runs, representative

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
    results.write_results(runs)
    write_manifest()
    return runs


def test_every_committed_run_and_split_is_evaluated_at_its_frozen_threshold(artifacts: Path) -> None:
    runs = write()
    stored = results.read_results()
    assert set(stored) == {run.run_id for run in runs}
    for run in runs:
        assert set(stored[run.run_id]) == set(results.SPLITS)
        again = evaluate(run.scores("test"), run.record.threshold)
        one = results.estimate(stored[run.run_id]["test"], "sensitivity")
        assert (one.value, one.low, one.high) == (
            again.metrics["sensitivity"].value,
            again.metrics["sensitivity"].low,
            again.metrics["sensitivity"].high,
        )
        assert results.read_at_half()[run.run_id]["threshold"] == 0.5


def test_pairs_shifts_and_baseline_are_read_back(artifacts: Path) -> None:
    first, second = write()
    found = results.read_findings("test")
    assert len(found) == METRICS_COMPARED
    assert {(one.a, one.b) for one in found} == {(first.title, second.title)}
    accuracy = {
        run.run_id: results.estimate(results.read_results()[run.run_id]["test"], "accuracy") for run in (first, second)
    }
    difference = next(one.difference.value for one in found if one.metric == "accuracy")
    assert difference == pytest.approx(accuracy[first.run_id].value - accuracy[second.run_id].value)
    change = results.read_shifts()[first.run_id]["specificity"]
    validation, test = (
        results.estimate(results.read_results()[first.run_id][split], "specificity").value
        for split in ("validation", "test")
    )
    assert change.value == pytest.approx(test - validation)
    baseline = results.read_baselines()["test"]
    assert results.estimate(baseline, "auroc").value == 0.5
    assert results.estimate(baseline, "brier").value == pytest.approx(
        (0.75**2 + 0.25**2) / 2
    )  # score .75, half and half


def test_conformal_sets_of_representative_runs_are_read_back(artifacts: Path) -> None:
    runs = write()
    found = results.read_conformal()
    assert set(found) == {run.run_id for run in representative(runs)}
    for run in representative(runs):
        assert set(found[run.run_id]) == {"validation", "test"}
        sets = found[run.run_id]["test"]
        assert sets["band"] == list(run.conformal.abstain_band)
        rows = {row["row"]: row for row in sets["rows"]}
        scores = run.scores("test")
        inside = run.conformal.contains(scores.y_score)
        own = inside[range(len(scores)), scores.y_true]
        assert rows["normal"]["coverage"] == pytest.approx(own[scores.y_true == 0].mean())
        assert rows["all"]["abstained"] == pytest.approx((inside.sum(axis=1) != 1).mean())


def test_answers_to_samples_count_those_that_cannot_tell_apart(artifacts: Path) -> None:
    runs = write()
    found = results.read_sample_answers()
    for run in representative(runs):
        verdicts = [
            (one.verdict, sample.label)
            for sample in list_samples()
            for one in [Model(run).predict(read_film(sample.path))]
        ]
        right = [("flagged", "PNEUMONIA"), ("not_flagged", "NORMAL")]
        assert found[run.run_id] == {
            "as_drawn": sum(one in right for one in verdicts),
            "cannot_tell": sum(said == "no_call" for said, _ in verdicts),
            "films": len(verdicts),
        }


def test_what_probabilities_average_is_read_back_and_else_computed(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = representative(write())[0]
    computed = mean_probability_at(run.calibration, run.scores("test"))
    assert set(mean_probability_of(run, [0.33])) == {0.33}  # not stored
    monkeypatch.setattr(prevalence, "mean_probability_at", None)
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
    monkeypatch.setattr(failures, "shared_errors", None)
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
    names = [one["name"] for one in results.null_baselines("test")]
    assert names == ["Prevalence alone", "File size alone", "Aspect ratio, estimated", "Thumbnail of 8 x 8 pixels"]
    stress = [one["name"] for one in results.null_baselines("stress_validation")]
    assert stress == [name for name in names if name != "File size alone"]  # a stress film has no file


def test_writing_twice_gives_the_same_bytes_and_no_nan(artifacts: Path) -> None:
    write()
    first = (artifacts / results.RESULTS).read_bytes()
    write()
    assert (artifacts / results.RESULTS).read_bytes() == first
    assert b"NaN" not in first


def test_undefined_figures_come_back_as_nan() -> None:
    stored = {"metrics": {"npv": {"value": None, "low": None, "high": None, "method": "m"}}}
    assert math.isnan(results.estimate(stored, "npv").value)


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
        for split in results.SPLITS:
            one = stored[run.run_id][split]
            assert one["threshold"] == run.record.threshold
            assert one["confusion"] == dataclasses.asdict(confusion(run.scores(split), run.record.threshold))
