import json
import shutil

import pytest

from core.data.audit import NOTEBOOK_FILMS, audit
from core.data.dataset import read_dataset
from core.errors import DataError


@pytest.fixture
def root(make_dataset):
    """The drawn set with a film of train again in test under another label, and again in train."""
    root = make_dataset()
    shutil.copy(root / "train/NORMAL/IM-0003-0001-0001.jpeg", root / "test/PNEUMONIA/person8_bacteria_11.jpeg")
    shutil.copy(root / "train/PNEUMONIA/person2_virus_4.jpeg", root / "train/PNEUMONIA/person2_virus_6.jpeg")
    return root


@pytest.fixture
def findings(root):
    return audit(read_dataset(root))


def test_counts(findings):
    assert findings.films == 15
    assert findings.notebook_films == NOTEBOOK_FILMS == 5385
    assert sum(count.films for count in findings.counts) == 15
    test = {(count.label, count.pathogen): count for count in findings.counts if count.split == "test"}
    assert set(test) == {("NORMAL", ""), ("PNEUMONIA", "bacteria")}
    ill = test["PNEUMONIA", "bacteria"]
    assert (ill.films, ill.patients_wide, ill.patients_narrow) == (3, 2, 2)
    assert findings.patients["wide"]["all"] == 8
    assert findings.patients["narrow"]["all"] == 10
    assert findings.patients["wide"]["test"] == 4


def test_crossing_under_both_readings(findings):
    found = {
        (row.reading, row.label): (row.keys, row.films, row.films_of)
        for row in findings.crossing
        if row.between == ("train", "test")
    }
    assert found == {
        ("wide", "NORMAL"): (1, (2, 1), (4, 2)),
        ("narrow", "NORMAL"): (1, (1, 1), (4, 2)),
        ("wide", "PNEUMONIA"): (1, (3, 1), (6, 3)),
        ("narrow", "PNEUMONIA"): (1, (2, 1), (6, 3)),
    }
    assert all(row.keys == 0 for row in findings.crossing if row.between == ("train", "validation"))


def test_duplicates(findings):
    for found in (findings.identical_bytes, findings.identical_pixels):
        assert (found.groups, found.extra_films) == (2, 2)
        assert (found.across_splits, found.across_labels) == (1, 1)
        assert found.listed[0].sample_ids == (
            "test/PNEUMONIA/person8_bacteria_11.jpeg",
            "train/NORMAL/IM-0003-0001-0001.jpeg",
        )


def test_same_pixels_in_other_bytes(root):
    film = root / "train/PNEUMONIA/person2_virus_6.jpeg"
    film.write_bytes(film.read_bytes() + b"\0")
    findings = audit(read_dataset(root))
    assert findings.identical_bytes.groups == 1
    assert findings.identical_pixels.groups == 2
    pairs = {pair.sample_ids for pair in findings.near.listed}
    assert ("train/PNEUMONIA/person2_virus_4.jpeg", "train/PNEUMONIA/person2_virus_6.jpeg") not in pairs


def test_unreadable_films_are_reported_once_and_compared_with_none(root):
    for name in ("train/NORMAL/IM-0004-0001.jpeg", "test/NORMAL/IM-0009-0001.jpeg"):
        (root / name).write_bytes(b"")
    (root / "train/PNEUMONIA/person3_virus_5_1.jpeg").write_text("no picture")
    findings = audit(read_dataset(root))
    assert [(film.sample_id, film.reason.split(";")[0]) for film in findings.unreadable] == [
        ("test/NORMAL/IM-0009-0001.jpeg", "the file is empty"),
        ("train/NORMAL/IM-0004-0001.jpeg", "the file is empty"),
        ("train/PNEUMONIA/person3_virus_5_1.jpeg", "not a picture that can be read"),
    ]
    assert findings.films == 15
    assert findings.identical_bytes.groups == 2


def test_notes_and_unknown_names(root):
    (root / "__MACOSX").mkdir()
    shutil.copy(root / "train/NORMAL/IM-0004-0001.jpeg", root / "train/NORMAL/holiday.jpeg")
    notes = audit(read_dataset(root)).notes
    assert notes[0].startswith("Ignored __MACOSX")
    assert notes[1].startswith("1 file names carry no patient number")


def test_nothing_readable(make_dataset):
    root = make_dataset(films={"train/NORMAL": ["IM-0001-0001.jpeg"]})
    (root / "train/NORMAL/IM-0001-0001.jpeg").write_bytes(b"")
    with pytest.raises(DataError, match=r"none of 1 films.*empty"):
        audit(read_dataset(root))


def test_one_film_is_enough(make_dataset):
    findings = audit(read_dataset(make_dataset(films={"test/NORMAL": ["IM-0001-0001.jpeg"]})))
    assert (findings.films, findings.near.groups, findings.identical_bytes.groups) == (1, 0, 0)


def test_document_is_json(findings):
    document = json.loads(json.dumps(findings.to_dict()))
    assert document["films"] == 15
    assert document["identical_bytes"]["groups"] == 2
    assert document["crossing"][0]["between"] == ["train", "test"]
