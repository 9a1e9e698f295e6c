import logging
from pathlib import Path

import numpy as np
import pytest

from core.data import arrays
from core.data.arrays import load_films
from core.data.dataset import read_dataset
from core.data.stress import stress_film
from core.errors import DataError
from core.imaging.decode import read_film
from core.imaging.film import resize
from core.paths import cache_dir


@pytest.fixture
def dataset(make_dataset):
    return read_dataset(make_dataset())


def cache_files():
    return sorted((cache_dir() / "films").glob("*"))


def test_films_in_the_order_of_the_table(dataset):
    table = dataset.films.iloc[::-1]
    films = load_films(dataset, table, 24, 16)
    assert films.pixels.shape == (14, 24, 16)
    assert films.pixels.dtype == np.uint8
    assert list(films.table["sample_id"]) == list(table["sample_id"])
    assert list(films.table.index) == list(range(14))
    assert films.y_true.tolist() == table["y_true"].tolist()
    for pixels, path in zip(films.pixels, films.table["path"], strict=True):
        np.testing.assert_array_equal(pixels, resize(read_film(Path(path)).pixels, 24, 16))


def test_stress_is_applied_before_resizing(dataset):
    table = dataset.films.head(3)
    films = load_films(dataset, table, 32, 32, "stress")
    for pixels, row in zip(films.pixels, table.itertuples(), strict=True):
        whole = stress_film(read_film(Path(row.path)).pixels, row.sample_id)
        np.testing.assert_array_equal(pixels, resize(whole, 32, 32))


def test_a_cache_hit_equals_a_fresh_decode(dataset, monkeypatch):
    fresh = load_films(dataset, dataset.films, 32, 32)
    assert len(cache_files()) == 1

    def forbidden(path):
        raise AssertionError(f"{path} was decoded again")

    monkeypatch.setattr(arrays, "read_film", forbidden)
    cached = load_films(dataset, dataset.films, 32, 32)
    np.testing.assert_array_equal(cached.pixels, fresh.pixels)
    assert cached.table.equals(fresh.table)


def test_the_cache_can_be_deleted(dataset):
    fresh = load_films(dataset, dataset.films, 32, 32)
    cache_files()[0].unlink()
    np.testing.assert_array_equal(load_films(dataset, dataset.films, 32, 32).pixels, fresh.pixels)


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "text", "other"])
def test_a_damaged_cache_file_is_made_again(dataset, damage, caplog):
    fresh = load_films(dataset, dataset.films, 32, 32)
    file = cache_files()[0]
    content = bytearray(file.read_bytes())
    third = len(content) // 3
    flipped = content[:third] + bytes(255 - byte for byte in content[third : third + 9]) + content[third + 9 :]
    if damage == "other":
        np.savez(file, something=np.zeros(3))
    else:
        file.write_bytes({"empty": b"", "cut": content[:third], "flipped": flipped, "text": b"no archive"}[damage])
    with caplog.at_level(logging.WARNING):
        again = load_films(dataset, dataset.films, 32, 32)
    np.testing.assert_array_equal(again.pixels, fresh.pixels)
    assert "damaged" in caplog.text
    caplog.clear()
    load_films(dataset, dataset.films, 32, 32)
    assert not caplog.text


def test_cache_is_keyed_by_size_rows_variant_and_data(dataset, make_dataset):
    load_films(dataset, dataset.films, 32, 32)
    load_films(dataset, dataset.films, 32, 24)
    load_films(dataset, dataset.films.head(5), 32, 32)
    load_films(dataset, dataset.films, 32, 32, "stress")
    assert len(cache_files()) == 4
    load_films(dataset, dataset.films, 32, 32)
    assert len(cache_files()) == 4

    film = dataset.root / "test/NORMAL/IM-0009-0001.jpeg"
    film.write_bytes((dataset.root / "test/NORMAL/IM-0001-0002.jpeg").read_bytes())
    changed = read_dataset(dataset.root)
    films = load_films(changed, changed.films, 32, 32)
    assert len(cache_files()) == 5
    rows = films.table.set_index("sample_id").index.get_indexer(
        ["test/NORMAL/IM-0009-0001.jpeg", "test/NORMAL/IM-0001-0002.jpeg"]
    )
    np.testing.assert_array_equal(*films.pixels[rows])


def test_unreadable_films_are_reported_and_left_out(dataset, caplog):
    broken = {"train/NORMAL/IM-0004-0001.jpeg": b"", "test/PNEUMONIA/person8_bacteria_10.jpeg": b"text"}
    for name, content in broken.items():
        (dataset.root / name).write_bytes(content)
    changed = read_dataset(dataset.root)
    fresh = load_films(changed, changed.films, 32, 32)
    for films in (fresh, load_films(changed, changed.films, 32, 32)):
        assert len(films.pixels) == len(films.table) == 12
        assert not set(films.table["sample_id"]) & set(broken)
        assert list(films.table.index) == list(range(12))
        assert len(films.unreadable) == 2
        assert any("IM-0004-0001.jpeg: the file is empty" in line for line in films.unreadable)
        assert any("person8_bacteria_10.jpeg" in line for line in films.unreadable)
    assert caplog.text.count("Left out") == 4
    np.testing.assert_array_equal(fresh.pixels[0], resize(read_film(Path(fresh.table["path"][0])).pixels, 32, 32))


def test_no_readable_film_is_an_error(make_dataset):
    root = make_dataset(films={"train/NORMAL": ["IM-0001-0001.jpeg"]})
    (root / "train/NORMAL/IM-0001-0001.jpeg").write_bytes(b"")
    dataset = read_dataset(root)
    with pytest.raises(DataError, match=r"none of 1 films.*empty"):
        load_films(dataset, dataset.films, 32, 32)
    assert cache_files() == []
