"""Overview: what is this, how good is it, may I trust it, where do I start?"""

import streamlit as st

from core.runs.store import choose_run
from pages.overview import parts as overview_parts
from pages.shared.layout import banner, errors_shown, footer
from pages.shared.navigation import READ
from pages.shared.run_figures import shown

st.title("Can a computer point out the children whose chest film looks like pneumonia?", anchor=False)
rows = []
with errors_shown():
    rows = shown([choose_run(None)], "test")
if rows:
    with errors_shown():
        overview_parts.result(rows[0])
overview_parts.pathway_and_doors()
with errors_shown():
    overview_parts.samples()
if rows:
    with errors_shown():
        overview_parts.caveat(rows[0])
banner()
footer("**Next:** look at a film, yours or a synthetic one.", READ)
