import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from core.data.samples import list_not_films
from core.imaging.decode import read_film
from core.inference.model import Model
from core.manifest import write_manifest
from core.paths import artifacts_dir
from core.runs.store import find_run, list_runs
from core.wording import UNCHECKED


@pytest.fixture
def film_file(tmp_path: Path, film_bytes: bytes) -> Path:
    path = tmp_path / "drawn.jpg"
    path.write_bytes(film_bytes)
    return path


def pdf_text(path: Path) -> str:
    (page,) = PdfReader(io.BytesIO(path.read_bytes())).pages
    return " ".join(page.extract_text().split())


def test_writes_the_report_and_prints_where(command, film_file, tmp_path) -> None:
    out = tmp_path / "new" / "report.pdf"
    status, text, _ = command("report", film_file, "--out", out)
    assert status == 0
    assert f"Written to {out}." in text
    assert "Chest X-ray report" in pdf_text(out)
    assert [path.name for path in out.parent.iterdir()] == ["report.pdf"]  # no temporary file is left


def test_json_on_standard_output_is_one_document_with_the_same_numbers(command, film_file, tmp_path) -> None:
    out = tmp_path / "report.pdf"
    status, text, _ = command("report", film_file, "--out", out, "--model", "cnn_adam", "--prevalence", "0.3", "--json")
    assert status == 0
    document = json.loads(text)
    assert document["out"] == str(out)
    said = Model(find_run("cnn_adam", list_runs()[0])).predict(read_film(film_file), 0.3)
    assert document["models"][0]["run_id"] == said.run_id
    assert document["models"][0]["score"] == said.score
    assert document["models"][0]["probability"] == said.probability
    assert len({one["run_id"] for one in document["models"]}) == len(document["models"]) > 1


def test_the_suffix_chooses_json_or_the_map(command, film_file, tmp_path) -> None:
    assert command("report", film_file, "--out", tmp_path / "a.json")[0] == 0
    assert json.loads((tmp_path / "a.json").read_text())["kind"] == "lunglens.report"
    assert command("report", film_file, "--out", tmp_path / "a.PNG")[0] == 0
    picture = np.asarray(Image.open(tmp_path / "a.PNG").convert("RGB")).astype(int)
    assert (np.abs(picture[..., 0] - picture[..., 2]) > 20).any()  # coloured, so the map is on it


def test_a_blank_map_gives_no_picture(command, film_file, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("core.cli.report.load_gate_if_present", lambda: None)  # it would refuse one gray level
    Image.new("L", (300, 300), 90).save(tmp_path / "gray.png")
    status, _, error = command("report", tmp_path / "gray.png", "--out", tmp_path / "a.png")
    assert status == 2
    assert "is blank" in error
    assert not (tmp_path / "a.png").exists()


def test_what_the_gate_refuses_gets_a_report_without_a_verdict(command, tmp_path) -> None:
    other = list_not_films()[0].path
    out = tmp_path / "a.pdf"
    status, text, error = command("report", other, "--out", out, "--json")
    document = json.loads(text)
    assert status == 2
    assert document["gate"]["verdict"] == "refuse"
    assert (document["verdict"], document["models"]) == (None, [])
    assert f"Refused: {other}: {document['gate']['reason']}" in error
    assert "No verdict" in pdf_text(out)
    assert command("report", other, "--out", tmp_path / "a.png")[0] == 2
    assert not (tmp_path / "a.png").exists()


def test_without_a_gate_the_report_says_that_nobody_checked(command, film_file, tmp_path, monkeypatch) -> None:
    folder = tmp_path / "artifacts"
    shutil.copytree(artifacts_dir(), folder, ignore=shutil.ignore_patterns("gate"))
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(folder))
    write_manifest()
    status, text, _ = command("report", film_file, "--out", tmp_path / "a.pdf", "--json")
    assert status == 0
    assert json.loads(text)["gate"]["verdict"] == "not_checked"
    assert UNCHECKED in pdf_text(tmp_path / "a.pdf")


def test_replacing_a_file_is_said(command, film_file, tmp_path) -> None:
    out = tmp_path / "a.pdf"
    assert "Replacing" not in command("report", film_file, "--out", out)[2]
    assert f"Replacing {out}." in command("report", film_file, "--out", out)[2]


def test_the_film_itself_is_never_replaced(command, tmp_path) -> None:
    film = tmp_path / "film.png"
    Image.fromarray(np.full((64, 64), 99, np.uint8)).save(film)
    before = film.read_bytes()
    status, _, error = command("report", film, "--out", film)
    assert status == 2
    assert "is the film itself" in error
    assert film.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--out", "a.docx"), "a.docx: must end in .pdf, .json, .png"),
        (("--out", "a.pdf", "--prevalence", "0"), "--prevalence 0: must lie between 0 and 1"),
        (("--out", "a.pdf", "--prevalence", "nan"), "must lie between 0 and 1"),
        (("--out", "a.pdf", "--model", "nothing"), "nothing"),
        ((), "--out"),
    ],
)
def test_wrong_usage_is_one_line(command, film_file, monkeypatch, tmp_path, options, reason) -> None:
    monkeypatch.chdir(tmp_path)
    status, text, error = command("report", film_file, *options)
    assert status == 2
    assert not text
    assert reason in error
    assert "Traceback" not in error
    assert [path.name for path in tmp_path.iterdir()] == ["drawn.jpg"]


def test_what_is_no_picture_is_named(command, tmp_path) -> None:
    wrong = tmp_path / "notes.jpg"
    wrong.write_text("no picture")
    for path in (wrong, tmp_path / "missing.jpg", tmp_path):
        status, _, error = command("report", path, "--out", tmp_path / "a.pdf")
        assert status == 2
        assert path.name in error
        assert len(error.strip().splitlines()) == 1
    assert not (tmp_path / "a.pdf").exists()


def test_a_place_that_cannot_be_written_is_named(command, film_file, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    status, _, error = command("report", film_file, "--out", tmp_path / "file" / "a.pdf")
    assert status == 2
    assert "cannot be written" in error
    (tmp_path / "folder.pdf").mkdir()
    assert command("report", film_file, "--out", tmp_path / "folder.pdf")[0] == 2
