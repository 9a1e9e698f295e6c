"""Compare: which model is better, by how much, and is the difference real?"""

import streamlit as st

from core.impact.inputs import PREVALENCE
from pages.compare import films as compare_films
from pages.compare import findings as compare_parts
from pages.compare import matrices as compare_tabs
from pages.compare import operating_point as compare_point
from pages.compare import uploads
from pages.compare.controls import controls
from pages.compare.curves import curves
from pages.compare.gain_and_cost import ladder
from pages.compare.leaderboard import leaderboard
from pages.shared import cache as cached
from pages.shared.layout import banner, errors_shown, footer, header
from pages.shared.navigation import BUSINESS, READ
from pages.shared.run_figures import Shown, films_in_words, ledger_in_words, nulls, shown

header(
    "Which model is better, and is the difference real?",
    "Every model is judged on the same films of one hospital, at first at a threshold that was frozen without them.",
)
representatives = cached.shown_runs()
choice = controls(representatives)
where = compare_point.in_words(choice.rule)
files, films, threshold = uploads.upload(choice.rule)
uploaded = uploads.read_tables(files, threshold, choice.split)
paired = [table for table in uploaded if table.paired]

every_run = cached.with_seeds(choice.runs, choice.all_seeds)
rows = compare_point.at(shown(every_run, choice.split), choice.split, choice.rule)
findings = []
if rows:
    with errors_shown():
        findings = compare_point.findings([row.run for row in rows], choice.split, choice.rule)
        compare_parts.finding([row for row in rows if not row.style.dashed], findings)
        compare_parts.uploaded_tables(uploaded, choice)
        compare_parts.pairs(findings, choice, paired)
    with errors_shown():
        st.caption(f"{films_in_words(rows[0].evaluation, choice.split)}; {where}. {ledger_in_words()}")
    with errors_shown():
        leaderboard(rows, paired, nulls(choice.split), choice)
elif not representatives:
    st.error("No trained model was found; fetch artifacts/ again or train one.", icon=":material/error:")
elif not choice.runs:
    st.info("Choose at least one model above.", icon=":material/touch_app:")
with errors_shown():
    compare_parts.uploaded_films(films, choice)


def _all_seeds() -> list[Shown]:
    return compare_point.at(shown(cached.with_seeds(choice.runs, True), choice.split), choice.split, choice.rule)


sections = {
    "Curves": lambda: curves(rows, paired, choice.split, PREVALENCE.base, where),
    "Scores": lambda: compare_films.histograms(rows, choice.split, where),
    "Matrices and reports": lambda: compare_tabs.matrices(rows, paired, where, choice, PREVALENCE.base),
    "Single films": lambda: compare_films.single_films(rows, choice),
    "Gain and cost": lambda: ladder(rows, findings, choice.split),
    "When they abstain": lambda: compare_tabs.abstaining(rows),
    "Training and seeds": lambda: compare_tabs.training_and_seeds(choice.runs, every_run, _all_seeds()),
    "Notebook and publications": lambda: compare_tabs.reported(shown(representatives, "test")),
}
for tab, show in zip(
    st.tabs(list(sections), key="compare_tabs", on_change="rerun", bind="query-params"), sections.values(), strict=True
):
    if tab.open:
        with tab, errors_shown():
            show()

banner()
footer(
    "**Next:** see what these models would change in a lab, or ask them all about one film.",
    BUSINESS,
    READ,
)
