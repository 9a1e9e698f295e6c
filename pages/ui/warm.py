"""Load in the background what the first film and the other pages will need, so that no reader waits for it."""

import gc
import importlib
import threading
from contextlib import suppress

import streamlit as st
from streamlit.runtime import exists

from core.errors import LungLensError
from core.gate import load_gate
from core.runs import representative
from core.samples import list_samples
from pages.ui import COLLECT

# What the pages of evidence import, in the order of the navigation.
PAGES = (
    "compare_films",
    "compare_own",
    "compare_tabs",
    "compare_board",
    "compare_curves",
    "compare_ladder",
    "training_curves",
    "training_search",
    "training_job",
    "inside_parts",
    "data_parts",
    "data_shift",
    "data_folder",
    "limits_checks",
    "limits_shift",
    "limits_use",
    "card_parts",
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
    from core.film import read_film
    from pages.ui import cached, read_tabs, read_verdict  # noqa: F401 (with all that they import)

    with suppress(LungLensError, OSError):
        load_gate()
        film = read_film(list_samples()[0].path)
        for run in representative(cached.runs()[0]):
            cached.model(run).predict(film)


def _load_pages() -> None:
    """What a page of evidence imports and reads when it is the first to be opened."""
    for name in PAGES:
        importlib.import_module(f"pages.ui.{name}")
    from core.data_card import read_data_card
    from core.evidence.read import read_evidence
    from pages.ui import cached, compare_point

    for read in (read_evidence, read_data_card):
        with suppress(LungLensError, OSError):
            read()
    for run in representative(cached.runs()[0]):
        with suppress(LungLensError, OSError):
            compare_point.scores(run, "test")
