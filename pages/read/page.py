"""Read an X-ray: what the models say of one film, and what each layer makes of it."""

import streamlit as st

from pages.read.files import navigator
from pages.read.gate import passes
from pages.read.own_reading import hides, question, switch
from pages.read.tabs import closer
from pages.read.upload import nothing_yet, picker, refused_film
from pages.read.verdict import verdict
from pages.read.viewer import film_panel
from pages.shared.cache import shown_runs
from pages.shared.film_state import current_film
from pages.shared.layout import banner, footer, header
from pages.shared.navigation import BUSINESS, COMPARE

header(
    "What do the models say of this film, and where do they look?",
    "Give a frontal chest film of a child; it stays in this session and is not kept.",
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
        nothing_yet()
        banner()
else:
    hidden = hides(current)
    with right:
        if runs:
            switch()
        passed = bool(runs) and passes(current)
    with film_slot:
        film_panel(current, runs, bare=hidden or not passed)
    if not passed:
        with right:
            banner()
    elif hidden:
        with right:
            question(current)
            banner()
    else:
        table = st.container()
        with right:
            verdict(current, runs, table)
        st.header("A closer look", anchor=False)
        closer(current, runs)

footer(
    "**Next:** one film proves nothing. See how often each model is right on test films that it never saw, and what "
    "that would change for 1,000 children.",
    COMPARE,
    BUSINESS,
)
