"""Use all there is, behind the walls, and print what happened as JSON: pages, service, command line, imports."""

import fcntl
import importlib
import json
import os
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from core.paths import ROOT

FILM = ROOT / "artifacts" / "samples" / "synthetic-normal-1.jpg"
BEGIN = b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'


def loopback() -> None:
    """Switch this machine's own address on, which is off in a new network namespace."""
    with socket.socket() as one:
        request = struct.pack("16sh14x", b"lo", 0x1 | 0x40)  # up, running
        try:
            fcntl.ioctl(one, 0x8914, request)
        except PermissionError:
            return  # not a namespace of ours, where it is on


def commands() -> dict[str, Any]:
    """Exit status and output of commands, in this process."""
    from core.cli.main import COMMANDS, main

    for name in COMMANDS:
        importlib.import_module(f"core.cli.{name}")
    found = {}
    for words in (
        ["score", str(FILM), "--json"],
        ["models", "--json"],
        ["doctor", "--json"],
        ["search", "--out", "none"],
    ):
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = main(words)
        found[words[0]] = {"status": status, "out": out.getvalue(), "err": err.getvalue()}
    return found


def pages() -> dict[str, list[str]]:
    """Exceptions and errors by page; Read with a film, Training at the form that starts one."""
    from pages.shared.navigation import PAGES, READ, TRAINING
    from tests.support.app import open_app, upload

    found = {}
    for page in PAGES:
        app = open_app(page.path, **({"training_tabs": "Train your own"} if page is TRAINING else {}))
        if page is READ:
            upload(app, FILM.name, FILM.read_bytes())
            found["verdict"] = [text.value for text in app.subheader]
        found[page.key] = [str(one.value) for one in [*app.exception, *app.error]]
    return found


def service() -> dict[str, Any]:
    """Health, readiness and a score of the real server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [
        "-m",
        "streamlit",
        "run",
        str(ROOT / "service.py"),
        "--server.port",
        str(port),
        "--server.headless",
        "true",
    ]
    server = subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=sys.stderr, stderr=sys.stderr)
    try:
        base = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 300
        while True:
            try:
                ready = _fetch(f"{base}/api/ready")
                break
            except OSError:
                assert server.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
        form = BEGIN + FILM.read_bytes() + b"\r\n--x--\r\n"
        scored = _fetch(f"{base}/api/v1/score", form)
        return {"ready": json.loads(ready), "score": json.loads(scored), "page": "<html" in _fetch(base).lower()}
    finally:
        server.terminate()
        server.wait(timeout=300)


def _fetch(url: str, form: bytes | None = None) -> str:
    headers = {"content-type": "multipart/form-data; boundary=x"} if form else {}
    with urllib.request.urlopen(urllib.request.Request(url, form, headers), timeout=300) as answer:
        return str(answer.read().decode())


def no_routes() -> int:
    """Packets that this network namespace could not send, as the kernel counts them: also what no Python code sent."""
    names, values = (line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Ip:"))
    return int(dict(zip(names, values, strict=True))["OutNoRoutes"])


if __name__ == "__main__":
    os.environ["STREAMLIT_CLIENT_SHOW_ERROR_DETAILS"] = "full"
    loopback()
    before = no_routes()
    found = {"commands": commands(), "pages": pages(), "service": service()}
    print(json.dumps({**found, "no_routes": no_routes() - before}))
