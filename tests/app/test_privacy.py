"""Uploads stay in memory, for their session alone; tests/e2e/test_privacy_server.py looks into a real server."""

import ast
import asyncio
import logging
from types import SimpleNamespace

import pytest
from starlette.requests import ClientDisconnect
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.imaging.archive import MAX_PACKED
from core.paths import ROOT
from pages.shared import privacy
from tests.support.app import open_app

UPLOADS = {"digest", "file_id", "file_ids", "row", "films", "data", "current"}  # what cached functions know uploads by


def test_the_largest_upload_is_not_spooled_to_disk() -> None:
    from starlette.formparsers import MultiPartParser

    MultiPartParser.spool_max_size = 1024**2
    open_app()
    assert MultiPartParser.spool_max_size > MAX_PACKED


def cached_functions() -> list[tuple[str, set[str], bool]]:
    """Place, arguments, and whether it is kept for a session alone, of each function whose answers are cached."""
    found = []
    for path in sorted((ROOT / "pages").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            for one in node.decorator_list:
                call = one.func if isinstance(one, ast.Call) else one
                if isinstance(call, ast.Attribute) and call.attr in ("cache_data", "cache_resource"):
                    options = {word.arg: word.value for word in one.keywords} if isinstance(one, ast.Call) else {}
                    scope = getattr(options.get("scope"), "value", "global")
                    names = {argument.arg.removeprefix("_") for argument in node.args.args}
                    found.append((f"{path.name}:{node.name}", names, scope == "session"))
    return found


def test_what_derives_from_an_upload_is_cached_for_its_session_alone() -> None:
    functions = cached_functions()
    of_uploads = [(place, alone) for place, names, alone in functions if names & UPLOADS]
    assert len(of_uploads) >= 15
    # `chart_cache` is for charts of committed figures; tests/e2e/test_privacy_server.py looks whether Compare does so.
    assert [place for place, alone in of_uploads if not alone] in ([], ["chart_cache.py:_figure"])


class Server:
    """Streamlit's runtime as far as it is asked."""

    def __init__(self, active: set[str]) -> None:
        self.active = active
        self.closed: list[str] = []
        self.asked: list[str] = []
        self.state = runtime.RuntimeState.ONE_OR_MORE_SESSIONS_CONNECTED

    def is_active_session(self, session_id: str) -> bool:
        return session_id in self.active

    def close_session(self, session_id: str) -> None:
        self.closed.append(session_id)

    def connect_session(self, *, client: runtime.SessionClient, user_info: dict[str, str]) -> str:
        assert user_info == {}
        client.write_forward_msg(ForwardMsg())
        return "nobody"

    def handle_backmsg(self, session_id: str, message: BackMsg) -> None:
        self.asked.append(session_id)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server(active={"came back"})
    monkeypatch.setattr(
        privacy, "runtime", SimpleNamespace(get_instance=lambda: made, RuntimeState=runtime.RuntimeState)
    )
    monkeypatch.setattr(privacy, "KEPT_SECONDS", 0.01)
    monkeypatch.setattr(privacy, "COLLECT_SECONDS", 0.02)
    monkeypatch.setattr(privacy, "VISIT_SECONDS", 0.01)
    return made


async def swept(collected: list[int]) -> None:
    """Wait for the first sweep, and as long again as two sweeps are apart."""
    async with asyncio.timeout(300):
        while not collected:
            await asyncio.sleep(0.01)
    await asyncio.sleep(3 * privacy.COLLECT_SECONDS)


def test_a_session_is_closed_after_its_browser_has_gone(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[int] = []
    monkeypatch.setattr(privacy, "gc", SimpleNamespace(collect=lambda: collected.append(1)))

    async def leave() -> None:
        for session in ("one", "came back", "two"):
            privacy._close_later(session)
        assert server.closed == []
        await swept(collected)

    asyncio.run(leave())
    assert server.closed == ["one", "two"]
    assert collected == [1], "sessions that end together are swept up at once"
    assert server.asked == []


def test_where_nobody_is_left_nobody_takes_the_last_ones_place(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[int] = []
    monkeypatch.setattr(privacy, "gc", SimpleNamespace(collect=lambda: collected.append(1)))
    server.state = runtime.RuntimeState.NO_SESSIONS_CONNECTED

    async def leave() -> None:
        privacy._close_later("one")
        await swept(collected)

    asyncio.run(leave())
    assert (server.asked, server.closed, collected) == (["nobody"], ["one", "nobody"], [1])


def test_clearing_caches_ends_no_session(server: Server) -> None:
    privacy._close_later("one")  # as a script's thread does, without an event loop
    assert server.closed == []


def test_every_session_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    watched: list[str] = []
    monkeypatch.setattr(privacy, "_watched", lambda: watched.append("once"))
    open_app()
    assert watched == ["once"]


def test_a_broken_upload_is_no_error_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    open_app()
    log = logging.getLogger("uvicorn.error")
    for error in (ClientDisconnect(), OSError("disk full")):
        log.error("Exception in ASGI application", exc_info=error)
    assert [record.exc_info[1] for record in caplog.records if record.name == log.name] == [error]
