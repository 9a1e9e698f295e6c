"""The model card: what a reader must know of a model before using it, item by item, on screen and on paper.

`core.reports.model_card.printed` makes the printed page; it is apart since only it needs what makes PDF files.
"""

from core.reports.model_card.content import Card, Item, Section, make_card
from core.reports.model_card.export import card_markdown

__all__ = ["Card", "Item", "Section", "card_markdown", "make_card"]
