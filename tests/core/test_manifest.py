"""Damaged, missing, added and swapped artifacts are named."""

import shutil

import pytest

from core.errors import ArtifactError
from core.inference.model import Model
from core.manifest import check_all, check_file, read_document, read_manifest, write_manifest
from core.runs.store import list_runs


@pytest.fixture
def artifacts(no_artifacts, trained_folder):
    shutil.copytree(trained_folder / "dense-s3", no_artifacts / "dense-s3")
    shutil.copytree(trained_folder / "cnn_adam_dropout-s3", no_artifacts / "cnn_adam_dropout-s3")
    write_manifest()
    return no_artifacts


def test_intact_artifacts_pass(artifacts) -> None:
    assert check_all() == []
    assert len(read_manifest()) == 14
    assert [run.run_id for run in list_runs()[0]] == ["dense-s3", "cnn_adam_dropout-s3"]


def test_ledger_and_hidden_files_are_not_listed(artifacts) -> None:
    (artifacts / "test_ledger.csv").write_text("time\n")
    (artifacts / ".building").mkdir()
    (artifacts / ".building" / "run.json").write_text("{")
    assert check_all() == []
    assert len(write_manifest()["files"]) == 14


def test_a_changed_file_is_named_and_its_run_left_out(artifacts) -> None:
    path = artifacts / "dense-s3" / "run.json"
    path.write_text(path.read_text().replace('"threshold": ', '"threshold": 0.1e-9, "was": '))
    with pytest.raises(ArtifactError, match=r"dense-s3/run\.json is damaged"):
        check_file(path)
    runs, problems = list_runs()
    assert [run.run_id for run in runs] == ["cnn_adam_dropout-s3"]
    assert len(problems) == 1


def test_swapped_scores_are_not_read(artifacts) -> None:
    shutil.copyfile(artifacts / "dense-s3" / "scores_test.csv", artifacts / "cnn_adam_dropout-s3" / "scores_test.csv")
    run = next(run for run in list_runs()[0] if run.record.model == "cnn_adam_dropout")
    with pytest.raises(ArtifactError, match=r"scores_test\.csv is damaged"):
        run.scores("test")


def test_missing_and_unlisted_files_are_named(artifacts) -> None:
    (artifacts / "dense-s3" / "history.csv").unlink()
    (artifacts / "extra.csv").write_text("x\n")
    problems = check_all()
    assert len(problems) == 2
    assert "history.csv is missing" in problems[0]
    assert "extra.csv is not listed" in problems[1]


def test_a_run_kept_as_scores_alone_is_compared_but_not_served(artifacts) -> None:
    graph = artifacts / "dense-s3" / "model.onnx"
    graph.unlink()
    run = list_runs()[0][0]
    assert run.has_weights  # listed, so its loss is damage
    with pytest.raises(ArtifactError, match=r"model\.onnx is missing"):
        Model(run)
    write_manifest()
    assert check_all() == []
    assert len(run.scores("test").y_score) > 0
    with pytest.raises(ArtifactError, match=r"dense-s3 only the scores are kept.*train dense --data DIR --seed 3"):
        Model(run)


@pytest.mark.parametrize("text", [None, "", "[]", "{}"])
def test_a_missing_or_damaged_manifest_is_named(artifacts, text) -> None:
    path = artifacts / "MANIFEST.json"
    path.unlink()
    if text is not None:
        path.write_text(text)
    runs, problems = list_runs()
    assert runs == []
    assert all("MANIFEST.json" in problem for problem in problems)
    assert problems


@pytest.mark.parametrize("text", ["{", "[]", '{"models": {}}', "\xff"])
def test_a_document_without_its_sections_is_damaged_and_says_what_makes_it_anew(no_artifacts, text) -> None:
    (no_artifacts / "some.json").write_text(text, encoding="latin-1")
    write_manifest()
    with pytest.raises(ArtifactError, match=r"some\.json is damaged.*run: make it"):
        read_document("some.json", frozenset({"models", "machine"}), "make it")


def test_a_changed_document_is_read_anew(no_artifacts) -> None:
    for value in (1, 22):
        (no_artifacts / "some.json").write_text(f'{{"models": {value}, "more": 0}}')
        write_manifest()
        assert read_document("some.json", frozenset({"models"}), "make it") == {"models": value, "more": 0}
