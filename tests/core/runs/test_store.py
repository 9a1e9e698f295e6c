"""Run records, the list of runs, and the rule for what is served."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from core.errors import ArtifactError, UnknownModelError
from core.manifest import write_manifest
from core.runs.record import Run
from core.runs.store import committed_runs, find_run, list_runs, read_run, representative, seeds_of, served


@pytest.fixture
def record(trained_folder):
    return read_run(trained_folder / "dense-s3", own=True).record


def fake(record, model: str, seed: int, mean: float, parameters: int = 1000, own: bool = False) -> Run:
    changed = dataclasses.replace(
        record, model=model, seed=seed, run_id=f"{model}-s{seed}", selection={"mean": mean}, parameters=parameters
    )
    return Run(record=changed, folder=Path(), own=own)


def test_record_survives_json(record, tmp_path) -> None:
    folder = tmp_path / record.run_id
    folder.mkdir()
    (folder / "run.json").write_text(record.to_json())
    assert read_run(folder, own=True).record == record
    folder.rename(tmp_path / "dense-s77")
    with pytest.raises(ArtifactError, match=f"is the record of {record.run_id}, not of dense-s77"):
        read_run(tmp_path / "dense-s77", own=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ('{"schema_version": 99}', "schema version 99"),
        ('{"schema_version": 1}', "damaged"),
        ('{"schema_version": 1, "layers": [], "run_id": "x"}', "damaged"),
        ('{"schema_version": 2}', "damaged"),
        ('{"schema_version": 2, "architecture": {"layers": []}, "run_id": "x"}', "damaged"),
        ('{"schema_version": 2, "architecture": {"layers": [{"name": "x"}], "skips": []}}', "damaged"),
    ],
)
def test_bad_record_is_named(tmp_path, text, message) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(ArtifactError, match=rf"run\.json.*{message}"):
        read_run(tmp_path, own=True)


def test_record_that_is_no_text_is_named(tmp_path) -> None:
    (tmp_path / "run.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ArtifactError, match=r"run\.json is damaged"):
        read_run(tmp_path, own=True)


@pytest.mark.parametrize("text", ["", "epoch,loss\n1,2\n", "cut off", "\x00"])
def test_damaged_history_is_named(trained_folder, tmp_path, text) -> None:
    shutil.copytree(trained_folder / "dense-s3", tmp_path / "dense-s3")
    (tmp_path / "dense-s3" / "history.csv").write_text(text)
    with pytest.raises(ArtifactError, match=r"history\.csv is damaged"):
        read_run(tmp_path / "dense-s3", own=True).history()


def test_history_has_a_row_for_each_epoch(trained_folder) -> None:
    run = read_run(trained_folder / "dense-s3", own=True)
    assert [row["epoch"] for row in run.history()] == list(range(1, run.record.epochs + 1))


def test_median_seed_represents_a_model(record) -> None:
    runs = [fake(record, "dense", seed, mean) for seed, mean in enumerate((0.93, 0.99, 0.95))]
    assert [run.run_id for run in representative(runs)] == ["dense-s2"]
    assert [run.run_id for run in representative(runs[:2])] == ["dense-s0"]


def test_seeds_of_a_model_begin_with_the_given_one(record) -> None:
    first, second, third = (fake(record, "cnn_adam", seed, 0.9) for seed in (0, 1, 2))
    others = [fake(record, "residual", 0, 0.9), fake(record, "cnn_adam", 5, 0.9, own=True)]
    assert seeds_of(second, [first, *others, second, third]) == [second, first, third]
    assert seeds_of(others[1], [first, *others]) == [others[1]]


def test_served_is_the_best_and_among_close_ones_the_smallest(record) -> None:
    big = fake(record, "cnn_adam", 0, 0.9715, parameters=5000)
    small = fake(record, "cnn_sgd", 0, 0.970, parameters=1000)
    poor = fake(record, "dense", 0, 0.969, parameters=10)
    assert served([big, small, poor]) is small
    assert served([big, poor]) is big
    own = fake(record, "cnn_rmsprop", 0, 0.999, own=True)
    assert served([big, own]) is big


def test_without_runs_nothing_is_served() -> None:
    with pytest.raises(ArtifactError, match="No trained model"):
        served([])


def test_runs_are_found_by_model_or_run_id(record) -> None:
    runs = [fake(record, "dense", 0, 0.9), fake(record, "cnn_adam", 1, 0.95)]
    assert find_run(None, runs) is runs[1]
    assert find_run("dense", runs) is runs[0]
    assert find_run("cnn_adam-s1", runs) is runs[1]
    with pytest.raises(UnknownModelError, match="cnn_sgd has not been trained; run: python -m core train cnn_sgd"):
        find_run("cnn_sgd", runs)
    with pytest.raises(UnknownModelError, match="known are"):
        find_run("resnet", runs)


def test_an_own_run_with_the_id_of_ours_has_a_prefix(record) -> None:
    ours, own = fake(record, "dense", 0, 0.9), fake(record, "dense", 0, 0.8, own=True)
    other = fake(record, "dense", 1, 0.8, own=True)
    runs = [ours, own, other]
    assert find_run("dense-s0", runs) is ours
    assert find_run("own:dense-s0", runs) is own
    assert find_run("dense-s1", runs) is find_run("own:dense-s1", runs) is other
    with pytest.raises(UnknownModelError, match="no run named 'dense-s0'"):
        find_run("own:dense-s0", [ours])


def test_stored_scores_are_known_by_split(trained_folder, tmp_path) -> None:
    shutil.copytree(trained_folder / "dense-s3", tmp_path / "dense-s3")
    run = read_run(tmp_path / "dense-s3", own=True)
    assert run.has_scores("test")
    (tmp_path / "dense-s3" / "scores_test.csv").unlink()
    assert not run.has_scores("test")
    assert run.has_scores("validation")


def test_committed_runs_are_all_or_none(trained_folder, tmp_path, no_artifacts) -> None:
    shutil.copytree(trained_folder / "dense-s3", no_artifacts / "dense-s3")
    shutil.copytree(trained_folder / "dense-s3", tmp_path / "runs" / "dense-s3")
    write_manifest()
    assert [(run.run_id, run.own) for run in committed_runs()] == [("dense-s3", False)]
    (tmp_path / "runs" / "dense-s3" / "run.json").write_text("{")
    with pytest.raises(ArtifactError, match=r"run\.json is damaged"):
        committed_runs()


def test_own_runs_stand_beside_ours_and_damaged_ones_are_named(trained_folder, tmp_path, no_artifacts) -> None:
    own = tmp_path / "runs"
    shutil.copytree(trained_folder, own)
    (own / "broken").mkdir()
    (own / "broken" / "run.json").write_text("{")
    stranger = json.loads((own / "dense-s3" / "run.json").read_text())
    (own / "stranger").mkdir()
    (own / "stranger" / "run.json").write_text(json.dumps(stranger | {"model": "resnet", "run_id": "stranger"}))
    runs, problems = list_runs()
    assert [(run.run_id, run.own) for run in runs] == [("dense-s3", True), ("cnn_adam_dropout-s3", True)]
    assert runs[0].title == "Dense baseline (yours, seed 3)"
    assert len(problems) == 2
    assert any("broken" in problem for problem in problems)
    assert any("'resnet'" in problem for problem in problems)
