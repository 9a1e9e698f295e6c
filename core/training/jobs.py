"""Run trainings beside the app, each as a process of its own with its state in ``runs/.jobs/<job id>/``.

The process is ``python -m core train``, which knows nothing of jobs: its checkpoint shows the progress, its log the
errors. So a job outlives the page, the session and the server.
"""

import json
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

import numpy as np

from core.data.dataset import read_dataset
from core.data.findings import DATA_SPLITS
from core.data.split import check_trainable, with_split
from core.errors import InputError, LungLensError, UnknownModelError
from core.files import read_npz, remove_leftovers, write_text
from core.models.registry import get_model
from core.paths import ROOT, cache_dir, runs_dir
from core.runs.store import read_run

FOLDER = ".jobs"
CHECKPOINT = "state.npz"  # as `core.training.run.train_run` has it
STATE, LOG = "job.json", "log.txt"
PATIENCE = 5.0  # seconds between SIGTERM and SIGKILL
NICE = 10  # the app has priority
LOG_BYTES = 16_384  # of the log's end that are read
MOST_SEED = 2_000_000  # a thousand draws of each seed are numbered in 32 bits
State = Literal["running", "finished", "cancelled", "failed"]

_lock = threading.Lock()
_children: dict[int, subprocess.Popen[bytes]] = {}  # of this process; one that has ended stays a zombie until asked


@dataclass(frozen=True, kw_only=True)
class TrainingJob:
    """One training.

    Parameters
    ----------
    job_id : str
        Time of its start and a few random letters; they sort by time.
    model : str
    seed, epochs : int
        ``epochs`` is the upper limit.
    data : str
        Folder of the data set.
    films : dict
        Number of films by split.
    created, started : float
        When it was first started, and last; seconds since 1970.
    pid : int
    born : str
        When that process began, as the system tells it: another process may get the same number later.
    state : {"running", "finished", "cancelled", "failed"}
    """

    job_id: str
    model: str
    seed: int
    epochs: int
    data: str
    films: dict[str, int]
    created: float
    started: float
    pid: int = 0
    born: str = ""
    state: State = "running"

    @property
    def run_id(self) -> str:
        """Id of the run that it writes."""
        return f"{self.model}-s{self.seed}"

    @property
    def folder(self) -> Path:
        """Folder of its state and its log."""
        return runs_dir() / FOLDER / self.job_id


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Progress of a training.

    Parameters
    ----------
    epochs : int
        Full epochs.
    best_epoch : int
        The one whose weights would be kept now; 0 before the first is full.
    is_trained : bool
        The last epoch is full: export and scoring remain.
    seconds_left : float or None
        Until the limit of epochs, at the median pace so far; an upper limit where training may end early. None before
        the first epoch.
    may_end_early : bool
    """

    epochs: int
    best_epoch: int
    is_trained: bool
    seconds_left: float | None
    may_end_early: bool


def check_films(folder: str | Path) -> dict[str, int]:
    """Return the number of films by split, for a folder that can be trained on.

    Raises
    ------
    DataError
        No such folder, not laid out as a data set, or without films of both labels for training and validation.
    """
    films = with_split(read_dataset(folder))
    check_trainable(films, folder)
    counts = films["split"].value_counts()
    return {split: int(counts.get(split, 0)) for split in DATA_SPLITS}


def command(job: TrainingJob, python: str = sys.executable) -> list[str]:
    """Return the command that trains, resuming from a checkpoint of the same model, seed, epochs and films."""
    options = {"--data": job.data, "--seed": job.seed, "--epochs": job.epochs, "--out": runs_dir().absolute()}
    words = [str(word) for option in options.items() for word in option]
    return [python, "-m", "core", "train", job.model, *words, "--resume"]


def format_command(job: TrainingJob) -> str:
    """Return the command as a person types it, without the folder of runs where it is the usual one."""
    words = command(job, "python")
    if "LUNGLENS_RUNS" not in os.environ:
        index = words.index("--out")
        del words[index : index + 2]
    return shlex.join(words)


def start(model: str, data: str | Path, *, seed: int, epochs: int) -> TrainingJob:
    """Check the films, then start a training in a process of its own, which outlives this one.

    Raises
    ------
    DataError
        The folder cannot be trained on; see `check_films`.
    InputError
        Another training is running, or the folder of runs cannot be written.
    """
    get_model(model)
    _refuse_second()
    films = check_films(data)
    created = time.time()
    job = TrainingJob(
        job_id=f"{datetime.fromtimestamp(created):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        model=model,
        seed=seed,
        epochs=epochs,
        data=str(Path(data).absolute()),
        films=films,
        created=created,
        started=created,
    )
    return _launch(job)


def resume(job: TrainingJob) -> TrainingJob:
    """Start a cancelled or failed training again; it goes on after its last full epoch."""
    _refuse_second()
    check_films(job.data)
    return _launch(replace(job, started=time.time()))


def cancel(job: TrainingJob) -> TrainingJob:
    """End a training; its last full epoch stays for `resume`."""
    with _lock:
        job = _refresh(job)
        if job.state != "running":
            return job
        deadline = time.monotonic() + PATIENCE
        _signal(job, signal.SIGTERM)
        while _is_alive(job) and time.monotonic() < deadline:
            time.sleep(0.05)
        if _is_alive(job):
            _signal(job, signal.SIGKILL)
            while _is_alive(job) and time.monotonic() < deadline + PATIENCE:
                time.sleep(0.05)
        remove_leftovers(runs_dir() / job.run_id)  # of an export that was cut off
        return _write(replace(job, state="finished" if _has_run(job) else "cancelled"))


def forget(job: TrainingJob) -> None:
    """Remove the state and the log of a training that is not running; run and checkpoint stay."""
    if _refresh(job).state != "running":
        shutil.rmtree(job.folder, ignore_errors=True)


def list_jobs() -> list[TrainingJob]:
    """Return all trainings started here, the latest first, with their current states, without damaged ones."""
    jobs = []
    for path in sorted((runs_dir() / FOLDER).glob(f"*/{STATE}"), reverse=True):
        try:
            job = TrainingJob(**json.loads(path.read_text(encoding="utf-8")))
            get_model(job.model)
        except (OSError, ValueError, TypeError, UnknownModelError):
            continue
        jobs.append(_refresh(job))
    return jobs


def running_job() -> TrainingJob | None:
    """Return the training that is running, or None."""
    return next((job for job in list_jobs() if job.state == "running"), None)


def history(job: TrainingJob, *, pretraining: bool = False) -> list[dict[str, float]]:
    """Return a row for each full epoch, with the columns of `core.runs.record.HISTORY`; empty before the first.

    The epochs of a pretraining are apart from the others, and gone once the run is written.

    Read from the checkpoint, or from the run once it is written. A checkpoint that is older than the job is of an
    earlier training and may belong to other films: it is not shown.
    """
    name = f"pretraining-{CHECKPOINT}" if pretraining else CHECKPOINT
    if not pretraining and (job.state == "finished" or _has_run(job)):
        try:
            return read_run(runs_dir() / job.run_id, own=True).history()
        except LungLensError:
            return []
    checkpoint = cache_dir() / "checkpoints" / job.run_id / name
    try:
        if checkpoint.stat().st_mtime < job.created:
            return []
        rows: list[dict[str, float]] = json.loads(str(read_npz(checkpoint, "history")["history"]))
        return rows
    except (OSError, ValueError):
        return []


def progress(job: TrainingJob, rows: list[dict[str, float]]) -> Progress:
    """Return the progress of a training from the rows of its `history`."""
    settings = get_model(job.model).train
    may_end_early = settings.keep == "best"
    done = len(rows)
    best = 0
    if rows:
        best = 1 + int(np.argmin([row["validation_loss"] for row in rows])) if may_end_early else done
    ended_early = may_end_early and done > 0 and done - best >= settings.patience
    is_trained = job.state == "finished" or done >= job.epochs or ended_early
    pace = float(np.median([row["seconds"] for row in rows[-5:]])) if rows else None
    return Progress(
        epochs=done,
        best_epoch=best,
        is_trained=is_trained,
        seconds_left=None if pace is None else 0.0 if is_trained else pace * (job.epochs - done),
        may_end_early=may_end_early,
    )


def log_tail(job: TrainingJob, lines: int = 12) -> str:
    """Return the last lines that the process wrote; of a progress bar only its last state."""
    try:
        with (job.folder / LOG).open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - LOG_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    visible = [line.rstrip("\r").rpartition("\r")[2].rstrip() for line in text.split("\n")]
    return "\n".join([line for line in visible if line][-lines:])


def _refuse_second() -> None:
    if other := running_job():
        raise InputError(f"{other.run_id} is being trained; wait until it ends or cancel it: one training at a time.")


def _launch(job: TrainingJob) -> TrainingJob:
    if os.name != "posix":
        raise InputError(f"Trainings start from the page on Linux and macOS only; run: {format_command(job)}")
    with _lock:
        _refuse_second()
        try:
            job.folder.mkdir(parents=True, exist_ok=True)
            with (job.folder / LOG).open("ab") as log:
                process = subprocess.Popen(
                    command(job),
                    cwd=ROOT,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # the training outlives the server
                )
        except OSError as error:
            raise InputError(f"the training cannot be started ({error.strerror}).", file=job.folder) from None
        _children[process.pid] = process
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        try:
            return _write(replace(job, pid=process.pid, born=_started_at(process.pid), state="running"))
        except (OSError, LungLensError):  # without its state file the process would be lost
            os.killpg(process.pid, signal.SIGKILL)
            raise


def _write(job: TrainingJob) -> TrainingJob:
    write_text(job.folder / STATE, json.dumps(asdict(job), indent=1) + "\n")
    return job


def _refresh(job: TrainingJob) -> TrainingJob:
    """Return the job with its current state; the state of a process that has ended is stored where possible."""
    if job.state != "running" or _is_alive(job) or not job.folder.is_dir():
        return job
    job = replace(job, state="finished" if _has_run(job) else "failed")
    with suppress(OSError, LungLensError):
        _write(job)
    return job


def _has_run(job: TrainingJob) -> bool:
    """Return whether the run has been written since the job was last started."""
    try:
        return (runs_dir() / job.run_id / "run.json").stat().st_mtime >= job.started
    except OSError:
        return False


def _is_alive(job: TrainingJob) -> bool:
    if born := _started_at(job.pid):
        return born == job.born
    child = _children.get(job.pid)
    return child is not None and child.poll() is None  # poll() reaps it; its last threads may take a moment to end


def _signal(job: TrainingJob, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(job.pid, number)


def _started_at(pid: int) -> str:
    """Return when a process began; empty if there is none, or if it has ended and is a zombie."""
    if Path("/proc/self/stat").exists():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except OSError:
            return ""
        return "" if fields[0] in "ZX" else f"{boot} {fields[19]}"
    words = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    output = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ | {"LC_ALL": "C"}).stdout
    state, _, began = output.strip().partition(" ")
    return "" if state.startswith("Z") else began.strip()
