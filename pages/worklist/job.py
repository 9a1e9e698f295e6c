"""The films of a worklist and how far they are judged, in the memory of the session."""

import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.data.samples import list_not_films, list_samples
from core.errors import ArtifactError, LungLensError
from core.evaluation.calibration import DEFAULT_PREVALENCE
from core.gate import load_gate
from core.imaging.archive import Entry, is_hidden, read_paths
from core.inference.model import Model
from core.runs.record import Run
from core.runs.store import choose_run
from core.worklist.queue import Row, at_prevalence, count_films, judge_all, read_uploads
from pages.shared import cache as cached

JOB, ERROR = "worklist_job", "worklist_error"
UPLOADER = "worklist_uploader"  # counts up with each list, which empties the uploader
SAMPLE_SEED = 0


@dataclass(kw_only=True)
class Job:
    """One list of films; it goes on where it was when a reader leaves the page and comes back.

    Parameters
    ----------
    number : int
        Of the list in this session, for keys.
    run : Run
        The run that judges all of its films.
    total : int
        Films to judge, as far as is known before they are read.
    pending : iterator of Row or None
        The films not yet judged; None at the end, or when the reader stopped.
    rows : list of Row
    seconds : float
        Spent on ``rows``.
    stopped : bool
    """

    number: int
    run: Run
    total: int
    pending: Iterator[Row] | None
    rows: list[Row] = field(default_factory=list)
    seconds: float = 0.0
    stopped: bool = False


def current() -> Job | None:
    """Return the current list, if there is one."""
    job: Job | None = st.session_state.get(JOB)
    return job


def error() -> str | None:
    """Why the last films given could not become a list."""
    message: str | None = st.session_state.get(ERROR)
    return message


def uploader_key() -> str:
    """Return the key of the uploader; each list has another one."""
    return f"{UPLOADER}_{st.session_state.setdefault(UPLOADER, 0)}"


def take_uploads(key: str) -> None:
    """Make the files of an uploader the current list.

    An uploader whose files became a list is gone, but a browser may send its state once more: that is no new list.
    """
    files = [file for file in st.session_state.get(key) or [] if isinstance(file, UploadedFile)]
    if not files or not key.startswith(f"{uploader_key()}_"):
        return
    _release(files)
    folder = key.endswith("_folder")  # whose hidden files nobody chose
    named: list[tuple[str, IO[bytes]]] = [(file.name, file) for file in files if not (folder and is_hidden(file.name))]
    _start(count_films(named), read_uploads(named))


def take_samples() -> None:
    """Make the example X-rays and other images the current list, mixed by a fixed seed."""
    try:
        paths = [sample.path for sample in (*list_samples(), *list_not_films())]
    except ArtifactError as problem:
        st.session_state[ERROR] = str(problem)
        return
    random.Random(SAMPLE_SEED).shuffle(paths)  # their names sort them by label
    _start(len(paths), _named(read_paths(paths)))


def _named(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Entries without the folders of this machine."""
    for entry in entries:
        yield Entry(file=Path(entry.file).name, film=entry.film, error=entry.error)


def _start(total: int, entries: Iterable[Entry]) -> None:
    st.session_state[ERROR] = None
    try:
        run = choose_run(None)
        rows = judge_all(entries, cached.model(run), load_gate())
    except LungLensError as problem:
        st.session_state[ERROR] = str(problem)
        return
    number = st.session_state.get(UPLOADER, 0) + 1
    st.session_state[UPLOADER] = number
    st.session_state[JOB] = Job(number=number, run=run, total=total, pending=rows)


def _release(files: Iterable[UploadedFile]) -> None:
    """Let the server forget uploads, which it would hold until the session ends; the list holds them while it runs."""
    context = get_script_run_ctx()
    forget = getattr(context and context.uploaded_file_mgr, "remove_file", None)
    if context is not None and forget is not None:
        for file in files:
            forget(session_id=context.session_id, file_id=file.file_id)


def stop() -> None:
    """Judge no more films; those judged stay."""
    if job := current():
        job.pending = None
        job.stopped = True


def judge(job: Job, most: float) -> Iterator[float | None]:
    """Judge for about ``most`` seconds; after each film yield the seconds that remain, None while that is not known.

    A rerun may end this between two films: the next one goes on from there.
    """
    begin = time.monotonic()
    while job.pending is not None and time.monotonic() - begin < most:
        start = time.monotonic()
        row = next(job.pending, None)
        job.seconds += time.monotonic() - start
        if row is None:
            job.pending = None
            return
        job.rows.append(row)
        left = max(job.total - len(job.rows), 0)
        yield left * job.seconds / len(job.rows) if len(job.rows) >= 3 else None


def rows_at(job: Job, prevalence: float) -> list[Row]:
    """Return the judged films with probabilities at a prevalence in (0, 1); scores and sets do not change."""
    if prevalence == DEFAULT_PREVALENCE:
        return list(job.rows)
    return at_prevalence(job.rows, _model(job), prevalence)


def _model(job: Job) -> Model:
    return cached.model(job.run)
