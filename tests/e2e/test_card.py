"""The model card in a real browser: another model, another share of pneumonia, and both files taken along."""

import io
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from core.runs.store import list_runs, served
from core.wording import BANNER
from pages.shared.navigation import MODEL_CARD
from tests.e2e.conftest import DESKTOP, PHONE, Visit


@pytest.mark.parametrize("size", [DESKTOP, PHONE | {"width": 420}], ids=["desktop", "phone"])
def test_the_card_answers_and_prints(visit: Visit, app_url: str, size: dict[str, int], tmp_path: Path) -> None:
    visit.page.set_viewport_size(size)
    visit.open(app_url)
    page = visit.open(f"{app_url}/{MODEL_CARD.url_path}")
    expect(page.get_by_text("It finds")).to_be_visible()
    expect(page.get_by_text("To show, on frontal chest X-rays of children")).to_be_visible()
    page.get_by_role("tab", name="In practice").click()
    expect(page.get_by_text("Where 16 % of the children who are imaged")).to_be_visible()
    share = page.get_by_role("spinbutton", name="Pneumonia among the children")
    share.fill("30")
    share.press("Enter")
    expect(page.get_by_text("Where 30 % of the children who are imaged")).to_be_visible()
    files = {}
    for name in ("One page as PDF", "Markdown"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        files[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[name])
    run = served([one for one in list_runs()[0] if not one.own])
    (printed,) = PdfReader(io.BytesIO(files["One page as PDF"].read_bytes())).pages
    text = " ".join(printed.extract_text().split())
    assert BANNER in text
    assert "Where 30 % of the children" in text
    assert run.record.weights_hash in files["Markdown"].read_text("utf-8")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    visit.assert_sound()
