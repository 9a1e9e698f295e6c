"""Compare: which model is better, by how much, and is the difference real?"""

import streamlit as st

from core.impact import PREVALENCE
from pages.ui import cached, compare_parts
from pages.ui.compare_curves import curves
from pages.ui.compare_data import baseline, films_in_words, findings, ledger_in_words, shown
from pages.ui.parts import banner, errors_shown, footer, header

header(
    "Which model is better, and is the difference real?",
    "Every model is judged on the same films of one hospital, at a threshold that was frozen before the test.",
)
representatives = cached.shown_runs()
chosen, split, all_seeds = compare_parts.controls(representatives)

rows = shown(compare_parts.with_seeds(chosen, all_seeds), split)
if rows:
    with errors_shown():
        found = findings(chosen, split)
        compare_parts.finding([row for row in rows if not row.mark.dashed], found)
        compare_parts.pairs(found, chosen, split)
if rows:
    with errors_shown():
        st.caption(f"{films_in_words(rows[0].evaluation, split)}. {ledger_in_words()}")
    with errors_shown():
        compare_parts.leaderboard(rows, baseline(split), split, all_seeds)
elif not representatives:
    st.error("No trained model was found; fetch artifacts/ again or train one.", icon=":material/error:")
elif not chosen:
    st.info("Choose at least one model above.", icon=":material/touch_app:")

names = ["Curves", "Confusion matrices", "Report by class", "Training", "Seeds", "Notebook and publications"]
tabs = dict(zip(names, st.tabs(names, key="compare_tabs", on_change="rerun"), strict=True))
with tabs["Curves"], errors_shown():
    if tabs["Curves"].open:
        curves(rows, split, PREVALENCE.base)
with tabs["Confusion matrices"], errors_shown():
    if tabs["Confusion matrices"].open:
        compare_parts.matrices(rows)
with tabs["Report by class"], errors_shown():
    if tabs["Report by class"].open:
        compare_parts.reports(rows)
with tabs["Training"], errors_shown():
    if tabs["Training"].open:
        compare_parts.trainings(compare_parts.with_seeds(chosen, all_seeds))
with tabs["Seeds"], errors_shown():
    if tabs["Seeds"].open:
        compare_parts.seeds(chosen, shown(compare_parts.with_seeds(chosen, True), split))
with tabs["Notebook and publications"], errors_shown():
    if tabs["Notebook and publications"].open:
        compare_parts.reported(shown(representatives, "test"))

banner()
footer(
    "**Next:** see what these models would change in a lab, or ask them all about one film.",
    "pages/impact/business.py",
    "pages/demo/read.py",
)
