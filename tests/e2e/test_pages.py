"""Overview, Compare, Limits and Business case in a real browser: drawn in full, on a desktop and on a phone."""

import pytest
from playwright.sync_api import expect

from pages.shared.navigation import BUSINESS, COMPARE, LIMITS
from tests.e2e.conftest import DESKTOP, PHONE, Visit

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE | {"width": 420}], ids=["desktop", "phone"])


@SIZES
def test_overview_shows_the_pathway_and_leads_on(visit: Visit, app_url: str, size: dict[str, int]) -> None:
    visit.page.set_viewport_size(size)
    page = visit.open(app_url)
    expect(page.get_by_text("A doctor reads").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.get_by_text("Open the business case").click()
    page.wait_for_url("**/business")
    visit.settle()
    visit.assert_sound()


@SIZES
def test_compare_draws_its_charts_in_every_tab(visit: Visit, app_url: str, size: dict[str, int]) -> None:
    visit.page.set_viewport_size(size)
    visit.open(app_url)
    page = visit.open(f"{app_url}/{COMPARE.url_path}")
    charts = page.get_by_test_id("stPlotlyChart")
    expect(charts).to_have_count(5)  # dots, then ROC, precision and recall, calibration, decision
    for tab in page.get_by_role("tab").all():
        visit.open_tab(tab)
        visit.assert_sound()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@SIZES
def test_business_case_answers_a_changed_slider(visit: Visit, app_url: str, size: dict[str, int]) -> None:
    visit.page.set_viewport_size(size)
    visit.open(app_url)
    page = visit.open(f"{app_url}/{BUSINESS.url_path}")
    expect(page.get_by_text("160 have pneumonia")).to_be_visible()
    slider = page.get_by_role("slider", name="Pneumonia among imaged children")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.get_by_text("170 have pneumonia")).to_be_visible()
    visit.assert_sound()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@SIZES
def test_limits_answers_for_another_model(visit: Visit, app_url: str, size: dict[str, int]) -> None:
    visit.page.set_viewport_size(size)
    visit.open(app_url)
    page = visit.open(f"{app_url}/{LIMITS.url_path}")
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(5)
    expect(page.get_by_text("breaks it")).to_be_visible()
    for tab, charts in (("Films and labels", 5), ("Models and tests", 3), ("Most important", 5)):
        visit.open_tab(page.get_by_role("tab", name=tab))
        expect(page.get_by_test_id("stPlotlyChart")).to_have_count(charts)
        visit.assert_sound()
    page.get_by_role("radio", name="Dense baseline").or_(
        page.get_by_role("button", name="Dense baseline")
    ).first.click()
    expect(page.locator("em", has_text="Dense baseline").first).to_be_visible()
    visit.settle()
    visit.assert_sound()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
