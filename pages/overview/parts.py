"""The sections of Overview."""

import streamlit as st

from core.data.samples import list_samples
from core.evaluation.types import Estimate
from core.results.store import evaluation_of, read_shifts
from core.runs.store import representative
from core.wording import format_decimal, format_rate
from pages.shared import cache as cached
from pages.shared.film_state import open_sample
from pages.shared.navigation import BUSINESS, COMPARE, INSIDE, LIMITS, READ, WORKLIST, AppPage
from pages.shared.run_figures import Shown, films_in_words, ledger_in_words

# Plain HTML: a chart library would load a megabyte and a half of scripts for five boxes.
PATHWAY = """
<style>
.pathway { display: grid; grid-template-columns: 1fr 1fr; column-gap: 1rem; max-width: 28rem; text-align: center; }
.pathway b, .pathway i { grid-column: span 2; }
.pathway b.half, .pathway i.half { grid-column: span 1; }
.pathway b {
  border: 1px solid color-mix(in srgb, currentColor 40%, transparent);
  border-radius: 0.5rem; padding: 0.6rem 0.8rem; font-weight: 400;
}
.pathway i { font-style: normal; line-height: 2; opacity: 0.8; }
</style>
<div class="pathway" role="img" aria-label="A film goes to the model, which moves it to the top of the list or leaves it
later in the list; a doctor reads every film and decides">
<b>Chest film of a child</b>
<i>↓</i>
<b>Model: does it look like films of pneumonia?</b>
<i class="half">yes ↓</i><i class="half">no ↓</i>
<b class="half">Top of the list</b><b class="half">Later in the list</b>
<i class="half">↓</i><i class="half">↓</i>
<b>A doctor reads every film and decides</b>
</div>
"""


def result(row: Shown) -> None:
    """Show the served model's test result in one sentence, and in three numbers."""
    sensitivity, specificity = row.estimate("sensitivity"), row.estimate("specificity")
    st.markdown(
        f"To a degree. On {films_in_words(row.evaluation)}, the model served here, *{row.style.title}*, finds "
        f"**{format_rate(sensitivity)}** of the films labelled pneumonia and leaves **{format_rate(specificity)}** of "
        "the normal ones unflagged. It puts films in order; a doctor reads every one."
    )
    counts = row.evaluation.confusion
    with st.grid(3, min_column_width=250):
        _card("Caught", *of_hundred(sensitivity, "pneumonias", counts.tp, counts.positives))
        _card("False alarms", *of_hundred(specificity.complement(), "normals", counts.fp, counts.negatives))
        _card(
            "Judged on",
            f"{row.evaluation.n} films of one hospital",
            f"{row.evaluation.clusters} patients aged 1 to 5, Guangzhou; no other hospital was tried",
        )
    st.caption(f"{ledger_in_words()} Intervals are drawn by patient.")


def of_hundred(share: Estimate, what: str, films: int, total: int) -> tuple[str, str]:
    """Return a rate as a number of 100, and its interval with the films behind it."""
    return (
        f"{100 * share.value:.0f} of 100 {what}",
        f"95 % interval {100 * share.low:.0f} to {100 * share.high:.0f}; {films} of {total} test films",
    )


def _card(label: str, value: str, note: str) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.caption(label)
        st.markdown(f"### {value}")
        st.caption(note)


def pathway_and_doors() -> None:
    """Where the model fits between film and doctor, beside the three ways into the app."""
    drawing, doors = st.columns([5, 6], gap="large")
    with drawing:
        st.subheader("Where the model stands", anchor=False)
        st.html(PATHWAY)
    with doors:
        st.subheader("Where to start", anchor=False)
        _door(
            ":material/science: I run a lab",
            "What would it find, miss and alarm falsely per 1,000 children, and who would wait less?",
            {BUSINESS: "Open the business case", WORKLIST: "See a morning's worklist"},
        )
        _door(
            ":material/radiology: I read films",
            "Upload a film, see each model's answer, where it looked and what every layer made of it.",
            {READ: "Read an X-ray", LIMITS: "Where not to believe it"},
        )
        _door(
            ":material/balance: I build models",
            "Which model is better, by how much, and is the difference real?",
            {COMPARE: "Compare the models", INSIDE: "Look inside a network"},
        )


def _door(who: str, what: str, pages: dict[AppPage, str]) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{who}**")
        st.markdown(what)
        with st.container(horizontal=True, gap="medium"):
            for page, label in pages.items():
                st.page_link(page.path, label=label, icon=":material/arrow_forward:")


def samples() -> None:
    """Synthetic films; the link below each opens it on Read."""
    films = list_samples()
    st.subheader("Try it on a film", anchor=False)
    st.caption("Computer-generated examples. No real patient is shown.")
    with st.grid(4, min_column_width=150):
        for film in films:
            with st.container(gap="xsmall"):
                st.image(str(film.path), width="stretch", alt=film.title)
                if st.button(_short(film.title), key=f"overview_{film.path.stem}", width="stretch", wrap=True):
                    open_sample(film.path, film.title)
                    st.switch_page(READ.path)


def _short(title: str) -> str:
    return title.removeprefix("Synthetic, ").capitalize()


def caveat(row: Shown) -> None:
    """Show how test figures fall short of validation, for the served model and for all."""
    with st.container(border=True):
        st.subheader("What to doubt", anchor=False)
        before = evaluation_of(row.run, "validation").metrics["specificity"]
        after = row.estimate("specificity")
        shifts = read_shifts()
        change = shifts[row.run.run_id]["specificity"]
        others = [
            shifts[run.run_id]["specificity"].value
            for run in representative(cached.runs()[0])
            if not run.own and run.run_id in shifts
        ]
        st.markdown(
            f"On films that were kept aside from training, the same model at the same threshold left "
            f"**{format_rate(before)}** of the normal ones unflagged; on the test films it is "
            f"**{format_rate(after)}**: {points_in_words(change)}. {losses_in_words(others)} The test normals look "
            "different from the training normals. Another hospital may differ more, and nothing here measures that."
        )
        st.markdown(
            "The labels are two or three physicians' readings of the films, not what became of the children. "
            "There is no comparison with doctors on these films."
        )


def points_in_words(change: Estimate) -> str:
    """Return a change of a rate in points with its interval."""
    value, low, high = (format_decimal(100 * end, 1, "+") for end in (change.value, change.low, change.high))
    return f"{value} points (95 % interval {low} to {high})"


def losses_in_words(changes: list[float]) -> str:
    """Return how many models lose, and between which points where all do."""
    losing = sum(change < 0 for change in changes)
    if losing == len(changes):
        return f"All {losing} models lose, {-100 * max(changes):.0f} to {-100 * min(changes):.0f} points."
    return f"{losing} of {len(changes)} models lose."
