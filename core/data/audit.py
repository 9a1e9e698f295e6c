"""Audit a data set: counts, patients, overlaps, duplicates, unreadable files."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.data.duplicates import NEAR, find_identical, find_near, fingerprint, pixel_hash
from core.data.findings import DATA_SPLITS, Audit, Count, Crossing, KeyReading, Unreadable
from core.data.split import with_split
from core.errors import DataError, InputError
from core.imaging.decode import read_film
from core.types import Float32Array, StrArray

NOTEBOOK_FILMS = 5385  # what the notebook printed for train and test of the same set

READINGS: dict[KeyReading, str] = {"wide": "cluster_id", "narrow": "patient"}


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
        for split in DATA_SPLITS
        for (label, pathogen), rows in films[films["split"] == split].groupby(["label", "pathogen"])
    )


def _patients(films: pd.DataFrame, column: str) -> dict[str, int]:
    by_split = films.groupby("split")[column].nunique()
    return {split: int(by_split.get(split, 0)) for split in DATA_SPLITS} | {"all": films[column].nunique()}


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
