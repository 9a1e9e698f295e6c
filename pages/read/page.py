"""Read an X-ray: the models' verdicts on one film, and each layer's maps of it."""

import streamlit as st

from pages.read.files import navigator
from pages.read.gate import show_gate
from pages.read.own_reading import ask_reading, is_hidden, show_toggle
from pages.read.tabs import detail_tabs
from pages.read.upload import picker, placeholder, refused_film
from pages.read.verdict import verdict
from pages.read.viewer import film_panel
from pages.shared.cache import shown_runs
from pages.shared.film_state import current_film
from pages.shared.layout import banner, footer, header
from pages.shared.navigation import BUSINESS, COMPARE

header(
    "Read an X-ray",
    "Upload a child's frontal chest X-ray. It stays in memory and is deleted when you leave.",
)

runs = shown_runs()
left, right = st.columns([6, 5], gap="medium")
with left:
    navigator()
    film_slot = st.container()
    picker()
current = current_film()

if not runs:
    st.error(
        "No trained model was found, so no film can be judged. Fetch the repository's artifacts folder again, or "
        "train one: `python -m core train cnn_adam --data DIR`.",
        icon=":material/error:",
    )
if current is None:
    with film_slot:
        refused_film()
    with right:
        placeholder()
        banner()
else:
    hidden = is_hidden(current)
    with right:
        if runs:
            show_toggle()
        passed = bool(runs) and show_gate(current)
    with film_slot:
        film_panel(current, runs, bare=hidden or not passed)
    if not passed:
        with right:
            banner()
    elif hidden:
        with right:
            ask_reading(current)
            banner()
    else:
        table = st.container()
        with right:
            verdict(current, runs, table)
        st.header("A closer look", anchor=False)
        detail_tabs(current, runs)

footer(
    "**Next:** one film proves nothing. See how often each model is right on test films that it never saw, and what "
    "that would change for 1,000 children.",
    COMPARE,
    BUSINESS,
)
