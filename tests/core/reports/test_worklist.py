"""What a worklist leaves to take away: a table that no spreadsheet executes, a list for print."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PIL import Image
from pypdf import PdfReader

from core.imaging.notes import Note, NoteKind
from core.paths import software_version
from core.reports.worklist import COLUMNS, to_csv, to_pdf
from core.runs.store import list_runs, served
from core.wording import BANNER
from core.worklist.queue import Row, pace
from tests.support.rows import broken, clear, flagged, unsure

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def thumbnail() -> bytes:
    file = io.BytesIO()
    Image.new("L", (72, 50), 90).save(file, "JPEG")
    return file.getvalue()


def read(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_csv_holds_the_list_in_reading_order() -> None:
    rows = [clear(1), broken(2), flagged(3), unsure(4)]
    run = served(list_runs()[0])
    lines = read(to_csv(rows, run, 2.0))
    assert tuple(lines[0]) == COLUMNS
    assert [line["arrived"] for line in lines] == ["3", "4", "2", "1"]
    assert [line["place"] for line in lines] == ["1", "2", "3", "4"]
    first = lines[0]
    assert (first["file"], first["verdict"], first["conformal_set"]) == (
        "3.png",
        "flagged",
        "pneumonia",
    )
    assert (float(first["score"]), float(first["probability"]), float(first["prevalence"])) == (0.9, 0.45, 0.16)
    changed = pace(rows, 2.0)
    assert float(first["minutes_until_opened"]) == changed.in_order[3] == 0
    assert float(first["minutes_in_order_of_arrival"]) == changed.in_arrival[3] == 4
    assert lines[1]["conformal_set"] == "normal pneumonia"
    refused = lines[2]
    assert (refused["status"], refused["reason"], refused["score"], refused["probability"]) == (
        "refused",
        "damaged",
        "",
        "",
    )
    assert {line["run_id"] for line in lines} == {run.run_id}
    assert all("not for diagnosis" in line["use"] for line in lines)


@pytest.mark.parametrize("gate", ["accept", "warn", "refuse", "not_checked"])
def test_notes_stand_in_both_files_whatever_the_gate_answers(gate: str) -> None:
    note = Note(NoteKind.NO_WINDOW, "The file states no window.")
    row = replace(flagged(1), notes=(note,), gate=gate, reason="Take care." if gate == "warn" else None)
    run = served(list_runs()[0])
    (line,) = read(to_csv([row], run, 2.0))
    assert (line["notes"], line["reason"]) == (note.text, row.reason or "")
    page = " ".join(PdfReader(io.BytesIO(to_pdf([row], run, 2.0, NOW))).pages[0].extract_text().split())
    assert note.text in page


def test_names_of_files_do_no_harm_in_a_spreadsheet() -> None:
    name = '=HYPERLINK("http://x","y").png'
    rows = [Row(number=1, file=name, status="refused", reason=f"{name}: damaged")]
    (line,) = read(to_csv(rows, served(list_runs()[0]), 2.0))
    assert line["file"] == f"'{name}"
    assert line["reason"] == f"'{name}: damaged"


def test_pdf_lists_every_film_with_the_banner() -> None:
    run = served(list_runs()[0])
    rows = [clear(1), broken(2), flagged(3), unsure(4)]
    rows.append(Row(number=5, file="<b>five</b>.png", status="refused", reason="a cat", thumbnail=thumbnail()))
    data = to_pdf(rows, run, 2.0, NOW)
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(data)).pages]
    assert len(pages) == 1
    for said in ("5 films: 1 flagged", "2 minutes a film", "3.png", "<b>five</b>.png", "a cat", "damaged", run.run_id):
        assert said in pages[0]
    assert BANNER[:60] in pages[0]
    assert f"LungLens {software_version()} · 2026-01-02 03:04 UTC" in pages[0]
    assert "at a prevalence of 16 %" in pages[0]
    assert pages[0].index("3.png") < pages[0].index("4.png") < pages[0].index("2.png") < pages[0].index("1.png")
    assert to_pdf(rows, run, 2.0, NOW) == data


def test_pdf_says_what_gate_and_file_say_of_a_film() -> None:
    notes = (Note(NoteKind.NO_WINDOW, "The file states no window."),)
    rows = [replace(clear(1), gate="accept", notes=notes), replace(clear(2), gate="warn", reason="Odd."), broken(3)]
    data = to_pdf(rows, served(list_runs()[0]), 2.0, NOW)
    text = " ".join(PdfReader(io.BytesIO(data)).pages[0].extract_text().split())
    for said in ("Looks like a chest film. The file states no window.", "Doubtful. Odd.", "damaged"):
        assert said in text


def test_a_long_list_takes_several_pages() -> None:
    rows = [flagged(number) for number in range(1, 120)]
    data = to_pdf(rows, served(list_runs()[0]), 2.0, NOW)
    pages = PdfReader(io.BytesIO(data)).pages
    assert len(pages) > 1
    assert all(BANNER[:40] in " ".join(page.extract_text().split()) for page in pages)
