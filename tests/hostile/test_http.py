"""Requests that are none, odd forms and paths, and pages of other sites, against a running service.

What a request alone decides is in `tests/core/api`.
"""

import contextlib
import json
from collections.abc import Iterator

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from core.api.middleware import HEADERS
from tests.hostile.polyglots import film
from tests.hostile.server import TOKEN, Server, answer, form, line

pytestmark = pytest.mark.usefixtures("goes_on")

SCRIPT = "<img src=x onerror=alert(1)>"
LONG = b"x" * 200_000
ODD = {
    "no HTTP": b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + bytes(600),
    "no host": b"GET /api/ready HTTP/1.1\r\n\r\n",
    "two lengths": b"POST /api/v1/score HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "a length below zero": b"POST /api/v1/score HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "a length of letters": b"POST /api/v1/score HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n",
    "a length without end": b"POST /api/v1/score HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 900 + b"\r\n\r\n",
    "a chunk of a negative size": b"POST /api/v1/score HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
    "an unknown encoding": b"POST /api/v1/score HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n",
    "a header without a name": b"GET /api/ready HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n",
    "a header with a NUL": b"GET /api/ready HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
    "a header of 200 KB": b"GET /api/ready HTTP/1.1\r\nHost: a\r\nX: " + LONG + b"\r\n\r\n",
    "a path of 200 KB": b"GET /" + LONG + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "a method of 200 KB": LONG + b" / HTTP/1.1\r\nHost: a\r\n\r\n",
}


@pytest.mark.parametrize("request_", ODD.values(), ids=ODD)
def test_what_is_no_request_is_answered_with_an_error(server, request_) -> None:
    made = line(server)
    with contextlib.suppress(ConnectionError):
        made.sendall(request_)
    made.settimeout(5)
    try:
        said = answer(made)
    except TimeoutError:
        said = b"HTTP/1.1 408 (the server waits for more)"
    assert said == b"" or said.startswith(b"HTTP/1.1 4")


def test_a_request_hidden_in_a_body_is_not_read_as_one(server) -> None:
    """Both a length and chunks: what one proxy takes for the body, the server must not take for the next request."""
    hidden = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
    head = b"POST /api/v1/score HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    said = answer(line(server, head + b"0\r\n\r\n" + hidden))
    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.count(b"HTTP/1.1 ") == 1


PATHS = (
    "/../service.py",
    "/..%2f..%2fservice.py",
    "/%2e%2e/%2e%2e/service.py",
    "/static/../../service.py",
    "/static/..%5c..%5cservice.py",
    "/app/static/../../service.py",
    "/component/../../../../../../etc/passwd",
    "/component/x/..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/_stcore/bidi-components/x/../../../../etc/passwd",
    "/media/../../etc/passwd",
    "//etc/passwd",
    "/api/v1/../../service.py",
    "/api/..%2fservice.py",
    "/.streamlit/secrets.toml",
    "/.streamlit/config.toml",
    "/artifacts/MANIFEST.json",
    "/.git/config",
    "/service.py%00.png",
)


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_to_a_file_of_the_server(server, path) -> None:
    status, _, body = server.request("GET", path)
    assert status < 500
    for part in (b"keep_uploads_in_memory", b"root:", b"gatherUsageStats", b"sha256", b"[core]"):
        assert part not in body


def part(name: str, value: bytes = b"x", file: str | None = None) -> bytes:
    tail = f'; filename="{file}"' if file is not None else ""
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{tail}\r\n\r\n'.encode() + value + b"\r\n"


FORMS = {
    "nothing": b"",
    "no form": b"no form at all",
    "no end": part("file", film(), "a.jpeg"),
    "no name": b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--\r\n",
    "no disposition": b"--x\r\n\r\nx\r\n--x--\r\n",
    "a file that is a field": part("file", film()) + b"--x--\r\n",
    "2,000 fields": part("a") * 2000 + b"--x--\r\n",
    "2,000 files": part("file", b"x", "a.jpeg") * 2000 + b"--x--\r\n",
    "a field of 10 MB": part("model", b"m" * 10_000_000) + part("file", film(), "a.jpeg") + b"--x--\r\n",
    "a header of 5 MB": b"--x\r\nContent-Disposition: " + b"a" * 5_000_000 + b"\r\n\r\nx\r\n--x--\r\n",
    "10,000 headers": b"--x\r\n" + b"X-A: b\r\n" * 10_000 + b"\r\nx\r\n--x--\r\n",
    "20 MB of line ends": b"\r\n" * 10_000_000,
    "a million boundaries": b"--x\r\n" * 1_000_000,
    "a model of a path": part("model", b"../../etc/passwd") + part("file", film(), "a.jpeg") + b"--x--\r\n",
    "a model of a script": part("model", SCRIPT.encode()) + part("file", film(), "a.jpeg") + b"--x--\r\n",
    "a prevalence of infinity": part("prevalence", b"inf") + part("file", film(), "a.jpeg") + b"--x--\r\n",
}


@pytest.mark.parametrize("body", FORMS.values(), ids=FORMS)
def test_odd_forms_are_problems(server, body) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Authorization": f"Bearer {TOKEN}"}
    start = server.seconds()
    status, given, said = server.request("POST", "/api/v1/score", body, headers)
    assert 400 <= status < 500
    assert given["content-type"] == "application/problem+json"
    assert "score" not in json.loads(said)
    assert len(said) < 2000
    assert server.seconds() - start < 2


@pytest.mark.parametrize("kind", ["multipart/form-data", "application/json", "text/html", "image/jpeg", "x" * 9000, ""])
def test_other_media_types_are_problems(server, kind) -> None:
    status, given, _ = server.request(
        "POST", "/api/v1/score", film(), {"Content-Type": kind, "Authorization": f"Bearer {TOKEN}"}
    )
    assert 400 <= status < 500
    assert given["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", [SCRIPT, "a\u202egpj.exe", "../../etc/passwd", "x" * 3000, "a'\"><svg/onload=1>.jpeg"])
def test_a_name_comes_back_as_json_that_no_browser_takes_for_a_page(server, name) -> None:
    body = part("file", b"no picture", name.replace('"', "%22")) + b"--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Authorization": f"Bearer {TOKEN}"}
    status, given, said = server.request("POST", "/api/v1/score?name=%3Cscript%3E", body, headers)
    assert status == 422
    assert given["content-type"] == "application/problem+json"
    for header, value in HEADERS.items():
        assert given[header.lower()] == value
    assert json.loads(said)["detail"].isprintable()
    assert "etc/" not in json.loads(said)["detail"]


def test_the_interface_tells_no_other_site_that_it_may_read_the_answers(server) -> None:
    headers = {"Origin": "https://other.example", "Access-Control-Request-Method": "POST"}
    for method, path in (("OPTIONS", "/api/v1/score"), ("GET", "/api/v1/openapi.json"), ("GET", "/api/ready")):
        _, given, _ = server.request(method, path, headers=headers)
        assert not [name for name in given if name.startswith("access-control-allow")]


@contextlib.contextmanager
def session(server: Server, **options: object) -> Iterator[str]:
    """The id of a session that a page of the app itself opened."""
    address = f"ws://127.0.0.1:{server.port}/_stcore/stream"
    with connect(address, subprotocols=["streamlit"], origin=server.address, **options) as socket_:
        start = BackMsg()
        start.rerun_script.query_string = ""
        socket_.send(start.SerializeToString())
        message = ForwardMsg()
        while not message.HasField("new_session"):
            message.ParseFromString(socket_.recv(timeout=300))
        yield message.new_session.initialize.session_id


def test_a_page_of_another_site_cannot_open_a_session(server) -> None:
    for origin in ("https://other.example", "http://127.0.0.1.other.example", "null", "file://"):
        with (
            pytest.raises(InvalidStatus, match="403"),
            connect(f"ws://127.0.0.1:{server.port}/_stcore/stream", subprotocols=["streamlit"], origin=origin),
        ):
            pass


def test_a_name_of_another_site_that_leads_here_opens_no_session(server) -> None:
    """The browser takes the other site's page for the app's own, since both have the name (DNS rebinding)."""
    for name, refused in (("other.example", True), ("localhost", False)):
        address = f"{name}:{server.port}"
        about = {"subprotocols": ["streamlit"], "origin": f"http://{address}"}
        expected = pytest.raises(InvalidStatus, match="403") if refused else contextlib.nullcontext()
        with expected, line(server) as made, connect(f"ws://{address}/_stcore/stream", sock=made, **about):
            pass


@pytest.mark.parametrize("path", ["/", "/read", "/_stcore/health", "/static/none.js", "/media/none.png", "/api/ready"])
def test_security_headers_stand_on_everything(server, path) -> None:
    given = server.request("GET", path)[1]
    assert {name: given.get(name.lower()) for name in HEADERS} == HEADERS


def test_a_page_of_another_site_cannot_upload_into_a_session(server) -> None:
    """With the session's id and the reader's cookie, but without the token that only the app's own page can read."""
    token = cookie(server)
    kind, body = form("a.jpeg", film())
    foreign = {"Content-Type": kind, "Origin": "https://other.example"}
    attempts = {
        "nothing": {},
        "cookie alone": {"Cookie": f"_streamlit_xsrf={token}"},
        "header alone": {"X-Xsrftoken": token},
        "another cookie": {"Cookie": f"_streamlit_xsrf={cookie(server)}", "X-Xsrftoken": token[:-4] + "0000"},
        "made up": {"Cookie": "_streamlit_xsrf=a", "X-Xsrftoken": "a"},
    }
    with session(server) as own:
        path = f"/_stcore/upload_file/{own}/file"
        for headers in attempts.values():
            for method in ("PUT", "DELETE"):
                assert server.request(method, path, body, foreign | headers)[0] == 403
        assert server.request("POST", path, body, foreign)[0] == 405
        for other in ("https://other.example", "null"):
            _, given, _ = server.request("OPTIONS", path, headers={"Origin": other})
            assert given.get("access-control-allow-origin") not in (other, "*")
        right = {"Cookie": f"_streamlit_xsrf={token}", "X-Xsrftoken": token, "Content-Type": kind}
        assert server.request("PUT", path, body, right)[0] == 204  # the app's own page can
        unknown = path.replace(own, "00000000-0000-0000-0000-000000000000")
        assert server.request("PUT", unknown, body, right)[0] == 400
        assert server.request("PUT", path, None, right | {"Content-Length": str(300 * 2**20)})[0] == 413


def cookie(server: Server) -> str:
    """The token that the app gives a browser, whose cookie other sites do not make it send."""
    given = server.request("GET", "/_stcore/health")[1]["set-cookie"]
    assert "samesite=" in given.lower()
    assert "samesite=none" not in given.lower()
    return given.partition("=")[2].partition(";")[0]
