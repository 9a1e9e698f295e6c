"""Limits: where does it fail, by how much, and what follows for use?"""

import streamlit as st

from pages.ui import cached, limits_checks, limits_shift, limits_use
from pages.ui.limits_parts import choose
from pages.ui.parts import banner, errors_shown, footer, header

header(
    "Where should you not believe it?",
    "Twelve findings from films that the models were not trained on, each with what it means for use. Intervals are "
    "95 %, by patient; thresholds are those that were frozen before the test.",
)
shown = [run for run in cached.shown_runs() if not run.own]
if shown:
    st.caption(
        "Specificity: share of normal films that are not flagged. AUROC: how often a pneumonia film scores higher than "
        "a normal one; .5 is chance, 1 is always. Null baseline: a score from something trivial, such as file size."
    )
    chosen = choose(shown)
    grid = st.grid(2, min_column_width=380, border=True)
    for finding in (
        limits_shift.specificity,
        limits_shift.films,
        limits_shift.shortcut,
        limits_shift.stress,
        limits_use.sets,
        limits_use.prevalence,
        limits_use.failures,
        limits_checks.labels,
        limits_use.subgroups,
        limits_use.seeds,
        limits_checks.gate,
        limits_use.ledger,
    ):
        with grid.cell(), errors_shown():
            finding(chosen, shown)
    limits_use.unmeasured()
else:
    st.error("No trained model was found; fetch artifacts/ again or train one.", icon=":material/error:")

banner()
footer(
    "**Next:** see which model is better in spite of this, or what false alarms would cost a lab.",
    "pages/models/compare.py",
    "pages/impact/business.py",
)
