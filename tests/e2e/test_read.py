"""A reader uploads a film in a real browser, sees verdicts and feature maps and enlarges one, on desktop and phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, PHONE, Visit


def open_read(visit: Visit, address: str) -> Page:
    visit.open(address)  # a cold server knows its pages after the first visit
    page = visit.open(f"{address}/read")
    expect(page.get_by_role("heading", name="What do the models say of this film")).to_be_visible()
    return page


def upload(visit: Visit, name: str, data: bytes) -> None:
    mime = "image/jpeg" if name.endswith(".jpeg") else "image/png"
    visit.page.set_input_files('input[type="file"]', {"name": name, "mimeType": mime, "buffer": data})


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_upload_shows_verdict_and_feature_maps(
    visit: Visit, app_url: str, film_bytes: bytes, size: dict[str, int]
) -> None:
    visit.page.set_viewport_size(size)
    page = open_read(visit, app_url)
    upload(visit, "film.jpeg", film_bytes)
    expect(page.get_by_text("prevalence; set:")).to_be_visible()
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
    upload(visit, "wide.jpeg", make_film(width=600, height=300))
    picture = page.locator(".js-plotly-plot image").first
    expect(picture).to_be_visible()
    visit.settle()
    box = picture.bounding_box()
    assert box is not None
    assert box["width"] / box["height"] == pytest.approx(2, rel=0.02)
    assert box["width"] > 300


def test_map_over_the_film_and_next_layer(visit: Visit, app_url: str, film_bytes: bytes) -> None:
    page = open_read(visit, app_url)
    upload(visit, "film.jpeg", film_bytes)
    page.get_by_text("Map over the film").click()
    expect(page.get_by_text("Class activation map (HiResCAM)")).to_be_visible()
    expect(page.locator(".js-plotly-plot .hm").first).to_be_attached()
    visit.settle()
    caption = page.get_by_text("Ranked by mean activation")
    before = caption.inner_text()
    page.get_by_role("slider").last.press("ArrowRight")
    expect(caption).not_to_have_text(before)
    visit.settle()
    visit.assert_sound()


def test_three_views_of_a_film(visit: Visit, app_url: str, film_bytes: bytes) -> None:
    page = open_read(visit, app_url)
    upload(visit, "film.jpeg", film_bytes)
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
    expect(page.get_by_text("prevalence; set:")).to_be_visible()
    visit.settle()
    visit.assert_sound()


def test_wrong_file_is_refused_in_one_line(visit: Visit, app_url: str) -> None:
    page = open_read(visit, app_url)
    upload(visit, "![x](http).png", b"This is a letter.")
    expect(page.get_by_test_id("stAlert").get_by_text("not a picture that can be read")).to_be_visible()
    expect(page.get_by_test_id("stAlert").locator("code")).to_have_text("![x](http).png")
    expect(page.get_by_test_id("stDataFrame")).to_have_count(0)
    visit.settle()
    visit.assert_sound()
