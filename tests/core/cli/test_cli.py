"""The command line: one JSON document, exit statuses, one-line reasons, no TensorFlow for scoring."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from core.evaluation.tables import write_scores
from core.manifest import write_manifest
from core.paths import ROOT
from core.results.build import write_results
from core.runs.store import list_runs, read_run
from core.wording import UNCHECKED, VERDICT_WORDS, format_score

COLUMNS = {
    "file",
    "status",
    "reason",
    "score",
    "probability",
    "threshold",
    "positive",
    "conformal_set",
    "verdict",
    "gate",
    "notes",
}


@pytest.fixture
def artifacts(no_artifacts, trained_folder):
    """Two trained runs in place of the committed artifacts."""
    for path in trained_folder.iterdir():
        if path.is_dir():
            shutil.copytree(path, no_artifacts / path.name)
    shutil.copyfile(trained_folder / "test_ledger.csv", no_artifacts / "test_ledger.csv")
    shutil.copytree(ROOT / "artifacts" / "samples", no_artifacts / "samples")
    (no_artifacts / "split.csv").write_text(
        "sample_id,split\ntrain/NORMAL/IM-0001-0000.jpeg,train\ntrain/PNEUMONIA/person1_virus_1.jpeg,train\n"
    )
    write_manifest()
    write_results(list_runs()[0])
    write_manifest()
    return no_artifacts


@pytest.fixture
def film(tmp_path: Path, film_bytes: bytes) -> Path:
    path = tmp_path / "film.jpeg"
    path.write_bytes(film_bytes)
    return path


def document(answer) -> dict:
    status, out, err = answer
    assert status == 0, err
    return json.loads(out)


def test_models_lists_the_registry(artifacts, command) -> None:
    models = document(command("models", "--json"))["models"]
    assert [model["name"] for model in models if model["trained"]] == ["dense", "cnn_adam_dropout"]
    assert sum(model["served"] for model in models) == 1
    assert set(models[0]) >= {"name", "title", "input", "parameters", "trained", "run_id", "weights_hash", "served"}
    status, out, _ = command("models")
    assert status == 0
    assert "not trained" in out


def test_without_artifacts_models_says_so(no_artifacts, command) -> None:
    found = document(command("models", "--json"))
    assert not any(model["served"] for model in found["models"])
    assert "No trained model" in found["problems"][-1]


def test_score_films_folders_and_zips(artifacts, command, film, dataset_folder, tmp_path) -> None:
    archive = tmp_path / "films.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(film, "a/one.jpeg")
        packed.write(film, "__MACOSX/._one.jpeg")
    found = document(command("score", film, dataset_folder / "test", archive, "--json"))
    assert len(found["files"]) == 1 + 16 + 1
    assert all(set(row) == COLUMNS and row["status"] == "scored" for row in found["files"])
    assert all(row["gate"] == "not_checked" for row in found["files"])
    assert all(row["positive"] == (row["score"] >= row["threshold"]) for row in found["files"])
    assert found["files"][0]["score"] == found["files"][-1]["score"]
    assert found["files"][-1]["file"].endswith("films.zip/a/one.jpeg")


def test_score_as_text_is_never_certain_and_says_what_is_unchecked(artifacts, command, film) -> None:
    row = document(command("score", film, "--json"))["files"][0]
    status, out, _ = command("score", film)
    assert status == 0
    assert UNCHECKED in out
    assert VERDICT_WORDS[row["verdict"]].lower() in out
    assert f"  {format_score(row['score'])}  " in out
    assert "1.000" not in out
    assert "0.000" not in out


def test_score_by_model_and_prevalence(artifacts, command, film) -> None:
    low, high = (
        document(command("score", film, "--model", "dense", "--prevalence", p, "--json")) for p in ("0.1", "0.6")
    )
    assert low["run_id"] == "dense-s3"
    assert low["files"][0]["score"] == high["files"][0]["score"]
    assert low["files"][0]["probability"] < high["files"][0]["probability"]


def test_a_bad_film_is_a_row_with_a_reason_and_the_rest_is_scored(artifacts, command, film, tmp_path) -> None:
    bad = tmp_path / "bad.jpeg"
    bad.write_bytes(film.read_bytes()[:2000])
    status, out, err = command("score", bad, film, "--json")
    assert status == 2
    rows = json.loads(out)["files"]
    assert [row["status"] for row in rows] == ["refused", "scored"]
    assert rows[0]["score"] is rows[0]["positive"] is rows[0]["probability"] is None
    assert "bad.jpeg" in rows[0]["reason"]
    assert len(err.strip().splitlines()) == 1
    assert "bad.jpeg" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("score", "nowhere.jpeg"), "nowhere.jpeg: no such file"),
        (("score", "{film}", "--model", "resnet"), "'resnet'"),
        (("score", "{film}", "--model", "cnn_sgd"), "cnn_sgd has not been trained"),
        (("score", "{film}", "--prevalence", "1.5"), "--prevalence"),
        (("train", "resnet", "--data", "{data}"), "'resnet'"),
        (("train", "dense", "--data", "nowhere"), "nowhere: no such folder"),
        (("train", "dense", "--data", "{data}", "--epochs", "0"), "--epochs"),
        (
            ("train", "dense", "--data", "{data}", "--seed", "2000001"),
            "--seed 2000001: must lie between 0 and 2,000,000",
        ),
        (("train", "dense", "--data", "{data}", "--seed", "-1"), "--seed -1"),
        (("score", "{film}", "--model", "own:dense-s3"), "has no run named 'dense-s3'"),
        (("evaluate", "--data", "nowhere"), "nowhere: no such folder"),
        (("evaluate", "--scores", "nowhere.csv"), "nowhere.csv"),
        (("evaluate", "--data", "{data}", "--record"), "--record"),
        (("evaluate", "--data", "{data}", "--threshold", ".5"), "--threshold"),
        (("data", "--data", "nowhere"), "nowhere: no such folder"),
        (("score",), "required"),
        (("fly",), "invalid choice"),
    ],
)
def test_mistakes_end_with_status_2_and_a_line(artifacts, command, film, dataset_folder, arguments, message) -> None:
    status, out, err = command(*(word.format(film=film, data=dataset_folder) for word in arguments))
    assert status == 2
    assert out == ""
    assert message in err
    assert "Traceback" not in err


def test_missing_model_is_no_verdict(no_artifacts, command, film) -> None:
    status, out, err = command("score", film, "--json")
    assert (status, out) == (2, "")
    assert "No trained model" in err


def test_evaluate_reproduces_stored_scores_and_results(artifacts, command, dataset_folder) -> None:
    ledger = (artifacts / "test_ledger.csv").read_text()
    found = document(command("evaluate", "--data", dataset_folder, "--split", "test", "--json"))
    assert found["difference_from_stored_scores"] < 1e-6
    stored = json.loads((artifacts / "results.json").read_text())
    stored = stored.get("runs", stored)[found["run_id"]]["test"]
    for name, figure in stored["metrics"].items():
        assert found["metrics"][name]["value"] == pytest.approx(figure["value"], abs=1e-6)
    assert (artifacts / "test_ledger.csv").read_text() == ledger


def test_evaluate_records_once(artifacts, command, dataset_folder) -> None:
    (artifacts / "test_ledger.csv").unlink()
    arguments = ("evaluate", "--data", dataset_folder, "--split", "test", "--record", "--json")
    assert [document(command(*arguments))["recorded"] for _ in range(2)] == [True, False]
    assert len((artifacts / "test_ledger.csv").read_text().splitlines()) == 2


def test_evaluate_validation_by_default_and_stress(artifacts, command, dataset_folder) -> None:
    for split in ((), ("--split", "stress_validation")):
        found = document(command("evaluate", "--data", dataset_folder, *split, "--json"))
        assert found["split"] == (split[-1] if split else "validation")
        assert found["difference_from_stored_scores"] < 1e-6


def test_evaluate_labelled_folder_and_table(artifacts, command, dataset_folder, tmp_path) -> None:
    folder = document(command("evaluate", "--data", dataset_folder / "test", "--json"))
    assert (folder["n"], folder["split"], folder["difference_from_stored_scores"]) == (16, "labelled_folder", None)
    table = tmp_path / "scores.csv"
    write_scores(read_run(artifacts / "dense-s3", own=False).scores("test"), table)
    found = document(command("evaluate", "--scores", table, "--threshold", "0.5", "--json"))
    assert (found["n"], found["threshold"]) == (16, 0.5)
    status, out, _ = command("evaluate", "--scores", table)
    assert status == 0
    assert "Sensitivity" in out


def test_train_writes_a_run_which_models_lists_as_own(artifacts, command, dataset_folder, tmp_path) -> None:
    found = document(
        command("train", "dense", "--data", dataset_folder, "--seed", "2000000", "--epochs", "1", "--json")
    )
    assert found["run_id"] == "dense-s2000000"
    assert Path(found["folder"]) == tmp_path / "runs" / "dense-s2000000"
    own = document(command("models", "--json"))["own_runs"]
    assert [run["run_id"] for run in own] == ["dense-s2000000"]


def test_doctor_names_what_is_wrong(artifacts, command) -> None:
    _, out, _ = command("doctor", "--json")
    checks = {check["check"]: check for check in json.loads(out)["checks"]}
    assert {name for name, check in checks.items() if not check["ok"]} <= {"Python", "Packages"}
    assert "cnn_sgd" in checks["Models load"]["facts"].split("not trained: ")[1]
    (artifacts / "dense-s3" / "model.onnx").write_bytes(b"x")
    (artifacts / "results.json").unlink()
    status, out, _ = command("doctor")
    assert status == 1
    assert "dense-s3/model.onnx is damaged" in out
    assert "results.json is missing" in out


def test_doctor_misses_a_run_in_the_ledger(artifacts, command) -> None:
    path = artifacts / "test_ledger.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "cnn_adam_dropout-s3" not in line))
    status, out, _ = command("doctor")
    assert status == 1
    assert "test_ledger.csv is damaged: it has no line for cnn_adam_dropout-s3 as it is" in out
    assert "no line for dense-s3" not in out


def test_scoring_imports_no_tensorflow(film) -> None:
    """With the committed artifacts, in a process of its own."""
    code = (
        "import sys; from core.cli.main import main; status = main(['score', sys.argv[1], '--json']);"
        "sys.exit(9 if {'tensorflow', 'keras', 'onnx', 'sklearn', 'scipy'} & set(sys.modules) else status)"
    )
    done = subprocess.run([sys.executable, "-c", code, film], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["files"][0]["status"] == "scored"
