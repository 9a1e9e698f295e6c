"""A full disk, one that is read-only, and no network: said in one line, what was there stays, nobody is called.

A full disk is a small one in memory, mounted in a namespace of the test's own; where the system lets nobody mount, a
limit on the size of files takes its place. Read-only folders are mounted so, or refused by audit events
(``tests/walls``); as root, permissions would stop nothing.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from core.data.samples import list_samples
from core.evaluation.verdict import Verdict
from core.paths import ROOT
from core.wording import VERDICT_WORDS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mounts, namespaces and limits of Linux")
WALLS = ROOT / "tests" / "walls"
Done = subprocess.CompletedProcess[str]
FULL = "No space left on device"
TOO_LARGE = "File too large"


@lru_cache(maxsize=1)
def namespace() -> tuple[str, ...]:
    """The command that gives a process mounts and a network of its own; empty where the system has none for us."""
    for words in (("unshare", "-m", "-n"), ("unshare", "-r", "-m", "-n")):
        trial = [*words, "sh", "-c", "mount -t tmpfs -o size=64k tmpfs /mnt"]
        if shutil.which("unshare") and subprocess.run(trial, capture_output=True).returncode == 0:
            return words
    return ()


def on_a_small_disk(
    folder: Path, kilobytes: int, *words: object, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command while ``folder`` is a disk of so many kilobytes that holds what the folder held.

    What the command leaves there is in the folder afterwards, hidden files too.
    """
    command = [str(word) for word in words]
    options: dict[str, Any] = {"capture_output": True, "text": True, "cwd": ROOT, "env": os.environ | environment}
    if not namespace():
        size = kilobytes * 1024 // 4

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        return subprocess.run(command, preexec_fn=limit, **options)
    mounted = folder.with_name(f"{folder.name}.disk")
    mounted.mkdir()
    script = """
        set -e
        real=$1 disk=$2 size=$3 moved=$1.real
        shift 3
        mount -t tmpfs -o size="$size" tmpfs "$disk"
        cp -a "$real/." "$disk"
        mkdir "$moved"
        mount --bind "$real" "$moved"
        mount --bind "$disk" "$real"
        status=0
        "$@" || status=$?
        find "$moved" -mindepth 1 -delete
        cp -a "$real/." "$moved"
        exit $status
    """
    size = f"{kilobytes}k"
    return subprocess.run([*namespace(), "sh", "-c", script, "sh", folder, mounted, size, *command], **options)


def one_line(done: Done, name: str) -> str:
    """The one line of an error of the disk; progress bars may stand before it."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(said) == 1, done.stderr
    if namespace():  # a limit holds for every file that the command writes, not for this folder alone
        assert name in said[0]
    assert FULL in said[0] or TOO_LARGE in said[0]
    assert "Make room" in said[0]
    return said[0]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_report_on_a_full_disk_leaves_the_older_one(tmp_path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "report.pdf").write_bytes(b"an older report")
    film = list_samples()[0].path
    done = on_a_small_disk(folder, 32, sys.executable, "-m", "core", "report", film, "--out", folder / "report.pdf")
    one_line(done, "report.pdf")
    assert contents(folder) == {"report.pdf": b"an older report"}


@pytest.mark.slow
def test_an_archive_on_a_full_disk_goes_on_when_there_is_room(tmp_path) -> None:
    films, folder = tmp_path / "films", tmp_path / "out"
    films.mkdir()
    folder.mkdir()
    for number in range(150):
        shutil.copyfile(list_samples()[number % 8].path, films / f"{number:03d}.jpg")
    words = [sys.executable, "-m", "core", "screen", films, "--workers", "1", "--resume", "--out"]
    done = on_a_small_disk(folder, 16, *words, folder / "table.parquet")
    assert "--resume goes on" in one_line(done, "table.parquet")
    left = sorted(contents(folder))
    assert "table.parquet.parts/settings.json" in left
    assert all(Path(name).name == "settings.json" or Path(name).name.startswith("part-") for name in left)
    for out in (folder / "table.parquet", tmp_path / "whole.parquet"):
        subprocess.run([*map(str, words), str(out)], cwd=ROOT, capture_output=True, check=True)
    assert pq.read_table(folder / "table.parquet").equals(pq.read_table(tmp_path / "whole.parquet"))
    assert sorted(contents(folder)) == ["table.parquet"]


@pytest.mark.slow
def test_a_training_on_a_full_disk_leaves_the_older_run_and_its_checkpoint(dataset_folder, tmp_path) -> None:
    runs, cache = tmp_path / "runs", tmp_path / "cache"
    (runs / "dense-s3").mkdir(parents=True)
    for name in ("run.json", "model.onnx"):
        (runs / "dense-s3" / name).write_text("older")
    before = contents(runs)
    words = [sys.executable, "-m", "core", "train", "dense", "--data", dataset_folder, "--seed", "3", "--epochs", "1"]
    environment = {"LUNGLENS_RUNS": str(runs), "LUNGLENS_CACHE": str(cache), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = on_a_small_disk(runs, 200, *words, "--out", runs, **environment)
    one_line(done, "dense-s3")
    assert contents(runs) == before
    if namespace():
        assert (cache / "checkpoints" / "dense-s3" / "state.npz").is_file()  # from which --resume goes on


@pytest.mark.slow
def test_a_checkpoint_on_a_full_disk_is_one_line(dataset_folder, tmp_path) -> None:
    runs, cache = tmp_path / "runs", tmp_path / "cache"
    for folder in (runs, cache):
        folder.mkdir()
    words = [sys.executable, "-m", "core", "train", "dense", "--data", dataset_folder, "--seed", "3", "--epochs", "1"]
    environment = {"LUNGLENS_RUNS": str(runs), "LUNGLENS_CACHE": str(cache), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = on_a_small_disk(cache, 400, *words, **environment)
    one_line(done, "state.npz")
    assert not any(path.name.startswith(".") for path in cache.rglob("*"))
    assert list(runs.iterdir()) == []


@pytest.mark.slow
def test_a_search_on_a_full_disk_is_one_line(dataset_folder, tmp_path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    words = [sys.executable, "-m", "core", "search", "--data", dataset_folder, "--trials", "1", "--epochs", "1"]
    environment = {"LUNGLENS_CACHE": str(cache), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = on_a_small_disk(cache, 600, *words, "--out", tmp_path / "out", **environment)
    one_line(done, str(cache))


@pytest.mark.parametrize("write", ["write_manifest()", "write_text(root / 'results.json', 'x' * 99_000)"])
def test_an_artifact_on_a_full_disk_stays_as_it_was(tmp_path, write) -> None:
    root = tmp_path / "artifacts"
    root.mkdir()
    for number in range(60):
        (root / f"a-file-of-a-long-name-{'x' * 100}-{number}.csv").touch()
    (root / "results.json").write_text("older")
    (root / "MANIFEST.json").write_text("older")
    before = contents(root)
    code = f"""
import sys
from core.errors import StorageError
from core.files import write_text
from core.manifest import write_manifest
from core.paths import artifacts_dir
root = artifacts_dir()
try:
    {write}
except StorageError as error:
    sys.exit(f"Error: {{error}}")
"""
    done = on_a_small_disk(root, 16, sys.executable, "-c", code, LUNGLENS_ARTIFACTS=str(root))
    one_line(done, "MANIFEST.json" if "manifest" in write else "results.json")
    assert contents(root) == before


@pytest.fixture(scope="module")
def walled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All there is, used once without network and with artifacts, runs and cache read-only."""
    place = tmp_path_factory.mktemp("walled")
    runs, cache, log = place / "runs", place / "cache", place / "attempts.txt"
    (runs / ".jobs" / "20260101-000000-abcd").mkdir(parents=True)
    cache.mkdir()
    job = {"job_id": "20260101-000000-abcd", "model": "dense", "seed": 1, "epochs": 2, "data": str(place), "films": {}}
    job |= {"created": 1.0, "started": 1.0, "pid": 0, "born": "", "state": "running"}  # its process is gone
    (runs / ".jobs" / job["job_id"] / "job.json").write_text(json.dumps(job))
    read_only = [ROOT / "artifacts", runs, cache]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join((str(WALLS), str(ROOT))),
        "LUNGLENS_WALL_LOG": str(log),
        "LUNGLENS_RUNS": str(runs),
        "LUNGLENS_CACHE": str(cache),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    for name in ("LUNGLENS_ARTIFACTS", "LUNGLENS_TOKEN", "LUNGLENS_DATA"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "tests.walls.walk"]
    if namespace():
        mounts = "".join(f'mount --bind "{one}" "{one}"; mount -o remount,ro,bind "{one}"; ' for one in read_only)
        command = [*namespace(), "sh", "-c", f'set -e; {mounts} exec "$@"', "sh", *command]
    else:
        environment["LUNGLENS_WALL_READ_ONLY"] = os.pathsep.join(map(str, read_only))
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=540)
    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads(done.stdout.splitlines()[-1])
    return {**found, "attempts": log.read_text() if log.exists() else "", "left": sorted(contents(cache)), "runs": runs}


@pytest.mark.slow
def test_commands_work_on_what_cannot_be_written_and_without_network(walled) -> None:
    commands = walled["commands"]
    assert commands["score"]["status"] == 0
    (row,) = json.loads(commands["score"]["out"])["files"]
    assert row["status"] == "scored"
    assert commands["models"]["status"] == 0
    checks = {check["check"]: check for check in json.loads(commands["doctor"]["out"])["checks"]}
    assert not checks["Cache folder"]["ok"]
    assert "Read-only file system" in " ".join(checks["Cache folder"]["problems"])
    assert all(checks[name]["ok"] for name in ("Models load", "Results", "Other documents", "Test ledger", "Samples"))
    assert walled["left"] == []


@pytest.mark.slow
def test_pages_work_on_what_cannot_be_written_and_without_network(walled) -> None:
    said = dict(walled["pages"])
    assert len(said) == 11
    verdict = " ".join(said.pop("verdict"))
    assert any(VERDICT_WORDS[kind] in verdict for kind in Verdict)
    assert [line.split(".")[0] for line in said.pop("training")] == ["The process has ended without a run"]
    assert said == {name: [] for name in said}


@pytest.mark.slow
def test_the_service_works_on_what_cannot_be_written_and_without_network(walled) -> None:
    assert walled["service"]["ready"]["ready"] is True
    assert 0 <= walled["service"]["score"]["score"] <= 1
    assert walled["service"]["page"] is True


@pytest.mark.slow
def test_nobody_tries_to_reach_another_machine(walled) -> None:
    """Neither Python code, which the audit events show, nor other code, whose packets the kernel counts as unsent."""
    assert walled["attempts"] == ""
    assert walled["no_routes"] == 0


def test_the_wall_sees_who_tries(tmp_path) -> None:
    log = tmp_path / "attempts.txt"
    tries: dict[str, Callable[[], str]] = {
        "socket.connect": lambda: "import socket; socket.socket().connect(('192.0.2.1', 80))",
        "socket.getaddrinfo": lambda: "import urllib.request; urllib.request.urlopen('http://example.org')",
        "socket.sendto": lambda: "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
    }
    for event, code in tries.items():
        environment = os.environ | {"PYTHONPATH": str(WALLS), "LUNGLENS_WALL_LOG": str(log)}
        done = subprocess.run([sys.executable, "-c", code()], env=environment, capture_output=True, text=True)
        assert done.returncode == 1
        assert "Network is unreachable" in done.stderr
        assert event in log.read_text()
    if namespace():
        code = (
            "import socket; from tests.walls import walk; walk.loopback(); "
            "before = walk.no_routes(); socket.socket().connect_ex(('192.0.2.1', 80)); print(walk.no_routes() - before)"
        )
        done = subprocess.run([*namespace(), sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
        assert int(done.stdout) > 0, done.stderr
    environment = os.environ | {"PYTHONPATH": str(WALLS), "LUNGLENS_WALL_READ_ONLY": str(tmp_path)}
    code = f"from pathlib import Path; Path({str(tmp_path / 'new')!r}).write_text('x')"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert "Read-only file system" in done.stderr
    assert not (tmp_path / "new").exists()
