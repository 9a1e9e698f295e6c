"""Format aligned text tables for the terminal."""

from collections.abc import Iterable, Sequence

from core.cli.document import Document


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table with left-aligned columns, two spaces apart."""
    lines = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def format_ends(figure: Document) -> str:
    """Return ``0.9120 to 0.9540``: the interval of an estimate of a JSON document, empty where it has none."""
    return "" if figure["low"] is None else f"{figure['low']:.4f} to {figure['high']:.4f}"
