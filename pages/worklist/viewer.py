"""One film of the list beside the table: picture, map, verdict, and the way to the full reading."""

import hashlib
from dataclasses import replace

import streamlit as st

from core.charts.film import Overlay, film_figure, overlay_of, picture_source
from core.explain.methods import explain
from core.explain.trust import NO_REASON, doubt, leading_method
from core.imaging.film import Film
from core.worklist.queue import Row
from pages.read.verdict import headline, sentence
from pages.read.viewer import BAR
from pages.shared import cache as cached
from pages.shared.film_state import AT, CHOICE, ERROR, FILES, UPLOADER, Choice, as_code
from pages.shared.layout import errors_shown
from pages.shared.navigation import READ
from pages.worklist.job import Job, current


def film(job: Job, row: Row) -> None:
    """A row of the list with all that is known of it here."""
    st.markdown(f"{as_code(row.file)}, came as number {row.number}")
    if row.packed is None:
        _without_film(row)
    else:
        _picture(job, row)
    if row.prediction is None:
        st.markdown("**Not judged**")
        st.text(row.remark or "No reason is known.")  # may hold the file's name, in which nothing is interpreted
        return
    st.markdown(f"**{headline(row.prediction)}**")
    if row.remark:
        st.markdown(f":material/warning: {row.remark}")
    st.markdown(sentence(row.prediction, [row.prediction]))
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
            overlay = _overlay(job.number, row.number, cached.key(job.run), job.run.record.weights_hash, method.name)
    if on_map and overlay is None:
        st.caption("The map is blank: no place of this film moves the logit.")
    figure = film_figure(_source(job.number, row.number), row.size or (1, 1), overlay=overlay, name=name)
    figure.update_layout(height=min(figure.layout.height, 400))
    st.plotly_chart(figure, theme=None, key="worklist_film", config=BAR, alt="The film that was clicked, on black")
    if overlay is not None:
        st.caption(
            f"{method.title}: vermilion moved the score towards pneumonia, blue towards normal. {NO_REASON} "
            + doubt(job.run, method.name)
        )


def _film(job: int, number: int) -> Film:
    """The film of a place of the list at hand; the numbers alone are the keys of the caches below."""
    now = current()
    row = next((row for row in now.rows if row.number == number), None) if now and now.number == job else None
    kept = row.film() if row else None
    if kept is None:
        raise RuntimeError("another list has taken the place of this one")
    return kept


@st.cache_data(scope="session", max_entries=4, show_spinner=False)
def _source(job: int, number: int) -> str:
    return picture_source(_film(job, number).pixels)


@st.cache_data(scope="session", max_entries=8, show_spinner=False)
def _overlay(job: int, number: int, key: str, weights_hash: str, method: str) -> Overlay | None:
    """The map of a method; None where it is blank."""
    model = cached.loaded(key, weights_hash)
    found = explain(model.network, model.prepare(_film(job, number)), method)
    return None if found.blank else overlay_of(found)


def _open_on_read(row: Row) -> None:
    """Make this the film at hand on Read, in place of its uploads, with the notes that its file came with."""
    film = row.film()
    if film is None:
        return
    st.session_state[UPLOADER] = st.session_state.get(UPLOADER, 0) + 1
    for key in (FILES, AT, ERROR):
        st.session_state[key] = None
    name = as_code(row.file)
    st.session_state[CHOICE] = Choice(
        film=replace(film, name=name),
        digest=hashlib.sha256(b"%s %r" % (row.packed, row.notes)).hexdigest(),
        title=f"{name}, your upload",
        origin="upload",
    )
    st.switch_page(READ.path)
