"""The list: its sentence, its table with a film beside it, what was not judged, and files to take away."""

import base64
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from core.charts.style import VERDICT_COLOURS
from core.charts.worklist import order_chart
from core.inference.scoring import NOT_CHECKED
from core.reports.worklist import GATE_WORDS, to_csv, to_pdf
from core.results.store import too_high
from core.wording import (
    UNCHECKED,
    VERDICT_WORDS,
    format_prevalence,
    safe_cell,
    set_in_words,
)
from core.worklist.queue import Row, counts, pace, reading_order, summary
from pages.worklist.job import Job
from pages.worklist.viewer import film

ALL = "All"
TABLE_HEIGHT = 560  # pixels
MOST_REASONS = 5  # shown at their own height; more of them scroll


def headline(job: Job, rows: list[Row], minutes: float) -> None:
    """Write what the list holds and what its order changes, in one sentence."""
    st.subheader(summary(rows, minutes), anchor=False)
    if job.stopped:
        st.caption(f"Stopped after {len(rows)} of {job.total} films; the rest was not read.")
    if any(row.prediction and row.gate == NOT_CHECKED for row in rows):
        st.markdown(f":material/help: {UNCHECKED}")


@st.fragment
def listing(job: Job, rows: list[Row], minutes: float) -> None:
    """Show the table in reading order, and beside it the selected film."""
    numbers = {ALL: len(rows)} | {VERDICT_WORDS[verdict]: number for verdict, number in counts(rows).items() if number}
    kind = st.pills(
        "Show",
        list(numbers),
        default=ALL,
        required=True,
        format_func=lambda kind: f"{kind} {numbers[kind]}",
        key=f"worklist_kind_{job.number}",
        label_visibility="collapsed",
    )
    filtered = [row for row in reading_order(rows) if kind in (ALL, VERDICT_WORDS[row.verdict])]
    left, right = st.columns([7, 4], gap="medium")
    with left:
        picked = _table(job, rows, filtered, minutes, kind)
    with right:
        film(job, picked)


def _table(job: Job, rows: list[Row], filtered: list[Row], minutes: float, kind: str) -> Row:
    """Show the rows; returns the selected one, at first the top one."""
    changed = pace(rows, minutes)
    places = {row.number: place for place, row in enumerate(reading_order(rows), 1)}
    prevalence = next((row.prediction.prevalence for row in rows if row.prediction), None)
    at = "" if prevalence is None else f", at {format_prevalence(prevalence)} prevalence"
    names = _names(rows)
    table = pd.DataFrame(
        {
            "Place": [places[row.number] for row in filtered],
            "Film": [_source(row) for row in filtered],
            "Verdict": [[VERDICT_WORDS[row.verdict]] for row in filtered],
            # Clipped as everywhere, since no model can know: 0.01 means 0.01 or less, 0.99 means 0.99 or more.
            "Probability": [_clipped(row, "probability", 0.01) for row in filtered],
            "Score": [_clipped(row, "score", 0.001) for row in filtered],
            "File": [
                safe_cell(names[row.number]) for row in filtered
            ],  # the table's own download is a CSV file of this
            "Set": [set_in_words(row.prediction.conformal_set) if row.prediction else "" for row in filtered],
            "Chest film?": [GATE_WORDS.get(row.gate, row.gate) for row in filtered],
            "Came as": [row.number for row in filtered],
            "Opened sooner, min": [changed.in_arrival[row.number] - changed.in_order[row.number] for row in filtered],
        }
    )
    state = st.dataframe(
        table,
        hide_index=True,
        height=min(TABLE_HEIGHT, 40 + 52 * len(filtered)),
        row_height=52,
        placeholder="–",
        key=f"worklist_table_{job.number}_{kind}",
        on_select="rerun",
        selection_mode="single-row-required",
        column_config={
            "Place": st.column_config.NumberColumn(width=56, help="In reading order"),
            "Film": st.column_config.ImageColumn(width=64),
            "Verdict": st.column_config.MultiselectColumn(
                options=[VERDICT_WORDS[verdict] for verdict in VERDICT_COLOURS],
                color=list(VERDICT_COLOURS.values()),
                width=112,
            ),
            "Probability": st.column_config.NumberColumn(
                format="%.2f",
                width=92,
                help=f"Calibrated on validation{at}; 0.01 means 0.01 or less, 0.99 or more. {too_high(job.run)}",
            ),
            "Set": st.column_config.TextColumn(width=110, help="The labels that the score does not exclude"),
            "Score": st.column_config.NumberColumn(format="%.3f", width=70),
            "Came as": st.column_config.NumberColumn(width=80, help="Place among the films as you gave them"),
            "Opened sooner, min": st.column_config.NumberColumn(
                format="%.0f", width=130, help="Than in the order in which they came; below 0: later"
            ),
        },
        alt="The films in reading order with verdict, probability and set; a click on a row opens its film",
    )
    st.caption(
        "A click on a row opens its film. Order: flagged films first, then those without a call, those not judged, "
        "then the others; in each by score."
    )
    chosen = state["selection"]["rows"]
    return filtered[chosen[0] if chosen and chosen[0] < len(filtered) else 0]


def _names(rows: list[Row]) -> dict[int, str]:
    """File names without the zip or folder that all of them share."""
    first = {row.file.partition("/")[0] for row in rows}
    shared = len(first) == 1 and all("/" in row.file for row in rows)
    return {row.number: row.file.partition("/")[2] if shared else row.file for row in rows}


def _source(row: Row) -> str | None:
    if row.thumbnail is None:
        return None
    return f"data:image/jpeg;base64,{base64.b64encode(row.thumbnail).decode()}"


def _clipped(row: Row, name: str, least: float) -> float | None:
    return min(max(getattr(row.prediction, name), least), 1 - least) if row.prediction else None


def orders(rows: list[Row], minutes: float) -> None:
    """Each film's place in both orders."""
    st.plotly_chart(
        order_chart(rows, pace(rows, minutes)),
        key="worklist_orders",
        config={"displayModeBar": False},
        alt="When each film is opened as they came, and with flagged films first",
    )
    st.caption(
        "As if all films were there at the start and one were opened after the other. No order saves reading time: "
        "what flagged films gain, the others lose. Files may have been sorted by name before the upload, which need "
        "not be the order of arrival."
    )


def not_judged(rows: list[Row]) -> None:
    """Every file without a verdict with its reason, and what the gate doubts or the files say of themselves."""
    left_out = [row for row in rows if row.verdict is None]
    doubted = [row for row in rows if row.prediction and row.remark]
    if left_out:
        st.markdown(f"**Not judged: {len(left_out)}.** They stay in the list: somebody must read them.")
        _reasons(left_out)
    if doubted:
        results = "1 result" if len(doubted) == 1 else f"{len(doubted)} results"
        st.markdown(f"**{results} to treat with caution.** The check for chest films, or the file itself, says why.")
        _reasons(doubted)


def _reasons(rows: list[Row]) -> None:
    """List the reason for each file, in full, as plain text."""
    with st.container(height="content" if len(rows) <= MOST_REASONS else 300, border=True):
        st.text("\n\n".join(f"{row.file}: {row.remark}" for row in rows))


def downloads(job: Job, rows: list[Row], minutes: float) -> None:
    """Offer the list as CSV and as PDF, made when they are asked for."""
    with st.container(horizontal=True):
        st.download_button(
            "CSV",
            lambda: to_csv(rows, job.run, minutes),
            "worklist.csv",
            "text/csv",
            icon=":material/table:",
            on_click="ignore",
            key="worklist_csv",
        )
        st.download_button(
            "PDF",
            lambda: to_pdf(rows, job.run, minutes, datetime.now(UTC)),
            "worklist.pdf",
            "application/pdf",
            icon=":material/picture_as_pdf:",
            on_click="ignore",
            key="worklist_pdf",
        )
    st.caption(
        "The files hold the names of your films, the PDF also small pictures of them: keep them as you keep films."
    )
