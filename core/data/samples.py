"""Read the synthetic sample films that ship with the project.

They are pictures drawn by ``scripts/make_samples.py`` from the statistics of the training films of one label, with the
word SYNTHETIC on them. They show no real child, and each is at least as far from every training film as the generator's
bound demands. They are not evidence: the label says which films a sample was drawn from, not what a doctor would find
on it, so a model's answer to a sample says nothing about its accuracy. No model took part in choosing them.

Two further pictures are not chest X-rays: examples that the input gate should refuse. They are drawn by
`core.data.not_films` without any film.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from core.errors import ArtifactError
from core.manifest import check_file
from core.paths import artifacts_dir
from core.typed_json import decode

SAMPLES_FILE = Path("samples/samples.json")  # below the artifacts folder
SCHEMA_VERSION = 1
Entry = TypeVar("Entry", "Sample", "NotFilm")
_REMEDY = "get the artifacts folder again, or make the samples with scripts/make_samples.py"


@dataclass(frozen=True, kw_only=True)
class Distance:
    """How far a sample is from the nearest training film, in one space.

    Parameters
    ----------
    nearest : float
        Distance to the nearest training film, in the unit of the space.
    percentile : float in [0, 100]
        Share of real films of the sample's label that are nearer to some other child's film than this.
    ratio_to_median : float
        ``nearest`` over the median of the real films' distances to the nearest other child's film.
    """

    nearest: float
    percentile: float
    ratio_to_median: float


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One synthetic film.

    Parameters
    ----------
    path : Path
        8-bit gray JPEG.
    label : str
        ``NORMAL`` or ``PNEUMONIA``: the films from whose statistics it was drawn, not a finding.
    seed : int
        Seed of the draw.
    pixel : Distance
        Between films at 32 px with mean 0 and spread 1: root mean square difference.
    feature : Distance
        Between the first 64 principal components of the films' edge-direction histograms.
    """

    path: Path
    label: Literal["NORMAL", "PNEUMONIA"]
    seed: int
    pixel: Distance
    feature: Distance

    @property
    def title(self) -> str:
        """Name for readers, such as ``Synthetic, drawn as normal, 1``."""
        return f"Synthetic, drawn as {self.label.lower()}, {self.path.stem.rsplit('-', 1)[-1]}"


@dataclass(frozen=True, kw_only=True)
class NotFilm:
    """A drawn picture that is not a chest X-ray.

    Parameters
    ----------
    path : Path
        8-bit gray JPEG.
    title : str
        Name for readers, such as ``Drawn landscape``.
    kind : str
        A key of `core.data.not_films.DRAWN`.
    seed : int
        Seed of the draw.
    """

    path: Path
    title: str
    kind: str
    seed: int


def list_samples() -> list[Sample]:
    """Read the committed samples, in the order in which they were drawn.

    Raises
    ------
    ArtifactError
        ``samples.json`` or a film is missing, damaged or of another version.
    """
    return _entries("samples", Sample)


def list_not_films() -> list[NotFilm]:
    """Read the committed pictures that are no chest film; raises `ArtifactError` as `list_samples` does."""
    return _entries("not_films", NotFilm)


def _entries(section: str, kind: type[Entry]) -> list[Entry]:
    index = check_file(artifacts_dir() / SAMPLES_FILE)
    try:
        document = json.loads(index.read_text())
    except (OSError, ValueError):
        raise ArtifactError(f"{index}: cannot be read; {_REMEDY}.") from None
    if not isinstance(document, dict) or document.get("schema_version") != SCHEMA_VERSION:
        raise ArtifactError(f"{index}: not a list of samples of version {SCHEMA_VERSION}; {_REMEDY}.")
    try:
        entries = [
            decode(kind, {**entry, "path": index.parent / Path(entry["file"]).name}) for entry in document[section]
        ]
    except (KeyError, TypeError, ValueError):
        raise ArtifactError(f"{index}: an entry is incomplete; {_REMEDY}.") from None
    if not entries:
        raise ArtifactError(f"{index}: lists no samples; {_REMEDY}.")
    for entry in entries:
        check_file(entry.path)
    return entries
