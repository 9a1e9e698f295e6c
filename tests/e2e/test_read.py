"""A reader uploads a film in a real browser, sees verdicts and feature maps and enlarges one, on desktop and phone."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.data.samples import list_samples
from pages.shared.navigation import READ
from tests.e2e.conftest import DESKTOP, PHONE, Visit


def open_read(visit: Visit, address: str) -> Page:
    visit.open(address)  # a cold server knows its pages after the first visit
    page = visit.open(f"{address}/{READ.url_path}")
    expect(page.get_by_role("heading", name="Read an X-ray")).to_be_visible()
    return page


MIMES = {".jpeg": "image/jpeg", ".png": "image/png", ".zip": "application/zip"}


def upload(visit: Visit, *files: tuple[str, bytes]) -> None:
    given = [{"name": name, "mimeType": MIMES["." + name.rsplit(".", 1)[-1]], "buffer": data} for name, data in files]
    visit.page.set_input_files('input[type="file"]', given)


@pytest.fixture(scope="session")
def films() -> list[bytes]:
    """The shipped synthetic films, JPEG."""
    return [sample.path.read_bytes() for sample in list_samples()]


def expect_at_hand(page: Page, words: str) -> None:
    expect(page.get_by_role("combobox", name="File")).to_have_value(re.compile(re.escape(words)))


def png(jpeg: bytes) -> bytes:
    file = io.BytesIO()
    with Image.open(io.BytesIO(jpeg)) as picture:
        picture.save(file, "PNG")
    return file.getvalue()


def packed(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_upload_shows_verdict_and_feature_maps(
    visit: Visit, app_url: str, films: list[bytes], size: dict[str, int]
) -> None:
    visit.page.set_viewport_size(size)
    page = open_read(visit, app_url)
    upload(visit, ("film.jpeg", films[0]))
    expect(page.get_by_text("(cut-off ")).to_be_visible()
    expect(page.get_by_text("your upload")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()

    tiles = page.locator("button.tile")
    expect(tiles.first).to_be_visible()
    visit.settle()
    assert tiles.count() > 1
    second = tiles.nth(1)
    second.click()
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(tiles.first).to_have_attribute("aria-pressed", "false")
    box = second.locator(".map").bounding_box()
    assert box is not None
    assert box["width"] >= 40  # large enough to be seen
    label = second.locator(".name").bounding_box()
    assert label is not None
    assert label["y"] >= box["y"] + box["height"] - 1  # under the map, not over it

    visit.assert_sound()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert visit.strangers() == set()


def test_film_keeps_its_shape(visit: Visit, app_url: str, make_film: Callable[..., bytes]) -> None:
    page = open_read(visit, app_url)
    upload(visit, ("wide.jpeg", make_film(width=600, height=300)))
    picture = page.locator(".js-plotly-plot image").first
    expect(picture).to_be_visible()
    visit.settle()
    box = picture.bounding_box()
    assert box is not None
    assert box["width"] / box["height"] == pytest.approx(2, rel=0.02)
    assert box["width"] > 300


def test_map_over_the_film_and_next_layer(visit: Visit, app_url: str, films: list[bytes]) -> None:
    page = open_read(visit, app_url)
    upload(visit, ("film.jpeg", films[0]))
    page.get_by_text("Map over the film").click()
    expect(page.get_by_text("No map shows why")).to_be_visible()
    expect(page.locator(".js-plotly-plot .hm").first).to_be_attached()
    visit.settle()
    caption = page.get_by_text("Ranked by mean activation")
    before = caption.inner_text()
    page.get_by_role("slider").last.press("ArrowRight")
    expect(caption).not_to_have_text(before)
    visit.settle()
    visit.assert_sound()


def test_three_views_of_a_film(visit: Visit, app_url: str, films: list[bytes]) -> None:
    page = open_read(visit, app_url)
    upload(visit, ("film.jpeg", films[0]))
    page.get_by_text("As the model sees it").click()
    expect(page.get_by_text("pixels are all that")).to_be_visible()
    for size in ("64 × 64", "128 × 128"):
        page.get_by_role("radio", name=size, exact=True).click()
        expect(page.get_by_text(f"{size} pixels are all that")).to_be_visible()
        visit.settle()
        visit.assert_sound()
    page.get_by_text("Map over the film").click()
    film = page.locator(".js-plotly-plot").first
    expect(film.locator(".hm")).to_be_attached()
    page.get_by_role("radio", name="Film", exact=True).click()
    expect(film.locator(".hm")).to_have_count(0)
    visit.settle()
    visit.assert_sound()


def test_sample_is_read(visit: Visit, app_url: str) -> None:
    page = open_read(visit, app_url)
    page.get_by_role("button", name="Drawn as pneumonia, 1", exact=True).click()
    expect(page.get_by_text("Synthetic, drawn as pneumonia, 1,")).to_be_visible()
    expect(page.get_by_text("(cut-off ")).to_be_visible()
    visit.settle()
    visit.assert_sound()


def test_wrong_file_is_refused_in_one_line(visit: Visit, app_url: str) -> None:
    page = open_read(visit, app_url)
    upload(visit, ("![x](http).png", b"This is a letter."))
    expect(page.get_by_test_id("stAlert").get_by_text("not a picture that can be read")).to_be_visible()
    expect(page.get_by_test_id("stAlert").locator("code")).to_have_text("![x](http).png")
    expect(page.get_by_test_id("stDataFrame")).to_have_count(0)
    visit.settle()
    visit.assert_sound()


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_same_film_as_jpeg_and_png_gets_a_verdict(visit: Visit, app_url: str, films: list[bytes], kind: str) -> None:
    page = open_read(visit, app_url)
    upload(visit, (f"film.{kind}", films[0] if kind == "jpeg" else png(films[0])))
    expect(page.get_by_text("(cut-off ")).to_be_visible()
    expect(page.get_by_text(f"film.{kind}").first).to_be_visible()
    visit.settle()
    visit.assert_sound()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_zip_is_stepped_through_past_a_broken_film(
    visit: Visit, app_url: str, films: list[bytes], size: dict[str, int]
) -> None:
    visit.page.set_viewport_size(size)
    page = open_read(visit, app_url)
    ward = {"ward/a.jpeg": films[0], "ward/b.png": png(films[4]), "broken.jpeg": films[1][:900], "c.jpeg": films[5]}
    upload(visit, ("ward.zip", packed(ward)))
    expect(page.get_by_text("File 1 of 4")).to_be_visible()
    expect_at_hand(page, "ward/a.jpeg, opened")
    expect(page.get_by_text("(cut-off ")).to_be_visible()
    next_film = page.get_by_role("button", name="Next")
    next_film.click()
    expect_at_hand(page, "ward/b.png, opened")
    expect(page.get_by_text("(cut-off ")).to_be_visible()
    next_film.click()
    expect_at_hand(page, "broken.jpeg, refused")
    expect(page.get_by_test_id("stAlert").get_by_text("damaged or cut off")).to_be_visible()
    expect(page.get_by_role("heading", name="No verdict")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_have_count(0)
    next_film.click()
    expect_at_hand(page, "c.jpeg, opened")
    expect(page.get_by_text("(cut-off ")).to_be_visible()
    expect(page.get_by_text("1 of 4 files cannot be used")).to_be_visible()
    expect(next_film).to_be_disabled()
    visit.settle()
    visit.assert_sound()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_several_files_at_once(visit: Visit, app_url: str, films: list[bytes]) -> None:
    page = open_read(visit, app_url)
    upload(visit, ("one.jpeg", films[0]), ("two.png", png(films[4])))
    expect(page.get_by_text("File 1 of 2")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect_at_hand(page, "two.png, opened")
    expect(page.get_by_text("(cut-off ")).to_be_visible()
    visit.settle()
    visit.assert_sound()


def test_reading_first_hides_the_scores(visit: Visit, app_url: str, films: list[bytes]) -> None:
    page = open_read(visit, app_url)
    upload(visit, ("one.jpeg", films[0]), ("two.jpeg", films[4]))
    expect(page.get_by_text("(cut-off ")).to_be_visible()
    page.get_by_text("Read it yourself first").click()
    expect(page.get_by_role("heading", name="What do you make of this film?")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect_at_hand(page, "two.jpeg, opened")
    expect(page.get_by_role("heading", name="What do you make of this film?")).to_be_visible()
    visit.settle()
    for part in ("stDataFrame", "stTabs"):
        expect(page.get_by_test_id(part)).to_have_count(0)
    expect(page.get_by_text("prevalence")).to_have_count(0)
    expect(page.get_by_text("Map over the film")).to_have_count(0)
    page.get_by_role("button", name="Cannot tell").click()
    expect(page.get_by_text("You said cannot tell")).to_be_visible()
    expect(page.get_by_text("of 1 film that you read first")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    visit.settle()
    visit.assert_sound()


def test_what_if_threshold_shows_both_rates(visit: Visit, app_url: str, films: list[bytes]) -> None:
    page = open_read(visit, app_url)
    upload(visit, ("film.jpeg", films[0]))
    page.get_by_text("What if the threshold were another one?").click()
    expect(page.get_by_text("frozen threshold 0.")).to_be_visible()
    page.get_by_role("slider", name="What-if threshold").press("ArrowLeft")
    expect(page.get_by_text("what-if threshold 0.")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Frozen")).to_be_visible()
    visit.settle()
    visit.assert_sound()


def test_what_is_no_chest_film_is_refused_without_a_verdict(visit: Visit, app_url: str) -> None:
    page = open_read(visit, app_url)
    page.get_by_role("button", name="Drawn landscape", exact=True).click()
    expect(page.get_by_role("heading", name="No verdict")).to_be_visible()
    visit.settle()
    for part in ("stDataFrame", "stTabs"):
        expect(page.get_by_test_id(part)).to_have_count(0)
    expect(page.get_by_text("(cut-off ")).to_have_count(0)
    visit.assert_sound()


def test_a_closer_look_at_a_film(visit: Visit, app_url: str, films: list[bytes]) -> None:
    page = open_read(visit, app_url)
    upload(visit, ("film.jpeg", films[4]))
    expect(page.locator("button.tile").first).to_be_visible()
    page.get_by_role("radio", name="Effect on the score").click()
    expect(page.get_by_text("how far the logit moves when the channel alone")).to_be_visible()
    expect(page.get_by_text("Switching channel")).to_be_visible()
    visit.settle()  # another channel leads this ranking
    page.locator(".map[tabindex]").click()
    ring = page.get_by_text("The ring is at row")
    expect(ring).to_be_visible()
    place = re.search(r"row (\d+), column (\d+)", ring.inner_text())
    assert place is not None
    page.locator(".map[tabindex]").press("ArrowDown")
    expect(page.get_by_text(f"The ring is at row {int(place[1]) + 1}, column {place[2]}:")).to_be_visible()

    visit.open_tab(page.get_by_role("tab", name="Why"))
    expect(page.get_by_text("a random map that is as smooth")).to_be_visible()
    page.get_by_role("radio", name="Score-CAM").click()
    page.get_by_role("button", name="Draw this map").click()
    why = page.get_by_role("tabpanel").filter(has=page.get_by_text("Opacity of the map"))
    expect(why.locator(".js-plotly-plot .hm").first).to_be_attached()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)

    visit.open_tab(page.get_by_role("tab", name="What if"))
    expect(page.get_by_text("The score goes from")).to_be_visible()
    page.get_by_role("slider", name="Aspect ratio").press("ArrowRight")
    expect(page.get_by_text("times as wide.")).to_be_visible()

    visit.open_tab(page.get_by_role("tab", name="Similar"))
    expect(page.get_by_text("labelled pneumonia,")).to_be_visible()

    visit.open_tab(page.get_by_role("tab", name="Export"))
    for label, start in (
        ("Report, one page", b"%PDF-"),
        ("Same as data", b"{"),
        ("Map over the film (PNG)", b"\x89PNG"),
    ):
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        assert Path(download.value.path()).read_bytes().startswith(start)
        assert re.fullmatch(r"lunglens-[0-9a-f]{8}\.\w+", download.value.suggested_filename)
    visit.settle()
    visit.assert_sound()
    assert visit.strangers() == set()


def test_the_films_frame_is_the_same_for_any_shape(visit: Visit, app_url: str, make_film: Callable[..., bytes]) -> None:
    page = open_read(visit, app_url)
    upload(visit, ("wide.jpeg", make_film(width=600, height=300)), ("tall.jpeg", make_film(width=300, height=600)))
    frame = page.locator(".js-plotly-plot").first
    expect(page.locator(".js-plotly-plot image").first).to_be_visible()
    visit.settle()
    wide = frame.bounding_box()
    page.get_by_role("button", name="Next").click()
    expect_at_hand(page, "tall.jpeg, opened")
    visit.settle()
    assert frame.bounding_box() == wide
