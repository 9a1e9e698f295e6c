"""Compare: which model is better, by how much, and is the difference real?"""

import streamlit as st

from core.impact import PREVALENCE
from pages.ui import cached, compare_parts, compare_tabs
from pages.ui.compare_curves import curves
from pages.ui.compare_data import films_in_words, findings, ledger_in_words, nulls, shown
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
        found = findings([row.run for row in rows], split)
        compare_parts.finding([row for row in rows if not row.mark.dashed], found)
        compare_parts.pairs(found, chosen, split)
    with errors_shown():
        st.caption(f"{films_in_words(rows[0].evaluation, split)}. {ledger_in_words()}")
    with errors_shown():
        compare_parts.leaderboard(rows, nulls(split), split, all_seeds)
elif not representatives:
    st.error("No trained model was found; fetch artifacts/ again or train one.", icon=":material/error:")
elif not chosen:
    st.info("Choose at least one model above.", icon=":material/touch_app:")

sections = {
    "Curves": lambda: curves(rows, split, PREVALENCE.base),
    "Confusion matrices": lambda: compare_tabs.matrices(rows),
    "Report by class": lambda: compare_tabs.reports(rows),
    "When they abstain": lambda: compare_tabs.abstaining(rows),
    "Training": lambda: compare_tabs.trainings(compare_parts.with_seeds(chosen, all_seeds)),
    "Seeds": lambda: compare_tabs.seeds(chosen, shown(compare_parts.with_seeds(chosen, True), split)),
    "Notebook and publications": lambda: compare_tabs.reported(shown(representatives, "test")),
}
for tab, show in zip(st.tabs(list(sections), key="compare_tabs", on_change="rerun"), sections.values(), strict=True):
    if tab.open:
        with tab, errors_shown():
            show()

banner()
footer(
    "**Next:** see what these models would change in a lab, or ask them all about one film.",
    "pages/impact/business.py",
    "pages/demo/read.py",
)
