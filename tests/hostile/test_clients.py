"""Clients of a running service without the token, slow ones, and ones that vanish: over real sockets."""

import contextlib
import json
import socket
import struct
import time

import pytest

from core.api.middleware import MOST_INSIDE
from tests.hostile.polyglots import film
from tests.hostile.server import TOKEN, UPLOAD_SECONDS, answer, eventually, form, line

pytestmark = pytest.mark.usefixtures("goes_on")


def upload(length: int, token: str = TOKEN) -> bytes:
    """The start of an upload of that many bytes."""
    return (
        f"POST /api/v1/score HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {length}\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpeg"\r\n\r\n'
    ).encode()


def vanish(made: socket.socket) -> None:
    """Close without a word, as a machine that is switched off."""
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    made.close()


WRONG = {
    "none": [],
    "empty": [b"Authorization:"],
    "scheme alone": [b"Authorization: Bearer"],
    "another": [b"Authorization: Bearer another token of some length"],
    "a part of it": [f"Authorization: Bearer {TOKEN[:-1]}".encode()],
    "more than it": [f"Authorization: Bearer {TOKEN}x".encode()],
    "in capitals": [f"Authorization: Bearer {TOKEN.upper()}".encode()],
    "another scheme": [f"Authorization: Basic {TOKEN}".encode()],
    "as a name and a password": [b"Authorization: Basic YTphIHRva2VuIG9mIHNvbWUgbGVuZ3Ro"],
    "no letters": [b"Authorization: Bearer \xff\xfe\xfd"],
    "of 30,000 letters": [b"Authorization: Bearer " + b"x" * 30_000],
    "wrong, then right": [b"Authorization: Bearer wrong", f"Authorization: Bearer {TOKEN}".encode()],
    "in a cookie": [f"Cookie: token={TOKEN}; Authorization={TOKEN}".encode()],
}


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("path", ["/api/v1/models", f"/api/v1/models?token={TOKEN}&access_token={TOKEN}"])
def test_a_token_that_is_not_the_one_is_refused(server, headers, path) -> None:
    start = [f"GET {path.replace(' ', '%20')} HTTP/1.1".encode(), b"Host: localhost", b"Connection: close"]
    head, _, body = answer(line(server, b"\r\n".join([*start, *headers, b"", b""]))).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 401 ")
    assert b"www-authenticate: Bearer" in head
    assert json.loads(body)["status"] == 401
    assert TOKEN.encode() not in head + body


@pytest.mark.parametrize("size", [100_000, 5_000_000])
def test_an_oversized_token_is_cut_short(server, size) -> None:
    """The server reads 64 KB of a header at most."""
    made = line(server, b"GET /api/v1/models HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ")
    with contextlib.suppress(ConnectionError):
        made.sendall(b"x" * size)
        made.sendall(b"\r\n\r\n")
    said = answer(made)
    assert said == b"" or said.startswith(b"HTTP/1.1 4")
    assert server.status("VmHWM") < server.status("VmRSS") + 50_000


def test_who_has_no_token_is_refused_before_the_film_is_sent(server) -> None:
    assert answer(line(server, upload(20_000_000, "wrong"))).startswith(b"HTTP/1.1 401 ")


def test_slow_headers_hold_nobody_up(server) -> None:
    """200 clients that send a header and then a letter now and then."""
    before = server.files()
    slow = [line(server, b"POST /api/v1/score HTTP/1.1\r\nHost: localhost\r\nX-Slow: ") for _ in range(200)]
    for _ in range(3):
        for made in slow:
            made.sendall(b"a")
        start = server.seconds()
        assert server.score("film.jpeg", film())[0] == 200
        assert server.seconds() - start < 1
    for made in slow:
        made.close()
    assert eventually(lambda: server.files() <= before + 5)


def test_slow_bodies_take_all_places_and_give_them_back(server) -> None:
    before = server.files()
    slow = [line(server, upload(1_000_000)) for _ in range(MOST_INSIDE)]
    refused: list[dict[str, object]] = []

    def full() -> bool:
        status, _, document = server.score("film.jpeg", film())
        refused.extend([document] if status == 503 else [])
        return bool(refused)

    assert eventually(full, UPLOAD_SECONDS)
    assert "try again" in str(refused[0]["detail"])
    for made in slow:
        made.sendall(b"\xff")
    assert all(answer(made).startswith(b"HTTP/1.1 408 ") for made in slow)
    assert server.score("film.jpeg", film())[0] == 200
    for made in slow:
        made.close()
    assert eventually(lambda: server.files() <= before + 5)


def trickle(made: socket.socket) -> None:
    for _ in range(100 * UPLOAD_SECONDS):
        made.sendall(b"a")
        time.sleep(0.2)


def test_a_body_that_trickles_is_given_up_in_time(server) -> None:
    made = line(server, upload(1_000_000))
    with pytest.raises(ConnectionError):
        trickle(made)
    made.close()


@pytest.mark.parametrize("ending", [vanish, socket.socket.close], ids=["reset", "closed"])
def test_aborted_uploads_give_back_places_and_memory(server, ending) -> None:
    """More clients than there are places, each with 8 of 20 MB: three rounds hold no more than one."""
    held = []
    before = server.files()
    for _ in range(3):
        for _ in range(MOST_INSIDE + 8):
            made = line(server, upload(20_000_000))
            with contextlib.suppress(ConnectionError):
                made.sendall(bytes(8_000_000))
            ending(made)
        assert eventually(lambda: server.files() <= before + 5)
        assert server.score("film.jpeg", film())[0] == 200
        held.append(server.status("VmRSS"))
    assert held[2] < held[0] + 30_000  # kB


def test_who_leaves_before_the_answer_leaves_nothing(server) -> None:
    before = server.files()
    kind, body = form("a.jpeg", film())
    head = f"POST /api/v1/score HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: {kind}\r\n"
    for _ in range(2 * MOST_INSIDE):
        vanish(line(server, head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body))
    assert eventually(lambda: server.score("film.jpeg", film())[0] == 200)  # what was uploaded whole is judged first
    assert eventually(lambda: server.files() <= before + 5)
