"""The report as one printed page: verdict, film and map, every model, what the verdict rests on, limits."""

import numpy as np
from reportlab.platypus import Flowable

from core.charts.pictures import film_picture
from core.charts.style import VERDICT_COLOURS
from core.reports.drawings import colour_bar, score_bar
from core.reports.film.data import Reading, Report, sentence
from core.reports.pdf import (
    INK,
    WIDTH,
    Cell,
    build,
    column_widths,
    columns,
    facts,
    gap,
    paragraph,
    picture,
    table,
)
from core.wording import (
    VERDICT_WORDS,
    format_percent,
    format_prevalence,
    format_probability,
    format_score,
    set_in_words,
    shorten,
)

PICTURE_HEIGHT = 205.0  # points
CHECKS = {"accept": "looks like a frontal chest film", "warn": "unusual, see above", "refuse": "refused"}
MOST_NAME = 60  # signs of a file name or a title
MOST_REASON = 400


def report_pdf(report: Report) -> bytes:
    """Return the report as a PDF of one A4 page, whatever the length of its texts."""
    colour = INK if report.refused else VERDICT_COLOURS[report.verdicts[0]]
    blocks: list[Flowable] = [paragraph(report.headline, "lead", colour=colour)]
    blocks.append(paragraph(shorten(sentence(report), MOST_REASON + 200)))
    if report.refused:
        blocks += _refused(report)
    else:
        blocks += _judged(report)
    return build("Chest X-ray report", blocks, created=report.created, version=report.version, one_page=True)


def _judged(report: Report) -> list[Flowable]:
    lead = report.readings[0]
    blocks = [paragraph(shorten(report.doubt, MOST_REASON), "bold")] if report.doubt else []
    blocks += [
        *_notes(report),
        score_bar(lead.prediction.score, lead.prediction.threshold, lead.conformal.abstain_band),
        paragraph(
            "Dot: score. Line: cut-off; to the right (orange) it flags. Grey: no call.",
            "small",
        ),
        gap(),
        _pictures(report),
        paragraph("What each model says", "heading"),
        _models(report),
    ]
    side = column_widths(2)[0]
    basis = [paragraph("What the verdict rests on", "heading"), _basis(lead, report, side)]
    limits = [paragraph(f"• {shorten(limit, MOST_REASON)}", "small", colour=INK) for limit in report.limits]
    return [*blocks, gap(8), columns(basis, [paragraph("Limits", "heading"), *limits])]


def _refused(report: Report) -> list[Flowable]:
    width, height = report.film.size
    return [
        *_notes(report),
        gap(),
        picture(film_picture(report.film), width=WIDTH, height=1.5 * PICTURE_HEIGHT),
        paragraph(f"{_name(report)}, {width:,} × {height:,} pixels.", "small"),
        paragraph("What to do", "heading"),
        paragraph("Give a frontal chest X-ray of a child, upright and whole, as it was exported. No model was asked."),
    ]


def _notes(report: Report) -> list[Flowable]:
    """Return what the file says of itself, a paragraph for each note."""
    return [paragraph(note.text, "bold") for note in report.film.notes]


def _pictures(report: Report) -> Flowable:
    width, height = report.film.size
    side = column_widths(2)[0]
    film = [
        picture(film_picture(report.film), width=side, height=PICTURE_HEIGHT),
        gap(2),
        paragraph(f"{_name(report)}, {width:,} × {height:,} pixels.", "small"),
    ]
    if report.overlay is None:
        return columns(film, [paragraph(report.map_note, "small")])
    top = float(np.abs(report.overlay.values).max())
    overlay = [
        picture(film_picture(report.film, report.overlay), width=side, height=PICTURE_HEIGHT),
        gap(2),
        colour_bar(f"{-top:.2g}", f"+{top:.2g}", left="towards normal", right="towards pneumonia", width=side),
        paragraph(report.map_note, "small"),
    ]
    return columns(film, overlay)


def _models(report: Report) -> Flowable:
    likely = f"probability at {format_prevalence(report.prevalence)}"
    header = ("model", "score", "cut-off", "verdict", likely, "set")
    return table(header, model_rows(report), shares=(2.6, 1.1, 1, 1.9, 1.9, 2.2), numeric=(1, 2, 4), style="small")


def model_rows(report: Report) -> list[tuple[str | Cell, ...]]:
    """Return a row for each model: title, score, threshold, verdict, probability and set."""
    return [
        (
            Cell(text=shorten(reading.prediction.title, MOST_NAME), bold=place == 0),
            format_score(reading.prediction.score),
            f"{reading.prediction.threshold:.3f}",
            Cell(text=VERDICT_WORDS[verdict], colour=VERDICT_COLOURS[verdict], bold=True),
            format_probability(reading.prediction.probability),
            set_in_words(reading.prediction.conformal_set),
        )
        for place, (reading, verdict) in enumerate(zip(report.readings, report.verdicts, strict=True))
    ]


def _basis(lead: Reading, report: Report, width: float) -> Flowable:
    across, down = lead.input_size
    full, further = report.ledger
    rule = lead.threshold_rule
    rows = [
        ("Film check", CHECKS[report.gate.verdict] if report.gate else "not made"),
        ("Model", f"{shorten(lead.prediction.title, MOST_NAME)}, version {shorten(lead.run_id, MOST_NAME)}"),
        ("Weights", f"sha256 {lead.weights_hash}"),
        ("Sees", f"{across} × {down} gray pixels, whatever the film's size and shape"),
        ("Cut-off", f"{lead.prediction.threshold:.4f}, frozen: {rule[0].lower()}{rule[1:]}"),
        (
            "Probability",
            f"{lead.calibration.method} calibration on validation ({format_percent(lead.calibration.prevalence)} "
            f"pneumonia), moved to {format_prevalence(report.prevalence)}",
        ),
        (
            "Set",
            f"conformal, each label left out of at most {format_percent(lead.conformal.alpha, 0)} of its own films",
        ),
        (
            "Test films",
            f"used for {full} full evaluations and {further} further looks on record"
            if full or further
            else "how often they have been used is not on record",
        ),
    ]
    return facts(rows, width=width, label_share=0.22, style="small")


def _name(report: Report) -> str:
    return shorten(report.film.name, MOST_NAME)
