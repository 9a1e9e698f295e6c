"""Load in the background what the first film and the other pages will need, so that no reader waits for it."""

import gc
import importlib
import threading
from contextlib import suppress

import streamlit as st
from streamlit.runtime import exists

from core.data.samples import list_samples
from core.errors import LungLensError
from core.gate import load_gate
from core.runs.store import representative
from pages.shared import COLLECT

# What the pages of evidence import, in the order of the navigation.
PAGES = (
    "compare.films",
    "compare.uploads",
    "compare.matrices",
    "compare.leaderboard",
    "compare.curves",
    "compare.gain_and_cost",
    "training.curves",
    "training.search",
    "training.job",
    "inside.parts",
    "data.parts",
    "data.shift",
    "data.folder",
    "limits.checks",
    "limits.models",
    "limits.shift",
    "limits.use",
    "model_card.parts",
)


def warm_up() -> None:
    """Start loading, once for each server; call it when the first page has been drawn."""
    if exists():  # not in a test of single pages
        _start()


@st.cache_resource(show_spinner=False)
def _start() -> None:
    threading.Thread(target=_load, name="warm up", daemon=True).start()


def _load() -> None:
    """Whatever is missing or damaged is said where it is needed."""
    try:
        _load_models()
        _load_pages()
    finally:
        gc.set_threshold(*COLLECT)


def _load_models() -> None:
    from core.imaging.decode import read_film  # in the background: the first page is drawn before these are loaded
    from pages.read import tabs, verdict  # noqa: F401 (with all that they import)
    from pages.shared import cache as cached

    with suppress(LungLensError, OSError):
        load_gate()
        film = read_film(list_samples()[0].path)
        for run in representative(cached.runs()[0]):
            cached.model(run).predict(film)


def _load_pages() -> None:
    """Import and read what a page of evidence needs when it is the first to be opened."""
    for name in PAGES:
        importlib.import_module(f"pages.{name}")
    from core.evidence.data_card import read_data_card  # in the background, as above
    from core.evidence.read import read_evidence
    from pages.compare import operating_point as compare_point
    from pages.shared import cache as cached

    for read in (read_evidence, read_data_card):
        with suppress(LungLensError, OSError):
            read()
    for run in representative(cached.runs()[0]):
        with suppress(LungLensError, OSError):
            compare_point.scores(run, "test")
