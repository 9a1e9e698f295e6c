"""One film of the list beside the table: picture, map, verdict, and the way to the full reading."""

import hashlib
from dataclasses import replace

import streamlit as st

from core.charts.film import Overlay, film_figure, make_overlay, picture_source
from core.explain.methods import explain
from core.explain.trust import NO_REASON, doubt, leading_method
from core.inference.sentences import prediction_sentences
from core.runs.record import Run
from core.wording import VERDICT_WORDS
from core.worklist.queue import Row
from pages.shared import cache as cached
from pages.shared.cache import HASH_FUNCS
from pages.shared.film_state import CurrentFilm, as_code, show
from pages.shared.layout import FILM_CONFIG, errors_shown
from pages.shared.navigation import READ
from pages.shared.verdict import headline
from pages.worklist.job import Job


def film(job: Job, row: Row) -> None:
    """Show a row of the list in full."""
    st.markdown(f"{as_code(row.file)}, arrived as number {row.number}")
    if row.packed is None:
        _without_film(row)
    else:
        _picture(job, row)
    if row.prediction is None:
        st.markdown(f"**{VERDICT_WORDS[None]}**")
        st.text(row.remark or "No reason is known.")  # may hold the file's name, in which nothing is interpreted
        return
    st.markdown(f"**{headline(row.prediction)}**")
    if row.remark:
        st.markdown(f":material/warning: {row.remark}")
    st.markdown(prediction_sentences(row.prediction))
    if row.packed is not None and st.button(
        "Full reading", icon=":material/radiology:", key="worklist_read", help="All models, maps and layers, on Read"
    ):
        _open_on_read(row)


def _without_film(row: Row) -> None:
    if row.thumbnail is None:
        return
    st.image(row.thumbnail, width=180, alt="The film, small")
    st.caption("The list holds more films than this session keeps; give this one alone on Read to see it large.")


def _picture(job: Job, row: Row) -> None:
    name = f"{job.number} {row.number}"
    on_map = row.prediction is not None and st.toggle("Map over the film", key="worklist_map")
    overlay = None
    method = leading_method(job.run)
    with errors_shown():
        if on_map:
            overlay = _overlay(row, job.run, method.name)
    if on_map and overlay is None:
        st.caption("The map is blank: no place of this film moves the logit.")
    figure = film_figure(_source(row), row.size or (1, 1), overlay=overlay, name=name)
    figure.update_layout(height=min(figure.layout.height, 400))
    st.plotly_chart(
        figure, theme=None, key="worklist_film", config=FILM_CONFIG, alt="The film that was clicked, on black"
    )
    if overlay is not None:
        st.caption(
            f"{method.title}: vermilion moved the score towards pneumonia, blue towards normal. {NO_REASON} "
            + doubt(job.run, method.name)
        )


def row_identity(row: Row) -> str:
    """Return the sha256 of what a row keeps of its film, with the notes that its file came with."""
    return hashlib.sha256(b"%s %r" % (row.packed, row.notes)).hexdigest()


@st.cache_data(scope="session", max_entries=4, show_spinner=False, hash_funcs={Row: row_identity})
def _source(row: Row) -> str:
    film = row.film()
    return picture_source(film.pixels) if film else ""


@st.cache_data(scope="session", max_entries=8, show_spinner=False, hash_funcs=HASH_FUNCS | {Row: row_identity})
def _overlay(row: Row, run: Run, method: str) -> Overlay | None:
    """Return the map of a method; None where it is blank."""
    film = row.film()
    if film is None:
        return None
    model = cached.model(run)
    explanation = explain(model.network, model.prepare(film), method)
    return None if explanation.blank else make_overlay(explanation)


def _open_on_read(row: Row) -> None:
    """Make this the current film on Read, in place of its uploads, with the notes that its file came with."""
    film = row.film()
    if film is None:
        return
    name = as_code(row.file)
    show(
        CurrentFilm(
            film=replace(film, name=name), digest=row_identity(row), title=f"{name}, your upload", origin="upload"
        )
    )
    st.switch_page(READ.path)
