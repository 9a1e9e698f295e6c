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


# Headings alone, when something has changed: to look for a text anywhere in every frame costs the page half a second.
_WATCH = """pattern => {
  const wanted = new RegExp(pattern)
  window.seen = new Promise(tell => {
    const watcher = new MutationObserver(() => {
      if ([...document.querySelectorAll("h3")].some(heading => wanted.test(heading.textContent))) {
        watcher.disconnect()
        requestAnimationFrame(tell)
      }
    })
    watcher.observe(document.body, { subtree: true, childList: true, characterData: true })
  })
}"""


def upload(page: Page, film: Path, verdict: str) -> float:
    """Give a film to the page's uploader; seconds until a heading of the pattern ``verdict`` is drawn."""
    chooser = page.locator('input[type="file"]').first
    expect(chooser).to_be_attached(timeout=WAIT)
    page.evaluate(_WATCH, verdict)
    start = time.perf_counter()
    chooser.set_input_files(str(film))
    page.evaluate("window.seen")
    return time.perf_counter() - start
