"""Keeping uploads off the disk, and letting go of them once their reader has left."""

import asyncio
import gc
import logging

import streamlit as st
from starlette.formparsers import MultiPartParser
from starlette.requests import ClientDisconnect
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.imaging.archive import MAX_PACKED
from core.imaging.memory import trim

KEPT_SECONDS = 100  # after a browser has gone, for one whose connection broke; Streamlit takes it back for 120
COLLECT_SECONDS = 10  # sessions that end together are swept up together
VISIT_SECONDS = 1  # for Streamlit's loop to come round
_collecting = False


def keep_uploads_in_memory() -> None:
    """Let the web server hold the largest upload, a zip, in memory; by default it spools more than 1 MB to a file."""
    MultiPartParser.spool_max_size = MAX_PACKED + 1024**2


def forget_when_left() -> None:
    """Close this session some time after its browser has gone, with its uploads and all that derives from them.

    Streamlit stores a session whose browser has gone, and drops it only when a later one goes: on a server that nobody
    else uses, the last reader's films would stay in memory.
    """
    logging.getLogger("uvicorn.error").addFilter(_is_an_error)
    if get_script_run_ctx() is not None:
        _watched()


def _is_an_error(record: logging.LogRecord) -> bool:
    """Return whether a log record is an error; a browser that leaves in the middle of an upload is not."""
    return not (record.exc_info and isinstance(record.exc_info[1], ClientDisconnect))


def _close_later(session_id: str) -> None:
    """Close a session later; Streamlit calls it when its browser has gone, and when its caches are cleared."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # caches are cleared by a script; the session goes on
        return
    loop.call_later(KEPT_SECONDS, _close, session_id)


@st.cache_resource(scope="session", show_spinner=False, on_release=_close_later)
def _watched() -> str:
    """Return the session's id; its release is the only sign from Streamlit that a browser has gone."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def _close(session_id: str) -> None:
    global _collecting
    server = runtime.get_instance()
    if server.is_active_session(session_id):  # the browser came back
        return
    server.close_session(session_id)
    if not _collecting:
        _collecting = True
        asyncio.get_running_loop().call_later(COLLECT_SECONDS, _collect)


def _collect() -> None:
    """Collect garbage: a closed session is a ring of objects, which an idle server would keep.

    Streamlit's loop holds on to the session that it served last, and to the last that it sent there, until it serves
    another one: where nobody is left, a session of nobody takes that place.
    """
    global _collecting
    _collecting = False
    server = runtime.get_instance()
    if server.state is runtime.RuntimeState.NO_SESSIONS_CONNECTED:
        nobody = server.connect_session(client=_Nobody(), user_info={})
        question = BackMsg()
        question.file_urls_request.request_id = "nobody"
        server.handle_backmsg(nobody, question)
        asyncio.get_running_loop().call_later(VISIT_SECONDS, _end_visit, nobody)
    else:
        _free()


def _end_visit(nobody: str) -> None:
    runtime.get_instance().close_session(nobody)
    _free()


def _free() -> None:
    """Collect garbage and return freed pages to the operating system, which clears them before anyone else has them."""
    gc.collect()
    trim()


class _Nobody(runtime.SessionClient):
    """A browser that takes no notice."""

    def write_forward_msg(self, msg: ForwardMsg) -> None:
        """Drop it."""

    @property
    def client_context(self) -> None:
        """None: there is no connection."""
        return None
