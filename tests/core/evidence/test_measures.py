"""Measures on drawn films whose framing, exposure and detail are known."""

import numpy as np
import pytest

from core.data.dataset import read_dataset
from core.data.split import with_split
from core.errors import DataError
from core.evidence.measures import (
    MEASURES,
    SIDE,
    THUMBNAIL_COLUMNS,
    aspect_estimate,
    dark_frame,
    lung_box,
    measure_film,
    measure_films,
    thumbnail,
)
from core.imaging.film import resize
from tests.support.films import draw_film


def test_aspect_estimate_is_the_stretch_of_isotropic_detail() -> None:
    """Smooth isotropic detail on a wide film, squashed to a square, gives about the native aspect ratio."""
    noise = np.random.default_rng(0).integers(0, 256, (30, 45)).astype(np.uint8)
    wide = resize(noise, 448, 672)  # 3:2, detail of about 15 pixels
    assert aspect_estimate(wide) == pytest.approx(1.0, abs=0.08)
    assert aspect_estimate(resize(wide, 224, 224)) == pytest.approx(1.5, abs=0.12)
    assert aspect_estimate(resize(wide, 224, 224).T) == pytest.approx(1 / aspect_estimate(resize(wide, 224, 224)))


def test_aspect_estimate_of_a_blank_film_is_one() -> None:
    assert aspect_estimate(np.full((64, 64), 7, np.uint8)) == 1.0


def test_dark_frame_counts_the_outer_twentieth() -> None:
    film = np.full((100, 100), 200, np.uint8)
    assert dark_frame(film) == 0.0
    film[:5] = 0
    assert dark_frame(film) == pytest.approx(500 / (100**2 - 90**2))
    film[5:95, 5:95] = 0  # the inside does not count
    assert dark_frame(film) == pytest.approx(500 / (100**2 - 90**2))


def test_lungs_are_found_where_they_are_drawn() -> None:
    left, right, top, bottom = lung_box(draw_film(seed=3, width=224, height=224))
    assert 0.1 < left < 0.25
    assert 0.75 < right < 0.9
    assert 0.1 < top < 0.3
    assert 0.6 < bottom < 0.8


def test_lungs_move_with_the_film() -> None:
    film = draw_film(seed=3, width=224, height=224)
    lower = np.roll(film, 22, axis=0)
    assert lung_box(lower)[2] - lung_box(film)[2] == pytest.approx(0.1, abs=0.02)


def test_no_lungs_on_a_blank_film() -> None:
    assert lung_box(np.full((224, 224), 90, np.uint8)) is None
    found = measure_film(np.full((224, 224), 90, np.uint8))
    assert found["lungs_found"] == 0
    assert np.isnan(found["lung_top"])
    assert (found["gray_mean"], found["gray_deviation"], found["sharpness"]) == (90, 0, 0)


def test_thumbnail_holds_the_means_of_blocks() -> None:
    blocks = np.arange(64, dtype=np.uint8).reshape(8, 8) * 4
    assert thumbnail(blocks) == pytest.approx(blocks.ravel() / 255)
    assert thumbnail(np.full((224, 224), 51, np.uint8)) == pytest.approx(0.2)


def test_films_of_a_data_set_are_measured(planted_folder, no_artifacts) -> None:
    table = with_split(read_dataset(planted_folder)).head(3)
    measured = measure_films(table)
    films = measured.table
    assert measured.unreadable == []
    assert films["sample_id"].tolist() == table["sample_id"].tolist()
    assert set(MEASURES) | set(THUMBNAIL_COLUMNS) <= set(films.columns)
    assert films["native_aspect"].tolist() == [1.0] * 3
    assert (films["byte_size"] > 500).all()
    stress = measure_films(table, "stress").table
    assert stress[["byte_size", "native_aspect"]].isna().all(axis=None)
    assert not np.allclose(stress["gray_mean"], films["gray_mean"])
    assert SIDE == 224


def test_films_that_cannot_be_read_are_named(planted_folder, tmp_path) -> None:
    table = with_split(read_dataset(planted_folder)).head(3)
    broken = tmp_path / "broken.jpeg"
    broken.write_bytes(b"no picture")
    table["path"] = table["path"].astype(object)
    table.loc[table.index[1], "path"] = broken
    measured = measure_films(table)
    assert measured.unreadable == [table["sample_id"].iloc[1]]
    assert measured.table["sample_id"].tolist() == table["sample_id"].iloc[[0, 2]].tolist()
    with pytest.raises(DataError, match="None of 1 films"):
        measure_films(table.iloc[[1]])
