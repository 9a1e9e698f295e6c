"""One film gets one answer: command line, HTTP interface, archive run, and worklist agree to 1e-6."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from core.api.app import make_api
from core.api.settings import Settings
from core.archive import read_paths
from core.cli.main import main
from core.film import read_film
from core.gate import load_gate
from core.runs import list_runs, served
from core.samples import list_samples
from core.serving import DEFAULT_PREVALENCE, Model
from core.worklist import judge_all

FILM = list_samples()[4].path


@pytest.fixture(scope="module")
def expected() -> dict[str, float]:
    said = Model(served(list_runs()[0])).predict(read_film(FILM))
    return {"score": said.score, "probability": said.probability}


def same(expected: dict[str, float]) -> dict[str, object]:
    return {name: pytest.approx(value, abs=1e-6) for name, value in expected.items()}


def test_command_line(expected, capsys) -> None:
    assert main(["score", str(FILM), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["files"]
    assert {name: row[name] for name in expected} == same(expected)


def test_http_interface(expected) -> None:
    with TestClient(make_api(Settings())) as api:
        row = api.post("/v1/score", files={"file": (FILM.name, FILM.read_bytes())}).json()
    assert {name: row[name] for name in expected} == same(expected)


def test_archive_run(expected, tmp_path: Path, capsys) -> None:
    out = tmp_path / "table.parquet"
    assert main(["screen", str(FILM.parent), "--out", str(out)]) == 0
    capsys.readouterr()
    (row,) = [row for row in pq.read_table(out).to_pylist() if row["file"] == FILM.name]
    assert {name: row[name] for name in expected} == same(expected)


def test_worklist(expected) -> None:
    model = Model(served(list_runs()[0]))
    (row,) = judge_all(read_paths([FILM]), model, load_gate(), prevalence=DEFAULT_PREVALENCE)
    assert {name: getattr(row.prediction, name) for name in expected} == same(expected)
