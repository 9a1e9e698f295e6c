"""Worklist: a morning of films judged, put in order, and what the order does to waiting."""

import streamlit as st

from pages.shared.layout import banner, errors_shown, footer, header
from pages.shared.navigation import BUSINESS, LIMITS
from pages.worklist import input as worklist_input
from pages.worklist import table as worklist_table
from pages.worklist.job import current, rows_at
from pages.worklist.waits import waits

header(
    "Triage a worklist",
    "Upload a stack of X-rays: those that resemble pneumonia move to the front. A doctor still reads every one. The "
    "X-rays stay in memory and are deleted when you leave.",
)
worklist_input.source()
job = current()
if job is not None and job.pending is not None:
    worklist_input.progress()
elif job is not None and job.rows:
    prevalence, minutes = worklist_input.lab()
    with errors_shown():
        rows = rows_at(job, prevalence)
        worklist_table.headline(job, rows, minutes)
        worklist_table.listing(job, rows, minutes)
        worklist_table.not_judged(rows)
        st.header("What the order changes for this stack", anchor=False)
        worklist_table.orders(rows, minutes)
        st.header("Take it with you", anchor=False)
        worklist_table.downloads(job, rows, minutes)
st.header("What the order would do to waiting", anchor=False)
waits()
banner()
footer(
    "**Next:** the order is only as good as the flags: see where they fail, and what they would change over a year.",
    LIMITS,
    BUSINESS,
)
