"""A whole archive: what is left of it is scored, stored part by part, and joined to one table."""

from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from core.errors import InputError
from core.inference.batch.engines import ENGINES, cores
from core.inference.batch.films import chunks, open_archive
from core.inference.batch.parts import Parts
from core.inference.batch.score import Task
from core.runs.record import Run
from core.runs.store import OWN


@dataclass(frozen=True, kw_only=True)
class Screened:
    """A finished table.

    Parameters
    ----------
    out : Path
    scored, refused, error : int
        Rows by status.
    resumed : int
        Chunks that an earlier run had stored.
    """

    out: Path
    scored: int
    refused: int
    error: int
    resumed: int


def screen(
    address: str,
    out: Path,
    run: Run,
    *,
    prevalence: float,
    engine: str = "local",
    workers: int | None = None,
    resume: bool = False,
    progress: bool = True,
) -> Screened:
    """Score every film of an archive.

    Parameters
    ----------
    address : str
        Folder, or an address that fsspec knows.
    out : Path
        Parquet table with the columns of `core.inference.batch.score.SCHEMA`, one row for each film, in the
        archive's order.
    run : Run
        Whose model scores.
    prevalence : float in (0, 1)
        That probabilities hold at.
    engine : {"local", "ray"}
    workers : int, optional
        Processes; as many as cores if not given.
    resume : bool
        Go on where a run of the same task was cut off.
    progress : bool
        Show films, remaining time and speed on standard error.

    Raises
    ------
    InputError
        No such folder, no films in it, the table is there already, or its parts belong to another task.
    """
    archive = open_archive(address)
    task = Task(
        address=address,
        model=f"{OWN if run.own else ''}{run.run_id}",
        weights_hash=run.record.weights_hash,
        prevalence=prevalence,
    )
    parts = Parts(out, task)
    if out.exists():
        if not resume:
            raise InputError("is there already; choose another name, or delete it.", file=out)
        done = Screened(out=out, resumed=0, **parts.count())
        parts.discard()  # a run was cut off between joining and tidying up
        return done
    work = list(chunks(archive))  # once: what comes to the folder from now on belongs to another run
    if not work:
        raise InputError("holds no films.", file=address)
    parts.begin(resume=resume)
    left = [chunk for chunk in work if not parts.has(chunk)]
    total, undone = (sum(len(chunk.names) for chunk in some) for some in (work, left))
    with tqdm(total=total, initial=total - undone, unit="file", disable=not progress) as bar:
        for chunk, rows in ENGINES[engine](task, left, workers or cores()):
            parts.write(chunk, rows)
            bar.update(len(chunk.names))
    return Screened(out=out, resumed=len(work) - len(left), **parts.join(work))
