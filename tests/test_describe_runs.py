"""Own runs of schema version 1 get all their layers; a run that can no longer be built is named and left alone."""

import json
from pathlib import Path

import pytest

from core.manifest import MANIFEST
from core.paths import artifacts_dir
from core.runs.record import Run
from core.runs.store import read_run
from scripts import describe_runs
from tests.support.runs import of_first_schema


@pytest.fixture
def older(tmp_path: Path, monkeypatch) -> Run:
    """A run whose record lies in the folder of own runs as version 1 wrote it."""
    run = read_run(artifacts_dir() / "cnn_adam_dropout-s0", own=False)
    folder = tmp_path / run.run_id
    folder.mkdir()
    (folder / "run.json").write_text(of_first_schema(run))
    monkeypatch.setenv("LUNGLENS_RUNS", str(tmp_path))
    return run


def test_an_older_run_gets_all_layers_and_keeps_all_else(older: Run, tmp_path: Path, capsys) -> None:
    manifest = (artifacts_dir() / MANIFEST).read_bytes()
    assert describe_runs.main() == 0
    assert read_run(tmp_path / older.run_id, own=True).record == older.record
    assert (artifacts_dir() / MANIFEST).read_bytes() == manifest
    assert capsys.readouterr().out == f"{older.run_id}: {len(older.architecture.layers)} layers\n"
    assert describe_runs.main() == 0
    assert not capsys.readouterr().out


def test_a_run_of_other_layers_is_named_and_left_alone(older: Run, tmp_path: Path, capsys) -> None:
    path = tmp_path / older.run_id / "run.json"
    document = json.loads(path.read_text())
    document["layers"][0]["parameters"] += 1
    path.write_text(json.dumps(document))
    before = path.read_bytes()
    assert describe_runs.main() == 2
    assert "holds other layers than cnn_adam_dropout has now" in capsys.readouterr().err
    assert path.read_bytes() == before
