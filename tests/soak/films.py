"""Films of their own for every session of a soak, and what the page has to say of each."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.tools.films import film_files, jpeg
from core.evaluation.calibration import DEFAULT_PREVALENCE
from core.gate import Gate, load_gate
from core.imaging.archive import Entry
from core.imaging.decode import decode_film, read_film
from core.imaging.film import resize
from core.inference.model import Model
from core.inference.scoring import score_entry
from core.runs.store import list_runs, representative, served
from core.types import UInt8Array
from core.wording import agreement, format_probability, format_score

WIDTH, HEIGHT = 1_100, 900  # of the first session's first film; each session is wider by one, each film higher by one
KINDS = ("jpeg", "png", "jpeg", "zip")  # a PNG without compression is larger than 1 MB
MOST_TRIES = 50  # to alter a film so that the gate still accepts it
MIDDLING_TRIES = 6  # to give it a score that the page does not round to one that many films share
LOW = 0.001


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A film and what is known of it before any server sees it.

    Parameters
    ----------
    name : str
        Of the file.
    shown : str
        Name that the page shows: of the file, or of the first in a zip.
    data : bytes
    score : float
        By the served model, through `core.inference.scoring`.
    said : tuple of str
        What the page must show: name and size, score, probability, and how many models flag it.
    """

    name: str
    shown: str
    data: bytes
    score: float
    said: tuple[str, ...]


class Planner:
    """Draws films and scores them.

    Parameters
    ----------
    data : Path or None
        Folder of a data set whose test films are altered; the committed samples without it.
    """

    def __init__(self, data: Path | None) -> None:
        runs = representative(list_runs()[0])
        self.models = [Model(run) for run in runs]
        self.first = self.models[runs.index(served(runs))]
        self.gate: Gate = load_gate()
        self.sources = [read_film(path).pixels for path in film_files(data, 32 if data else 8)]

    def plan(self, session: int, count: int) -> list[Planned]:
        """So many films of one session, unlike those of any other."""
        rng = np.random.default_rng(session)
        return [self._film(session, number, rng) for number in range(count)]

    def _film(self, session: int, number: int, rng: np.random.Generator) -> Planned:
        kind = KINDS[number % len(KINDS)]
        stem = f"soak-{session:03d}-{number:03d}"
        shown = f"{stem}.{'jpeg' if kind == 'zip' else kind}"
        planned = None
        for tries in range(MOST_TRIES):
            if planned and (tries >= MIDDLING_TRIES or LOW < planned[0] < 1 - LOW):
                break
            pixels = self._altered(rng, HEIGHT + number, WIDTH + session)
            picture = _png(pixels) if kind == "png" else jpeg(pixels)
            if accepted := self._planned(shown, picture):
                planned, kept = accepted, picture
        if planned is None:
            raise SystemExit("no film passes the gate; nothing can be soaked.")
        score, said = planned
        data = _zip(shown, kept) if kind == "zip" else kept
        return Planned(name=f"{stem}.{kind}", shown=shown, data=data, score=score, said=said)

    def _altered(self, rng: np.random.Generator, height: int, width: int) -> UInt8Array:
        """Two films mixed, brighter or darker, so that scores spread between those of both."""
        one, other = (
            resize(self.sources[place], height, width).astype(np.float32)
            for place in rng.integers(0, len(self.sources), 2)
        )
        share = rng.uniform(0.2, 0.5)
        mixed = ((1 - share) * one + share * other) / 255
        return np.rint(255 * mixed ** rng.uniform(0.85, 1.2)).astype(np.uint8)

    def _planned(self, name: str, picture: bytes) -> tuple[float, tuple[str, ...]] | None:
        film = decode_film(picture, name)
        entry = Entry(file=name, film=film)
        own = score_entry(entry, self.first, self.gate, DEFAULT_PREVALENCE)
        if own.gate != "accept":
            return None
        rows = [score_entry(entry, model, None, DEFAULT_PREVALENCE) for model in self.models]
        return own.score, (
            f"`{name}`, your upload, {film.size[0]:,} × {film.size[1]:,} pixels",
            f"Score {format_score(own.score)} (cut-off ",
            f"Probability {format_probability(own.probability)} at ",
            agreement([row.verdict for row in rows]),
        )


def _png(pixels: UInt8Array) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=0)
    return file.getvalue()


def _zip(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, data)
    return file.getvalue()
