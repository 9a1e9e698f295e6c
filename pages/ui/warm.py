"""Load in the background what the first film will need, so that its reader does not wait for it."""

import threading
from contextlib import suppress

import streamlit as st
from streamlit.runtime import exists

from core.errors import LungLensError
from core.gate import load_gate
from core.runs import representative
from core.samples import list_samples


def warm_up() -> None:
    """Start loading, once for each server; call it when the first page has been drawn."""
    if exists():  # not in a test of single pages
        _start()


@st.cache_resource(show_spinner=False)
def _start() -> None:
    threading.Thread(target=_load, name="warm up", daemon=True).start()


def _load() -> None:
    """Whatever is missing or damaged is said where it is needed."""
    from core.film import read_film
    from pages.ui import cached, read_tabs, read_verdict  # noqa: F401 (with all that they import)

    with suppress(LungLensError, OSError):
        load_gate()
        film = read_film(list_samples()[0].path)
        for run in representative(cached.runs()[0]):
            cached.model(run).predict(film)
