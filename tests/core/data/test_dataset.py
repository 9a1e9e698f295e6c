import shutil

import pytest

from core.data.dataset import read_dataset, read_labelled_folder
from core.errors import DataError


def test_rows(make_dataset):
    films = read_dataset(make_dataset()).films.set_index("sample_id")
    assert len(films) == 14
    assert list(films.index) == sorted(films.index)
    row = films.loc["train/PNEUMONIA/person1_virus_3.jpeg"]
    assert (row["folder"], row["label"], row["y_true"]) == ("train", "PNEUMONIA", 1)
    assert (row["pathogen"], row["patient"], row["cluster_id"]) == ("virus", "person1_virus", "person1")
    assert films.loc["test/NORMAL/IM-0009-0001.jpeg", "y_true"] == 0


@pytest.mark.parametrize("nesting", ["chest_xray", "versions/2/chest_xray", "down/chest_xray/chest_xray"])
def test_nested_layouts_read_alike(make_dataset, tmp_path, nesting):
    plain = read_dataset(make_dataset("plain"))
    make_dataset(nesting)
    given = {"chest_xray": "chest_xray", "versions/2/chest_xray": "versions/2"}.get(nesting, "down")
    nested = read_dataset(tmp_path / given)
    assert list(nested.films["sample_id"]) == list(plain.films["sample_id"])
    assert nested.hash == plain.hash
    assert nested.notes == []


def test_kaggles_zip_holds_the_set_twice(make_dataset, tmp_path):
    """The films of the inner copy are not counted again; what is ignored is said."""
    root = make_dataset("kaggle/chest_xray")
    shutil.copytree(make_dataset("other"), root / "chest_xray")
    for name in ("val/NORMAL/NORMAL2-IM-1427-0001.jpeg", "val/PNEUMONIA/person1946_bacteria_4874.jpeg"):
        (root / name).parent.mkdir(parents=True)
        shutil.copy(root / "test/NORMAL/IM-0009-0001.jpeg", root / name)
    (root / "val/NORMAL/._NORMAL2-IM-1427-0001.jpeg").write_bytes(b"Mac OS X")
    (root / "val/NORMAL/.DS_Store").write_bytes(b"Mac OS X")
    (tmp_path / "kaggle" / "__MACOSX").mkdir()
    dataset = read_dataset(tmp_path / "kaggle")
    assert len(dataset.films) == 14
    assert len(dataset.notes) == 3
    assert any("__MACOSX" in note for note in dataset.notes)
    assert any("val/ with 2 images" in note for note in dataset.notes)
    assert any("chest_xray/" in note for note in dataset.notes)


def test_macosx_beside_the_films_is_noted(make_dataset):
    root = make_dataset()
    (root / "__MACOSX").mkdir()
    assert read_dataset(root).notes == ["Ignored __MACOSX: not part of the data."]


def test_upper_case_suffixes_hidden_files_and_other_files(make_dataset):
    films = {
        "train/NORMAL": ["IM-0001-0001.JPEG", "IM-0002-0001.JPG", "IM-0003-0001.Jpeg"],
        "train/PNEUMONIA": ["a.jpg"],
    }
    root = make_dataset(films=films)
    (root / "train/NORMAL/._IM-0001-0001.JPEG").write_bytes(b"Mac OS X")
    (root / "train/NORMAL/Thumbs.db").write_bytes(b"Windows")
    dataset = read_dataset(root)
    assert len(dataset.films) == 4
    assert list(dataset.films["cluster_id"]) == ["IM-0001", "IM-0002", "IM-0003", "a.jpg"]


def test_missing_split_or_label_is_no_error(make_dataset):
    assert set(read_dataset(make_dataset(films={"test/NORMAL": ["IM-0001-0001.jpeg"]})).films["folder"]) == {"test"}


def test_no_such_folder(tmp_path):
    with pytest.raises(DataError, match=r"no such folder.*--data"):
        read_dataset(tmp_path / "missing")


def test_other_layout(tmp_path):
    (tmp_path / "photos").mkdir()
    with pytest.raises(DataError, match="train/NORMAL"):
        read_dataset(tmp_path)


def test_empty_folders(tmp_path):
    (tmp_path / "train" / "NORMAL").mkdir(parents=True)
    with pytest.raises(DataError, match="no films"):
        read_dataset(tmp_path)


def test_hash_follows_content_and_names(make_dataset):
    root = make_dataset()
    before = read_dataset(root).hash
    film = root / "test/NORMAL/IM-0009-0001.jpeg"
    assert read_dataset(make_dataset("elsewhere")).hash == before
    content = film.read_bytes()
    film.write_bytes(content + b"\0")
    assert read_dataset(root).hash != before
    film.write_bytes(content)
    assert read_dataset(root).hash == before
    film.rename(film.with_name("IM-0010-0001.jpeg"))
    assert read_dataset(root).hash != before


def test_unreadable_files_are_no_duplicates_of_each_other(make_dataset):
    """A folder named like a film cannot be hashed; two of them must not count as the same film."""
    root = make_dataset()
    names = ["train/NORMAL/IM-0070-0001.jpeg", "train/NORMAL/IM-0071-0001.jpeg"]
    for name in names:
        (root / name).mkdir()
    hashes = read_dataset(root).file_hashes[names]
    assert hashes.nunique() == 2


def test_labelled_folder_without_splits(make_dataset):
    dataset = read_labelled_folder(make_dataset(films={"NORMAL": ["IM-0001-0001.jpeg"], "PNEUMONIA": ["b.png"]}))
    films = dataset.films
    assert list(films["sample_id"]) == ["NORMAL/IM-0001-0001.jpeg", "PNEUMONIA/b.png"]
    assert films["y_true"].tolist() == [0, 1]
    assert films["folder"].tolist() == ["", ""]


def test_labelled_folder_that_is_missing_or_has_no_films(tmp_path):
    with pytest.raises(DataError, match="no such folder"):
        read_labelled_folder(tmp_path / "missing")
    with pytest.raises(DataError, match="no films"):
        read_labelled_folder(tmp_path)
