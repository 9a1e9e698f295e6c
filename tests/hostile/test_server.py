"""Each kind of hostile file against the running service, which then still scores a film correctly.

Slow (`make slow`): 700 uploads, some of 25 MB. Seconds are of the server's processor time, uploading included; memory
is the server's own, above what it held before the first of them (helper processes: `test_decoder.py`).
"""

import re
import sys
from collections.abc import Iterator

import pytest

from core.imaging.decode import decode_film
from core.inference.model import Model
from core.runs.store import list_runs, served
from tests.hostile.kinds import BLANK, KINDS, SHOWN
from tests.hostile.polyglots import film
from tests.hostile.server import Server, serving
from tests.hostile.test_decoder import ADVICE, DEAR, MEGABYTES, SECONDS, VERDICT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is measured through /proc"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("hostile"), LUNGLENS_RATE="1000000") as running:
        running.score("film.jpeg", film())  # everything is loaded
        running.score("film.dcm", KINDS["polyglot: DICOM and TIFF"].make())
        yield running


@pytest.fixture(scope="module")
def at_rest(server) -> int:
    """kB that the server holds before the first hostile file."""
    return server.status("VmRSS")


@pytest.fixture(scope="module")
def expected() -> float:
    """The score of the good film, by the model itself."""
    return Model(served(list_runs()[0])).predict(decode_film(film(), "film.jpeg")).score


@pytest.mark.parametrize("name", KINDS)
def test_is_answered_well_and_the_server_goes_on(server, at_rest, expected, name) -> None:
    kind = KINDS[name]
    data = kind.make()
    server.forget_peak()
    start = server.seconds()
    status, media, document = server.score(kind.file, data)
    spent, peak = server.seconds() - start, (server.status("VmHWM") - at_rest) / 1024
    print(f"MEASURED {spent:.2f} s, {peak:.0f} MB, {len(data)} bytes: {name}")
    if name in SHOWN:
        plain = server.score("film", kind.shown())[2]
        assert status == 200
        assert document["score"] == pytest.approx(plain["score"], abs=1e-6)
    else:
        assert status == (413 if len(data) > 27_000_000 else 422)
        assert media == "application/problem+json"
        assert document.keys() == {"type", "title", "status", "detail"}
        reason = document["detail"]
        assert name in BLANK or ADVICE.search(reason) or status == 413
        assert not re.search(VERDICT, reason.split(": ", 1)[-1])
        assert reason.isprintable()
    seconds, megabytes = DEAR.get(name, (SECONDS, MEGABYTES))
    assert spent < seconds
    assert peak < megabytes
    status, _, document = server.score("film.jpeg", film())
    assert status == 200
    assert document["score"] == pytest.approx(expected, abs=1e-6)


def test_memory_is_given_back(server, at_rest) -> None:
    """After all of them, of which the largest took 450 MB."""
    assert server.status("VmRSS") - at_rest < 150_000  # kB


def test_nothing_of_the_files_is_logged(server) -> None:
    log = server.log.read_text("utf-8", "replace")
    assert '"status": 422' in log
    assert "Traceback" not in log
    assert "script" not in log
    assert "film" not in log
