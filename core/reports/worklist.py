"""A worklist to take away: a table for spreadsheets and a list for print."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from PIL import Image
from reportlab.platypus import Flowable

from core.charts.style import UNDECIDED, VERDICTS
from core.inference.scoring import NOT_CHECKED
from core.reports.pdf import Cell, build, facts, gap, paragraph, picture, table
from core.runs.record import Run
from core.wording import (
    UNCHECKED,
    format_prevalence,
    format_probability,
    format_score,
    safe_cell,
    set_in_words,
    shorten,
)
from core.worklist.queue import Row, pace, reading_order, summary

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
    """The list in reading order as CSV, UTF-8 with a byte order mark, so that spreadsheets read accents.

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
            "verdict": row.verdict,
            "gate": row.gate,
            "reason": safe_cell(row.remark),
            "minutes_until_opened": round(changed.in_order[row.number], 2),
            "minutes_in_order_of_arrival": round(changed.in_arrival[row.number], 2),
            "run_id": run.run_id,
            "weights_hash": run.record.weights_hash,
            "use": USE,
        }
        if said := row.prediction:
            line |= {
                "score": round(said.score, 6),
                "threshold": round(said.threshold, 6),
                "probability": round(said.probability, 6),
                "prevalence": said.prevalence,
                "conformal_set": " ".join(said.conformal_set),
            }
        writer.writerow(line)
    return file.getvalue().encode("utf-8-sig")


def to_pdf(rows: Sequence[Row], run: Run, minutes: float, created: datetime) -> bytes:
    """The list in reading order for print, a line for each film with its thumbnail.

    Parameters
    ----------
    created : datetime
        With time zone.
    """
    ordered = reading_order(rows)
    prevalence = next((row.prediction.prevalence for row in rows if row.prediction), None)
    blocks: list[Flowable] = [paragraph(summary(rows, minutes), "lead")]
    known = [("Model", f"{run.title}, run {run.run_id}, weights {run.record.weights_hash[:12]}")]
    known.append(("Order", "flagged, cannot tell, not judged, not flagged; in each by score, the highest first"))
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
    said = row.prediction
    return [
        str(place),
        _thumbnail(row),
        shorten(row.file, 80),
        Cell(text=row.verdict, colour=VERDICTS.get(row.verdict, UNDECIDED), bold=True),
        format_probability(said.probability) if said else "–",
        format_score(said.score) if said else "–",
        set_in_words(said.conformal_set) if said else "–",
        _checked(row),
        str(row.number),
    ]


def _checked(row: Row) -> str:
    """What the gate says, then why, and what the file says of itself."""
    if row.gate == NOT_CHECKED and row.remark:
        return row.remark
    words = GATE_WORDS.get(row.gate, row.gate)
    return f"{words[0].upper()}{words[1:]}. {row.remark}" if row.remark else words


def _thumbnail(row: Row) -> "str | Flowable":
    if row.thumbnail is None:
        return ""
    with Image.open(io.BytesIO(row.thumbnail)) as image:
        return picture(np.array(image), width=26, height=26)
