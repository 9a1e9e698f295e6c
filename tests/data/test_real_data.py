"""Facts of the real data set; run by name with its folder in LUNGLENS_DATA, and failing where that is missing."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.data.audit import Audit, audit
from core.data.dataset import Dataset, read_dataset
from core.data.duplicates import NEAR, fingerprint
from core.data.split import SPLIT_FILE, split_train, with_split
from core.imaging.decode import read_film
from core.paths import artifacts_dir


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    folder = os.environ.get("LUNGLENS_DATA", "")
    assert folder, "set LUNGLENS_DATA to the folder that holds train/ and test/"
    assert Path(folder).is_dir(), f"LUNGLENS_DATA={folder}: no such folder"
    return read_dataset(folder)


@pytest.fixture(scope="module")
def findings(dataset: Dataset) -> Audit:
    return audit(dataset)


@pytest.fixture(scope="module")
def films(dataset: Dataset) -> pd.DataFrame:
    return with_split(dataset)


def test_committed_split_is_what_the_rule_gives(dataset: Dataset) -> None:
    train = dataset.films[dataset.films["folder"] == "train"]
    ruled = split_train(train, dataset.file_hashes)
    committed = pd.read_csv(artifacts_dir() / SPLIT_FILE, dtype=str).set_index("sample_id")["split"]
    assert len(committed) == 5216
    pd.testing.assert_series_equal(
        committed.sort_index(), ruled.sort_index(), check_names=False, check_index_type=False
    )


def test_a_fifth_of_each_label_is_validation(films: pd.DataFrame) -> None:
    share = (films[films["folder"] == "train"].groupby("label")["split"].value_counts(normalize=True)).unstack()
    assert share["validation"].between(0.2, 0.205).all()


def test_no_patient_and_no_picture_crosses_the_split(dataset: Dataset, films: pd.DataFrame) -> None:
    train = films[films["folder"] == "train"]
    assert train.groupby(["label", "cluster_id"])["split"].nunique().max() == 1
    digest = dataset.file_hashes[train["sample_id"]].to_numpy()
    assert train.groupby(digest)["split"].nunique().max() == 1


def test_counts(findings: Audit) -> None:
    assert findings.films == 5840
    by_folder: dict[tuple[str, str], int] = {}
    for count in findings.counts:
        key = ("test" if count.split == "test" else "train", count.label)
        by_folder[key] = by_folder.get(key, 0) + count.films
    assert by_folder == {
        ("train", "NORMAL"): 1341,
        ("train", "PNEUMONIA"): 3875,
        ("test", "NORMAL"): 234,
        ("test", "PNEUMONIA"): 390,
    }
    assert findings.unreadable == ()
    assert not any("no patient number" in note for note in findings.notes)


def test_test_keys_under_both_readings(findings: Audit, films: pd.DataFrame) -> None:
    assert findings.patients["wide"]["test"] == 404
    assert findings.patients["narrow"]["test"] == 428
    test = films[films["split"] == "test"].groupby("label")
    assert test["cluster_id"].nunique().to_dict() == {"NORMAL": 202, "PNEUMONIA": 202}
    assert test["patient"].nunique().to_dict() == {"NORMAL": 225, "PNEUMONIA": 203}
    assert test["cluster_id"].value_counts().max() == 9


def test_keys_that_cross_train_and_test(findings: Audit) -> None:
    found = {(row.reading, row.label): row for row in findings.crossing if row.between == ("train", "test")}
    assert found["wide", "PNEUMONIA"].keys == 170
    assert found["wide", "PNEUMONIA"].films[1] == 320
    assert found["wide", "PNEUMONIA"].films_of[1] == 390
    assert found["wide", "NORMAL"].keys == 94
    assert found["wide", "NORMAL"].films[1] == 96
    assert found["narrow", "PNEUMONIA"].keys == 0
    assert found["narrow", "NORMAL"].keys == 0
    assert not any(row.keys for row in findings.crossing if row.between == ("train", "validation"))


def test_exact_duplicates(findings: Audit) -> None:
    for found in (findings.identical_bytes, findings.identical_pixels):
        assert (found.groups, found.extra_films) == (30, 32)
        assert (found.across_splits, found.across_labels) == (0, 0)
        assert [group.sample_ids for group in found.listed if len(group.patients) > 1] == [
            ("test/NORMAL/NORMAL2-IM-0095-0001.jpeg", "test/NORMAL/NORMAL2-IM-0096-0001.jpeg")
        ]


def test_near_duplicates(findings: Audit) -> None:
    """One pair beyond the identical films, which looks like one child under two numbers; none across splits."""
    assert (findings.near.across_splits, findings.near.across_labels) == (0, 0)
    assert [pair.sample_ids for pair in findings.near.listed] == [
        ("train/PNEUMONIA/person1565_bacteria_4095.jpeg", "train/PNEUMONIA/person1637_bacteria_4339.jpeg")
    ]


def recompressed(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=10)
    return Image.open(file)


def cropped(image: Image.Image, share: float) -> Image.Image:
    x, y = share * image.width, share * image.height
    return image.resize(image.size, Image.Resampling.BILINEAR, box=(x, y, image.width - x, image.height - y))


CHANGES: dict[str, tuple[Callable[[Image.Image], Image.Image], float, float]] = {  # and the share found: from, to
    "JPEG quality 10": (recompressed, 1, 1),
    "half size": (lambda image: image.resize((image.width // 2, image.height // 2)), 1, 1),
    "gamma 0.6": (lambda image: image.point(lambda value: 255 * (value / 255) ** 0.6), 1, 1),
    "gamma 1.6": (lambda image: image.point(lambda value: 255 * (value / 255) ** 1.6), 1, 1),
    "contrast 0.6": (lambda image: image.point(lambda value: 60 + 0.6 * value), 1, 1),
    "crop of 1 % a side": (lambda image: cropped(image, 0.01), 0.98, 1),
    "crop of 2 % a side": (lambda image: cropped(image, 0.02), 0, 0.5),
    "turn by 1 degree": (lambda image: image.rotate(1, Image.Resampling.BILINEAR), 0.98, 1),
    "turn by 2 degrees": (lambda image: image.rotate(2, Image.Resampling.BILINEAR), 0, 0.5),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_search_for_near_duplicates_finds(change: str, films: pd.DataFrame) -> None:
    """What the comment beside the threshold and the text of the audit say of changed copies."""
    changed, low, high = CHANGES[change]
    found = []
    for path in films["path"].sample(300, random_state=0):
        image = Image.fromarray(read_film(Path(path)).pixels)
        copy = np.asarray(changed(image).convert("L"))
        found.append(float(fingerprint(np.asarray(image)) @ fingerprint(copy)) >= NEAR)
    assert low <= np.mean(found) <= high, np.mean(found)
