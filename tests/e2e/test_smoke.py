"""The app opens in a real browser, on a desktop and on a phone, and talks to nobody else."""

import pytest

from pages.shared.navigation import PAGES
from tests.e2e.conftest import DESKTOP, PHONE, Visit


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_app_opens(visit: Visit, app_url: str, size: dict[str, int]) -> None:
    visit.page.set_viewport_size(size)
    page = visit.open(app_url)
    visit.assert_sound()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert visit.strangers() == set()


def test_every_page_opens_by_its_link_and_by_its_address(visit: Visit, app_url: str) -> None:
    page = visit.open(app_url)
    links = page.locator('[data-testid="stSidebarNavLink"], [data-testid="stTopNavLink"]')
    addresses = links.evaluate_all("links => links.map(link => link.href)")
    assert addresses == [f"{app_url}/{page.url_path}" for page in PAGES]
    for number, address in enumerate(addresses):
        links.nth(number).click()
        page.wait_for_url(address)
        visit.settle()
        visit.assert_sound()
    for address in addresses:
        visit.open(address)
        visit.assert_sound()
