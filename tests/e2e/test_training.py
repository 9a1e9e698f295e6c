"""Training in a real browser: curves and what was tried; a training is started, watched, cancelled and resumed."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.training import jobs
from pages.shared.navigation import TRAINING
from tests.e2e.conftest import DESKTOP, PHONE, Visit
from tests.support.films import draw_film
from tests.support.servers import serve

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE | {"width": 420}], ids=["desktop", "phone"])
MINUTES = 3 * 60_000  # TensorFlow starts and the first epoch traces its graph


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn films of twelve patients of each class; those of pneumonia have a bright patch."""
    root = tmp_path_factory.mktemp("films")
    for label, name in (("NORMAL", "IM-{:04d}-0001.jpeg"), ("PNEUMONIA", "person{}_virus_1.jpeg")):
        folder = root / "train" / label
        folder.mkdir(parents=True)
        for patient in range(12):
            pixels = draw_film(seed=patient + 500 * (label == "NORMAL"), width=96, height=80)
            if label == "PNEUMONIA":
                pixels[30:60, 20:45] = np.maximum(pixels[30:60, 20:45], 190)
            Image.fromarray(pixels).save(folder / name.format(patient))
    return root


@pytest.fixture
def own_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An app of its own, whose trainings no other test sees; none outlives the test."""
    monkeypatch.setenv("LUNGLENS_RUNS", str(tmp_path / "runs"))
    with serve(tmp_path) as address:
        yield address
    for job in jobs.list_jobs():
        jobs.cancel(job)


def open_training(visit: Visit, address: str) -> Page:
    visit.open(address)  # a cold server knows its pages after the first visit
    return visit.open(f"{address}/{TRAINING.url_path}")


@SIZES
def test_curves_and_what_was_tried(visit: Visit, app_url: str, size: dict[str, int]) -> None:
    visit.page.set_viewport_size(size)
    page = open_training(visit, app_url)
    expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible()
    expect(page.get_by_text("Lowest validation loss:").first).to_be_visible()
    page.get_by_text("Accuracy", exact=True).first.click()
    expect(page.get_by_text("Accuracy, %").first).to_be_attached()
    visit.open_tab(page.get_by_role("tab", name="What was tried"))
    expect(page.locator(".js-plotly-plot .parcoords").first).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    visit.assert_sound()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert visit.strangers() == set()


@SIZES
def test_a_training_is_started_watched_cancelled_and_resumed(
    visit: Visit, own_app: str, films: Path, size: dict[str, int]
) -> None:
    visit.page.set_viewport_size(size)
    page = open_training(visit, own_app)
    visit.open_tab(page.get_by_role("tab", name="Train your own"))
    folder = page.get_by_label("Folder with train/")
    folder.fill(str(films))
    folder.press("Enter")
    start = page.get_by_role("button", name="Check the films and start")
    expect(start).to_be_visible()
    epochs = page.get_by_label("Epochs at most")
    epochs.fill("200")
    epochs.press("Enter")
    expect(page.get_by_text("--epochs 200")).to_be_visible()
    start.click()
    expect(page.get_by_role("heading", name="Dense baseline, seed 0: running")).to_be_visible()
    visit.settle()
    page.reload()  # it goes on without the page
    expect(page.get_by_text("is done; at most")).to_be_visible(timeout=MINUTES)
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("is kept, and training goes on after it")).to_be_visible()
    expect(page.get_by_label("Folder with train/")).to_have_value(str(films))
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("heading", name="Dense baseline, seed 0: running")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("heading", name="Dense baseline, seed 0")).to_have_count(0)
    visit.settle()
    visit.assert_sound()
