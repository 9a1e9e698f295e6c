"""The test ledger: a line for each evaluation, none for a repeat."""

import shutil

import pytest

from core.errors import ArtifactError
from core.runs.ledger import LedgerLine, count_looks, in_words, read_ledger, record_test
from core.runs.store import read_run


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


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n",
        "time,run,weights_hash,data_hash,auroc,note\nnow,dense-s3,w,d\n",
        "time,run,weights_hash,data_hash,auroc,note\nnow,dense-s3,w,d,0.9,,more\n",
        f"time,run,weights_hash,data_hash,auroc,note\nnow,{'d' * 200_000},w,d,0.9,\n",
        "time,run,weights_hash,data_hash,auroc,note\nnow,dense-s3,w,d,0.9,\xe4\n",
    ],
    ids=["columns", "short", "long", "field", "encoding"],
)
def test_a_damaged_ledger_is_named(run, text) -> None:
    path = run.folder.parent / "test_ledger.csv"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(ArtifactError, match=r"test_ledger\.csv is damaged"):
        record_test(run, run.scores("test"), "data")
    assert path.read_text(encoding="latin-1") == text


def line(run: str, *, data_hash: str = "d", auroc: str = "0.9", note: str = "") -> LedgerLine:
    return LedgerLine(time="now", run=run, weights_hash="w", data_hash=data_hash, auroc=auroc, note=note)


def test_full_evaluations_and_further_looks_are_counted_apart() -> None:
    lines = [
        line("first trials", data_hash="", auroc="", note="Before this, 20 trials."),
        line("dense-s0"),
        line("baseline:byte_size"),
        line("dense-s9", note="Not kept."),
        line("dense-s0", note="Shortcut score."),
        line("films", auroc="", note="Framing was compared."),
    ]
    assert count_looks(lines) == (2, 3)
    said = in_words(lines)
    assert "2 full evaluations on record" in said
    assert "3 further looks" in said
    assert said.endswith("(`test_ledger.csv`). Before this, 20 trials.")
    assert "Framing" not in said
    assert "Your own runs add 1." in in_words(lines, [line("cnn_adam-s5")])
    assert "no record" in in_words([])
