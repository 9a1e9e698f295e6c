import io
from datetime import UTC, datetime

import numpy as np
import pytest
from pypdf import PdfReader
from reportlab.pdfbase.pdfmetrics import stringWidth

from core.reports.pdf import (
    REGULAR,
    WIDTH,
    Cell,
    Scaled,
    build,
    column_widths,
    columns,
    facts,
    gap,
    key_figures,
    paragraph,
    picture,
    printable,
    table,
)
from core.wording import BANNER

CREATED = datetime(2026, 11, 24, 23, 5, tzinfo=UTC)


def read(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data))


def words(text: str) -> str:
    return " ".join(text.split())


def text_of(data: bytes) -> str:
    return words(" ".join(page.extract_text() for page in read(data).pages))


def test_every_block_is_in_the_file_as_text() -> None:
    pixels = np.zeros((20, 30, 3), np.uint8)
    blocks = [
        paragraph("Not flagged <b>& so on", "lead"),
        facts([("File", "a.png")]),
        gap(),
        table(("model", "score"), [("CNN", Cell(text="0.123", colour="#D55E00", bold=True)), ("dense", "0.5")]),
        key_figures([("Net per year", "12,300 €", "of 10,000 draws")]),
        columns([paragraph("left side")], [picture(pixels, width=40, height=40, sharp=True)], shares=(2, 1)),
    ]
    data = build("Report", blocks, created=CREATED, version="1.2.3")
    text = text_of(data)
    for part in (
        "Report",
        "LungLens 1.2.3 · 2026-11-24 23:05 UTC",
        "Not flagged <b>& so on",
        "File",
        "a.png",
        "0.123",
        "12,300 €",
        "left side",
        "page 1 of 1",
        BANNER,
    ):
        assert part in text
    assert read(data).pages[0].mediabox.width == pytest.approx(595.28, abs=0.1)
    assert read(data).metadata.title == "Report"


def test_banner_and_number_stand_on_every_page() -> None:
    rows = [(str(number), "x") for number in range(200)]
    pages = read(build("List", [table(("film", "verdict"), rows)], created=CREATED)).pages
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        text = words(page.extract_text())
        assert BANNER in text
        assert f"page {number} of {len(pages)}" in text
        assert "film verdict" in text  # the head of the table


def test_the_same_content_and_date_give_the_same_bytes() -> None:
    def make(created: datetime) -> bytes:
        noise = np.random.default_rng(0).integers(0, 255, (40, 40), np.uint8)
        return build("A", [paragraph("b"), picture(noise, width=50, height=50)], created=created)

    assert make(CREATED) == make(CREATED)
    assert make(CREATED) != make(CREATED.replace(year=2027))


def test_one_page_shrinks_what_is_too_long() -> None:
    blocks = [paragraph("word " * 40) for _ in range(60)]
    assert len(read(build("A", blocks, created=CREATED)).pages) > 1
    blocks = [paragraph("word " * 40) for _ in range(60)]
    data = build("A", blocks, created=CREATED, one_page=True)
    assert len(read(data).pages) == 1
    assert text_of(data).count("word") == 2400


def test_fonts_are_embedded() -> None:
    fonts = read(build("A", [paragraph("b", "lead"), paragraph("c")], created=CREATED)).pages[0]["/Resources"]["/Font"]
    used = [font.get_object() for font in fonts.values()]
    embedded = [font for font in used if "FontDescriptor" in str(font.keys())]
    assert len(embedded) >= 2
    assert all("/FontFile2" in font["/FontDescriptor"] for font in embedded)


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("3 × 4 – 5° ≥ € ±", "3 × 4 – 5° ≥ € ±"),
        ("Żółć, Ąę", "Zółć, Ae"),
        ("胸部.png", "??.png"),
        ("a → b", "a -> b"),
        ("film \U0001f9b4\u200d.png", "film ?.png"),
        ("a\u0000\u202eb", "ab"),
        ("e\u0301", "é"),
        ("1\u202f000", "1\u00a0000"),
    ],
)
def test_signs_without_a_glyph_are_replaced(given: str, printed: str) -> None:
    assert printable(given) == printed


def test_a_picture_keeps_its_aspect_ratio() -> None:
    flat = picture(np.zeros((100, 200), np.uint8), width=300, height=300)
    assert (flat.drawWidth, flat.drawHeight) == (300, 150)
    tall = picture(np.zeros((200, 100), np.uint8), width=300, height=300)
    assert (tall.drawWidth, tall.drawHeight) == (150, 300)


def test_text_ends_where_its_column_ends() -> None:
    blocks = [columns([paragraph("m" * 400)], [paragraph("right")])]
    lines = read(build("A", blocks, created=CREATED)).pages[0].extract_text().split()
    widths = [stringWidth(line, REGULAR, 8.5) for line in lines if set(line) == {"m"}]
    assert len(widths) > 1
    assert max(widths) <= column_widths(2)[0]


def test_a_scaled_block_takes_its_share_of_the_room() -> None:
    block = facts([("File", "a.png"), ("Model", "CNN")])
    wide, tall = facts([("File", "a.png"), ("Model", "CNN")]).wrap(WIDTH, 500)
    assert Scaled(block, 0.5).wrap(WIDTH, 500) == pytest.approx((wide / 2, tall / 2))
    assert "a.png" in text_of(build("A", [Scaled(block, 0.5)], created=CREATED))


def test_column_widths_fill_the_page() -> None:
    assert sum(column_widths(3, shares=(1, 2, 1), space=10)) + 20 == pytest.approx(WIDTH)


def test_an_empty_document_is_one_page() -> None:
    assert len(read(build("A", [], created=CREATED)).pages) == 1
