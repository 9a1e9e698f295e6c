"""A small client that speaks Streamlit's protocol: a session over a websocket, an upload over HTTP, widget states.

What a browser does less the drawing: it takes in every message of a run and knows when the run has ended.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

XSRF = "_streamlit_xsrf"
RUN_SECONDS = 300


class Session:
    """One reader's session, from `open_session`."""

    def __init__(self, address: str, socket: ClientConnection, http: requests.Session, page: str) -> None:
        self.address = address
        self.page = page
        self.uploader = ""
        self.script = ""
        self._socket = socket
        self._http = http

    async def run(self, *, file: tuple[str, str, int] | None = None) -> str:
        """Run the page, with an uploaded file (id, name, size) in its uploader; all that the run drew, as text.

        Raises
        ------
        RuntimeError
            The script failed, or drew an exception.
        """
        message = BackMsg()
        state = message.rerun_script
        state.page_name = self.page if not self.script else ""
        state.page_script_hash = self.script
        if file is not None:
            widget = state.widget_states.widgets.add()
            widget.id = self.uploader
            info = widget.file_uploader_state_value.uploaded_file_info.add()
            info.file_id, info.name, info.size = file
            info.file_urls.file_id = file[0]
        await self._socket.send(message.SerializeToString())
        drawn: list[str] = []
        while True:
            got = await self._receive()
            kind = got.WhichOneof("type")
            if kind == "new_session":
                self.script = got.new_session.page_script_hash or self.script
            elif kind == "navigation":
                self.script = got.navigation.page_script_hash or self.script
            elif kind == "delta":
                self._take(got, drawn)
            elif kind == "script_finished":
                if got.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return "\n".join(drawn)
                if got.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise RuntimeError("the script failed")

    def _take(self, got: ForwardMsg, drawn: list[str]) -> None:
        element = got.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise RuntimeError(f"the page drew an exception: {element.exception.message}")
        if kind == "file_uploader":
            self.uploader = element.file_uploader.id
        elif kind in ("markdown", "heading", "metric"):
            drawn.append(str(getattr(element, kind).body))

    async def upload(self, name: str, data: bytes) -> str:
        """Give the page a file as a reader does; what it drew from it, as text."""
        request = BackMsg()
        request.file_urls_request.request_id = uuid.uuid4().hex
        request.file_urls_request.file_names.append(name)
        await self._socket.send(request.SerializeToString())
        while (got := await self._receive()).WhichOneof("type") != "file_urls_response":
            pass
        place = got.file_urls_response.file_urls[0]
        await asyncio.to_thread(self._put, place.upload_url, name, data)
        return await self.run(file=(place.file_id, name, len(data)))

    def _put(self, url: str, name: str, data: bytes) -> None:
        answer = self._http.put(
            f"{self.address}{url}",
            files={"file": (name, data, "image/jpeg")},
            headers={"X-Xsrftoken": self._http.cookies.get(XSRF, default="")},
            timeout=RUN_SECONDS,
        )
        answer.raise_for_status()

    async def _receive(self) -> ForwardMsg:
        data = await asyncio.wait_for(self._socket.recv(), RUN_SECONDS)
        message = ForwardMsg()
        message.ParseFromString(data if isinstance(data, bytes) else data.encode())
        return message


@asynccontextmanager
async def open_session(address: str, page: str = "") -> AsyncIterator[Session]:
    """Open a page of a server, by the name in its address, and run it once."""
    http = requests.Session()
    await asyncio.to_thread(lambda: http.get(f"{address}/_stcore/health", timeout=RUN_SECONDS).raise_for_status())
    place = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    async with connect(  # a busy peer may take longer than the default to answer
        place,
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
        open_timeout=RUN_SECONDS,
        ping_timeout=RUN_SECONDS,
    ) as socket:
        session = Session(address, socket, http, page)
        await session.run()
        yield session
    http.close()
