"""Building blocks of printed pages: text, facts, tables, pictures and columns on A4 under one frame, as PDF.

Each page carries title, date, version, the banner and its number. The same content and date give the same bytes.
"""

import io
import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

import reportlab
from PIL import Image as Pillow
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, KeepInFrame, Paragraph, SimpleDocTemplate, Spacer, Table

from core.paths import software_version
from core.types import UInt8Array
from core.wording import BANNER

REGULAR, BOLD = "Vera", "VeraBd"  # Bitstream Vera comes with reportlab and is embedded
INK, MUTED, RULE, SHADE = "#1F2933", "#52606D", "#CBD2D9", "#F1F4F7"
MARGIN, HEADER, FOOTER = 16 * mm, 19 * mm, 21 * mm
WIDTH = A4[0] - 2 * MARGIN  # points between the margins
HEIGHT = A4[1] - HEADER - FOOTER - 6 * mm  # points between title and banner
_REPLACEMENTS = {"→": "->", "←": "<-", "\u202f": "\u00a0", "\u2009": "\u00a0", "\u2011": "-", "\t": " "}
_STYLES = {  # size and leading in points, font, colour, space above and below
    "lead": (12.5, 16, BOLD, INK, 0, 3),
    "heading": (9.5, 12, BOLD, INK, 7, 2),
    "body": (8.5, 11.5, REGULAR, INK, 0, 2),
    "bold": (8.5, 11.5, BOLD, INK, 0, 2),
    "small": (7, 9, REGULAR, MUTED, 0, 1),
    "label": (7, 9, BOLD, INK, 2, 0),
    "figure": (16, 20, BOLD, INK, 0, 0),
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A table's cell in a colour or in bold."""

    text: str
    colour: str = INK
    bold: bool = False


def build(
    title: str,
    blocks: Iterable[Flowable],
    *,
    created: datetime,
    version: str | None = None,
    banner: str = BANNER,
    one_page: bool = False,
) -> bytes:
    """Set blocks on A4 pages.

    Parameters
    ----------
    title : str
        Head of each page and title of the document.
    blocks : iterable of Flowable
        From `paragraph`, `facts`, `table`, `picture`, `columns`, `key_figures`, `gap` and `core.reports.drawings`.
    created : datetime
        With time zone; printed in UTC.
    version : str, optional
        Of the software, printed beside the date; this one's by default.
    banner : str
        Foot of each page.
    one_page : bool
        Shrink the content until it fits on one page.

    Returns
    -------
    bytes
        The PDF file. Its own time stamps are fixed, so that only ``created`` tells two files of one content apart.
    """
    register_fonts()
    version = software_version() if version is None else version
    story = list(blocks)
    file = io.BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN - 6,  # frames pad by 6 points
        rightMargin=MARGIN - 6,
        topMargin=HEADER,
        bottomMargin=FOOTER,
        title=printable(title),
        author="LungLens",
        creator=f"LungLens {version}",
        lang="en",
        invariant=1,
    )
    stamp = created.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    right = f"LungLens {version} · {stamp}"

    def frame(canvas: Canvas, _: object) -> None:
        _draw_frame(canvas, title, right, banner)

    if one_page:
        story = [KeepInFrame(WIDTH, HEIGHT, story, mode="shrink")]
    document.build(story or [gap(1)], onFirstPage=frame, onLaterPages=frame, canvasmaker=_NumberedCanvas)
    return file.getvalue()


def paragraph(text: str, style: str = "body", *, colour: str | None = None) -> Paragraph:
    """Return text as it is, without markup.

    ``style`` is ``lead``, ``heading``, ``body``, ``bold``, ``small``, ``label`` or ``figure``.
    """
    return _paragraph(text, style, colour)


def facts(
    rows: Iterable[tuple[str, str]], *, width: float = WIDTH, label_share: float = 0.3, style: str = "body"
) -> Table:
    """Return names in grey beside their values, in two columns."""
    lines = [[paragraph(name, style, colour=MUTED), paragraph(value, style, colour=INK)] for name, value in rows]
    block = Table(lines or [["", ""]], [width * label_share, width * (1 - label_share)], hAlign="LEFT")
    block.setStyle([*_TIGHT, ("LEFTPADDING", (0, 0), (0, -1), 0)])
    return block


def table(
    header: Sequence[str],
    rows: Iterable[Sequence["str | Cell | Flowable"]],
    *,
    shares: Sequence[float] | None = None,
    numeric: Iterable[int] = (),
    width: float = WIDTH,
    style: str = "body",
) -> Table:
    """Return a table whose head is repeated on each page.

    Parameters
    ----------
    header : sequence of str
    rows : iterable of sequences of str, Cell or Flowable
        Long text wraps; a cell may hold a `picture`.
    shares : sequence of float, optional
        Of the width by column; equal if left out.
    numeric : iterable of int
        Right-aligned columns.
    width : float
        Points.
    style : {"body", "small"}
    """
    right = frozenset(numeric)
    weights = list(shares or [1.0] * len(header))
    lines: list[list[Flowable]] = [
        [_paragraph(name, "small", MUTED, right=index in right) for index, name in enumerate(header)]
    ]
    lines += [[_cell(cell, style, right=index in right) for index, cell in enumerate(row)] for row in rows]
    block = Table(lines, [width * share / sum(weights) for share in weights], repeatRows=1, hAlign="LEFT")
    block.setStyle(
        [
            *_TIGHT,
            ("BACKGROUND", (0, 0), (-1, 0), HexColor(SHADE)),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(RULE)),
        ]
    )
    return block


def key_figures(figures: Iterable[tuple[str, str, str]], *, width: float = WIDTH) -> Table:
    """Return large values side by side: (label, value, note) each."""
    cells = [
        [_paragraph(label, "small", MUTED), _paragraph(value, "figure"), _paragraph(note, "small")]
        for label, value, note in figures
    ]
    block = Table([cells], [width / max(len(cells), 1)] * len(cells), hAlign="LEFT")
    block.setStyle([*_TIGHT, ("BACKGROUND", (0, 0), (-1, -1), HexColor(SHADE)), ("LEFTPADDING", (0, 0), (-1, -1), 6)])
    return block


def picture(pixels: UInt8Array, *, width: float, height: float, sharp: bool = False) -> Image:
    """Return gray (H, W) or colour (H, W, 3) pixels, as large as fits into width x height points, undistorted.

    ``sharp`` keeps every pixel as it is; otherwise the picture is embedded as JPEG with at most 250 pixels an inch.
    """
    image = Pillow.fromarray(pixels)
    scale = min(width / image.width, height / image.height)
    size = (image.width * scale, image.height * scale)
    if not sharp:
        image.thumbnail((round(size[0] * 250 / 72), round(size[1] * 250 / 72)), Pillow.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "PNG" if sharp else "JPEG", **({} if sharp else {"quality": 90}))
    file.seek(0)
    return Image(file, *size, hAlign="LEFT")


def columns(
    *parts: Sequence[Flowable], shares: Sequence[float] | None = None, width: float = WIDTH, space: float = 10
) -> Table:
    """Return blocks side by side; each part is made for its own of the `column_widths`."""
    widths = column_widths(len(parts), shares=shares, width=width, space=space)
    block = Table(
        [[list(part) for part in parts]],
        [points + (space if index < len(parts) - 1 else 0) for index, points in enumerate(widths)],
        hAlign="LEFT",
    )
    between = [("RIGHTPADDING", (0, 0), (-2, -1), space)] if len(parts) > 1 else []
    block.setStyle([(side, (0, 0), (-1, -1), 0) for side in _PADDING] + between + [("VALIGN", (0, 0), (-1, -1), "TOP")])
    return block


def column_widths(
    count: int, *, shares: Sequence[float] | None = None, width: float = WIDTH, space: float = 10
) -> list[float]:
    """Return the points that each of the `columns` has for its blocks."""
    weights = list(shares or [1.0] * count)
    return [(width - space * (count - 1)) * share / sum(weights) for share in weights]


class Scaled(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A block drawn smaller or larger by a factor, its letters and widths alike."""

    def __init__(self, block: Flowable, factor: float) -> None:
        super().__init__()
        self._block = block
        self._factor = factor

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        wide, tall = self._block.wrap(width / self._factor, height / self._factor)
        return wide * self._factor, tall * self._factor

    def draw(self) -> None:
        self.canv.scale(self._factor, self._factor)
        self._block.drawOn(self.canv, 0, 0)


def gap(points: float = 6) -> Spacer:
    """Return empty space."""
    return Spacer(1, points)


def printable(text: str) -> str:
    """Return text that the embedded fonts can draw: other letters lose their accents, or become a question mark."""
    register_fonts()
    glyphs = pdfmetrics.getFont(REGULAR).face.charToGlyph
    return "".join(_drawable(sign, glyphs) for sign in unicodedata.normalize("NFC", text))


def _drawable(sign: str, glyphs: dict[int, Any]) -> str:
    if ord(sign) in glyphs or sign == "\n":
        return sign
    if sign in _REPLACEMENTS:
        return _REPLACEMENTS[sign]
    plain = "".join(part for part in unicodedata.normalize("NFKD", sign) if ord(part) in glyphs)
    if plain:
        return plain
    return "" if unicodedata.category(sign) in ("Mn", "Cf", "Cc") else "?"


@lru_cache(maxsize=1)
def register_fonts() -> None:
    """Register the embedded fonts with reportlab."""
    folder = os.path.join(os.path.dirname(reportlab.__file__), "fonts")
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, os.path.join(folder, f"{name}.ttf")))


_PADDING = ("LEFTPADDING", "RIGHTPADDING", "TOPPADDING", "BOTTOMPADDING")
_TIGHT = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
]


def _cell(cell: "str | Cell | Flowable", style: str, *, right: bool) -> Flowable:
    if isinstance(cell, str):
        return _paragraph(cell, style, INK, right=right)
    if isinstance(cell, Cell):
        return _paragraph(cell.text, style, cell.colour, right=right, bold=cell.bold)
    return cell


def _paragraph(
    text: str, style: str, colour: str | None = None, *, right: bool = False, bold: bool = False
) -> Paragraph:
    register_fonts()
    return Paragraph(escape(printable(text)).replace("\n", "<br/>"), _style(style, colour, right, bold))


@lru_cache(maxsize=128)
def _style(name: str, colour: str | None, right: bool, bold: bool) -> ParagraphStyle:
    size, leading, font, ink, above, below = _STYLES[name]
    return ParagraphStyle(
        f"{name}-{colour}-{right}-{bold}",
        fontName=BOLD if bold else font,
        fontSize=size,
        leading=leading,
        textColor=HexColor(colour or ink),
        spaceBefore=above,
        spaceAfter=below,
        alignment=2 if right else 0,
        splitLongWords=1,
    )


def _draw_frame(canvas: Canvas, title: str, right: str, banner: str) -> None:
    """Draw title and date above, banner below."""
    width, height = A4
    head = _paragraph(title, "lead")
    _, tall = head.wrap(WIDTH * 0.62, HEADER)
    head.drawOn(canvas, MARGIN, height - 7 * mm - tall)
    canvas.setFillColor(HexColor(MUTED))
    canvas.setFont(REGULAR, 7)
    canvas.drawRightString(width - MARGIN, height - 7 * mm - 10, printable(right))
    canvas.setStrokeColor(HexColor(RULE))
    canvas.setLineWidth(0.6)
    canvas.line(MARGIN, height - HEADER + 3, width - MARGIN, height - HEADER + 3)
    canvas.line(MARGIN, FOOTER, width - MARGIN, FOOTER)
    foot = _paragraph(banner, "small", INK)
    _, tall = foot.wrap(WIDTH - 55, FOOTER)
    foot.drawOn(canvas, MARGIN, FOOTER - 4 - tall)


class _NumberedCanvas(Canvas):  # type: ignore[misc]  # reportlab has no types
    """Canvas that writes "page 1 of 3", which is known only after the last page."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self.setFillColor(HexColor(MUTED))
            self.setFont(REGULAR, 7)
            self.drawRightString(A4[0] - MARGIN, FOOTER - 11, f"page {number} of {len(self._pages)}")
            super().showPage()
        super().save()
