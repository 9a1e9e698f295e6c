"""Compare's story in a real browser: move the point, share the link, bring an own table, save what is shown."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.evaluation.tables import write_scores
from core.runs.store import list_runs, representative
from pages.shared.navigation import COMPARE
from tests.e2e.conftest import DESKTOP, PHONE, Visit

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE | {"width": 420}], ids=["desktop", "phone"])


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_test_id("stSelectbox").filter(has_text=label).locator("input").click()
    page.get_by_role("option", name=option, exact=True).click()


def open_controls(page: Page) -> None:
    """Open the bar that the control row folds into on a phone; a desktop has none."""
    fold = page.locator(".compare-fold summary")
    if fold.is_visible():
        expect(page.locator(".st-key-compare_controls")).to_be_hidden()
        fold.click()
    expect(page.locator(".st-key-compare_controls")).to_be_visible()


@SIZES
def test_the_point_drives_the_page_and_lives_in_the_link(visit: Visit, app_url: str, size: dict[str, int]) -> None:
    visit.page.set_viewport_size(size)
    visit.open(app_url)
    page = visit.open(f"{app_url}/{COMPARE.url_path}")
    expect(page.get_by_text("Best of our").first).to_be_visible()
    open_controls(page)
    choose(page, "Operating point", "Same threshold for all")
    slider = page.get_by_role("slider", name="Threshold")
    expect(slider).to_be_visible()
    slider.focus()
    slider.press("ArrowRight")
    expect(page.get_by_text("All models at 0.51, your choice").first).to_be_attached()
    page.wait_for_url("**compare_threshold=0.51*")
    visit.settle()
    visit.assert_sound()
    if size["width"] < DESKTOP["width"]:  # the fold stays as it was while the page changes, and closes by hand
        page.locator(".compare-fold summary").click()
        expect(page.locator(".st-key-compare_controls")).to_be_hidden()
        page.get_by_role("tab", name="Single films").scroll_into_view_if_needed()
        row = page.locator(".compare-fold").bounding_box()
        assert row is not None
        assert 0 < row["y"] < 100
    visit.open_tab(page.get_by_role("tab", name="Single films"))
    expect(page.get_by_text("give different verdicts")).to_be_visible()
    link = page.url
    assert "compare_tabs=Single+films" in link
    page = visit.open(link)
    expect(page.get_by_text("give different verdicts")).to_be_visible()
    expect(page.get_by_text("All models at 0.51, your choice").first).to_be_attached()
    visit.assert_sound()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_row_stays_in_view_on_a_desktop(visit: Visit, app_url: str) -> None:
    visit.open(app_url)
    page = visit.open(f"{app_url}/{COMPARE.url_path}")
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(5)
    page.get_by_role("tab", name="Curves").scroll_into_view_if_needed()
    row = page.locator(".st-key-compare_controls")
    box = row.bounding_box()
    assert box is not None
    assert 0 < box["y"] < 100
    page.get_by_text("All seeds", exact=True).click()  # nothing lies over it
    page.wait_for_url("**compare_seeds=All+seeds*")
    visit.settle()
    visit.assert_sound()


@SIZES
def test_an_own_table_stands_beside_ours(visit: Visit, app_url: str, size: dict[str, int], tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    write_scores(representative(list_runs()[0])[0].scores("test"), path)
    visit.page.set_viewport_size(size)
    visit.open(app_url)
    page = visit.open(f"{app_url}/{COMPARE.url_path}")
    page.get_by_text("Your own scores or labelled films beside ours").click()
    page.locator(".st-key-compare_own input[type=file]").set_input_files(path)
    expect(page.get_by_text("On the same 624 films as")).to_be_visible()
    expect(page.get_by_text("mine.csv (yours)").first).to_be_visible()
    visit.settle()
    visit.assert_sound()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert visit.strangers() == set()


def test_a_chart_is_saved_as_png_and_a_table_as_csv(visit: Visit, app_url: str) -> None:
    visit.page.add_init_script("delete window.showSaveFilePicker")  # a dialog that nobody here could answer
    visit.open(app_url)
    page = visit.open(f"{app_url}/{COMPARE.url_path}")
    chart = page.get_by_test_id("stPlotlyChart").first
    chart.scroll_into_view_if_needed()
    chart.hover()
    with page.expect_download() as saved:
        chart.locator(".modebar-btn").click()
    assert saved.value.suggested_filename == "lunglens-leaderboard-auroc.png"
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    table.hover()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download as CSV").first.click()
    text = saved.value.path().read_text("utf-8-sig")
    assert text.startswith('Model,"Sensitivity')
    for run in representative(list_runs()[0]):
        assert run.title in text
    visit.assert_sound()
