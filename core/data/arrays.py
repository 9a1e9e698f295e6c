"""Decode films to uint8 arrays, cached in a folder that is safe to delete."""

import hashlib
import logging
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from core.data import stress
from core.data.dataset import Dataset
from core.errors import DataError, InputError
from core.files import atomic_path
from core.imaging.decode import DRAFT_SIDE, read_film
from core.imaging.film import resize
from core.paths import cache_dir
from core.types import BoolArray, Int64Array, UInt8Array

Variant = Literal["plain", "stress"]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, eq=False)
class Films:
    """Decoded films in the order of ``table``.

    Parameters
    ----------
    pixels : (n, H, W) uint8
    table : DataFrame
        The rows of the data set that could be read, index 0 to n - 1.
    unreadable : list of str
        One line with file and reason for each film that was left out.
    """

    pixels: UInt8Array
    table: pd.DataFrame
    unreadable: list[str]

    @property
    def y_true(self) -> Int64Array:
        """1 for pneumonia, 0 for normal; (n,) int64."""
        return self.table["y_true"].to_numpy(dtype=np.int64)


def load_films(dataset: Dataset, table: pd.DataFrame, height: int, width: int, variant: Variant = "plain") -> Films:
    """Decode films at a model's input size, or take them from the cache.

    Parameters
    ----------
    dataset : Dataset
    table : DataFrame
        Rows of ``dataset.films`` (or of `core.data.split.with_split`), in the order wanted.
    height, width : int
        Pixels.
    variant : {"plain", "stress"}
        ``stress`` applies `core.data.stress.stress_film` first.

    Raises
    ------
    DataError
        No film can be read.
    """
    table = table.reset_index(drop=True)
    cached = _cache_file(dataset, table, height, width, variant)
    if cached.is_file():
        try:
            with cached.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                return _make_films(
                    table, stored["pixels"], stored["readable"], [str(line) for line in stored["unreadable"]]
                )
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            logger.warning("The cache file %s is damaged and will be made again.", cached.name)
    pixels = np.zeros((len(table), height, width), np.uint8)
    readable = np.ones(len(table), bool)
    unreadable: list[str] = []
    for row, (path, sample_id) in enumerate(zip(table["path"], table["sample_id"], strict=True)):
        try:
            film = read_film(Path(path)).pixels
        except InputError as error:
            readable[row] = False
            unreadable.append(str(error))
            continue
        pixels[row] = resize(stress.stress_film(film, sample_id) if variant == "stress" else film, height, width)
    if not readable.any():
        raise DataError(f"{dataset.root}: none of {len(table)} films can be read; the first: {unreadable[:1]}")
    with atomic_path(cached) as temporary, temporary.open("wb") as file:
        np.savez(file, pixels=pixels, readable=readable, unreadable=np.array(unreadable, dtype=np.str_))
    return _make_films(table, pixels, readable, unreadable)


def _make_films(table: pd.DataFrame, pixels: UInt8Array, readable: BoolArray, unreadable: list[str]) -> Films:
    for line in unreadable:
        logger.warning("Left out %s", line)
    if not readable.all():
        pixels, table = pixels[readable], table[readable].reset_index(drop=True)
    return Films(pixels=pixels, table=table, unreadable=unreadable)


def _cache_file(dataset: Dataset, table: pd.DataFrame, height: int, width: int, variant: Variant) -> Path:
    rows = hashlib.sha256("\n".join(table["sample_id"]).encode()).hexdigest()[:12]
    rule = f"stress{stress.VERSION}" if variant == "stress" else "plain"
    return cache_dir() / "films" / f"{dataset.hash[:16]}-{rows}-{height}x{width}-{rule}-draft{DRAFT_SIDE}.npz"
