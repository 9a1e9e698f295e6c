"""A real browser: Chromium of the machine, or the one that CHROMIUM names."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
WAIT = 120_000  # milliseconds


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, closed at the end."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def visit(browser: Browser, address: str) -> tuple[Page, float]:
    """Open an address in a fresh profile; the page, and `time.perf_counter` when its script had run and was drawn."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(address)
    expect(page.get_by_test_id("stMain").get_by_test_id("stElementContainer").first).to_be_attached(timeout=WAIT)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=WAIT)
    return page, time.perf_counter()


def upload(page: Page, film: Path, verdict: str) -> float:
    """Give a film to the page's uploader; seconds until a text of the pattern ``verdict`` is on screen.

    The page looks for the text itself, in every frame that it draws.
    """
    chooser = page.locator('input[type="file"]').first
    expect(chooser).to_be_attached(timeout=WAIT)
    start = time.perf_counter()
    chooser.set_input_files(str(film))
    page.wait_for_function("text => new RegExp(text).test(document.body.innerText)", arg=verdict, timeout=WAIT)
    return time.perf_counter() - start
