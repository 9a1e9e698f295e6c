"""A worklist to take away: a table for spreadsheets and a list for print."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from PIL import Image
from reportlab.platypus import Flowable

from core.charts.style import VERDICT_COLOURS
from core.inference.scoring import NOT_CHECKED
from core.reports.pdf import Cell, build, facts, gap, paragraph, picture, table
from core.runs.record import Run
from core.wording import (
    UNCHECKED,
    VERDICT_WORDS,
    format_prevalence,
    format_probability,
    format_score,
    safe_cell,
    set_in_words,
    shorten,
)
from core.worklist.queue import ORDER, Row, pace, reading_order, summary

USE = "research and education only; not for diagnosis; every film must be read"
COLUMNS = (
    "place",
    "arrived",
    "file",
    "status",
    "verdict",
    "score",
    "threshold",
    "probability",
    "prevalence",
    "conformal_set",
    "gate",
    "reason",
    "notes",
    "minutes_until_opened",
    "minutes_in_order_of_arrival",
    "run_id",
    "weights_hash",
    "use",
)
GATE_WORDS = {
    "accept": "looks like a chest film",
    "warn": "doubtful",
    "refuse": "refused",
    NOT_CHECKED: "not checked",
}


def to_csv(rows: Sequence[Row], run: Run, minutes: float) -> bytes:
    """Return the list in reading order as CSV, UTF-8 with a byte order mark, so that spreadsheets read accents.

    Parameters
    ----------
    rows : sequence of Row
    run : Run
        The run that judged them.
    minutes : float
        From one film to the next.
    """
    changed = pace(rows, minutes)
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    for place, row in enumerate(reading_order(rows), 1):
        line: dict[str, object] = {
            "place": place,
            "arrived": row.number,
            "file": safe_cell(row.file),
            "status": row.status,
            "verdict": VERDICT_WORDS[row.verdict].lower(),
            "gate": row.gate,
            "reason": safe_cell(row.reason or ""),
            "notes": " ".join(note.text for note in row.notes),
            "minutes_until_opened": round(changed.in_order[row.number], 2),
            "minutes_in_order_of_arrival": round(changed.in_arrival[row.number], 2),
            "run_id": run.run_id,
            "weights_hash": run.record.weights_hash,
            "use": USE,
        }
        if prediction := row.prediction:
            line |= {
                "score": round(prediction.score, 6),
                "threshold": round(prediction.threshold, 6),
                "probability": round(prediction.probability, 6),
                "prevalence": prediction.prevalence,
                "conformal_set": " ".join(prediction.conformal_set),
            }
        writer.writerow(line)
    return file.getvalue().encode("utf-8-sig")


def to_pdf(rows: Sequence[Row], run: Run, minutes: float, created: datetime) -> bytes:
    """Return the list in reading order as PDF, a line for each film with its thumbnail.

    Parameters
    ----------
    created : datetime
        With time zone.
    """
    ordered = reading_order(rows)
    prevalence = next((row.prediction.prevalence for row in rows if row.prediction), None)
    blocks: list[Flowable] = [paragraph(summary(rows, minutes), "lead")]
    known = [("Model", f"{run.title}, run {run.run_id}, weights {run.record.weights_hash[:12]}")]
    order = ", ".join(VERDICT_WORDS[verdict].lower() for verdict in ORDER)
    known.append(("Order", f"{order}; in each by score, the highest first"))
    if prevalence is not None:
        known.append(("Probability", f"calibrated on validation, at a prevalence of {format_prevalence(prevalence)}"))
    blocks.append(facts(known))
    if any(row.gate == NOT_CHECKED and row.prediction for row in rows):
        blocks.append(paragraph(UNCHECKED, "small"))
    blocks += [
        gap(),
        table(
            ("", "", "File", "Verdict", "Probability", "Score", "Set", "Is it a chest film?", "Arrived"),
            [_printed(place, row) for place, row in enumerate(ordered, 1)],
            shares=(0.5, 0.9, 2.8, 2.2, 1.3, 1.1, 1.5, 2.2, 1),
            numeric=(0, 8),
            style="small",
        ),
    ]
    return build("Worklist", blocks, created=created)


def _printed(place: int, row: Row) -> list[str | Cell | Flowable]:
    prediction = row.prediction
    return [
        str(place),
        _thumbnail(row),
        shorten(row.file, 80),
        Cell(text=VERDICT_WORDS[row.verdict], colour=VERDICT_COLOURS[row.verdict], bold=True),
        format_probability(prediction.probability) if prediction else "–",
        format_score(prediction.score) if prediction else "–",
        set_in_words(prediction.conformal_set) if prediction else "–",
        _gate_answer(row),
        str(row.number),
    ]


def _gate_answer(row: Row) -> str:
    """Return the gate's answer, then why, and the notes of the file."""
    if row.gate == NOT_CHECKED and row.remark:
        return row.remark
    words = GATE_WORDS.get(row.gate, row.gate)
    return f"{words[0].upper()}{words[1:]}. {row.remark}" if row.remark else words


def _thumbnail(row: Row) -> "str | Flowable":
    if row.thumbnail is None:
        return ""
    with Image.open(io.BytesIO(row.thumbnail)) as image:
        return picture(np.array(image), width=26, height=26)
