"""Read it yourself first: no score is seen before the reader's own answer; counted in the session alone."""

from dataclasses import dataclass, replace

import streamlit as st

from core.evaluation.verdict import Verdict
from core.wording import VERDICT_WORDS
from pages.shared.film_state import CurrentFilm

FIRST = "read_yourself"
READINGS = "read_readings"  # `OwnReading` by digest of the film
SEEN = "read_seen"  # digests of the films whose scores were shown
ANSWERS = {
    "Pneumonia": (Verdict.FLAGGED, ":material/coronavirus:"),
    "Normal": (Verdict.NOT_FLAGGED, ":material/check_circle:"),
    "Cannot tell": (Verdict.NO_CALL, ":material/help:"),
}


@dataclass(frozen=True, kw_only=True)
class OwnReading:
    """What the reader committed to for one film.

    Parameters
    ----------
    answer : str
        A key of `ANSWERS`.
    blind : bool
        Given before any score of this film was shown.
    verdict : Verdict or None
        The served model's, once it was shown.
    """

    answer: str
    blind: bool
    verdict: Verdict | None = None

    @property
    def agrees(self) -> bool:
        return ANSWERS[self.answer][0] is self.verdict


def is_hidden(current: CurrentFilm) -> bool:
    """Whether scores, maps and rankings of this film must not be shown yet."""
    return bool(st.session_state.get(FIRST)) and current.digest not in _readings()


def show_toggle() -> None:
    """Show the toggle."""
    st.toggle(
        "Read it yourself first",
        key=FIRST,
        persist_state="session",
        help="Hides every score, map and ranking of a film until you have said what you make of it, so that the "
        "models' answer cannot lead yours.",
    )


def ask_reading(current: CurrentFilm) -> None:
    """Ask for the reader's answer to this film."""
    st.subheader("What do you make of this film?", anchor=False)
    with st.container(horizontal=True):
        for answer, (_, icon) in ANSWERS.items():
            st.button(
                answer,
                key=f"read_answer_{answer.split()[0].lower()}",
                icon=icon,
                on_click=_commit,
                args=(current.digest, answer),
            )
    seen = current.digest in st.session_state.get(SEEN, set())
    st.caption(
        "Your answer is final. The models' results appear next."
        + (" You have seen this film's scores before, so it will not be counted." if seen else "")
    )


def compare_reading(current: CurrentFilm, verdict: Verdict | None) -> None:
    """Show the reader's answer beside the served model's ``verdict``, and how often both agree; None if it has none."""
    readings = _readings()
    st.session_state.setdefault(SEEN, set()).add(current.digest)
    reading = readings.get(current.digest)
    if reading is None:
        return
    reading = readings[current.digest] = replace(reading, verdict=verdict)
    if verdict is None:
        compared = "The served model has no verdict to set beside it."
    else:
        compared = f"The served model: *{VERDICT_WORDS[verdict]}*. You {'agree' if reading.agrees else 'differ'}."
    late = "" if reading.blind else " You had seen scores of this film before, so this answer is not counted."
    st.markdown(f":material/person: You said **{reading.answer.lower()}**. {compared}{late}")
    _tally(list(readings.values()))


def _tally(readings: list[OwnReading]) -> None:
    counted = [reading for reading in readings if reading.blind and reading.verdict is not None]
    if counted:
        agreed = sum(reading.agrees for reading in counted)
        films = "film" if len(counted) == 1 else "films"
        st.caption(
            f"You and the served model agree on {agreed} of {len(counted)} {films} that you read first in this "
            "session. Agreement is not correctness, and nothing of it is stored."
        )


def _commit(digest: str, answer: str) -> None:
    blind = digest not in st.session_state.get(SEEN, set())
    _readings().setdefault(digest, OwnReading(answer=answer, blind=blind))


def _readings() -> dict[str, OwnReading]:
    readings: dict[str, OwnReading] = st.session_state.setdefault(READINGS, {})
    return readings
