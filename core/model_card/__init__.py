"""The model card: what a reader must know of a model before using it, item by item, on screen and on paper."""

from core.model_card.content import Card, Item, Section, make_card
from core.model_card.export import card_markdown, card_pdf

__all__ = ["Card", "Item", "Section", "card_markdown", "card_pdf", "make_card"]
