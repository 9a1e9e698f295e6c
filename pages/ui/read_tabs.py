"""What can be looked at closer once a film has its verdict: a tab each, of which only the open one computes."""

from collections.abc import Callable

import streamlit as st

from core.runs import Run
from pages.ui.film import Choice
from pages.ui.layers import layers
from pages.ui.parts import errors_shown
from pages.ui.read_change import change
from pages.ui.read_export import export
from pages.ui.read_similar import neighbours
from pages.ui.read_verdict import CLOSER
from pages.ui.read_why import why

TABS: dict[str, Callable[[Choice, list[Run]], None]] = {
    ":material/layers: Layers": layers,
    ":material/my_location: Why": why,
    ":material/tune: What if": change,
    ":material/group_work: Similar": neighbours,
    ":material/download: Export": export,
}


@st.fragment(key=CLOSER)
def closer(choice: Choice, runs: list[Run]) -> None:
    """The tabs in their order; each function draws one."""
    opened = st.tabs(list(TABS), key="read_tabs", on_change="rerun")
    for tab, show in zip(opened, TABS.values(), strict=True):
        if tab.open:
            with tab, errors_shown():
                show(choice, runs)
