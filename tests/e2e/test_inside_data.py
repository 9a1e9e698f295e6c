"""Inside the network and Data in a real browser: drawn in full, tab by tab, on a desktop and on a phone."""

import pytest
from playwright.sync_api import expect

from pages.shared.navigation import INSIDE
from tests.e2e.conftest import DESKTOP, PHONE, Visit

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE | {"width": 420}], ids=["desktop", "phone"])


@SIZES
def test_inside_follows_a_film_through_another_model(visit: Visit, app_url: str, size: dict[str, int]) -> None:
    visit.page.set_viewport_size(size)
    visit.open(app_url)
    page = visit.open(f"{app_url}/{INSIDE.url_path}")
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(1)
    page.get_by_role("radio", name="CNN, Adam", exact=True).or_(
        page.get_by_role("button", name="CNN, Adam", exact=True)
    ).first.click()
    expect(page.locator("strong", has_text="CNN, Adam").first).to_be_visible()
    visit.settle()
    strips = page.locator(".way .strip img")
    expect(strips).to_have_count(8)  # the film, three convolutions and poolings, a dense layer
    for strip in strips.all():
        assert strip.evaluate("image => image.complete && image.naturalWidth > 0")
        assert strip.bounding_box()["width"] > 80
    for tab in page.get_by_role("tab").all():
        visit.open_tab(tab)
        visit.assert_sound()
    expect(page.get_by_text("tie one unit to one pixel")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert visit.strangers() == set()


@SIZES
def test_data_shows_the_shift_and_says_how_to_get_the_films(visit: Visit, app_url: str, size: dict[str, int]) -> None:
    visit.page.set_viewport_size(size)
    visit.open(app_url)
    page = visit.open(f"{app_url}/data")
    expect(page.get_by_text("Normal test images look different.")).to_be_visible()
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(2)
    visit.open_tab(page.get_by_role("tab", name="Train against test"))
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(3)
    page.get_by_text("Gray level of all pixels").first.click()
    expect(page.get_by_text("from 0, black, to 255, white", exact=False).last).to_be_visible()
    visit.open_tab(page.get_by_role("tab", name="A folder on this machine"))
    expect(page.get_by_label("Folder with train/ and test/")).to_be_visible()
    visit.settle()
    visit.assert_sound()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert visit.strangers() == set()
