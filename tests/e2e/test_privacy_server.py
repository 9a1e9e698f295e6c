"""A marked film leaves no byte behind: none in a file or a log while it is there, none in memory once its reader left.

The server is a process of its own with folders of its own. It runs under an allocator that overwrites what is freed, so
what is found in its memory is held by somebody. Each test finds its mark there first, while the session lives.
"""

import asyncio
import hashlib
import io
import os
import secrets
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np
import pytest
import requests
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydicom import uid

from benchmarks.tools.session import Session, open_session
from core.data.samples import list_samples
from core.evaluation.tables import write_scores
from core.imaging.decode import read_film
from core.imaging.film import MAX_BYTES, resize
from core.paths import ROOT
from core.runs.store import list_runs, representative
from tests.support.dicom_files import make_dicom
from tests.support.servers import free_port, is_healthy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
MEGABYTE = 1024**2
T = TypeVar("T")
VERDICTS = ("(cut-off ", "Verdict above")
TOKEN = "a token of some length"
# Whatever is freed is overwritten at once, by whichever allocator it was made.
OVERWRITTEN = {
    "PYTHONMALLOC": "malloc",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0:glibc.malloc.perturb=165",
}


def in_thread(work: Coroutine[Any, Any, T]) -> T:
    """Run it where no other loop runs: a browser that another test has left open keeps one in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A running server, its process and all folders that it may write to."""

    address: str
    process: int
    folder: Path

    @property
    def log(self) -> bytes:
        return (self.folder / "server.log").read_bytes()

    @property
    def notes(self) -> list[str]:
        return (self.folder / "notes").read_text("utf-8").splitlines()

    def held(self, words: list[bytes], *, most: int = 20) -> list[str]:
        """Where in the memory of the server the words are, up to so many places."""
        found: list[str] = []
        regions = [line.split() for line in Path(f"/proc/{self.process}/maps").read_text().splitlines()]
        with open(f"/proc/{self.process}/mem", "rb", buffering=0) as memory:
            for where, rights, *rest in regions:
                begin, end = (int(place, 16) for place in where.split("-"))
                if not rights.startswith("rw"):
                    continue
                try:
                    memory.seek(begin)
                    data = memory.read(end - begin)
                except OSError:  # a region of the kernel's, or one that is gone
                    continue
                for word in words:
                    place = data.find(word)
                    if place >= 0:
                        near = data[max(0, place - 40) : place + len(word) + 40]
                        found.append(f"{rest[-1] if len(rest) > 3 else 'anonymous'}: {near!r}")
                        if len(found) == most:
                            return found
        return found

    def assert_nothing_written(self, words: list[bytes]) -> None:
        """No file that it could write holds a word, by name or content, and it has none open but its log."""
        for path in self.folder.rglob("*"):
            assert not any(word in os.fsencode(path) for word in words), path
            if path.is_file():
                data = path.read_bytes()
                assert not any(word in data for word in words), path
        own = {str(self.folder / name) for name in ("server.log", "notes")}
        opened = []
        for entry in Path(f"/proc/{self.process}/fd").iterdir():
            try:
                flags = int(
                    Path(f"/proc/{self.process}/fdinfo/{entry.name}").read_text().split("flags:")[1].split()[0], 8
                )
                if stat.S_ISREG(entry.stat().st_mode) and flags & os.O_ACCMODE != os.O_RDONLY:
                    opened.append(os.readlink(entry))  # one that was deleted, or never had a name, says so
            except FileNotFoundError:
                continue
        assert set(opened) <= own

    def put(self, method: str, path: str, headers: dict[str, str], body: bytes, words: list[bytes]) -> bytes:
        """Send a request in two halves, and look at the server between them."""
        with closing(HTTPConnection(urlsplit(self.address).netloc, timeout=60)) as connection:
            return self._put(connection, method, path, headers, body, words)

    def _put(
        self,
        connection: HTTPConnection,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        words: list[bytes],
    ) -> bytes:
        connection.putrequest(method, path)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        half = max(len(body) // 2, min(len(body) - 1, 4096))
        connection.send(body[:half])
        wait_for(lambda: bool(self.held(words, most=1)))
        self.assert_nothing_written(words)
        connection.send(body[half:])
        answer = connection.getresponse()
        said = answer.read()
        assert answer.status < 300, said
        return said


def wait_for(condition: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.5)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    places = {name: str(folder / name.lower()) for name in ("TMPDIR", "HOME", "LUNGLENS_RUNS", "LUNGLENS_CACHE")}
    for place in places.values():
        Path(place).mkdir()
    port = free_port()
    command = [sys.executable, "-m", "tests.e2e.watched", str(folder / "notes"), "run", "service.py"]
    command += ["--server.headless=true", f"--server.port={port}", "--server.fileWatcherType=none"]
    own = {**places, **OVERWRITTEN, "PYTHONDONTWRITEBYTECODE": "1", "LUNGLENS_TOKEN": TOKEN}
    own |= {"XDG_CACHE_HOME": f"{places['HOME']}/.cache", "XDG_CONFIG_HOME": f"{places['HOME']}/.config"}
    with (folder / "server.log").open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | own, stdout=output, stderr=subprocess.STDOUT)
        found = Watched(address=f"http://127.0.0.1:{port}", process=process.pid, folder=folder)
        try:
            wait_for(lambda: is_healthy(found.address) or process.poll() is not None, 60)
            assert process.poll() is None, found.log
            yield found
        finally:
            process.kill()
            process.wait(20)


def marked(mark: str, side: int = 700) -> np.ndarray:
    """A sample film whose first pixels are the mark."""
    pixels = resize(read_film(list_samples()[4].path).pixels, side, side + 8).copy()
    pixels[0, : len(mark)] = np.frombuffer(mark.encode(), np.uint8)
    return pixels


def as_jpeg(mark: str) -> bytes:
    """The mark is in a comment and in the description of EXIF; below 1 MB."""
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = mark
    Image.fromarray(marked(mark)).save(file, "JPEG", quality=90, exif=exif, comment=mark.encode())
    assert len(file.getvalue()) < MEGABYTE
    return file.getvalue()


def as_png(mark: str, side: int = 700, level: int = 6) -> bytes:
    """The mark is in a comment and in the pixels, readable in the file itself at level 0."""
    file, about = io.BytesIO(), PngInfo()
    about.add_text("Comment", mark)
    Image.fromarray(marked(mark, side)).save(file, "PNG", compress_level=level, pnginfo=about)
    return file.getvalue()


def as_large_png(mark: str) -> bytes:
    data = as_png(mark, side=1600, level=0)
    assert len(data) > 2 * MEGABYTE  # by half of it, a server that spools what is over 1 MB has begun to
    return data


def as_dicom(mark: str) -> bytes:
    """The mark is in the patient's name, in a private comment and in pixels that GDCM's process decodes."""
    return make_dicom(marked(mark), uid.JPEGLosslessSV1, PatientName=mark, PatientID=mark, ImageComments=mark)


def as_zip(mark: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(f"{mark}/{mark}.png", as_png(mark))
        packed.writestr(f"{mark}.jpeg", as_jpeg(mark))
    return file.getvalue()


def as_large_zip(mark: str) -> bytes:
    """Larger than any film may be, for what the form that brings it takes: two of its files hold the mark alone."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr(f"{mark}.png", as_large_png(mark))
        for number in range(2):
            packed.writestr(f"{number}.png", mark.encode() * (MAX_BYTES // (2 * len(mark)) + MEGABYTE // len(mark)))
    assert len(file.getvalue()) > MAX_BYTES + MEGABYTE
    return file.getvalue()


def as_table(mark: str) -> bytes:
    rows = [f"{mark}-{number},{number % 2},{(number * 37 % 100) / 100}" for number in range(60)]
    return "\n".join(["sample_id,y_true,y_score", *rows]).encode()


def as_paired_table(mark: str) -> bytes:
    """Scores of our own test films: the mark is in the file's name alone, which then stands in charts beside ours."""
    ours = representative(list_runs()[0])[0].scores("test")
    text = io.StringIO()
    write_scores(replace(ours, y_score=1 - ours.y_score / 2), text)
    return text.getvalue().encode()


def words_of(mark: str, data: bytes) -> list[bytes]:
    """The mark as text of one, two and four bytes a letter, and the hash that caches know the file by."""
    codings = ("utf-8", "utf-16-le", "utf-32-le")
    return [*(mark.encode(coding) for coding in codings), hashlib.sha256(data).hexdigest().encode()]


async def visit(server: Watched, page: str, name: str, data: bytes, words: list[bytes]) -> str:
    """Open a page, give it a file slowly, and look at the server while its session lives."""
    async with open_session(server.address, page) as session:
        drawn = await give(server, session, name, data, words)
        assert server.held(words, most=1), "the mark cannot be found where it must be"
        server.assert_nothing_written(words)
    return drawn


async def give(server: Watched, session: Session, name: str, data: bytes, words: list[bytes]) -> str:
    place = await session.place(name)
    headers, body = session.form(name, data)
    await asyncio.to_thread(server.put, "PUT", place.upload_url, headers, body, words)
    return await session.take(place, name, len(data))


def assert_forgotten(server: Watched, words: list[bytes]) -> None:
    held: list[str] = []

    def forgotten() -> bool:
        held[:] = server.held(words)
        return not held

    try:
        wait_for(forgotten)
    except AssertionError:
        pytest.fail("still in memory:\n" + "\n".join(held))


@pytest.mark.parametrize(
    ("page", "ending", "make", "shown"),
    [
        ("read", ".jpeg", as_jpeg, VERDICTS),
        ("read", ".png", as_large_png, VERDICTS),
        ("read", ".dcm", as_dicom, VERDICTS),
        ("read", ".zip", as_zip, VERDICTS),
        ("read", ".zip", as_large_zip, VERDICTS),
        ("worklist", ".png", as_large_png, ("1 film",)),
        ("worklist", ".zip", as_zip, ("2 films",)),
        ("compare", ".csv", as_table, ("(yours)",)),
        ("compare", ".csv", as_paired_table, ("(yours)",)),
    ],
    ids=lambda value: getattr(value, "__name__", None) or (value if isinstance(value, str) else ""),
)
def test_a_page_keeps_nothing_of_an_upload(
    server: Watched, page: str, ending: str, make: Callable[[str], bytes], shown: tuple[str, ...]
) -> None:
    mark = f"mark{secrets.token_hex(12)}"
    data = make(mark)
    words = words_of(mark, data)
    drawn = in_thread(visit(server, page, f"{mark}{ending}", data, words))
    assert any(word in drawn for word in shown), drawn[:2000]
    assert_forgotten(server, words)
    server.assert_nothing_written(words)


@pytest.mark.parametrize(("ending", "make"), [(".jpeg", as_jpeg), (".png", as_large_png), (".dcm", as_dicom)])
def test_the_http_interface_keeps_nothing_of_a_film(server: Watched, ending: str, make: Callable[[str], bytes]) -> None:
    mark = f"mark{secrets.token_hex(12)}"
    data = make(mark)
    words = words_of(mark, data)
    asked = requests.Request("POST", server.address, files={"file": (f"{mark}{ending}", data)}).prepare()
    headers = {**asked.headers, "Authorization": f"Bearer {TOKEN}"}
    said = server.put("POST", "/api/v1/score", headers, asked.body, words)
    assert b'"scored"' in said
    assert_forgotten(server, words)
    server.assert_nothing_written(words)


def test_an_upload_that_breaks_off_is_forgotten(server: Watched) -> None:
    mark = f"mark{secrets.token_hex(12)}"
    data = as_large_png(mark)
    words = words_of(mark, data)

    async def break_off() -> None:
        async with open_session(server.address, "read") as session:
            with await session.half_upload(f"{mark}.png", data):
                await asyncio.to_thread(wait_for, lambda: bool(server.held(words, most=1)))
                server.assert_nothing_written(words)

    in_thread(break_off())
    assert_forgotten(server, words)


def test_at_the_end_nothing_was_written_started_or_called(server: Watched) -> None:
    """Stands last: what the server did in all tests before. GDCM's process gets numbers alone on its command line."""
    assert b"mark" not in server.log
    assert b'"path": "/api/v1/score"' in server.log
    notes = server.notes
    assert [line for line in notes if line.startswith("write ")] == []
    assert [line for line in notes if line.startswith("socket.connect ")] == []
    started = [line for line in notes if line.startswith("subprocess.Popen ")]
    assert started, "GDCM's process was not started"
    assert all("gdcm_worker.py" in line and "mark" not in line for line in started)
