"""The one scoring function of all engines: a chunk of films in, a table of rows out."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from core.errors import InputError
from core.imaging.archive import MAX_PACKED, Entry, read_zip
from core.imaging.decode import decode_film
from core.imaging.film import MAX_BYTES
from core.inference.batch.films import Chunk, open_archive
from core.inference.model import Model
from core.inference.scoring import FilmRow, Status, add_prediction, load_gate_if_present, start_row
from core.runs.store import find_run, list_runs
from core.types import UInt8Array

SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("status", pa.string()),  # scored, refused, error
        ("reason", pa.string()),
        ("score", pa.float64()),
        ("probability", pa.float64()),
        ("threshold", pa.float64()),
        ("positive", pa.bool_()),
        ("conformal_set", pa.list_(pa.string())),
        ("verdict", pa.string()),  # flagged, not_flagged, no_call
        ("gate", pa.string()),  # accept, warn, refuse, not_checked
        ("notes", pa.list_(pa.struct([("kind", pa.string()), ("text", pa.string())]))),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a worker needs to know; plain data, so that it travels between machines.

    Parameters
    ----------
    address : str
        Of the archive.
    model : str
        ``own:RUN_ID`` or a run id.
    weights_hash : str
    prevalence : float
    """

    address: str
    model: str
    weights_hash: str
    prevalence: float


class Scorer:
    """A worker: opens the archive and loads the model once, then scores chunk after chunk."""

    def __init__(self, task: Task) -> None:
        """Load the model; raises `LungLensError` if it is missing or another one than the task's."""
        self.task = task
        self.archive = open_archive(task.address)
        self.gate = load_gate_if_present()
        self.model = Model(find_run(task.model, list_runs()[0]))
        if self.model.run.record.weights_hash != task.weights_hash:
            raise InputError("another model than the one that the run began with.", file=task.model)

    def score(self, chunk: Chunk) -> pa.Table:
        """One row for each film, in order; a film that cannot be scored is a row with its reason."""
        rows: list[FilmRow] = []
        images: list[UInt8Array] = []
        places: list[int] = []
        for name in chunk.names:
            for entry, status in self._entries(name):
                row = start_row(entry, self.gate)
                if row.status == "scored" and entry.film is not None:
                    places.append(len(rows))
                    images.append(self.model.prepare(entry.film))
                elif entry.film is None:
                    row = replace(row, status=status)
                rows.append(row)
        if images:
            scores, logits = self.model.network.score(np.stack(images))
            for place, score, logit in zip(places, scores, logits, strict=True):
                prediction = self.model.judge(float(score), float(logit), self.task.prevalence)
                rows[place] = add_prediction(rows[place], prediction)
        return pa.Table.from_pylist([row.to_dict() for row in rows], SCHEMA)

    def _entries(self, name: str) -> Iterator[tuple[Entry, Status]]:
        """Films of a file or zip, each with the status that it has so far."""
        shown = _shown(name)
        try:
            if name.lower().endswith(".zip"):
                data = self.archive.read(name, MAX_PACKED)
                for entry in read_zip(io.BytesIO(data), shown):
                    yield entry, "refused" if entry.film is None else "scored"
            else:
                film = decode_film(self.archive.read(name, MAX_BYTES), shown.rsplit("/", 1)[-1])
                yield Entry(file=shown, film=film), "scored"
        except InputError as error:
            yield Entry(file=shown, error=error), "refused"
        except OSError as error:
            reason = f"cannot be read ({error.strerror or type(error).__name__})."
            yield Entry(file=shown, error=InputError(reason, file=shown)), "error"


def _shown(name: str) -> str:
    """Return a file name as a table can hold it: bytes that are not UTF-8 become question marks."""
    return name.encode("utf-8", "replace").decode()


def lost(chunk: Chunk) -> pa.Table:
    """Rows of films whose worker died while it read them."""
    reason = "the process that read it died; the file may be hostile or the memory too small."
    rows = [
        {"file": name, "status": "error", "reason": f"{name}: {reason}"}
        for name in (_shown(name) for name in chunk.names)
    ]
    return pa.Table.from_pylist(rows, SCHEMA)
