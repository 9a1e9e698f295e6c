"""Limits: where does it fail, by how much, and what follows for use?"""

import streamlit as st

from pages.limits import checks as limits_checks
from pages.limits import models as limits_models
from pages.limits import shift as limits_shift
from pages.limits import use as limits_use
from pages.limits.parts import choose
from pages.shared import cache as cached
from pages.shared.layout import banner, errors_shown, footer, header
from pages.shared.navigation import BUSINESS, COMPARE

header(
    "When not to trust it",
    "Findings from images that the models were not trained on, each with what it means for use; those that matter most "
    "come first. Intervals are 95 %, by patient; thresholds were frozen before the test.",
)
FINDINGS = {
    "Most important": (
        limits_shift.specificity,
        limits_shift.shortcut,
        limits_shift.stress,
        limits_use.prevalence,
        limits_use.failures,
    ),
    "Films and labels": (
        limits_shift.films,
        limits_checks.patients,
        limits_checks.labels,
        limits_use.subgroups,
        limits_checks.gate,
    ),
    "Models and tests": (limits_models.sets, limits_models.seeds, limits_models.ledger),
}
runs = [run for run in cached.shown_runs() if not run.own]
if runs:
    chosen = choose(runs)
    st.caption(
        "Specificity: share of normal films that are not flagged. AUROC: how often a pneumonia film scores higher than "
        "a normal one; 0.5 is chance, 1 is always. Null baseline: a score from something trivial, such as file size."
    )
    tabs = st.tabs(list(FINDINGS), key="limits_tabs", on_change="rerun", bind="query-params")
    for tab, findings in zip(tabs, FINDINGS.values(), strict=True):
        if tab.open:
            with tab:
                grid = st.grid(2, min_column_width=380, border=True)
                for finding in findings:
                    with grid.cell(), errors_shown():
                        finding(chosen, runs)
                with grid.cell() if len(findings) % 2 else st.container():
                    limits_use.unmeasured()
else:
    st.error("No trained model was found; fetch artifacts/ again or train one.", icon=":material/error:")

banner()
footer(
    "**Next:** see which model is better in spite of this, or what false alarms would cost a lab.",
    COMPARE,
    BUSINESS,
)
