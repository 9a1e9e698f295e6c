"""The app and its HTTP interface in one server: ``streamlit run service.py``."""

import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount
from streamlit.runtime.pages_manager import PagesManager

from core.api.app import make_api, model_of
from core.api.middleware import AccessLog, SecurityHeaders
from core.api.settings import Settings
from core.errors import InputError, LungLensError
from core.paths import ROOT
from pages.shared import login
from pages.shared.privacy import keep_uploads_in_memory

logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stdout)
logging.getLogger("lunglens.access").setLevel(logging.INFO)
keep_uploads_in_memory()
# A folder named pages/ makes Streamlit take the first deep link for a page unknown to it, until st.navigation has run.
PagesManager.uses_pages_directory = False

settings = Settings.from_environment()
if login.is_configured() and settings.token is None:
    raise InputError("Login guards the pages alone: set LUNGLENS_TOKEN, or the HTTP interface is open to everybody.")


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Load the served model before the first request; without one the server starts and says so when asked."""
    try:
        await anyio.to_thread.run_sync(model_of, None)
    except LungLensError as error:
        logging.getLogger("lunglens").error(str(error))
    yield


app = st.App(
    ROOT / "streamlit_app.py",
    routes=[Mount("/api", app=make_api(settings))],
    middleware=[Middleware(AccessLog), Middleware(SecurityHeaders)],
    lifespan=lifespan,
)
