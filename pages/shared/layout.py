"""Parts that more than one page shows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import streamlit as st

from core.errors import LungLensError
from core.evaluation.calibration import DEFAULT_PREVALENCE
from core.runs.record import Run
from core.wording import BANNER, LICENCE
from pages.shared import cache as cached
from pages.shared.navigation import AppPage

FILM_CONFIG = {  # Plotly's settings for a film: zoom and pan
    "displaylogo": False,
    "modeBarButtons": [["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
}
LOWEST_PERCENT, HIGHEST_PERCENT = 0.5, 95.0  # of children with pneumonia, that a reader may give


def header(title: str, lead: str) -> None:
    """Show a page's title, and the sentence that says what the page answers and how."""
    st.title(title, anchor=False)
    st.markdown(lead)


def banner() -> None:
    """Show the research banner, on pages with a result."""
    st.info(BANNER, icon=":material/science:")


def footer(next_step: str, *pages: AppPage) -> None:
    """Show what to do next, links to these pages, and the data's licence."""
    st.markdown(next_step)
    if pages:
        with st.container(horizontal=True):
            for page in pages:
                st.page_link(page.path)
    st.caption(LICENCE)


def ask_prevalence(
    label: str,
    *,
    key: str,
    help: str,
    width: int | Literal["stretch"] = "stretch",
    on_change: Callable[[], None] | None = None,
) -> float:
    """Ask in per cent for the share of pneumonia among imaged children; the session keeps it.

    Returns
    -------
    float
        In (0, 1), as `prevalence_under` has it.
    """
    st.number_input(
        f"{label}, %",
        min_value=LOWEST_PERCENT,
        max_value=HIGHEST_PERCENT,
        value=100 * DEFAULT_PREVALENCE,
        step=1.0,
        format="%.1f",
        key=key,
        help=help,
        persist_state="session",
        width=width,
        on_change=on_change,
    )
    return prevalence_under(key)


def prevalence_under(key: str) -> float:
    """Return the share in (0, 1) that was given under a key, the default before `ask_prevalence` is drawn."""
    per_cent = st.session_state.get(key) or 100 * DEFAULT_PREVALENCE
    return float(min(max(per_cent, LOWEST_PERCENT), HIGHEST_PERCENT)) / 100


def pick_run(label: str, runs: list[Run], key: str, first: Run) -> Run:
    """Let the reader choose among runs, at first the one that is ``first`` if it is among them."""
    by_key = {cached.key(run): run for run in runs}
    start = cached.key(first if first in runs else runs[0])
    name = st.pills(
        label, list(by_key), default=start, required=True, format_func=lambda run_key: by_key[run_key].title, key=key
    )
    return by_key[name]


def ask_seeds(key: str, *, more: str = "", bind: Literal["query-params"] | None = None) -> bool:
    """Let the reader choose between a model's median seed and all of its seeds; return whether all are wanted."""
    seeds = st.segmented_control(
        "Seeds",
        ["one", "all"],
        default="one",
        required=True,
        format_func={"one": "Median seed", "all": "All seeds"}.__getitem__,
        help="Each model is trained with several random seeds; the one with the median selection figure stands for it."
        + more,
        key=key,
        bind=bind,
    )
    return seeds == "all"


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show a `LungLensError` as one line where it happens; the rest of the page goes on."""
    try:
        yield
    except LungLensError as error:
        st.error(str(error), icon=":material/error:")
