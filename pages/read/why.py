"""Why: where in the film a score comes from, by each method, beside what was measured of the method."""

import streamlit as st

from core.charts.explanations import quality_figure
from core.charts.film import film_figure, make_overlay
from core.charts.pictures import film_png
from core.errors import ArtifactError
from core.explain.findings import MethodFindings
from core.explain.methods import Explanation, Method, methods_for
from core.explain.trust import doubt_in_words, findings_of, leading_method
from core.inference.network import CAM
from core.runs.record import Run
from core.wording import format_decimal, format_rate
from pages.read.cache import film_source, keep_map, known_map, prepared, whole_map
from pages.shared import cache as cached
from pages.shared.film_state import CurrentFilm
from pages.shared.layout import FILM_CONFIG, pick_run

SIDE = 768  # pixels a side of the film under a map
FRAME = 520
SLOW = "It asks the model about many altered films, so it is drawn only when you want it. You can leave at any time."


def why(current: CurrentFilm, runs: list[Run]) -> None:
    """A map of one method for one model, with its worth."""
    run = pick_run("Model", runs, "read_why_model", cached.served_run())
    methods = {method.title: method for method in methods_for(run)}
    first = leading_method(run)
    title = st.segmented_control(
        "Method", list(methods), default=first.title, required=True, key=f"read_why_method_{len(methods)}_{first.name}"
    )
    method = methods[title]
    film, words = st.columns([3, 2], gap="medium")
    with words:
        st.markdown(f"**{method.title}.** {method.meaning}")
        found = known_map(current, run, method.name) or _computed(current, run, method)
        measured = _measured(run, method)
    with film:
        _shown(current, run, method, found)
    if measured:
        _all_methods(run)


def _computed(current: CurrentFilm, run: Run, method: Method) -> Explanation | None:
    """The map, at once where it takes one step or comes first; else only when asked, and any other click leaves it."""
    if method.name in (CAM, leading_method(run).name):
        with st.spinner("Drawing the map"):
            return whole_map(current, run, method.name)
    network, image = cached.model(run).network, prepared(current, run.input.height, run.input.width)
    place = st.empty()
    if not place.button("Draw this map", icon=":material/play_arrow:", key="read_why_draw", help=SLOW):
        return None
    with place.container(horizontal=True, vertical_alignment="center"):
        st.button("Stop", icon=":material/stop:", key="read_why_stop")
        bar = st.progress(0.0)
    for last in method.steps(network, image):  # a click on Stop, another tab or film ends the script right here
        bar.progress(last.done / last.total, f"{last.done} of {last.total} altered films judged")
    place.empty()
    keep_map(current, run, last.explanation)
    return last.explanation


def _shown(current: CurrentFilm, run: Run, method: Method, found: Explanation | None) -> None:
    """The film under its map; alone where there is none yet or it is blank."""
    opacity = st.slider("Opacity of the map", 0.0, 1.0, 0.6, 0.05, key="read_why_opacity", disabled=found is None)
    if found is not None and found.blank:
        st.info(
            f"The map of {run.title} is blank: no place of this film moves its logit by more than 0.001.",
            icon=":material/info:",
        )
    overlay = None if found is None or found.blank else make_overlay(found, opacity)
    figure = film_figure(film_source(current, SIDE), current.film.size, overlay=overlay, name=f"{current.digest} why")
    figure.layout.height = FRAME
    alt = "The film on black" if overlay is None else f"The film on black under the map: {method.title}"
    st.plotly_chart(figure, theme=None, key="read_why_film", config=FILM_CONFIG, alt=alt)
    if overlay is not None:
        st.download_button(
            "This map as PNG",
            lambda: film_png(current.film, overlay, f"{run.title}, {method.title}"),
            file_name=f"lunglens-{run.run_id}-{method.name}.png",
            mime="image/png",
            icon=":material/download:",
            on_click="ignore",
            key="read_why_png",
        )


def _measured(run: Run, method: Method) -> MethodFindings | None:
    """Say what was measured of a method for a model; None where nothing was."""
    try:
        measured = findings_of(run, method.name)
    except ArtifactError as error:
        st.warning(f"What this map is worth is not known. {error}", icon=":material/warning:")
        return None
    if doubt := doubt_in_words(run, measured):
        st.warning(doubt, icon=":material/warning:")
    if measured is None:
        return None
    st.markdown("\n".join(f"- {line}" for line in findings_in_words(measured)))
    return measured


def findings_in_words(measured: MethodFindings) -> list[str]:
    """What was measured of a method for a model, in sentences; Markdown."""
    rivals = {"random": "a random map that is as smooth", "other_film": "another film's map"}
    lines = [
        f"It beats {rival} on {format_rate(measured.against[name].deletion.share)} of {measured.n} validation films "
        f"when "
        f"the places that it names first are taken away, on {format_rate(measured.against[name].insertion.share)} when "
        "they are given back."
        for name, rival in rivals.items()
    ]
    weights = measured.weights["all_weights"]
    value, low, high = (format_decimal(end, 2) for end in (weights.value, weights.low, weights.high))
    changes = "it becomes another one" if measured.depends_on_weights else "**it hardly changes**"
    lines.append(
        f"With the model's weights in random order {changes}: rank correlation with its own map "
        f"{value} ({low} to {high}); 1 is the same map, "
        "0 an unrelated one."
    )
    lines.append(f"Blank on {measured.blank} of the {measured.n}.")
    return lines


def _all_methods(run: Run) -> None:
    fold = st.expander(
        "All methods against a random map", icon=":material/leaderboard:", key="read_why_quality", on_change="rerun"
    )
    if not fold.open:
        return
    with fold:
        measured = {
            method.name: findings
            for method in methods_for(run)
            if (findings := findings_of(run, method.name)) is not None
        }
        st.plotly_chart(
            quality_figure(measured),
            key="read_why_figure",
            config={"displayModeBar": False},
            alt="Share of validation films on which each method's map beats a random one",
        )
        st.caption(
            "Share of validation films, one of each patient and as many of either label, on which the method's map "
            "beats a random one of the same smoothness, with 95 % intervals; the line is chance. Deletion: the film is "
            "covered with its mean gray in the map's order, and the model should lose its answer sooner. Insertion: "
            "the film comes back out of a blur in that order, and the answer should come sooner. Both say that a map "
            "knows what moves the model. Neither says that the model looks at disease."
        )
