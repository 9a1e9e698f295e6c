"""What if the film were framed or exposed otherwise: the shortcut test on the current film."""

import pandas as pd
import streamlit as st

from core.charts.explanations import counterfactual_figure
from core.charts.style import UNDECIDED
from core.explain.counterfactual import CHANGES, levels
from core.imaging.film import resize
from core.imaging.perturbations import FACTORS, Factor
from core.runs.record import Run
from core.types import UInt8Array
from core.wording import format_score
from pages.read.cache import changed
from pages.read.viewer import select_run
from pages.shared import cache as cached
from pages.shared.film_state import CurrentFilm

NOBODY = "none"
LARGE = 0.2  # of the score; a move that a reader should not overlook even where no threshold is crossed
HEIGHT = 320  # pixels of the changed film


def change(current: CurrentFilm, runs: list[Run]) -> None:
    """One property of the film on a slider, and the score of one model or two as it changes."""
    st.markdown(
        "Cropping or exposure shouldn't change the result. A score that moves with them depends on something other "
        "than the lungs, a shortcut, and would do so on the next film too."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = select_run("Model", runs, "read_change_model", _first(runs))
        second = _second([run for run in runs if cached.key(run) != cached.key(first)])
    name = st.segmented_control(
        "What changes",
        CHANGES,
        default=CHANGES[0],
        required=True,
        format_func=lambda option: FACTORS[option].title,
        key="read_change",
    )
    factor = FACTORS[name]
    level = st.select_slider(
        f"{factor.title} ({factor.unit})",
        levels(name),
        value=factor.neutral,
        format_func=lambda option: f"{option:.2f}, as it is" if option == factor.neutral else f"{option:.2f}",
        key=f"read_change_{name}",
    )
    film, curves = st.columns([2, 3], gap="medium")
    with film:
        st.image(_picture(current, factor, level), width="stretch", alt=f"The film, {factor.title.lower()} {level:.2f}")
        st.caption(f"The film at {level:.2f} {factor.unit.split(';')[0]}." if level != factor.neutral else "As it is.")
    with curves:
        for run in [first] if second is None else [first, second]:
            _curve(current, run, factor, level)
        st.caption(
            "Dot: the film as it is. Line: the level of the slider. Dotted: the model's threshold. The far ends also "
            "take something from the film, such as the sides of the lungs, so a score may rightly move a little there. "
            "The page Limits shows what the same changes do to hundreds of films."
        )


def sentence(rows: pd.DataFrame, factor: Factor, threshold: float) -> str:
    """How far a film's score moves over all levels of a change, and what that means; Markdown."""
    low, high = float(rows["score"].min()), float(rows["score"].max())
    plain = rows.loc[rows["value"] == factor.neutral, "score"].item()
    moves = f"from {format_score(low)} to {format_score(high)}; as it is {format_score(plain)}"
    if low < threshold <= high:
        return (
            f"The score goes {moves}. It **crosses the threshold**: the verdict on this film depends on its "
            f"{factor.title.lower()}, which says nothing about the child."
        )
    if high - low >= LARGE:
        return (
            f"The score goes {moves}. It stays on one side of the threshold, but a move this large is a **shortcut**."
        )
    return f"The score goes {moves}: {factor.title.lower()} makes little difference here."


def _curve(current: CurrentFilm, run: Run, factor: Factor, level: float) -> None:
    rows = changed(current, run, factor.name)
    threshold = run.record.threshold
    figure = counterfactual_figure(rows, factor, threshold)
    figure.layout.xaxis.update(tickvals=factor.levels, ticktext=[f"{tick:g}" for tick in factor.levels])
    if level != factor.neutral:
        figure.add_vline(level, line={"width": 1, "color": UNDECIDED})
    st.markdown(f"**{run.title}**, here {format_score(_at(rows, level))}. {sentence(rows, factor, threshold)}")
    st.plotly_chart(
        figure,
        key=f"read_change_curve_{cached.key(run)}",
        config={"displayModeBar": False},
        alt=f"Score of {run.title} over {factor.title.lower()} with its threshold",
    )


def _at(rows: pd.DataFrame, level: float) -> float:
    return float(rows.loc[(rows["value"] - level).abs().idxmin(), "score"])


def _picture(current: CurrentFilm, factor: Factor, level: float) -> UInt8Array:
    pixels = current.film.pixels
    width, height = current.film.size
    small = resize(pixels, HEIGHT, max(1, round(HEIGHT * width / height)))
    return factor.apply(small, level, current.film.name)


def _first(runs: list[Run]) -> Run:
    served = cached.served_run()
    return served if served in runs else runs[0]


def _second(others: list[Run]) -> Run | None:
    by_key = {cached.key(run): run for run in others}
    name = st.selectbox(
        "Beside it",
        [NOBODY, *by_key],
        format_func=lambda option: "No other model" if option == NOBODY else by_key[option].title,
        key="read_change_second",
    )
    return by_key.get(name)
