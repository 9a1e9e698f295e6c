"""Model card: may I use this model, what was it trained on, how good is it, and what is not known?"""

import streamlit as st

from pages.model_card import parts as card_parts
from pages.shared import cache as cached
from pages.shared.layout import errors_shown, footer, header, pick_run
from pages.shared.navigation import BUSINESS, LIMITS

header(
    "What must I know before I use this model?",
    "What reporting guidelines ask of such models, item by item: answered from the committed results, or said to be "
    "not known. It prints on one page.",
)
runs = [run for run in cached.shown_runs() if not run.own]
if runs:
    with errors_shown():
        run = pick_run("Model", runs, "card_model", cached.served_run())
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            card = card_parts.card(run, [other for other in runs if other != run], card_parts.prevalence())
            card_parts.exports(card)
        card_parts.sections(card, run)
else:
    st.error("No trained model was found; fetch artifacts/ again or train one.", icon=":material/error:")

footer(
    "**Next:** see where it fails in pictures, or what it would change for a lab.",
    LIMITS,
    BUSINESS,
)
