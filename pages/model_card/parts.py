"""Parts of Model card: the share of pneumonia, the exports, the figures in a sentence, and the items in sections."""

from datetime import UTC, datetime

import streamlit as st

from core.reports.model_card import Card, Item, card_markdown, make_card
from core.reports.model_card.export import NOT_KNOWN
from core.runs.record import Run
from core.wording import BANNER, format_figure, format_rate
from pages.shared import cache as cached
from pages.shared.layout import ask_prevalence, banner

STEM = "lunglens-model-card"


def prevalence() -> float:
    """Ask for the share of pneumonia among the children who are imaged at the user's hospital."""
    return ask_prevalence(
        "Pneumonia among the children who are imaged where you work",
        key="card_prevalence",
        help="Moves predictive values, net benefit and what the probabilities average; nothing else.",
        width=480,
    )


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=cached.HASH_FUNCS)
def card(run: Run, others: list[Run], share: float) -> Card:
    """Return the card of a run at a share of pneumonia."""
    return make_card(run, others, prevalence=share)


def exports(model_card: Card) -> None:
    """Offer the card as PDF and as Markdown."""
    with st.container(horizontal=True):
        st.download_button(
            "One page as PDF",
            lambda: _pdf(model_card),
            f"{STEM}-{model_card.run_id}.pdf",
            "application/pdf",
            icon=":material/picture_as_pdf:",
            on_click="ignore",
            key="card_pdf",
        )
        st.download_button(
            "Markdown",
            lambda: card_markdown(model_card, datetime.now(UTC)),
            f"{STEM}-{model_card.run_id}.md",
            "text/markdown",
            icon=":material/description:",
            on_click="ignore",
            key="card_markdown",
        )


def _pdf(model_card: Card) -> bytes:
    from core.reports.model_card.printed import card_pdf  # with its fonts a third of a second, for those who print

    return card_pdf(model_card, datetime.now(UTC))


def sections(model_card: Card, run: Run) -> None:
    """Show the figures in a sentence and the notice, then each section in a tab, all rendered from the start."""
    st.markdown(_figures(run))
    banner()
    unknown = sum(not item.known for item in model_card.items)
    st.markdown(
        f"{len(model_card.items)} items, the notice above among them; "
        f"{unknown} of them are marked :gray-badge[{NOT_KNOWN}]."
    )
    items_by_title = {
        section.title: [item for item in section.items if item.text != BANNER] for section in model_card.sections
    }
    tabs = st.tabs([f"{title} ({len(items)})" for title, items in items_by_title.items()])  # the banner is shown above
    for tab, items in zip(tabs, items_by_title.values(), strict=True):
        with tab, st.grid(2, min_column_width=380, gap="medium") as grid:
            for item in items:
                with grid.cell():
                    _item(item)


def _figures(run: Run) -> str:
    evaluation = cached.results().get(run.run_id, {}).get("test")
    if evaluation is None:
        return "It has not been evaluated on the test films."
    sensitivity, specificity = (format_rate(evaluation.metrics[name]) for name in ("sensitivity", "specificity"))
    return (
        f"**It finds {sensitivity} of {evaluation.positives} films labelled pneumonia and leaves {specificity} of "
        f"{evaluation.n - evaluation.positives} normal films unflagged**; AUROC "
        f"{format_figure(evaluation.metrics['auroc'])}. Test "
        "films of one hospital, at its frozen threshold, with 95 % intervals by patient."
    )


def _item(item: Item) -> None:
    badge = "" if item.known else f" :gray-badge[{NOT_KNOWN}]"
    st.markdown(f"**{item.title}**{badge}  \n{item.text}")
