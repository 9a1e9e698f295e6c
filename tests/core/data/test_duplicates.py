import numpy as np
import pandas as pd
import pytest

from core.data import duplicates
from core.data.duplicates import NEAR, find_identical, find_near, fingerprint, pixel_hash
from core.imaging.decode import decode_film


@pytest.fixture
def films():
    """Six rows: three children in train, validation and test."""
    return pd.DataFrame(
        {
            "sample_id": list("abcdef"),
            "split": ["train", "train", "validation", "test", "test", "train"],
            "label": ["NORMAL", "NORMAL", "NORMAL", "PNEUMONIA", "NORMAL", "PNEUMONIA"],
            "cluster_id": ["p", "p", "q", "r", "s", "t"],
        }
    )


def unit(*rows):
    rows = np.array(rows, dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_pixel_hash_knows_shape_and_values():
    film = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert pixel_hash(film) == pixel_hash(film.copy())
    assert pixel_hash(film) != pixel_hash(film.reshape(4, 3))
    assert pixel_hash(film) != pixel_hash(film + np.uint8(1))


def test_identical_groups(films):
    found = find_identical(films, np.array(["1", "1", "2", "2", "3", "1"]))
    assert (found.groups, found.films, found.extra_films) == (2, 5, 3)
    assert (found.across_splits, found.across_labels, found.across_patients) == (1, 2, 2)
    assert found.within_split == {"train": 1, "validation": 0, "test": 0}
    across, within = found.listed
    assert across.sample_ids == ("c", "d")
    assert across.splits == ("test", "validation")
    assert within.sample_ids == ("a", "b", "f")
    assert within.labels == ("NORMAL", "PNEUMONIA")
    assert within.patients == ("p", "t")


def test_nothing_repeats(films):
    found = find_identical(films, films["sample_id"].to_numpy(dtype=str))
    assert (found.groups, found.films, found.extra_films, found.listed) == (0, 0, 0, ())
    found = find_near(films, films["sample_id"].to_numpy(dtype=str), np.eye(6, dtype=np.float32))
    assert (found.groups, found.films, found.listed) == (0, 0, ())


def test_near_pairs_leave_identical_films_out(films):
    prints = unit([1, 0, 0], [1, 0, 0], [1, 0.1, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0.2])
    found = find_near(films, np.array(["1", "1", "2", "3", "4", "5"]), prints)
    assert [pair.sample_ids for pair in found.listed] == [("a", "c"), ("b", "c"), ("d", "f")]
    assert (found.groups, found.films, found.extra_films) == (3, 5, None)
    assert (found.across_splits, found.across_labels) == (3, 0)
    assert found.listed[0].correlation == pytest.approx(1 / np.sqrt(1.01), abs=1e-3)


@pytest.mark.parametrize("block", [1, 4, 7, 100])
def test_pairs_are_the_same_for_any_block_size(monkeypatch, block):
    prints = np.random.default_rng(0).normal(size=(23, 3)).astype(np.float32)
    prints /= np.linalg.norm(prints, axis=1, keepdims=True)
    monkeypatch.setattr(duplicates, "_BLOCK", block)
    first, second, correlation = duplicates._pairs(prints, 0.5)
    expected = {(i, j) for i in range(23) for j in range(i + 1, 23) if prints[i] @ prints[j] >= 0.5}
    assert set(zip(first.tolist(), second.tolist(), strict=True)) == expected
    assert len(first) == len(expected)
    np.testing.assert_allclose(correlation, (prints[first] * prints[second]).sum(1), rtol=1e-5)


def test_fingerprint_is_of_unit_length_and_blank_films_are_like_no_other(make_film):
    print_ = fingerprint(decode_film(make_film(), "a").pixels)
    assert print_.shape == (duplicates.SIDE**2,)
    assert print_.dtype == np.float32
    assert np.linalg.norm(print_) == pytest.approx(1, abs=1e-5)
    assert print_.mean() == pytest.approx(0, abs=1e-6)
    assert not fingerprint(np.full((90, 90), 77, np.uint8)).any()


def test_the_same_film_exposed_or_sized_otherwise_is_near(make_film):
    film = decode_film(make_film(seed=1, width=300, height=300), "a").pixels
    own = fingerprint(film)
    assert own @ fingerprint(film[::2, ::2]) > NEAR
    assert own @ fingerprint((film * 0.6 + 40).astype(np.uint8)) > NEAR
    assert own @ fingerprint((255 * (film / 255) ** 1.5).astype(np.uint8)) > NEAR
    assert own @ fingerprint(film[:, ::-1].copy().T.copy()) < NEAR


def test_the_list_is_cut_and_the_count_is_not(monkeypatch, films):
    monkeypatch.setattr(duplicates, "LISTED", 1)
    found = find_identical(films, np.array(["1", "1", "2", "2", "3", "3"]))
    assert found.groups == 3
    assert [group.sample_ids for group in found.listed] == [("c", "d")]
