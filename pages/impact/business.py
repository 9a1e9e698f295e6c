"""Business case: what would a model change for my lab, per 1,000 children and per year?"""

import streamlit as st

from core.runs import served
from pages.ui import business_parts, cached
from pages.ui.compare_data import shown
from pages.ui.parts import banner, errors_shown, footer, header

header(
    "What would a model change for my lab?",
    "Set your share of pneumonia and your volume. A model that only orders the list finds nobody by itself: a doctor "
    "reads every film.",
)
runs = cached.shown_runs()
rows = shown(runs, "test")
answers, controls = st.columns([3, 1], gap="large")  # a phone shows the answers first
with controls:
    chosen = None
    if rows:
        with errors_shown():
            best = cached.key(served(runs))
            chosen = business_parts.choose(rows, next((row for row in rows if cached.key(row.run) == best), rows[0]))
    lab = business_parts.inputs()
with answers:
    if chosen is None:
        st.error("No evaluated model was found; fetch artifacts/ again or train one.", icon=":material/error:")
    else:
        with errors_shown():
            business_parts.answer(chosen, lab)
if chosen is not None:
    with errors_shown():
        business_parts.charts(rows, lab)
        business_parts.table(rows, lab)
business_parts.assumptions()

banner()
footer(
    "**Next:** see which differences between the models are real, or how one film is answered.",
    "pages/models/compare.py",
    "pages/demo/read.py",
)
