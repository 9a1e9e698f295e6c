"""Fixtures for every test: no test touches the user's own runs or caches, none inherits Streamlit's."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.films import draw_film, jpeg

# The app hides the text of an exception from its readers; a failing test shows it. Read when Streamlit is imported.
os.environ.setdefault("STREAMLIT_CLIENT_SHOW_ERROR_DETAILS", "full")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# What a busy machine takes long for is no failure.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path) -> Iterator[None]:
    """Runs and caches of a test go to its temporary folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUNGLENS_RUNS", str(tmp_path / "runs"))
        patch.setenv("LUNGLENS_CACHE", str(tmp_path / "cache"))
        yield


@pytest.fixture(autouse=True)
def own_main_module() -> Iterator[None]:
    """An AppTest leaves its script as ``__main__``, which every process that is spawned later would run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(autouse=True)
def no_leaking_caches(request: pytest.FixtureRequest) -> Iterator[None]:
    """Streamlit's caches live as long as the process: a test that patches anything starts and ends with empty ones.

    The others share what was computed from the committed artifacts.
    """
    patches = "monkeypatch" in request.fixturenames
    if patches:
        _clear_caches()
    yield
    if patches:
        _clear_caches()


def _clear_caches() -> None:
    if "streamlit" in sys.modules:
        import streamlit as st

        st.cache_data.clear()
        st.cache_resource.clear()


@pytest.fixture
def film_bytes() -> bytes:
    """A drawn film as the bytes of a JPEG file, 320 x 256, 8-bit grey."""
    return jpeg(draw_film())


@pytest.fixture
def make_film() -> Callable[..., bytes]:
    """``make_film(seed=, width=, height=)`` draws a film and encodes it as JPEG."""
    return lambda **options: jpeg(draw_film(**options))
