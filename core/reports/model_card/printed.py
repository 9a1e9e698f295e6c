"""The model card on one printed page."""

from collections.abc import Sequence
from datetime import datetime

from reportlab.platypus import Flowable

from core.reports.model_card.content import Card, Section
from core.reports.model_card.export import NOT_KNOWN
from core.reports.pdf import HEIGHT, INK, WIDTH, Scaled, build, column_widths, columns, paragraph
from core.wording import BANNER

SCALES = tuple(place / 100 for place in range(100, 40, -2))  # of the printed letters


def card_pdf(card: Card, created: datetime) -> bytes:
    """Return the card on one A4 page, in two columns, as large as fits, with the notice at the foot."""
    groups = [group for section in card.sections for group in _groups(section)]
    for scale in SCALES:
        halves = _halves(groups, column_widths(2, width=WIDTH / scale)[0])
        if max(tall for _, tall in halves) <= HEIGHT / scale:
            break
    left, right = (blocks for blocks, _ in halves)
    return build(
        f"Model card: {card.title}",
        [Scaled(columns(left, right, width=WIDTH / scale), scale)],
        created=created,
        one_page=True,
    )


def _groups(section: Section) -> list[list[Flowable]]:
    """Return the blocks of each item, the heading with the first, as groups that no column breaks."""
    groups: list[list[Flowable]] = []
    for item in section.items:
        if item.text == BANNER:
            continue
        title = item.title if item.known else f"{item.title} ({NOT_KNOWN})"
        head = [] if groups else [paragraph(section.title, "heading")]
        groups.append([*head, paragraph(title, "label"), paragraph(item.text, "small", colour=INK)])
    return groups


def _halves(groups: Sequence[list[Flowable]], width: float) -> list[tuple[list[Flowable], float]]:
    """Two columns, blocks and height in points, in the order of the card and as even as can be."""
    heights = [sum(_height(block, width) for block in group) for group in groups]
    ends = range(len(groups) + 1)
    cut = min(ends, key=lambda end: max(sum(heights[:end]), sum(heights[end:])))
    return [
        ([block for group in part for block in group], sum(tall))
        for part, tall in ((groups[:cut], heights[:cut]), (groups[cut:], heights[cut:]))
    ]


def _height(block: Flowable, width: float) -> float:
    return float(block.wrap(width, HEIGHT)[1] + block.getSpaceBefore() + block.getSpaceAfter())
