"""The gate before the verdict: is this a frontal chest film that the models can judge?"""

import streamlit as st

from core.errors import ArtifactError
from core.gate import GateAnswer, GateRates, gate_rates, load_gate
from core.wording import format_percent, format_rate
from pages.shared.cache import HASH_FUNCS
from pages.shared.film_state import CurrentFilm


def show_gate(current: CurrentFilm) -> bool:
    """Show the gate's answer and the notes of the file; return whether a verdict may follow.

    None may after a refusal or an error.
    """
    for note in current.film.notes:
        st.markdown(f":material/info: {note.text}")
    try:
        gate_answer = answer(current)
    except ArtifactError as error:
        st.error(
            f"Nothing can check that this is a chest film, so there is no verdict. {error}", icon=":material/error:"
        )
        return False
    if gate_answer.verdict == "refuse":
        st.subheader("No verdict", anchor=False)
        st.markdown(f":material/block: {gate_answer.reason}", help=rates_in_words())
        st.caption("This says nothing about the patient. The check can be wrong: see its rates.")
        return False
    if gate_answer.verdict == "warn":
        st.warning(gate_answer.reason, icon=":material/warning:")
    else:
        st.markdown(":material/check: Looks like a frontal chest X-ray.", help=rates_in_words())
    return True


def rates_in_words() -> str:
    """How often the gate refuses chest films, and other images; Markdown, or why that is not known."""
    try:
        return _in_words(gate_rates())
    except ArtifactError as error:
        return f"How often the gate is wrong is not known: {error}"


def _in_words(rates: GateRates) -> str:
    wrongly = [
        (rates.validation, "validation films"),
        (rates.test, "test films"),
        (rates.adults, "chest films of adults"),
    ]
    refused = "; ".join(
        f"{format_rate(share.refused)} of {share.n:,} {who}" for share, who in wrongly if share is not None
    )
    return (
        f"The gate looks at edges and coarse gray levels. **Refused wrongly**: {refused} (95 % intervals). "
        f"**Refused rightly**, of pictures that are no chest film, of a kind that it was not fitted on: "
        f"{format_percent(rates.caught_worst)} of the worst kind ({rates.worst_kind}) and "
        f"{format_percent(rates.caught_mean)} "
        f"averaged over {len(rates.left_out)} kinds. So what it lets pass may still be no chest film."
    )


@st.cache_data(scope="session", max_entries=128, show_spinner=False, hash_funcs=HASH_FUNCS)
def answer(current: CurrentFilm) -> GateAnswer:
    """Return the gate's answer to the film; raises `ArtifactError` without a gate."""
    return load_gate().check(current.film)
