"""The model card as Markdown."""

from datetime import UTC, datetime

from core.paths import software_version
from core.reports.model_card.content import Card
from core.wording import BANNER

NOT_KNOWN = "not known or not done"


def heading(card: Card) -> str:
    """Name of the model and of its weights."""
    return f"{card.title}, version {card.run_id}, weights {card.weights_hash[:12]}"


def card_markdown(card: Card, created: datetime) -> str:
    """Return the card as a Markdown document; what is not known is marked."""
    stamp = created.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    lines = [f"# Model card: {heading(card)}", "", f"LungLens {software_version()}, {stamp}", "", f"> {BANNER}"]
    for section in card.sections:
        lines += ["", f"## {section.title}", ""]
        for item in section.items:
            mark = "" if item.known else f" *({NOT_KNOWN})*"
            lines.append(f"- **{item.title}**{mark}: {item.text}")
    return "\n".join([*lines, ""])
