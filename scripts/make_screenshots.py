"""Take the pictures of the app that the README shows, in headless Chromium, with the synthetic samples alone.

python -m scripts.make_screenshots [NAME ...]
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screens"
SAMPLE = ROOT / "artifacts" / "samples" / "synthetic-pneumonia-1.jpg"
PAGES = ("overview", "read", "worklist", "compare", "inside", "limits", "business")
WIDTH, HEIGHT = 1440, 1000
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@contextmanager
def app() -> Iterator[str]:
    """The app on a free port, without any run of the user's own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "service.py", "--server.headless", "true"]
    with tempfile.TemporaryDirectory() as empty:
        settings = os.environ | {"LUNGLENS_RUNS": empty}
        server = subprocess.Popen(
            [*command, "--server.port", str(port)], cwd=ROOT, env=settings, stdout=subprocess.DEVNULL
        )
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"{address}/api/ready", timeout=2).close()
                    break
                except OSError:
                    time.sleep(0.2)
            yield address
        finally:
            server.terminate()
            server.wait()


def settle(page: Page) -> None:
    """Wait until no script runs and pictures are drawn."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)
    page.wait_for_timeout(6_000)


def prepare(page: Page, name: str) -> None:
    """Bring a page to what is worth showing."""
    if name == "read":
        page.set_input_files('input[type="file"]', str(SAMPLE))
        page.get_by_text("Map over the film").click()
    elif name == "worklist":
        page.get_by_role("button", name="samples").first.click()
    settle(page)


def main(*names: str) -> int:
    """Write one PNG for each page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with app() as address, sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        for name in names or PAGES:
            page.goto(address if name == "overview" else f"{address}/{name}")
            settle(page)
            prepare(page, name)
            page.screenshot(path=FOLDER / f"{name}.png")
            print(FOLDER / f"{name}.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
