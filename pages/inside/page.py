"""Inside the network: what is each model made of, and what does each layer make of the film?"""

import streamlit as st

from pages.inside import parts as inside_parts
from pages.shared import cache as cached
from pages.shared.layout import banner, errors_shown, footer, header, pick_run
from pages.shared.navigation import COMPARE, READ

header(
    "What does each layer make of the film?",
    "Every model as it is served: its layers, their cost, what they look for, and the way of a film through them.",
)
runs = cached.shown_runs()
if runs:
    run = pick_run("Model", runs, "inside_model", inside_parts.first(runs))
    with errors_shown():
        architecture = run.architecture
        st.markdown(inside_parts.summary(run, architecture))
        inside_parts.picture(run, architecture)
    sections = {
        "The way of one film": lambda: inside_parts.layer_maps(run),
        "What the first layer looks for": lambda: inside_parts.filters(run),
        "The layers in figures": lambda: inside_parts.table(run, run.architecture),
        "Dense layers against convolutions": lambda: inside_parts.dense_against_cnn(runs),
    }
    tabs = st.tabs(list(sections), key="inside_tabs", on_change="rerun")
    for tab, show in zip(tabs, sections.values(), strict=True):
        if tab.open:
            with tab, errors_shown():
                show()
else:
    st.error("No trained model was found; fetch artifacts/ again or train one.", icon=":material/error:")

banner()
footer(
    "**Next:** look at every map of a layer on your own film, or see which model is clearly better.",
    READ,
    COMPARE,
)
