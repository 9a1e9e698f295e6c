"""The mask: where it lies to the pixel, what it is filled with, and how its border moves."""

import numpy as np
import pytest

from core.evidence.shortcuts import CORNER, MOVE, Box, fill, lung_mask, lungs_only, mask_box, without_lungs

STILL = Box(0.12, 0.88, 0.10, 0.80)


def test_the_rectangle_is_the_protocols() -> None:
    """12 to 88 % of the width and 10 to 80 % of the height, at 100 pixels a side exact to the pixel."""
    mask = lung_mask((100, 100), STILL)
    assert np.flatnonzero(mask[45]).tolist() == list(range(12, 88))
    assert np.flatnonzero(mask[:, 50]).tolist() == list(range(10, 80))


def test_corners_are_rounded() -> None:
    mask = lung_mask((400, 400), STILL)
    rectangle = 0.76 * 0.70
    assert not mask[41, 49]
    assert mask.mean() == pytest.approx(rectangle - (4 - np.pi) * CORNER**2, abs=5e-4)
    assert (mask == mask[:, ::-1]).all()


def test_a_wide_film_has_the_same_shares() -> None:
    mask = lung_mask((100, 200), STILL)
    assert np.flatnonzero(mask[45]).tolist() == list(range(24, 176))


def test_each_edge_moves_by_up_to_four_per_cent() -> None:
    moves = np.array([mask_box(f"film-{i}") for i in range(2000)]) - np.array(STILL)
    assert np.abs(moves).max() <= MOVE == 0.04
    assert np.abs(moves).max(axis=0) == pytest.approx(0.04, abs=5e-4)
    assert moves.mean(axis=0) == pytest.approx(0, abs=0.003)
    assert np.abs(np.corrcoef(moves.T) - np.eye(4)).max() < 0.1  # edges move apart from one another


def test_the_border_depends_on_the_name_alone() -> None:
    assert mask_box("train/NORMAL/a.jpeg") == mask_box("train/NORMAL/a.jpeg")
    assert mask_box("train/NORMAL/a.jpeg") != mask_box("train/NORMAL/b.jpeg")
    assert mask_box("a") == pytest.approx((0.087686, 0.872273, 0.075280, 0.802719), abs=1e-6)


def test_filled_with_the_mean_of_the_whole_film() -> None:
    film = np.arange(64, dtype=np.uint8).reshape(8, 8)  # mean 31.5, rounded to even
    where = np.zeros((8, 8), bool)
    where[2:4, 2:4] = True
    filled = fill(film, where)
    assert (filled[where] == 32).all()
    assert (filled[~where] == film[~where]).all()
    assert film[2, 2] == 18  # the film itself is left alone


def test_the_two_halves_make_the_film() -> None:
    film = np.random.default_rng(0).integers(0, 256, (224, 224)).astype(np.uint8)
    masked, left = without_lungs(film, "a"), lungs_only(film, "a")
    mask = lung_mask(film.shape, mask_box("a"))
    mean = round(float(film.mean()))
    assert (masked[mask] == mean).all()
    assert (left[~mask] == mean).all()
    assert (np.where(mask, left, masked) == film).all()
