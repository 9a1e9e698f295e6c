"""The service as a process of its own, whose memory and processor time are read from /proc."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.paths import ROOT
from tests.support.servers import START_SECONDS, free_port, is_healthy

TOKEN = "a token of some length"
UPLOAD_SECONDS = 5  # long enough to take all places on a busy machine
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running service.

    Parameters
    ----------
    port : int
    process : Popen
    log : Path
        What it prints.
    token : str or None
    """

    port: int
    process: subprocess.Popen[bytes]
    log: Path
    token: str | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (names in small letters) and body of the answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            line.request(method, path, body, headers or {})
            answer = line.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            line.close()

    def score(self, name: str, data: bytes, **headers: str) -> tuple[int, str, dict[str, Any]]:
        """Status, media type and document for a film."""
        kind, body = form(name, data)
        token = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        status, given, answer = self.request("POST", "/api/v1/score", body, {"Content-Type": kind} | token | headers)
        return status, given["content-type"], json.loads(answer)

    def status(self, word: str) -> int:
        """A number of /proc/PID/status, kB for memory."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(word)).split()[1])

    def forget_peak(self) -> None:
        """Let the highest resident set (``VmHWM``) start anew."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def seconds(self) -> float:
        """Processor time so far, of the process and of those that it started and that have ended."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(int(field) for field in fields[11:15]) / TICKS

    def files(self) -> int:
        """Open files and connections."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))


def line(server: Server, data: bytes = b"") -> socket.socket:
    """A connection over which some bytes have been sent."""
    made = socket.create_connection(("127.0.0.1", server.port), timeout=300)
    made.sendall(data)
    return made


def answer(made: socket.socket) -> bytes:
    """All that comes until the server closes, or nothing where it just does."""
    parts = []
    with made, contextlib.suppress(ConnectionError):
        while part := made.recv(65536):
            parts.append(part)
    return b"".join(parts)


def eventually(holds: Callable[[], bool], seconds: float = 120) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def form(name: str, data: bytes) -> tuple[str, bytes]:
    """Media type and body of a form with one file."""
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    return f"multipart/form-data; boundary={boundary}", head + data + f"\r\n--{boundary}--\r\n".encode()


@contextlib.contextmanager
def serving(folder: Path, *, token: str | None = None, **settings: str) -> Iterator[Server]:
    """Run the service on a free port until the end of the block."""
    port, log = free_port(), folder / "service.log"
    command = [sys.executable, "-m", "streamlit", "run", "service.py", "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.fileWatcherType", "none"]
    own = {"LUNGLENS_RUNS": str(folder / "runs"), "LUNGLENS_CACHE": str(folder / "cache"), "OMP_NUM_THREADS": "1"}
    own |= {"LUNGLENS_TOKEN": token or ""} | settings
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | own, stdout=output, stderr=subprocess.STDOUT)
        server = Server(port=port, process=process, log=log, token=token)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not is_healthy(server.address):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the service did not start:\n{log.read_text('utf-8', 'replace')}")
                time.sleep(0.2)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
