"""Export: the report on the film as a page, as data, and its map as a picture, each made when it is asked for."""

import json
from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core.charts.pictures import film_png
from core.explain.trust import leading_method
from core.inference.model import Model
from core.reports.film import Report, make_report, report_document, report_pdf
from core.runs.record import Run
from core.wording import format_prevalence
from pages.read.cache import whole_map
from pages.read.gate import answer
from pages.read.verdict import prevalence
from pages.shared import cache as cached
from pages.shared.film_state import CurrentFilm
from pages.shared.layout import errors_shown


def export(current: CurrentFilm, runs: list[Run]) -> None:
    """Three downloads; nothing is written on the server."""
    served = cached.served_run()
    models = _models([served, *[run for run in runs if run != served and not run.own]])
    if not models or models[0].run != served:
        st.warning(f"{served.title}, on which a report rests, cannot answer.", icon=":material/warning:")
        return
    share = prevalence()
    made = maker(current, models, share)
    st.markdown(
        f"The report holds the film, what {len(models)} models say of it at {format_prevalence(share)} prevalence, "
        f"the map of *{served.title}*, its version, hash and threshold, and its limits. It names the file as you named "
        "it; nothing of a DICOM header is in it. It is made when you click, and is not kept."
    )
    name = f"lunglens-{current.digest[:8]}"
    with st.container(horizontal=True):
        _download(
            "Report, one page (PDF)", lambda: report_pdf(made()), f"{name}.pdf", "application/pdf", "picture_as_pdf"
        )
        _download("Same as data (JSON)", lambda: as_json(made()), f"{name}.json", "application/json", "data_object")
        if not whole_map(current, served, leading_method(served).name).blank:
            _download("Map over the film (PNG)", lambda: map_picture(made()), f"{name}.png", "image/png", "image")
    st.caption(
        "Maps of other methods and single feature maps have their own download under Why and Layers. From a terminal: "
        "`python -m core report FILM --out report.pdf`."
    )


def maker(current: CurrentFilm, models: list[Model], share: float) -> Callable[[], Report]:
    """Return a function that makes the report later, in a thread without access to the session."""
    gate = answer(current)
    film = replace(current.film, name=current.film.name.strip("`"))  # it was named as code, for Markdown
    return lambda: make_report(film, models, prevalence=share, gate=gate)


def as_json(report: Report) -> bytes:
    """Return the report as a JSON file."""
    return (json.dumps(report_document(report), indent=2) + "\n").encode()


def map_picture(report: Report) -> bytes:
    """Return the film under the report's map as a PNG file."""
    return film_png(report.film, report.overlay, report.map_title)


def _models(runs: list[Run]) -> list[Model]:
    loaded = []
    for run in runs:
        with errors_shown():
            loaded.append(cached.model(run))
    return loaded


def _download(label: str, data: Callable[[], bytes], file_name: str, mime: str, icon: str) -> None:
    st.download_button(
        label,
        data,
        file_name=file_name,
        mime=mime,
        icon=f":material/{icon}:",
        on_click="ignore",
        key=f"read_export_{file_name.rsplit('.', 1)[-1]}",
    )
