"""Trainings beside the app: started, watched, cancelled, resumed; what died is told as such."""

import json
import os
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import DataError, InputError
from core.models.registry import get_model
from core.paths import cache_dir, runs_dir
from core.runs.record import HISTORY
from core.runs.store import read_run
from core.training import jobs
from core.training.jobs import TrainingJob

WAITS = "import time\nprint('begun', flush=True)\ntime.sleep(3600)"
FAILS = "print('0%\\r50%\\r100%')\nprint('Error: no space left')\nraise SystemExit(2)"
STUBBORN = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('begun', flush=True)\ntime.sleep(3600)"
)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """``fake(code)`` makes every training run this Python code; whatever still runs at the end is ended."""

    def use(code: str) -> None:
        monkeypatch.setattr(jobs, "command", lambda job: [sys.executable, "-c", code])

    yield use
    end_all()


def end_all() -> None:
    for job in jobs.list_jobs():
        jobs.cancel(job)


def until(condition: Callable[[], object], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def epoch(number: int, validation_loss: float = 0.5, seconds: float = 2.0) -> dict[str, float]:
    row = {"loss": 0.4, "accuracy": 0.9, "validation_loss": validation_loss, "validation_accuracy": 0.8}
    return {"epoch": number, **row, "seconds": seconds}


def write_checkpoint(job: TrainingJob, rows: list[dict[str, float]]) -> Path:
    path = cache_dir() / "checkpoints" / job.run_id / "state.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, fingerprint="f", history=json.dumps(rows), v0=np.zeros(3))
    return path


def started(folder: Path, **changes: int) -> TrainingJob:
    return jobs.start("dense", folder, **({"seed": 3, "epochs": 5} | changes))


def test_it_runs_alone_until_it_is_cancelled(fake: Callable[[str], None], dataset_folder: Path) -> None:
    fake(WAITS)
    job = started(dataset_folder)
    assert (job.run_id, job.state, jobs.running_job()) == ("dense-s3", "running", job)
    assert job.films["train"] + job.films["validation"] == 40
    assert job.films["test"] == 16
    assert os.getsid(job.pid) == job.pid != os.getsid(0)  # what ends the server does not end it
    with pytest.raises(InputError, match=r"dense-s3 is being trained.*one training at a time"):
        started(dataset_folder, seed=4)
    until(lambda: jobs.log_tail(job) == "begun")
    jobs.forget(job)
    assert jobs.list_jobs() == [job]  # not while it runs
    assert jobs.cancel(job).state == "cancelled"
    assert not jobs._is_alive(job)
    assert jobs.running_job() is None
    assert jobs.log_tail(job) == "begun"
    jobs.forget(job)
    assert jobs.list_jobs() == []


def test_one_that_fails_says_why_and_can_be_resumed(
    fake: Callable[[str], None], dataset_folder: Path, trained_folder: Path
) -> None:
    fake(FAILS)
    job = started(dataset_folder)
    until(lambda: jobs.list_jobs()[0].state == "failed")
    assert jobs.log_tail(job) == "100%\nError: no space left"
    run = runs_dir() / job.run_id
    fake(
        f"import shutil\nshutil.copytree({str(trained_folder / job.run_id)!r}, {str(run)!r}, copy_function=shutil.copy)"
    )
    again = jobs.resume(job)
    assert (again.job_id, again.created) == (job.job_id, job.created)
    assert again.started > job.started
    until(lambda: jobs.list_jobs()[0].state == "finished")
    assert [row["epoch"] for row in jobs.history(jobs.list_jobs()[0])] == [1, 2]


def test_a_run_from_before_is_not_taken_for_its_own(
    fake: Callable[[str], None], dataset_folder: Path, trained_folder: Path
) -> None:
    old = runs_dir() / "dense-s3"
    old.mkdir(parents=True)
    (old / "run.json").write_bytes((trained_folder / "dense-s3" / "run.json").read_bytes())
    os.utime(old / "run.json", (1e9, 1e9))
    fake(FAILS)
    started(dataset_folder)
    until(lambda: jobs.list_jobs()[0].state == "failed")


def test_another_process_of_the_same_number_is_not_it(fake: Callable[[str], None], dataset_folder: Path) -> None:
    fake(WAITS)
    job = started(dataset_folder)
    child = jobs._children[job.pid]
    stranger = replace(job, born="another boot 1")
    jobs._write(stranger)
    assert jobs.list_jobs()[0].state == "failed"
    jobs.cancel(jobs.list_jobs()[0])
    jobs.cancel(stranger)
    assert child.poll() is None  # nobody was hurt
    jobs._write(job)


def test_a_server_that_has_restarted_finds_it_and_learns_of_its_death(
    fake: Callable[[str], None], dataset_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(WAITS)
    job = started(dataset_folder)
    child = jobs._children[job.pid]
    monkeypatch.setattr(jobs, "_children", {})
    assert jobs.list_jobs() == [job]
    os.kill(job.pid, signal.SIGKILL)
    until(lambda: jobs.list_jobs()[0].state == "failed")
    child.wait()


def test_one_that_does_not_listen_is_ended(
    fake: Callable[[str], None], dataset_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PATIENCE", 0.3)
    fake(STUBBORN)
    job = started(dataset_folder)
    until(lambda: jobs.log_tail(job))
    assert jobs.cancel(job).state == "cancelled"
    assert not jobs._is_alive(job)


def test_cancelling_clears_an_export_that_was_cut_off(fake: Callable[[str], None], dataset_folder: Path) -> None:
    fake(WAITS)
    job = started(dataset_folder)
    for name in (".dense-s3.abcd1234", ".dense-s3.old", ".dense-s33.abcd1234"):
        (runs_dir() / name).mkdir()
    jobs.cancel(job)
    assert sorted(path.name for path in runs_dir().iterdir()) == [".dense-s3.old", ".dense-s33.abcd1234", ".jobs"]


def test_films_are_checked_before_anything_starts(fake: Callable[[str], None], tmp_path: Path) -> None:
    fake(WAITS)
    with pytest.raises(DataError, match="no such folder"):
        started(tmp_path / "nowhere")
    folder = tmp_path / "films" / "train" / "NORMAL"
    folder.mkdir(parents=True)
    for number in range(4):
        (folder / f"IM-{number:04d}-0001.jpeg").write_bytes(str(number).encode())
    with pytest.raises(DataError, match="no PNEUMONIA films for train"):
        started(tmp_path / "films")
    assert not (runs_dir() / jobs.FOLDER).exists()


def test_a_folder_of_runs_that_cannot_be_written_is_named(
    fake: Callable[[str], None], dataset_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake(WAITS)
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("LUNGLENS_RUNS", str(tmp_path / "file"))
    with pytest.raises(InputError, match="cannot be started"):
        started(dataset_folder)


def test_the_history_is_that_of_the_checkpoint(fake: Callable[[str], None], dataset_folder: Path) -> None:
    fake(WAITS)
    job = started(dataset_folder)
    assert jobs.history(job) == []
    rows = [epoch(1), epoch(2)]
    path = write_checkpoint(job, rows)
    assert jobs.history(job) == rows
    assert tuple(rows[0]) == HISTORY
    os.utime(path, (1e9, 1e9))  # of an earlier training, perhaps on other films
    assert jobs.history(job) == []
    path.write_bytes(b"half a file")
    assert jobs.history(job) == []


def test_progress_counts_down_and_knows_an_early_end() -> None:
    job = TrainingJob(job_id="a", model="dense", seed=0, epochs=10, data="", films={}, created=0, started=0)
    none = jobs.progress(job, [])
    assert (none.epochs, none.best_epoch, none.seconds_left, none.is_trained) == (0, 0, None, False)
    some = jobs.progress(job, [epoch(1, 0.4, 30.0), epoch(2, 0.3), epoch(3, 0.5)])
    assert (some.epochs, some.best_epoch, some.seconds_left, some.may_end_early) == (3, 2, 14.0, True)
    assert get_model("dense").train.patience == 5
    early = jobs.progress(job, [epoch(1, 0.1), *(epoch(number) for number in range(2, 7))])
    assert (early.is_trained, early.best_epoch, early.seconds_left) == (True, 1, 0.0)
    fixed = jobs.progress(replace(job, model="residual"), [epoch(1, 0.1), *(epoch(number) for number in range(2, 9))])
    assert (fixed.is_trained, fixed.best_epoch, fixed.seconds_left, fixed.may_end_early) == (False, 8, 4.0, False)
    assert jobs.progress(replace(job, epochs=3), [epoch(1), epoch(2), epoch(3)]).is_trained


def test_the_command_can_be_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    job = TrainingJob(job_id="a", model="dense", seed=4, epochs=7, data="/my films", films={}, created=0, started=0)
    words = jobs.format_command(job)
    assert shlex.split(words)[:10] == shlex.split("python -m core train dense --data '/my films' --seed 4 --epochs")
    assert str(runs_dir()) in words
    monkeypatch.delenv("LUNGLENS_RUNS")
    assert jobs.format_command(job) == "python -m core train dense --data '/my films' --seed 4 --epochs 7 --resume"


def test_damaged_states_and_unknown_models_are_left_out(fake: Callable[[str], None], dataset_folder: Path) -> None:
    fake(FAILS)
    job = started(dataset_folder)
    until(lambda: jobs.list_jobs()[0].state == "failed")
    for name, text in {
        "damaged": "{",
        "other": "[]",
        "unknown": (job.folder / jobs.STATE).read_text().replace('"dense"', '"gone"'),
    }.items():
        folder = runs_dir() / jobs.FOLDER / name
        folder.mkdir()
        (folder / jobs.STATE).write_text(text)
    assert [one.job_id for one in jobs.list_jobs()] == [job.job_id]


@pytest.mark.slow
def test_a_real_training_is_cancelled_and_goes_on_where_it_was(dataset_folder: Path) -> None:
    try:
        job = started(dataset_folder, epochs=80)
        until(lambda: len(jobs.history(job)) >= 3, 240)
        cancelled = jobs.cancel(job)
        before = jobs.history(cancelled)
        assert cancelled.state == "cancelled"
        assert 3 <= len(before) < 80
        job = jobs.resume(cancelled)
        assert jobs.history(job) == before  # shown while it starts again
        until(lambda: jobs.list_jobs()[0].state != "running", 300)
        job = jobs.list_jobs()[0]
        assert job.state == "finished", jobs.log_tail(job)
        after = jobs.history(job)
        assert len(after) > len(before)
        assert [row["loss"] for row in after[: len(before)]] == pytest.approx([row["loss"] for row in before], abs=1e-6)
        assert "Written to" in jobs.log_tail(job)
        assert read_run(runs_dir() / job.run_id, own=True).record.films["train"] == job.films["train"]
    finally:
        end_all()
