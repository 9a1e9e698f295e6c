"""Business case in a real browser: a lab is described, money moves, and its link restores it elsewhere."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pages.shared.navigation import BUSINESS
from tests.e2e.conftest import DESKTOP, PHONE, Visit

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE | {"width": 420}], ids=["desktop", "phone"])


def opened(visit: Visit, app_url: str, query: str = "") -> Page:
    visit.open(app_url)  # a cold server meets a deep link with a dialog
    page = visit.open(f"{app_url}/{BUSINESS.url_path}{query}")
    expect(page.get_by_text("Objections, answered")).to_be_visible()
    return page


def choose(visit: Visit, label: str, option: str) -> None:
    box = visit.page.get_by_role("combobox", name=label)
    box.click()
    box.fill(option)
    box.press("Enter")
    visit.settle()


@SIZES
def test_a_lab_is_described_and_its_link_restores_it(
    visit: Visit, browser: Browser, app_url: str, size: dict[str, int]
) -> None:
    visit.page.set_viewport_size(size)
    page = opened(visit, app_url)
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(2)
    choose(visit, "Start from", "Small clinic")
    headline = page.get_by_role("heading", name="Small clinic, second reader")
    expect(headline).to_be_visible()
    price = page.get_by_role("spinbutton", name="Price of AI for one film")
    price.fill("2.5")
    price.press("Enter")
    expect(
        page.get_by_role("heading", name="Small clinic, changed, second reader: it costs your lab about")
    ).to_be_visible()
    choose(visit, "How it is used", "Order the list")
    expect(page.get_by_text("every X-ray is still read").first).to_be_visible()
    visit.assert_sound()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]

    address = page.url
    assert "business_ai_price=2.5" in address
    other = Visit(browser.new_context(viewport=size).new_page())
    again = other.open(address)
    expect(again.get_by_role("heading", name="Small clinic, changed, order the list")).to_be_visible()
    expect(again.get_by_role("spinbutton", name="Price of AI for one film")).to_have_value("2.50")
    other.assert_sound()
    assert other.strangers() == set()
    other.page.context.close()


def test_a_board_and_a_table_are_downloaded(visit: Visit, app_url: str, tmp_path: Path) -> None:
    page = opened(visit, app_url, "?business_volume=2500")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download board summary (PDF)").click()
    waiting.value.save_as(tmp_path / "board.pdf")
    assert (tmp_path / "board.pdf").read_bytes().startswith(b"%PDF-")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="All inputs and outputs").click()
    waiting.value.save_as(tmp_path / "case.csv")
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO((tmp_path / "case.csv").read_text("utf-8")))}
    assert float(rows["volume"]["base"]) == 2500
    assert float(rows["net"]["low"]) < float(rows["net"]["base"]) < float(rows["net"]["high"])
    visit.assert_sound()


def test_other_models_and_assumptions_open_on_demand(visit: Visit, app_url: str) -> None:
    page = opened(visit, app_url)
    tables = page.get_by_test_id("stDataFrame")
    expect(tables).to_have_count(2)
    page.get_by_text("Other models at this lab").click()
    visit.settle()
    expect(tables).to_have_count(3)
    page.get_by_text("Assumptions and sources").click()
    expect(page.get_by_role("spinbutton", name="Cost of a missed pneumonia")).to_be_visible()
    expect(page.get_by_text("charges, what a hospital asks for, never are")).to_be_visible()
    visit.assert_sound()


@pytest.mark.parametrize(
    "query",
    ["business_volume=1e999&business_ai_price=nan", "business_lab=%3Cscript%3E&business_use=x&business_point=%00"],
)
def test_a_hostile_link_opens_at_the_base_case(visit: Visit, app_url: str, query: str) -> None:
    page = opened(visit, app_url, f"?{query}")
    expect(page.get_by_role("heading", name="Imaging lab, second reader")).to_be_visible()
    visit.assert_sound()
