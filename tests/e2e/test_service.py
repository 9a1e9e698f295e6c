"""The service: app and API on one port, nothing of a film in its log, no dialog on a cold deep link."""

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.data.samples import list_samples
from pages.shared.navigation import COMPARE, READ
from tests.e2e.conftest import Visit
from tests.support.servers import serve

TOKEN = "a token of some length"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("service")


@pytest.fixture(scope="module")
def sample_bytes() -> bytes:
    return list_samples()[0].path.read_bytes()


@pytest.fixture(scope="module")
def service_url(folder: Path) -> Iterator[str]:
    with serve(folder, "service.py", LUNGLENS_TOKEN=TOKEN) as address:
        yield address


def post(address: str, name: str, data: bytes, token: str = TOKEN) -> tuple[int, dict[str, object]]:
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{address}/api/v1/score", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_cold_deep_link_opens_its_page_without_a_dialog(visit: Visit, service_url: str) -> None:
    """The first visit of the process, so it stands first in this file."""
    page = visit.open(f"{service_url}/{COMPARE.url_path}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    visit.assert_sound()


def test_page_works_under_the_security_headers(visit: Visit, service_url: str, film_bytes: bytes) -> None:
    refused: list[str] = []
    visit.page.on("console", lambda line: refused.append(line.text) if "Content Security Policy" in line.text else None)
    page = visit.open(f"{service_url}/{READ.url_path}")
    page.set_input_files(
        'input[type="file"]', {"name": "Jane Doe.jpeg", "mimeType": "image/jpeg", "buffer": film_bytes}
    )
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    visit.settle()
    visit.assert_sound()
    assert refused == []


def test_api_answers_beside_the_app(service_url: str, sample_bytes: bytes) -> None:
    status, document = post(service_url, "Jane Doe.jpg", sample_bytes)
    assert status == 200
    assert 0 <= document["score"] <= 1
    assert post(service_url, "a.jpg", sample_bytes, token="wrong")[0] == 401
    assert post(service_url, "a.jpg", b"no picture")[0] == 422
    with urllib.request.urlopen(f"{service_url}/api/ready", timeout=10) as answer:
        assert json.load(answer)["ready"] is True


def test_log_holds_no_name_and_no_part_of_a_film(folder: Path, service_url: str, sample_bytes: bytes) -> None:
    post(service_url, "Jane Doe.jpg", sample_bytes)
    log = (folder / "server.log").read_bytes()
    assert b'"path": "/api/v1/score"' in log
    assert b"Jane" not in log
    assert sample_bytes[1000:1032] not in log
