"""One film gets one answer, to 1e-6: page, worklist, own films, command line, HTTP interface, archive runs."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from core.api.app import make_api
from core.api.settings import Settings
from core.cli.main import main
from core.data.samples import list_samples
from core.evaluation.calibration import DEFAULT_PREVALENCE
from core.gate import load_gate
from core.imaging.archive import read_paths
from core.imaging.decode import read_film
from core.inference.labelled import score_labelled
from core.inference.model import Model, Prediction
from core.runs.store import list_runs, served
from core.wording import format_probability, format_score
from core.worklist.queue import judge_all
from pages.shared.navigation import READ
from tests.support.app import open_app

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


@pytest.mark.parametrize(
    "engine",
    [
        "local",
        # Ray leaves sockets and files to the garbage collector.
        pytest.param("ray", marks=[pytest.mark.slow, pytest.mark.filterwarnings("ignore")]),
    ],
)
def test_archive_run(expected, engine: str, tmp_path: Path, capsys) -> None:
    out = tmp_path / "table.parquet"
    try:
        assert main(["screen", str(FILM.parent), "--out", str(out), "--engine", engine]) == 0
    finally:
        if engine == "ray":
            import ray

            ray.shutdown()
    capsys.readouterr()
    (row,) = [row for row in pq.read_table(out).to_pylist() if row["file"] == FILM.name]
    assert {name: row[name] for name in expected} == same(expected)


def test_worklist(expected) -> None:
    model = Model(served(list_runs()[0]))
    (row,) = judge_all(read_paths([FILM]), model, load_gate(), prevalence=DEFAULT_PREVALENCE)
    assert {name: getattr(row.prediction, name) for name in expected} == same(expected)


def test_page(expected, monkeypatch) -> None:
    """Read shows three digits, so what it was told is taken from the way; its upload goes the whole way of one."""
    said: dict[tuple[str, float], Prediction] = {}
    judge = Model.judge

    def noted(model: Model, *about: float) -> Prediction:
        made = judge(model, *about)
        said[model.run.run_id, made.prevalence] = made
        return made

    monkeypatch.setattr(Model, "judge", noted)
    app = open_app(READ.path)
    app.file_uploader[0].upload(FILM.name, FILM.read_bytes())
    app.run()
    assert not app.exception
    found = said[served(list_runs()[0]).run_id, DEFAULT_PREVALENCE]
    assert {name: getattr(found, name) for name in expected} == same(expected)
    (sentence,) = (text.value for text in app.markdown if " prevalence" in text.value and "(cut-off" in text.value)
    assert f"Score {format_score(expected['score'])} (cut-off " in sentence
    assert f"Probability {format_probability(expected['probability'])} at 16 % prevalence." in sentence


def test_own_labelled_films(expected) -> None:
    """Compare scores a reader's folder of labelled films."""
    films = [list_samples()[0].path, FILM]
    entries = [
        replace(entry, file=f"{label}/{path.name}")
        for label, path in zip(("NORMAL", "PNEUMONIA"), films, strict=True)
        for entry in read_paths([path])
    ]
    *_, (scores,) = score_labelled(entries, [Model(served(list_runs()[0]))], [])
    assert scores.y_score[1] == pytest.approx(expected["score"], abs=1e-6)
