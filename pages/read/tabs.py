"""Details of a film once it has its verdict: a tab each; only the open one computes."""

from collections.abc import Callable

import streamlit as st

from core.runs.record import Run
from pages.read.export import export
from pages.read.layers import layers
from pages.read.similar import neighbours
from pages.read.verdict import CLOSER
from pages.read.what_if import change
from pages.read.why import why
from pages.shared.film_state import CurrentFilm
from pages.shared.layout import errors_shown

TABS: dict[str, Callable[[CurrentFilm, list[Run]], None]] = {
    ":material/layers: Layers": layers,
    ":material/my_location: Why": why,
    ":material/tune: What if": change,
    ":material/group_work: Similar": neighbours,
    ":material/download: Export": export,
}


@st.fragment(key=CLOSER)
def detail_tabs(current: CurrentFilm, runs: list[Run]) -> None:
    """Show the tabs in their order; each function draws one."""
    opened = st.tabs(list(TABS), key="read_tabs", on_change="rerun")
    for tab, show in zip(opened, TABS.values(), strict=True):
        if tab.open:
            with tab, errors_shown():
                show(current, runs)
