"""The data set in figures, for those who do not have it: ``artifacts/data.json`` and the mean films beside it."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.data.findings import DATA_SPLITS, Audit
from core.data.patients import LABEL_FOLDERS
from core.errors import ArtifactError, DataError, InputError
from core.files import atomic_path, write_text
from core.imaging.decode import read_film
from core.imaging.film import resize
from core.manifest import check_file, read_as, write_manifest
from core.paths import artifacts_dir
from core.runs.ledger import record_look
from core.types import Float32Array, UInt8Array

if TYPE_CHECKING:
    import pandas as pd  # as in make_data_card: the page of the model card reads figures and does without

    from core.data.dataset import Dataset


DATA_CARD = "data.json"
MEANS = "data_means.npy"
SCHEMA_VERSION = 1
COMMAND = "python -m scripts.make_data_card --data DIR"
MEAN_SIDE = 96  # pixels of a mean film
LEAST_FILMS = 100  # a mean of fewer could show a child
NOTE = "Counts, mean films and distributions of gray level and aspect ratio, each class apart."
# Edges of the bins; what lies outside counts into the outermost.
EDGES: dict[str, list[float]] = {
    "gray_level": [8.0 * step for step in range(33)],
    "gray_mean": [30.0 + 10 * step for step in range(19)],
    "aspect_estimate": [round(0.8 + 0.05 * step, 2) for step in range(33)],
}
TITLES = {
    "gray_level": "Gray level of all pixels",
    "gray_mean": "Mean gray level of a film",
    "aspect_estimate": "Aspect ratio of a film, estimated",
}


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """Counts in the bins of `EDGES` over ``n`` films, and the mean."""

    counts: tuple[int, ...]
    n: int
    mean: float


Distributions = dict[str, dict[str, dict[str, Distribution]]]  # by name of `EDGES`, split and label


@dataclass(frozen=True, kw_only=True)
class DataCard:
    """What ``data.json`` holds.

    Parameters
    ----------
    settings : dict
        schema_version, data_hash, side of a mean film, edges of the bins.
    audit : Audit
        Without its root.
    distributions : dict
        By name of `EDGES`, split and label.
    """

    settings: dict[str, object]
    audit: Audit
    distributions: Distributions

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON."""
        document = asdict(self)
        del document["audit"]["root"]
        return document


def read_data_card() -> DataCard:
    """Return what `make_data_card` wrote; raises `ArtifactError` if it is missing or damaged."""
    return read_as(DataCard, DATA_CARD, COMMAND, SCHEMA_VERSION)


def read_means() -> Float32Array:
    """Mean films: (split, label, 96, 96) float32 gray levels in the order of `DATA_SPLITS` and `LABEL_FOLDERS`.

    Raises
    ------
    ArtifactError
        The file is missing or damaged.
    """
    path = check_file(artifacts_dir() / MEANS)
    try:
        means: Float32Array = np.load(path, allow_pickle=False).astype(np.float32)
    except (OSError, ValueError, EOFError):
        means = np.zeros(0, np.float32)
    if means.shape != (len(DATA_SPLITS), len(LABEL_FOLDERS), MEAN_SIDE, MEAN_SIDE):
        raise ArtifactError(f"{path} is damaged; fetch artifacts/ again or run: python -m scripts.make_data_card")
    return means


def make_data_card(dataset: "Dataset", *, say: Callable[[str], None] = lambda line: None) -> DataCard:
    """Audit and average a data set, write the card, the mean films and the manifest, and enter the look at test.

    Parameters
    ----------
    dataset : Dataset
    say : callable
        Takes a line about the progress.

    Raises
    ------
    DataError
        A split has fewer than 100 readable films of a class.
    """
    from core.data.audit import audit  # these take pandas, which whoever reads figures does without
    from core.data.split import with_split

    say(f"Auditing {len(dataset.films):,} films")
    findings = replace(audit(dataset), root="")
    say("Averaging films")
    means, distributions = summarise(with_split(dataset))
    card = DataCard(
        settings={"schema_version": SCHEMA_VERSION, "data_hash": dataset.hash, "side": MEAN_SIDE, "edges": EDGES},
        audit=findings,
        distributions=distributions,
    )
    record_look(artifacts_dir(), run="films", weights_hash="", data_hash=dataset.hash, note=NOTE)
    with atomic_path(artifacts_dir() / MEANS) as temporary, temporary.open("wb") as file:
        np.save(file, means.astype(np.float16), allow_pickle=False)  # to an eighth of a gray level
    write_text(artifacts_dir() / DATA_CARD, json.dumps(card.to_dict(), indent=1) + "\n")
    write_manifest()
    return card


def summarise(table: "pd.DataFrame") -> tuple[Float32Array, Distributions]:
    """Return mean films (split, label, 96, 96) float32 and the distributions of `EDGES`, for rows of `with_split`.

    Raises
    ------
    DataError
        A split has fewer than 100 readable films of a class.
    """
    means = np.zeros((len(DATA_SPLITS), len(LABEL_FOLDERS), MEAN_SIDE, MEAN_SIDE), np.float32)
    distributions: Distributions = {name: {split: {} for split in DATA_SPLITS} for name in EDGES}
    for i, split in enumerate(DATA_SPLITS):
        for j, label in enumerate(LABEL_FOLDERS):
            rows = table[(table["split"] == split) & (table["label"] == label)]
            group = _Group()
            for path in rows["path"]:
                try:
                    group.add(read_film(Path(path)).pixels)
                except InputError:
                    continue  # named by the audit
            if group.films < LEAST_FILMS:
                raise DataError(
                    f"{split} has {group.films} readable films of {label}; a mean of fewer than {LEAST_FILMS} could "
                    "show a child."
                )
            means[i, j] = group.total / group.films
            for name in EDGES:
                distributions[name][split][label] = group.distribution(name)
    return means, distributions


class _Group:
    """Sums over the films of one split and class; no film is kept."""

    def __init__(self) -> None:
        self.films = 0
        self.total = np.zeros((MEAN_SIDE, MEAN_SIDE))
        self.levels = np.zeros(256, np.int64)
        self.values: dict[str, list[float]] = {"gray_mean": [], "aspect_estimate": []}

    def add(self, pixels: UInt8Array) -> None:
        from core.evidence.measures import SIDE, aspect_estimate  # takes pandas, as in make_data_card

        film = resize(pixels, SIDE, SIDE)
        self.films += 1
        self.total += resize(pixels, MEAN_SIDE, MEAN_SIDE)
        self.levels += np.bincount(film.ravel(), minlength=256)
        self.values["gray_mean"].append(float(film.mean()))
        self.values["aspect_estimate"].append(aspect_estimate(film))

    def distribution(self, name: str) -> Distribution:
        """Return the distribution of a name of `EDGES`."""
        edges = np.array(EDGES[name])
        if name == "gray_level":
            values, weights = np.arange(256.0), self.levels
        else:
            values = np.array(self.values[name])
            weights = np.ones(len(values), np.int64)
        inside = np.clip(values, edges[0], np.nextafter(edges[-1], 0))
        counts = np.histogram(inside, edges, weights=weights)[0]
        return Distribution(
            counts=tuple(int(count) for count in counts),
            n=self.films,
            mean=round(float(np.average(values, weights=weights)), 6),
        )
