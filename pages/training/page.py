"""Training: how was each model trained, what did the search try, how do I train mine?"""

import streamlit as st

from pages.shared import cache as cached
from pages.shared.layout import banner, errors_shown, footer, header
from pages.shared.navigation import COMPARE, INSIDE
from pages.training import curves as training_curves
from pages.training import job as training_job
from pages.training import search as training_search

header(
    "How were the models trained, and how do I train mine?",
    "Every run's curves, all that was tried on the way, and a training of your own beside ours.",
)
training_job.announce("training_tabs", "Train your own")
sections = {
    "Curves": lambda: training_curves.show_curves(cached.shown_runs()),
    "What was tried": training_search.searches,
    "Train your own": training_job.train_yours,
}
for tab, show in zip(st.tabs(list(sections), key="training_tabs", on_change="rerun"), sections.values(), strict=True):
    if tab.open:
        with tab, errors_shown():
            show()

banner()
footer(
    "**Next:** see which model is better and whether the difference is real, or follow an X-ray through the layers.",
    COMPARE,
    INSIDE,
)
