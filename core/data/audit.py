"""Audit a data set: counts, patients, overlaps, duplicates, unreadable files."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.data.duplicates import NEAR, Duplicates, find_identical, find_near, fingerprint, pixel_hash
from core.data.split import with_split
from core.errors import DataError, InputError
from core.imaging.decode import read_film
from core.types import Float32Array, StrArray

NOTEBOOK_FILMS = 5385  # what the notebook printed for train and test of the same set

KeyReading = Literal["wide", "narrow"]
READINGS: dict[KeyReading, str] = {"wide": "cluster_id", "narrow": "patient"}


@dataclass(frozen=True, kw_only=True)
class Count:
    """Films and patients of one split, label and pathogen (empty for normal films), under both readings of the key."""

    split: str
    label: str
    pathogen: str
    films: int
    patients_wide: int
    patients_narrow: int


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """Patient keys that occur on both sides of a split, for one label and one reading of the key.

    Parameters
    ----------
    between : (str, str)
        The two sides; ``train`` beside test includes validation.
    reading : {"wide", "narrow"}
    label : str
    keys : int
        Keys on both sides.
    films : (int, int)
        Films of these keys on either side.
    films_of : (int, int)
        All films of the label on either side.
    """

    between: tuple[str, str]
    reading: KeyReading
    label: str
    keys: int
    films: tuple[int, int]
    films_of: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A film that was left out."""

    sample_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Audit:
    """The findings on one data set.

    Parameters
    ----------
    root : str
        Folder that holds ``train`` and ``test``.
    data_hash : str
        sha256 over all names and contents.
    films : int
        In train and test; ``notebook_films`` is what the notebook counted there.
    counts : tuple of Count
    patients : dict
        Number of keys by reading, then by split and ``all``.
    crossing : tuple of Crossing
    identical_bytes, identical_pixels : Duplicates
        Groups of readable films whose files, or whose decoded pixels, are the same.
    near : Duplicates
        Pairs beyond these whose fingerprints correlate at ``near_threshold`` or above.
    unreadable : tuple of Unreadable
    notes : tuple of str
        What was ignored, and other remarks.
    """

    root: str
    data_hash: str
    films: int
    notebook_films: int
    counts: tuple[Count, ...]
    patients: dict[str, dict[str, int]]
    crossing: tuple[Crossing, ...]
    identical_bytes: Duplicates
    identical_pixels: Duplicates
    near: Duplicates
    near_threshold: float
    unreadable: tuple[Unreadable, ...]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the findings as JSON-ready dicts, lists, strings and numbers."""
        return asdict(self)


def audit(dataset: Dataset, progress: Callable[[int, int], None] = lambda done, films: None) -> Audit:
    """Count, compare and decode every film of a data set; unreadable ones are reported and left out of the comparison.

    Parameters
    ----------
    dataset : Dataset
    progress : callable
        Called before each film with the number decoded so far and the total.

    Raises
    ------
    DataError
        No film can be read.
    """
    films = with_split(dataset)
    readable, pixel_hashes, fingerprints, unreadable = _decode(films, progress)
    if not len(readable):
        raise DataError(f"{dataset.root}: none of {len(films)} films can be read; the first: {unreadable[0].reason}")
    byte_hashes = dataset.file_hashes[readable["sample_id"]].to_numpy(dtype=np.str_)
    return Audit(
        root=str(dataset.root),
        data_hash=dataset.hash,
        films=len(films),
        notebook_films=NOTEBOOK_FILMS,
        counts=_counts(films),
        patients={reading: _patients(films, column) for reading, column in READINGS.items()},
        crossing=_crossings(films),
        identical_bytes=find_identical(readable, byte_hashes),
        identical_pixels=find_identical(readable, pixel_hashes),
        near=find_near(readable, pixel_hashes, fingerprints),
        near_threshold=NEAR,
        unreadable=tuple(unreadable),
        notes=(*dataset.notes, *_unknown_names(films)),
    )


def _decode(
    films: pd.DataFrame, progress: Callable[[int, int], None]
) -> tuple[pd.DataFrame, StrArray, Float32Array, list[Unreadable]]:
    """Return the readable rows with pixel hash and fingerprint each, and the others with the reason."""
    readable, hashes, fingerprints, unreadable = [], [], [], []
    for row, (name, sample_id) in enumerate(zip(films["path"], films["sample_id"], strict=True)):
        path = Path(name)
        progress(row, len(films))
        try:
            pixels = read_film(path).pixels
        except InputError as error:
            unreadable.append(Unreadable(sample_id=sample_id, reason=error.reason))
            continue
        readable.append(row)
        hashes.append(pixel_hash(pixels))
        fingerprints.append(fingerprint(pixels))
    table = films.iloc[readable].reset_index(drop=True)
    return table, np.array(hashes, dtype=np.str_), np.array(fingerprints, dtype=np.float32), unreadable


def _counts(films: pd.DataFrame) -> tuple[Count, ...]:
    return tuple(
        Count(
            split=split,
            label=str(label),
            pathogen=str(pathogen),
            films=len(rows),
            patients_wide=rows["cluster_id"].nunique(),
            patients_narrow=rows["patient"].nunique(),
        )
        for split in ("train", "validation", "test")
        for (label, pathogen), rows in films[films["split"] == split].groupby(["label", "pathogen"])
    )


def _patients(films: pd.DataFrame, column: str) -> dict[str, int]:
    by_split = films.groupby("split")[column].nunique()
    return {split: int(by_split.get(split, 0)) for split in ("train", "validation", "test")} | {
        "all": films[column].nunique()
    }


def _crossings(films: pd.DataFrame) -> tuple[Crossing, ...]:
    """Compare train folder with test, and training with validation films, each label under both readings."""
    sides = {("train", "test"): "folder", ("train", "validation"): "split"}
    crossings = []
    for between, by in sides.items():
        for label, rows in films.groupby("label"):
            first, second = (rows[rows[by] == side] for side in between)
            for reading, column in READINGS.items():
                keys = set(first[column]) & set(second[column])
                touched = [int(side[column].isin(keys).sum()) for side in (first, second)]
                crossings.append(
                    Crossing(
                        between=between,
                        reading=reading,
                        label=str(label),
                        keys=len(keys),
                        films=(touched[0], touched[1]),
                        films_of=(len(first), len(second)),
                    )
                )
    return tuple(crossings)


def _unknown_names(films: pd.DataFrame) -> list[str]:
    unknown = int((films["cluster_id"] == films["path"].map(lambda path: Path(path).name)).sum())
    if not unknown:
        return []
    return [f"{unknown} file names carry no patient number; each counts as a patient of its own."]
