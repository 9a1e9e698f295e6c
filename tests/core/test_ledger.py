"""The test ledger: a line for each evaluation, none for a repeat."""

import shutil

import pytest

from core.errors import ArtifactError
from core.ledger import read_ledger, record_test
from core.runs import read_run


@pytest.fixture
def run(trained_folder, tmp_path):
    shutil.copytree(trained_folder / "dense-s3", tmp_path / "out" / "dense-s3")
    return read_run(tmp_path / "out" / "dense-s3", own=True)


def test_a_repeat_adds_no_line(run) -> None:
    scores = run.scores("test")
    assert record_test(run, scores, "data")
    assert not record_test(run, scores, "data")
    assert record_test(run, scores, "other data")
    assert record_test(run, scores, "data", note="Shortcut score.")
    lines = read_ledger(run.folder.parent)
    assert [(line.data_hash, line.note) for line in lines] == [
        ("data", ""),
        ("other data", ""),
        ("data", "Shortcut score."),
    ]
    assert all(line.weights_hash == run.record.weights_hash for line in lines)


def test_no_ledger_is_no_line(tmp_path) -> None:
    assert read_ledger(tmp_path) == []


def test_a_damaged_ledger_is_named(run) -> None:
    (run.folder.parent / "test_ledger.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ArtifactError, match=r"test_ledger\.csv is damaged"):
        record_test(run, run.scores("test"), "data")
