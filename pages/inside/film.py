"""The film that is followed through a network: the current one, or a sample; only in the session."""

import base64
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.charts.network import map_strip, shape_text, unit_strip
from core.data.samples import list_samples
from core.errors import ArtifactError
from core.explain.geometry import rank_channels
from core.manifest import check_file
from core.runs.record import Run
from pages.shared import cache as cached
from pages.shared.cache import HASH_FUNCS
from pages.shared.film_state import CurrentFilm, current_film, decoded
from pages.shared.navigation import READ

CURRENT_FILM = "current"
SHOWN = 8  # maps of a layer in its strip


@dataclass(frozen=True, kw_only=True)
class Strip:
    """A layer's maps of a film as one picture.

    Parameters
    ----------
    name, shape : str
    tiles : int
        Maps side by side; 0 for the cells of a dense layer.
    aspect : float
        Width over height of the strip.
    png : str
        The strip, base64.
    caption : str
        How many maps or units are inactive.
    """

    name: str
    shape: str
    tiles: int
    aspect: float
    png: str
    caption: str


def choose_film() -> CurrentFilm | None:
    """Let the user choose the current film or a sample; None with a note where there is neither."""
    samples = {}
    try:
        samples = {sample.path.stem: sample for sample in list_samples()}
    except ArtifactError as error:
        st.warning(str(error), icon=":material/warning:")
    current = current_film()
    names = [*([CURRENT_FILM] if current is not None else []), *samples]
    if not names:
        st.info("Open a film on Read an X-ray; it is then shown here.", icon=":material/info:")
        st.page_link(READ.path)
        return None
    name = st.selectbox(
        "Film",
        names,
        format_func=lambda name: "The current image on Read" if name == CURRENT_FILM else samples[name].title,
        key="inside_film" if current is None else f"inside_film_{current.digest[:8]}",
        width=360,
    )
    if name == CURRENT_FILM:
        return current
    sample = samples[name]
    return decoded(check_file(sample.path).read_bytes(), sample.path.name, sample.title, "sample")


@st.cache_data(scope="session", max_entries=12, show_spinner=False, hash_funcs=HASH_FUNCS)
def strips(current: CurrentFilm, run: Run) -> tuple[list[Strip], float]:
    """Return a strip for each layer from the film on, and the score."""
    model = cached.model(run)
    layers = model.network.layers
    names = [*(layer.name for layer in layers), "score"]
    values = model.network.outputs(model.prepare(current.film)[np.newaxis], names)
    rows = []
    for layer in layers:
        value = values[layer.name][0]
        if value.ndim == 1:
            silent, png, tiles, noun = int((value == 0).sum()), unit_strip(value), 0, "units"
        else:
            order = rank_channels(value)[:SHOWN]
            silent = int((np.abs(value).max(axis=(0, 1)) == 0).sum())
            png, tiles, noun = map_strip(value, [int(channel) for channel in order]), len(order), "maps"
        rows.append(
            Strip(
                name=layer.name,
                shape=shape_text(layer.shape),
                tiles=tiles,
                aspect=tiles * layer.shape[1] / layer.shape[0] if tiles else 24.0,
                png=base64.b64encode(png).decode(),
                caption=f"{silent} of {value.shape[-1]} {noun} inactive"
                if silent
                else f"all {value.shape[-1]} {noun} active",
            )
        )
    return rows, float(values["score"][0])
