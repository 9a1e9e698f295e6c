"""What an audit reports of a data set, as frozen dataclasses; needs no pandas, so that pages read it fast."""

import math
from dataclasses import asdict, dataclass
from typing import Literal

DATA_SPLITS = ("train", "validation", "test")
KeyReading = Literal["wide", "narrow"]  # of the patient key: the number alone, or number and pathogen


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
class DuplicateGroup:
    """Films that are the same picture.

    Parameters
    ----------
    sample_ids, splits, labels, patients : tuple of str
        The films, and the splits, labels and patient keys (wide reading) that occur among them.
    correlation : float or None
        Of the two fingerprints in a pair of near duplicates; None in a group of identical films.
    """

    sample_ids: tuple[str, ...]
    splits: tuple[str, ...]
    labels: tuple[str, ...]
    patients: tuple[str, ...]
    correlation: float | None = None


@dataclass(frozen=True, kw_only=True)
class Duplicates:
    """How often films repeat, and where.

    Parameters
    ----------
    groups : int
        Groups of identical films, or pairs of near duplicates.
    films : int
        Films in any of them.
    extra_films : int or None
        Films beyond the first of each group; None for pairs, which can share a film.
    within_split : dict of str to int
        Groups whose films are all in one split.
    across_splits, across_labels, across_patients : int
        Groups with more than one split, label or patient key (wide reading).
    listed : tuple of DuplicateGroup
        Those across splits first, then across labels, then by correlation; at most 200.
    """

    groups: int
    films: int
    extra_films: int | None
    within_split: dict[str, int]
    across_splits: int
    across_labels: int
    across_patients: int
    listed: tuple[DuplicateGroup, ...]


@dataclass(frozen=True, kw_only=True)
class Audit:
    """The findings on one data set.

    Parameters
    ----------
    root : str
        Folder that holds ``train`` and ``test``; empty in the committed ``data.json``.
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

    root: str = ""
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

    def crossed(self, label: str, reading: KeyReading, between: tuple[str, str] = ("train", "test")) -> Crossing:
        """Return the keys of a label that occur on both sides of a split."""
        return next(row for row in self.crossing if (row.between, row.label, row.reading) == (between, label, reading))

    def count_films(self, split: str, label: str | None = None, pathogen: str | None = None) -> int:
        """Return the number of films of a split, and of a label and pathogen if they are given."""
        return sum(
            row.films
            for row in self.counts
            if row.split == split and label in (None, row.label) and pathogen in (None, row.pathogen)
        )

    def films_by_kind(self, split: str) -> dict[str, int]:
        """Return the films of a split by ``normal``, ``bacteria``, ``virus`` or ``unknown`` pathogen, as there are."""
        films: dict[str, int] = {}
        for row in self.counts:
            if row.split == split:
                kind = "normal" if row.label == "NORMAL" else row.pathogen or "unknown"
                films[kind] = films.get(kind, 0) + row.films
        return films

    def prevalence(self, split: str) -> float:
        """Return the share of a split's films that are labelled pneumonia; NaN without films."""
        films = self.count_films(split)
        return 1 - self.count_films(split, "NORMAL") / films if films else math.nan

    def to_dict(self) -> dict[str, object]:
        """Return the findings as JSON-ready dicts, lists, strings and numbers."""
        return asdict(self)
