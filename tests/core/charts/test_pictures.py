import io

import numpy as np
import pytest
from PIL import Image

from core.charts.film import Overlay
from core.charts.pictures import film_picture, film_png, map_png
from core.explain.geometry import Grid
from core.imaging.decode import decode_film
from core.imaging.film import Film

VERMILION, BLUE = (0xD5, 0x5E, 0x00), (0x00, 0x72, 0xB2)


def film_of(gray: int = 100, width: int = 80, height: int = 40) -> Film:
    return Film(name="a.png", pixels=np.full((height, width), gray, np.uint8), size=(width, height))


def overlay_of(values: list[list[float]], opacity: float = 1.0, first: float = 7.5) -> Overlay:
    grid = Grid(step=16, first=first, receptive_field=16, size=32)
    return Overlay(values=np.array(values, np.float32), rows=grid, columns=grid, opacity=opacity)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_film_without_a_map_is_gray() -> None:
    picture = film_picture(film_of())
    assert picture.shape == (40, 80, 3)
    assert (picture == 100).all()


def test_cells_lie_where_the_map_says_in_the_colour_of_their_sign() -> None:
    picture = film_picture(film_of(), overlay_of([[2.0, -2.0], [0.0, 1.0]]))
    assert tuple(picture[5, 5]) == VERMILION
    assert tuple(picture[5, 75]) == BLUE
    assert tuple(picture[35, 5]) == (100, 100, 100)  # nothing added: the film is seen
    half = np.rint((np.array(VERMILION) + 100) / 2)
    assert np.abs(picture[35, 75] - half).max() <= 1
    assert (picture[:20, :40] == VERMILION).all()  # the quarter, and nothing beside it
    assert not (picture[:20, 40:] == VERMILION).all(axis=2).any()


def test_opacity_mixes_with_the_film() -> None:
    picture = film_picture(film_of(), overlay_of([[1.0, 1.0], [1.0, 1.0]], opacity=0.5))
    assert np.abs(picture[0, 0] - (np.array(VERMILION) + 100) / 2).max() <= 1


def test_nothing_is_painted_where_no_cell_lies() -> None:
    picture = film_picture(film_of(), overlay_of([[1.0]], first=23.5))  # the one cell lies in the lower right
    assert tuple(picture[30, 60]) == VERMILION
    assert (picture[:, :39] == 100).all()
    assert (picture[:19] == 100).all()


def test_an_empty_map_leaves_the_film_as_it_is() -> None:
    assert (film_picture(film_of(), overlay_of([[0.0, 0.0], [0.0, 0.0]])) == 100).all()


def test_a_large_film_is_shown_smaller_at_its_aspect_ratio() -> None:
    assert film_picture(film_of(width=3000, height=1500)).shape == (512, 1024, 3)
    # a JPEG is decoded at a reduced scale, its size stays that of the original
    small = Film(name="a", pixels=np.zeros((50, 100), np.uint8), size=(400, 200))
    assert film_picture(small).shape == (200, 400, 3)


def test_the_png_has_a_scale_under_the_map_alone(film_bytes: bytes) -> None:
    film = decode_film(film_bytes, "a.jpg")
    assert opened(film_png(film)).size == (320, 256)
    picture = opened(film_png(film, overlay_of([[1.0, -1.0], [0.0, 1.0]]), "CNN"))
    assert picture.height > 256
    strip = np.asarray(picture)[256:].reshape(-1, 3)
    assert (strip == VERMILION).all(axis=1).any()
    assert (strip == BLUE).all(axis=1).any()
    assert not picture.info


def test_the_words_under_a_map_fit_a_narrow_film() -> None:
    picture = np.asarray(opened(film_png(film_of(), overlay_of([[1.0]]), "Residual net, pretrained, Occlusion map")))
    assert picture[40:].any()
    assert not picture[40:, [0, 1, -2, -1]].any()


@pytest.mark.parametrize("signed", [False, True])
def test_a_feature_map_is_enlarged_by_whole_pixels(signed: bool) -> None:
    values = np.array([[0.0, 1.0, 2.0], [-2.0, 0.5, 1.0]], np.float32)
    picture = np.asarray(opened(map_png(values, signed=signed, side=300)))
    assert picture.shape == (200, 300, 3)
    cells = picture[50::100, 50::100]
    assert (picture[:100, :100] == cells[0, 0]).all()
    if signed:
        assert cells[0, 0].min() >= 254
        assert tuple(cells[0, 2]) == VERMILION
        assert tuple(cells[1, 0]) == BLUE
    else:
        assert cells[1, 0].sum() < cells[0, 0].sum() < cells[0, 2].sum()


def test_a_silent_map_has_the_lowest_colour() -> None:
    picture = np.asarray(opened(map_png(np.zeros((4, 4), np.float32))))
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) == 1
    assert picture.sum(axis=2).max() < 30
