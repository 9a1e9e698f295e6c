"""A small client that speaks Streamlit's protocol: a session over a websocket, an upload over HTTP, widget states.

What a browser does less the drawing: it takes in every message of a run and knows when the run has ended.
"""

import asyncio
import socket
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

XSRF = "_streamlit_xsrf"
RUN_SECONDS = 300
Chosen = Mapping[str, str | tuple[str, ...]]


class Session:
    """One reader's session, from `open_session`.

    ``seconds`` is the wall time of the last run, from the request to the end of the script with all its messages;
    ``script_seconds`` is what the server itself says of the script, where it was started with ``profile``;
    ``tabs`` are the labels of each set of tabs that the last run drew and that the server knows of, by its id;
    ``controls`` are the ids of segmented controls and sliders by their keys. A file that was given stays given.
    """

    def __init__(self, address: str, stream: ClientConnection, http: requests.Session, page: str) -> None:
        self.address = address
        self.page = page
        self.uploader = ""
        self.script = ""
        self.seconds = 0.0
        self.script_seconds = 0.0
        self.tabs: dict[str, list[str]] = {}
        self.controls: dict[str, str] = {}
        self._file: tuple[str, str, int] | None = None
        self._stream = stream
        self._http = http

    async def run(self, *, chosen: Chosen | None = None) -> str:
        """Run the page with ``chosen`` labels by the ids of widgets, a tuple for a segmented control or a slider; all
        that the run drew, as text.

        Raises
        ------
        RuntimeError
            The script failed, or drew an exception.
        """
        message = BackMsg()
        state = message.rerun_script
        state.page_name = self.page if not self.script else ""
        state.page_script_hash = self.script
        if self._file is not None:
            widget = state.widget_states.widgets.add()
            widget.id = self.uploader
            info = widget.file_uploader_state_value.uploaded_file_info.add()
            info.file_id, info.name, info.size = self._file
            info.file_urls.file_id = self._file[0]
        for name, label in (chosen or {}).items():
            choice = state.widget_states.widgets.add()
            choice.id = name
            if isinstance(label, str):
                choice.string_value = label
            else:
                choice.string_array_value.data.extend(label)
        self.tabs = {}
        start = time.perf_counter()
        await self._stream.send(message.SerializeToString())
        elements: list[str] = []
        while True:
            got = await self._receive()
            kind = got.WhichOneof("type")
            if kind == "new_session":
                self.script = got.new_session.page_script_hash or self.script
            elif kind == "navigation":
                self.script = got.navigation.page_script_hash or self.script
            elif kind == "delta":
                self._take(got, elements)
            elif kind == "page_profile":
                self.script_seconds = got.page_profile.exec_time / 1e6
            elif kind == "script_finished":
                if got.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    self.seconds = time.perf_counter() - start
                    return "\n".join(elements)
                if got.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise RuntimeError("the script failed")

    def _take(self, got: ForwardMsg, elements: list[str]) -> None:
        block = got.delta.add_block
        if block.tab_container.id:
            self.tabs[block.tab_container.id] = []
        elif block.tab.label and self.tabs:
            self.tabs[list(self.tabs)[-1]].append(block.tab.label)
        element = got.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise RuntimeError(f"the page drew an exception: {element.exception.message}")
        if kind == "file_uploader":
            self.uploader = element.file_uploader.id
        elif kind in ("button_group", "slider"):
            name = str(getattr(element, kind).id)
            self.controls[name.split("-", 2)[2]] = name  # $$ID-<hash>-<key>
        elif kind in ("markdown", "heading", "metric"):
            elements.append(str(getattr(element, kind).body))

    async def upload(self, name: str, data: bytes, *, chosen: Chosen | None = None) -> str:
        """Give the page a file as a reader does; what it drew from it, as text."""
        place = await self.place(name)
        await asyncio.to_thread(self._put, place.upload_url, name, data)
        return await self.take(place, name, len(data), chosen=chosen)

    async def take(self, place: FileURLs, name: str, size: int, *, chosen: Chosen | None = None) -> str:
        """Have the page take a file that was put to its place; what it drew from it, as text."""
        self._file = (place.file_id, name, size)
        return await self.run(chosen=chosen)

    async def place(self, name: str) -> FileURLs:
        """Where the server wants a file to be put, and what it will call it."""
        request = BackMsg()
        request.file_urls_request.request_id = uuid.uuid4().hex
        request.file_urls_request.file_names.append(name)
        await self._stream.send(request.SerializeToString())
        while (got := await self._receive()).WhichOneof("type") != "file_urls_response":
            pass
        return got.file_urls_response.file_urls[0]

    async def half_upload(self, name: str, data: bytes) -> socket.socket:
        """Send the first half of a file's request; the connection, to look at the server meanwhile and then close."""
        place = await self.place(name)
        headers, body = self.form(name, data)
        server = urlsplit(self.address)
        connection = socket.create_connection((server.hostname or "", server.port or 80))
        head = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
        connection.sendall(f"PUT {place.upload_url} HTTP/1.1\r\nHost: {server.netloc}\r\n{head}\r\n".encode())
        connection.sendall(body[: len(body) // 2])
        return connection

    def form(self, name: str, data: bytes) -> tuple[dict[str, str], bytes]:
        """Headers and body of the request that puts a file to its place."""
        request = requests.Request(
            "PUT",
            self.address,
            files={"file": (name, data, "image/jpeg")},
            headers={"X-Xsrftoken": self._http.cookies.get(XSRF, default="")},
        )
        ready = self._http.prepare_request(request)
        body = ready.body
        return dict(ready.headers), body if isinstance(body, bytes) else b""

    def _put(self, url: str, name: str, data: bytes) -> None:
        headers, body = self.form(name, data)
        self._http.put(f"{self.address}{url}", data=body, headers=headers, timeout=RUN_SECONDS).raise_for_status()

    async def _receive(self) -> ForwardMsg:
        data = await asyncio.wait_for(self._stream.recv(), RUN_SECONDS)
        message = ForwardMsg()
        message.ParseFromString(data if isinstance(data, bytes) else data.encode())
        return message


@asynccontextmanager
async def open_session(address: str, page: str = "", chosen: Mapping[str, str] | None = None) -> AsyncIterator[Session]:
    """Open a page of a server, by the name in its address, and run it once; ``chosen`` as in `Session.run`."""
    http = requests.Session()
    # The server ends a connection that was idle for 5 s; like a browser, the client then tries again on a new one.
    http.mount(address, HTTPAdapter(max_retries=1))
    await asyncio.to_thread(lambda: http.get(f"{address}/_stcore/health", timeout=RUN_SECONDS).raise_for_status())
    place = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    async with connect(  # a busy peer may take longer than the default to answer
        place,
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
        open_timeout=RUN_SECONDS,
        ping_timeout=RUN_SECONDS,
    ) as stream:
        session = Session(address, stream, http, page)
        await session.run(chosen=chosen)
        yield session
    http.close()
