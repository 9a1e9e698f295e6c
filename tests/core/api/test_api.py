"""The HTTP interface: the same answer as the command line, and a problem document for whatever goes wrong."""

import io
import json
import logging
import shutil
from collections.abc import Iterator

import anyio
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from starlette.applications import Starlette
from starlette.routing import Mount

from core.api.app import MAX_REQUEST, make_api
from core.api.middleware import HEADERS, MOST_INSIDE, AccessLog, BodyLimit, Door, SecurityHeaders
from core.api.settings import Settings
from core.data.samples import list_not_films, list_samples
from core.errors import InputError
from core.gate.check import REASONS
from core.imaging.decode import read_film
from core.imaging.film import MAX_BYTES
from core.inference.model import Model
from core.inference.network import Network
from core.manifest import write_manifest
from core.paths import artifacts_dir
from core.runs.store import list_runs, served
from tests.support.dicom_files import make_dicom

TOKEN = "a token of some length"


def client(**settings) -> TestClient:
    return TestClient(make_api(Settings(**{"rate": 1_000_000, **settings})), raise_server_exceptions=False)


@pytest.fixture
def api() -> Iterator[TestClient]:
    with client() as made:
        yield made


def sample() -> bytes:
    return list_samples()[0].path.read_bytes()


def assert_problem(response, status: int, *words: str) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document.keys() == {"type", "title", "status", "detail"}
    assert document["status"] == status
    for word in words:
        assert word in document["detail"]


def test_score_is_that_of_the_model(api) -> None:
    film = list_samples()[0].path
    response = api.post("/v1/score", files={"file": (film.name, sample())})
    expected = Model(served(list_runs()[0])).predict(read_film(film))
    document = response.json()
    assert response.status_code == 200
    assert document["score"] == pytest.approx(expected.score, abs=1e-6)
    assert document["probability"] == pytest.approx(expected.probability, abs=1e-6)
    assert document["positive"] is expected.positive
    assert (document["verdict"], document["notes"]) == (expected.verdict, [])
    assert document["run_id"] == expected.run_id
    assert "Not a medical device" in document["banner"]


def test_the_notes_of_a_dicom_file_are_in_the_answer(api) -> None:
    pixels = read_film(list_samples()[0].path).pixels
    film = make_dicom(pixels, ViewPosition="LL", PresentationIntentType="FOR PROCESSING")
    document = api.post("/v1/score", files={"file": ("film.dcm", film)}).json()
    assert [note["kind"] for note in document["notes"]] == ["lateral_view", "for_processing"]
    assert all(note["text"].endswith(".") for note in document["notes"])
    assert document["gate"] == "warn"


def test_what_is_no_chest_film_gets_a_reason_and_no_score(api) -> None:
    drawing = list_not_films()[0].path
    response = api.post("/v1/score", files={"file": (f"\u202e{drawing.name}", drawing.read_bytes())})
    assert_problem(response, 422, f"?{drawing.name}", REASONS["other"])


def test_without_a_gate_nothing_is_scored(tmp_path, monkeypatch) -> None:
    folder = tmp_path / "artifacts"
    run = served(list_runs()[0])
    film = sample()
    shutil.copytree(run.folder, folder / run.run_id)
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(folder))
    write_manifest()
    with client() as api:
        assert_problem(api.post("/v1/score", files={"file": ("a.jpg", film)}), 503, "gate")


def test_model_and_prevalence_can_be_chosen(api) -> None:
    form = {"model": "dense", "prevalence": "0.5"}
    document = api.post("/v1/score", files={"file": ("a.jpg", sample())}, data=form).json()
    assert (document["model"], document["prevalence"]) == ("dense", 0.5)


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("a.jpg", b"", "empty"),
        ("a.jpg", b"not a picture", "not a picture"),
        ("../../etc/passwd.png", b"\x89PNG\r\n\x1a\n", "passwd.png"),
    ],
)
def test_a_bad_film_is_a_problem_and_no_verdict(api, name, data, word) -> None:
    response = api.post("/v1/score", files={"file": (name, data)})
    assert_problem(response, 422, word)
    assert "etc/" not in response.text
    assert "score" not in response.json()


def test_form_is_checked(api) -> None:
    film = {"file": ("a.jpg", sample())}
    assert_problem(api.post("/v1/score"), 422, "file")
    assert_problem(api.post("/v1/score", files=film, data={"prevalence": "1.5"}), 422, "prevalence")
    assert_problem(api.post("/v1/score", files=film, data={"prevalence": "nan"}), 422, "prevalence")
    assert_problem(api.post("/v1/score", files=film, data={"model": "no such model"}), 404, "no such model")
    assert_problem(api.get("/v1/score"), 405)
    assert_problem(api.get("/v2/score"), 404)


def test_too_much_is_refused_before_it_is_read(api) -> None:
    assert_problem(api.post("/v1/score", files={"file": ("a.jpg", bytes(MAX_BYTES + 1))}), 422, "MB")
    assert_problem(api.post("/v1/score", content=b"", headers={"content-length": str(MAX_REQUEST + 1)}), 413, "MB")

    def endless() -> Iterator[bytes]:
        yield b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        for _ in range(MAX_REQUEST // 2**20 + 1):
            yield bytes(2**20)

    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert_problem(api.post("/v1/score", content=endless(), headers=headers), 413, "MB")


def test_a_slow_body_is_given_up() -> None:
    asked = 0

    async def receive() -> dict[str, object]:
        nonlocal asked
        asked += 1
        if asked > 1:
            await anyio.sleep_forever()
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def reads(scope, receive, send) -> None:
        while True:
            await receive()

    async def main() -> None:
        limited = BodyLimit(reads, most=100, seconds=0.05)
        with anyio.fail_after(300), pytest.raises(Exception, match="408"):
            await limited({"type": "http", "headers": []}, receive, None)

    anyio.run(main)


def test_token_is_asked_for_where_there_is_one() -> None:
    with client(token=TOKEN) as api:
        for header in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}):
            assert_problem(api.get("/v1/models", headers=header), 401, "token")
            assert_problem(api.post("/v1/score", headers=header, files={"file": ("a.jpg", sample())}), 401, "token")
        assert api.get("/v1/models", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
        assert_problem(api.get("/v1/models", headers={"authorization": "Bearer " + "x" * 60_000}), 401, "token")
        assert api.get("/ready").status_code == 200  # a probe has no token


@pytest.mark.parametrize("settings", [{"token": TOKEN}, {"rate": 1}])
def test_who_is_turned_away_is_not_read(settings) -> None:
    read = 0

    def body() -> Iterator[bytes]:
        nonlocal read
        for _ in range(5):
            read += 1
            yield bytes(2**20)

    with client(**settings) as api:
        api.post("/v1/score", files={"file": ("a.jpg", b"x")})
        headers = {"content-type": "multipart/form-data; boundary=x"}
        assert api.post("/v1/score", content=body(), headers=headers).status_code == (
            401 if "token" in settings else 429
        )
    assert read <= 1  # the test client sends the first piece unasked


def test_more_films_than_memory_holds_are_put_off() -> None:
    async def main() -> None:
        started, goes_on, answers = 0, anyio.Event(), []

        async def judges(scope, receive, send) -> None:
            nonlocal started
            started += 1
            await goes_on.wait()

        async def send(message) -> None:
            answers.append(message)

        door = Door(judges, token=None, rate=1000)
        scope = {"type": "http", "path": "/api/v1/score", "root_path": "/api", "method": "POST", "headers": []}
        async with anyio.create_task_group() as clients:
            for _ in range(MOST_INSIDE + 1):
                clients.start_soon(door, scope, None, send)
            await anyio.wait_all_tasks_blocked()
            assert started == MOST_INSIDE
            assert answers[0]["status"] == 503
            goes_on.set()
        await door(scope, None, send)
        assert started == MOST_INSIDE + 1

    anyio.run(main)


def test_rate_is_limited() -> None:
    with client(rate=2) as api:
        statuses = [api.post("/v1/score", files={"file": ("a.jpg", b"x")}).status_code for _ in range(3)]
        assert statuses == [422, 422, 429]
        response = api.post("/v1/score", files={"file": ("a.jpg", b"x")})
        assert_problem(response, 429, "2 films a minute")
        assert response.headers["retry-after"] == "60"
        assert api.get("/ready").status_code == 200


def test_models_are_those_of_the_command_line(api) -> None:
    models = api.get("/v1/models").json()["models"]
    assert [model["run_id"] for model in models if model["served"]] == [served(list_runs()[0]).run_id]


def test_not_ready_without_a_model(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(tmp_path))
    with client() as api:
        assert_problem(api.get("/ready"), 503)
        assert_problem(api.post("/v1/score", files={"file": ("a.jpg", b"x")}), 422)


def test_not_ready_where_the_model_answers_with_no_number(api, monkeypatch) -> None:
    nothing = np.full(1, np.nan, np.float32)
    monkeypatch.setattr(Network, "score", lambda *_: (nothing, nothing))
    assert_problem(api.get("/ready"), 503, "no number")


def test_a_damaged_model_is_not_served(tmp_path, monkeypatch) -> None:
    run = served(list_runs()[0])
    folder = tmp_path / "artifacts"
    shutil.copytree(run.folder, folder / run.run_id)
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(folder))
    write_manifest()
    with (folder / run.run_id / "model.onnx").open("r+b") as file:
        file.seek(1000)
        file.write(b"damage")
    from core.api import app

    app._loaded.cache_clear()
    with client() as api:
        assert_problem(api.get("/ready"), 503, "model.onnx")
    app._loaded.cache_clear()
    assert artifacts_dir() == folder


def test_a_mistake_of_ours_shows_no_inside(api, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret place")

    monkeypatch.setattr("core.api.app.decode_film", broken)
    response = api.post("/v1/score", files={"file": ("a.jpg", sample())})
    assert_problem(response, 500)
    assert "secret" not in response.text


def test_headers_and_log_without_contents(caplog) -> None:
    inner = Starlette(routes=[Mount("/api", app=make_api(Settings()))])
    with caplog.at_level(logging.INFO, "lunglens.access"):
        api = TestClient(AccessLog(SecurityHeaders(inner)))
        response = api.post("/api/v1/score?secret=1", files={"file": ("Jane Doe.jpg", sample())})
        api.get("/api/nope/Jane")
        api.post("/api/Jane", headers={"content-length": str(MAX_REQUEST + 1)}, content=b"")
        api.request("JANE", "/api/ready")
        api.get("/media/Jane.png")
    assert response.status_code == 200
    for name, value in HEADERS.items():
        assert response.headers[name] == value
    assert response.headers["cache-control"] == "no-store"
    lines = [json.loads(record.message) for record in caplog.records]
    assert [(line["path"], line["status"]) for line in lines] == [
        ("/api/v1/score", 200),
        ("", 404),
        ("", 413),
        ("", 405),
    ]
    assert "Jane" not in caplog.text
    assert "secret" not in caplog.text


def test_openapi_document_describes_errors(api) -> None:
    document = api.get("/v1/openapi.json").json()
    score = document["paths"]["/v1/score"]["post"]
    assert {"200", "413", "422", "429", "503"} <= score["responses"].keys()
    assert "security" not in score
    with client(token=TOKEN) as guarded:
        score = guarded.get("/v1/openapi.json").json()["paths"]["/v1/score"]["post"]
    assert "401" in score["responses"]
    assert "security" in score
    assert "Problem" in document["components"]["schemas"]


def test_a_film_larger_than_a_megabyte_stays_in_memory(api, monkeypatch) -> None:
    import tempfile

    from pages.shared.privacy import keep_uploads_in_memory

    keep_uploads_in_memory()
    rolled = []
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", lambda self: rolled.append(self), raising=True)
    picture = io.BytesIO()
    with Image.open(list_samples()[0].path) as film:
        film.convert("L").resize((2500, 2000)).save(picture, "BMP")
    assert len(picture.getvalue()) > 1024**2
    assert api.post("/v1/score", files={"file": ("a.bmp", picture.getvalue())}).status_code == 200
    assert rolled == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("LUNGLENS_TOKEN", "short"), ("LUNGLENS_RATE", "0"), ("LUNGLENS_RATE", "many"), ("LUNGLENS_UPLOAD_SECONDS", "-1")],
)
def test_wrong_settings_are_said_at_the_start(name, value, monkeypatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match=name):
        Settings.from_environment()


def test_settings_come_from_the_environment(monkeypatch) -> None:
    assert Settings.from_environment() == Settings()
    monkeypatch.setenv("LUNGLENS_TOKEN", TOKEN)
    monkeypatch.setenv("LUNGLENS_RATE", "7")
    assert Settings.from_environment() == Settings(token=TOKEN, rate=7)
