"""Read an X-ray: what the models say of one film, and what each layer makes of it."""

import streamlit as st

from pages.ui.cached import shown_runs
from pages.ui.film import chosen, picker
from pages.ui.layers import layers
from pages.ui.parts import banner, footer, header
from pages.ui.read_film import film_panel
from pages.ui.read_verdict import verdict

header(
    "What do the models say of this film, and where do they look?",
    "Give a frontal chest film of a child; it stays in this session and is not kept.",
)

runs = shown_runs()
left, right = st.columns([6, 5], gap="medium")
film_slot = left.container()
with left:
    picker()
choice = chosen()

if not runs:
    st.error(
        "No trained model is at hand, so no film can be judged. Fetch the repository's artifacts folder again, or "
        "train one: `python -m core train cnn_adam --data DIR`.",
        icon=":material/error:",
    )
if choice is None:
    with right:
        st.markdown(
            "**What you will see here**\n\n"
            "- The verdict of each model: score, threshold, probability, and whether the model can tell at all.\n"
            "- The film as the models see it, and a map of what in it moved each score.\n"
            "- All feature maps of every layer, one model or two side by side."
        )
        banner()
elif runs:
    with film_slot:
        film_panel(choice, runs)
    table = st.container()
    with right:
        verdict(choice, runs, table)
    st.header("What each layer makes of the film", anchor=False)
    layers(choice, runs)
else:
    with film_slot:
        film_panel(choice, runs)

st.header("What to do next", anchor=False)
footer(
    "One film proves nothing. [Compare](compare) shows how often each model is right on test films that it never saw, "
    "and [Business case](business) what that would change for 1,000 children."
)
