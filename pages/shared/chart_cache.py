"""Charts of committed figures, drawn once and kept for everyone; never of anything that a reader brought."""

import hashlib
import pickle
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st


def cached_figure(make: Callable[..., go.Figure], *args: Any, **options: Any) -> go.Figure:
    """Return the figure that ``make`` draws of these arguments; callers must not change it.

    The key is a digest of the pickled arguments, a tenth of the time that Streamlit takes to hash nested dataclasses.
    """
    given = pickle.dumps((make.__module__, make.__qualname__, args, options))
    return _figure(hashlib.sha256(given).hexdigest(), make, args, options)


@st.cache_resource(max_entries=512, show_spinner=False)
def _figure(
    digest: str, _make: Callable[..., go.Figure], _args: tuple[Any, ...], _options: dict[str, Any]
) -> go.Figure:
    """`digest` is of the rest."""
    return _make(*_args, **_options)
