"""A running app and a real browser for the tests in this folder (`make e2e`)."""

import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.support.servers import serve

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
BROWSER_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one app that all browser tests share."""
    with serve(tmp_path_factory.mktemp("app")) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: the one that CHROMIUM names, else the system's, else Playwright's own."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGS)
        yield chromium
        chromium.close()


class Visit:
    """A page in a fresh browser profile that remembers what it asked the network for and what it logged as errors."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, address: str) -> Page:
        """Go there and wait until the script has run to its end."""
        self.page.goto(address)
        return self.settle()

    def settle(self) -> Page:
        """Wait until the app has drawn something and no script is running."""
        app = self.page.get_by_test_id("stApp")
        expect(app).to_have_attribute("data-test-script-state", "notRunning")
        expect(self.page.get_by_test_id("stMain").get_by_test_id("stElementContainer").first).to_be_attached()
        return self.page

    def open_tab(self, tab: Locator) -> Page:
        """Click a tab that has not been open yet and wait until its part has been drawn.

        A click while the part of the tab before is still on its way can be undone by that part's arrival.
        """
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(self.page.get_by_role("tabpanel").get_by_test_id("stElementContainer").first).to_be_visible()
        return self.settle()

    def assert_sound(self) -> None:
        """No exception box, no "Page not found", no error in the browser."""
        expect(self.page.get_by_test_id("stException")).to_have_count(0)
        expect(self.page.get_by_text("Page not found")).to_have_count(0)
        assert self.errors == []

    def strangers(self) -> set[str]:
        """Return the hosts other than this machine that the page asked for anything."""
        return {host for url in self.requests if (host := urlsplit(url).hostname)} - {"127.0.0.1"}


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A visit with a desktop's window; ``visit.page.set_viewport_size(PHONE)`` makes it a phone's."""
    context = browser.new_context(viewport=DESKTOP)
    yield Visit(context.new_page())
    context.close()
