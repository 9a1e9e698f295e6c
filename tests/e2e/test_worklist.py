"""A reader drops a zip with a broken file in it, opens a film, takes the list along, and simulates waits."""

import csv
import io
import zipfile
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from core.data.samples import list_not_films, list_samples
from pages.shared.navigation import WORKLIST
from tests.e2e.conftest import DESKTOP, PHONE, Visit

FORMULA = "=1+1.jpeg"


@pytest.fixture
def morning(make_film: Callable[..., bytes]) -> bytes:
    """The samples, a drawn film and one that is cut off."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for sample in list_samples():
            archive.write(sample.path, sample.path.name)
        archive.writestr("drawn.jpeg", make_film())
        archive.writestr("broken.jpeg", make_film()[:900])
    return file.getvalue()


def open_worklist(visit: Visit, address: str) -> Page:
    visit.open(address)  # a cold server knows its pages after the first visit
    page = visit.open(f"{address}/{WORKLIST.url_path}")
    expect(page.get_by_role("heading", name="Triage a worklist")).to_be_visible()
    return page


def give(visit: Visit, *files: tuple[str, bytes]) -> Page:
    page = visit.page
    page.set_input_files('input[type="file"]', [{"name": name, "mimeType": "", "buffer": data} for name, data in files])
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    return visit.settle()


def download(page: Page, name: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name, exact=True).click()
    return waiting.value.path().read_bytes()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_morning_of_films(
    visit: Visit, app_url: str, morning: bytes, film_bytes: bytes, size: dict[str, int]
) -> None:
    visit.page.set_viewport_size(size)
    open_worklist(visit, app_url)
    page = give(visit, ("morning.zip", morning), (FORMULA, film_bytes))
    expect(page.get_by_role("heading", name="11 films:")).to_be_visible()
    expect(page.get_by_text("Not judged: 1.")).to_be_visible()
    expect(page.locator(".js-plotly-plot image").first).to_be_visible()

    lines = list(csv.DictReader(io.StringIO(download(page, "CSV").decode("utf-8-sig"), newline="")))
    assert len(lines) == 11
    files = {line["file"] for line in lines}
    assert f"'{FORMULA}" in files  # an apostrophe keeps a spreadsheet from running it
    assert not any(cell.startswith(("=", "+", "@")) for line in lines for cell in line.values())
    broken = next(line for line in lines if line["file"] == "morning.zip/broken.jpeg")
    assert broken["status"] == "refused"
    assert "cut off" in broken["reason"]
    scores = [float(line["score"]) for line in lines if line["score"]]
    assert scores == sorted(scores, reverse=True)
    printed = " ".join(one.extract_text() for one in PdfReader(io.BytesIO(download(page, "PDF"))).pages)
    assert "11 films" in printed
    assert "broken.jpeg" in printed

    visit.settle()
    visit.assert_sound()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert visit.strangers() == set()


def test_a_click_on_a_row_opens_the_film_and_its_full_reading(visit: Visit, app_url: str, morning: bytes) -> None:
    open_worklist(visit, app_url)
    page = give(visit, ("morning.zip", morning))
    caption = page.get_by_text("arrived as number")
    before = caption.inner_text()
    box = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 14, box["y"] + 40 + 52 * 1.5)  # the mark of the second row
    expect(caption).not_to_have_text(before)
    name = caption.locator("code").inner_text()
    visit.settle()
    page.get_by_role("button", name="Full reading").click()
    expect(page.get_by_role("heading", name="Read an X-ray")).to_be_visible()
    expect(page.get_by_text("your upload").locator("code")).to_have_text(name)
    visit.settle()
    visit.assert_sound()
    page.get_by_role("link", name="Worklist").click()
    expect(page.get_by_role("heading", name="10 films:")).to_be_visible()  # the list is still there
    visit.settle()
    visit.assert_sound()


def test_samples_and_simulated_waits(visit: Visit, app_url: str) -> None:
    page = open_worklist(visit, app_url)
    page.get_by_role("button", name="Take the synthetic samples").click()
    expect(page.get_by_role("heading", name=f"{len(list_samples()) + len(list_not_films())} films:")).to_be_visible()
    page.get_by_role("button", name="Simulate").click()
    expect(page.get_by_text("Reading time saved: none.")).to_be_visible(timeout=60_000)
    for title in ("Mean wait", "95 of 100 wait at most", "Longest wait"):
        expect(page.locator(".js-plotly-plot").get_by_text(title, exact=True)).to_be_visible()
    visit.settle()
    visit.assert_sound()
