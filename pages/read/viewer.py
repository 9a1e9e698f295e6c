"""The film on black: as it is, under a map, or as a model sees it."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.film import Overlay, film_figure, make_overlay, picture_source
from core.explain.geometry import Grid
from core.explain.methods import methods_for
from core.explain.trust import NO_REASON, doubt, leading_method
from core.runs.record import Run
from core.runs.store import served
from core.wording import format_decimal, format_score
from pages.read.cache import film_source, predict, prepared, whole_map
from pages.shared import cache as cached
from pages.shared.film_state import CurrentFilm
from pages.shared.layout import FILM_CONFIG, errors_shown, pick_run

FRAME = 588  # pixels: the same for films of any shape, so that nothing moves from one to the next
FILM, MAP, MODEL = "Film", "Map over the film", "As the model sees it"


@st.fragment
def film_panel(current: CurrentFilm, runs: list[Run], *, bare: bool = False) -> None:
    """Show the film, large, with a switch between its views; ``bare`` leaves out all model results."""
    views = [FILM] if not runs else [FILM, MODEL] if bare else [FILM, MAP, MODEL]
    view = st.segmented_control(
        "View", views, default=FILM, required=True, key="read_view", label_visibility="collapsed"
    )
    slot = st.container()
    with errors_shown():
        if view == MAP:
            _map(current, runs, slot)
        elif view == MODEL:
            _model_view(current, runs, slot)
        else:
            _film(current, slot)
    width, height = current.film.size
    # A sample's title names the label that it was drawn as.
    title = "A synthetic picture" if bare and current.origin == "sample" else current.title
    st.caption(f"{title}, {width:,} × {height:,} pixels.")


def _film(current: CurrentFilm, slot: DeltaGenerator, overlay: Overlay | None = None) -> None:
    figure = film_figure(film_source(current), current.film.size, overlay=overlay, name=current.digest)
    figure.layout.height = FRAME
    alt = "The film on black" if overlay is None else "The film on black under a map"
    slot.plotly_chart(figure, theme=None, key="read_film", config=FILM_CONFIG, alt=alt)


def _map(current: CurrentFilm, runs: list[Run], slot: DeltaGenerator) -> None:
    run = pick_run("Model", runs, "read_map_model", served(runs))
    opacity = st.slider("Opacity of the map", 0.0, 1.0, 0.6, 0.05, key="read_opacity")
    method = leading_method(run)
    others = " Other methods are under Why." if len(methods_for(run)) > 1 else ""
    with st.spinner("Drawing the map"):
        explanation = whole_map(current, run, method.name)
    if explanation.blank:
        _film(current, slot)
        st.info(f"The map of {run.title} is blank: no place of this film moves its logit.", icon=":material/info:")
        return
    _film(current, slot, make_overlay(explanation, opacity))
    prediction = predict(current, run, 0.5)
    st.caption(
        f"{method.title}, vermilion towards pneumonia, blue towards normal. {method.meaning} Each of its "
        f"{explanation.values.size} places draws on {_reach(explanation.rows, explanation.columns)}; "
        "do not read an edge as a border. "
        f"{NO_REASON} {doubt(run, method.name)}",
        help=f"The logit is {format_decimal(prediction.logit, 1, '+')} for the film as it is, a score of "
        f"{format_score(prediction.score)}.{others}",
    )


def _reach(rows: Grid, columns: Grid) -> str:
    """How much of the film one place of a map can draw on."""
    if rows.receptive_field >= max(rows.size, columns.size):
        return "most of the film or all of it"
    return f"{rows.receptive_field} × {rows.receptive_field} of the {columns.size} × {rows.size} pixels"


def _model_view(current: CurrentFilm, runs: list[Run], slot: DeltaGenerator) -> None:
    sizes = {f"{run.input.width} × {run.input.height}": run.input for run in runs}
    first = served(runs).input
    size = f"{first.width} × {first.height}"
    if len(sizes) > 1:
        size = st.segmented_control("Pixels", list(sizes), default=size, required=True, key="read_pixels")
    width, height = sizes[size].width, sizes[size].height
    source = picture_source(prepared(current, height, width), sharp_pixels=True)
    figure = film_figure(source, (width, height), name=f"{current.digest} {width} {height}")
    figure.layout.height = FRAME
    slot.plotly_chart(
        figure, theme=None, key="read_film", config=FILM_CONFIG, alt=f"The film at {width} by {height} pixels on black"
    )
    wide, tall = current.film.size
    change = "squeezes it sideways" if wide > tall else "squeezes it from above" if tall > wide else "keeps its shape"
    st.caption(
        f"{width} × {height} pixels are all that {'such a model sees' if len(sizes) > 1 else 'the models see'}: a "
        f"network takes one fixed size, so every film is brought to it whatever its shape, which {change} here. "
        "In training all films were treated alike."
    )


def select_run(label: str, runs: list[Run], key: str, start: Run) -> Run:
    """Let the reader choose among runs, where there is little room."""
    by_key = {cached.key(run): run for run in runs}
    name = st.selectbox(
        label,
        list(by_key),
        index=list(by_key).index(cached.key(start)),
        format_func=lambda run_key: by_key[run_key].title,
        key=key,
    )
    return by_key[name]
