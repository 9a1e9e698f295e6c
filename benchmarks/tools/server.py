"""A Streamlit server in a process of its own, and what it and its children take of memory."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.paths import ROOT

START_SECONDS = 120
MEGABYTE = 1024**2


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server.

    Parameters
    ----------
    address : str
        Without a closing slash.
    process : int
        Its number.
    started : float
        `time.perf_counter` when its command was given.
    """

    address: str
    process: int
    started: float

    def megabytes(self) -> float:
        """Resident memory of the server and its children."""
        return resident(self.process)


def resident(process: int) -> float:
    """Resident memory of a process and its children in megabytes; 0 when it is gone."""
    try:
        parent = psutil.Process(process)
        return sum(member.memory_info().rss for member in (parent, *parent.children(recursive=True))) / MEGABYTE
    except psutil.NoSuchProcess:
        return 0.0


@contextmanager
def serve(script: Path, *, folder: Path = ROOT, profile: bool = False, **settings: str) -> Iterator[Server]:
    """Run a script as its reader would, from a folder whose ``.streamlit`` settings hold, and wait until it is healthy.

    With ``profile`` it tells its session how long each run of the script took, which Streamlit otherwise leaves out; it
    tells nobody else. ``settings`` are added to the environment. What the server prints is shown where it does not
    start.
    """
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1", f"--browser.gatherUsageStats={profile}"]
    with tempfile.TemporaryDirectory() as own:
        environment = {
            **os.environ,
            "LUNGLENS_RUNS": f"{own}/runs",
            "LUNGLENS_CACHE": f"{own}/cache",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYTHONPATH": str(ROOT),  # pages of peers import core, too
            **settings,
        }
        with (Path(own) / "server.log").open("w+") as log:
            started = time.perf_counter()
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
            server = Server(address=f"http://127.0.0.1:{port}", process=process.pid, started=started)
            try:
                while not _is_healthy(server.address):
                    if process.poll() is not None or time.perf_counter() - started > START_SECONDS:
                        log.seek(0)
                        raise SystemExit(f"{script} did not start:\n{log.read()}")
                    time.sleep(0.02)
                yield server
            finally:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
