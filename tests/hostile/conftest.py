"""A running service for the tests of this folder, and the path to the files that other tests write."""

import re
from collections.abc import Iterator

import pytest

from tests.hostile.polyglots import film
from tests.hostile.server import TOKEN, UPLOAD_SECONDS, Server, eventually, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {"LUNGLENS_RATE": "1000000", "LUNGLENS_UPLOAD_SECONDS": str(UPLOAD_SECONDS)}
    settings["STREAMLIT_SERVER_ALLOWED_HOSTS"] = "localhost 127.0.0.1"  # as docs/service.md advises
    with serving(tmp_path_factory.mktemp("http"), token=TOKEN, **settings) as running:
        assert running.score("film.jpeg", film())[0] == 200
        yield running


@pytest.fixture
def goes_on(server: Server) -> Iterator[None]:
    """After each test the server still scores a film, and has said nothing of a mistake of its own."""
    yield
    assert server.process.poll() is None
    assert eventually(lambda: server.score("film.jpeg", film())[0] == 200)
    errors = set(re.findall(r"^([\w.]+(?:Error|Exception))\b", server.log.read_text("utf-8", "replace"), re.MULTILINE))
    # The web server's own, where a client breaks the protocol after it has been answered.
    assert errors <= {"h11._util.LocalProtocolError", "h11._util.RemoteProtocolError"}
