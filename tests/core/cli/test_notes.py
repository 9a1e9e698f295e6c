"""Every note of a DICOM file reaches ``score`` and ``report``, whatever the gate answers."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader

from core.data.samples import list_samples
from core.gate import Gate, load_gate
from core.imaging.decode import read_film
from tests.support.dicom_files import make_dicom

SAMPLE = read_film(list_samples()[0].path)
FILES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no window": ({"BitsStored": 12}, ["no_window"]),
    "for processing": ({"PresentationIntentType": "FOR PROCESSING"}, ["for_processing"]),
    "lateral": ({"ViewPosition": "LL"}, ["lateral_view"]),
    "all": (
        {"BitsStored": 12, "ViewPosition": "LL", "PresentationIntentType": "FOR PROCESSING", "Modality": "CT"},
        ["other_modality", "lateral_view", "for_processing", "no_window"],
    ),
    "none": ({}, []),
}
SPEAKS_AGAINST = {"other_modality", "lateral_view"}


def gate_that(answer: str) -> Gate:
    """A gate that accepts the sample, finds it borderline, or refuses it, by its limits alone."""
    gate = load_gate()
    score = gate.check(SAMPLE).score
    refuse_below, accept_from = {
        "accept": (score - 0.2, score - 0.1),
        "warn": (score - 0.1, score + 0.1),
        "refuse": (score + 0.1, score + 0.2),
    }[answer]
    return Gate(scorer=replace(gate.scorer, refuse_below=refuse_below, accept_from=accept_from))


def write_film(folder: Path, elements: dict[str, Any]) -> Path:
    deep = elements.get("BitsStored") == 12
    pixels = SAMPLE.pixels.astype(np.uint16) * 16 if deep else SAMPLE.pixels
    path = folder / "film.dcm"
    path.write_bytes(make_dicom(pixels, **elements))
    return path


@pytest.mark.parametrize("answer", ["accept", "warn", "refuse"])
@pytest.mark.parametrize(("elements", "kinds"), FILES.values(), ids=FILES)
def test_score_names_every_note(command, tmp_path, monkeypatch, answer, elements, kinds) -> None:
    monkeypatch.setattr("core.cli.score.load_gate_if_present", lambda: gate_that(answer))
    film = write_film(tmp_path, elements)
    (row,) = json.loads(command("score", film, "--json")[1])["files"]
    assert [note["kind"] for note in row["notes"]] == kinds
    warned = answer == "accept" and bool(SPEAKS_AGAINST & set(kinds))
    assert row["gate"] == ("warn" if warned else answer)
    assert (row["verdict"] is None) == (answer == "refuse")
    text = command("score", film)[1]
    assert all(f"{film}: {note['text']}" in text for note in row["notes"])


@pytest.mark.parametrize("answer", ["accept", "warn", "refuse"])
def test_report_names_every_note(command, tmp_path, monkeypatch, answer) -> None:
    monkeypatch.setattr("core.cli.report.load_gate_if_present", lambda: gate_that(answer))
    elements, kinds = FILES["all"]
    film, out = write_film(tmp_path, elements), tmp_path / "report.pdf"
    notes = json.loads(command("report", film, "--out", out, "--model", "dense", "--json")[1])["film"]["notes"]
    assert [note["kind"] for note in notes] == kinds
    page = " ".join(PdfReader(out).pages[0].extract_text().split())
    assert all(note["text"] in page for note in notes)
    text = command("report", film, "--out", out, "--model", "dense")[1]
    assert all(note["text"] in text.splitlines() for note in notes)
