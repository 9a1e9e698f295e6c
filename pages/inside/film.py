"""The film whose way through a network is shown: the one at hand, or a sample; kept in the session alone."""

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

AT_HAND = "at hand"
SHOWN = 8  # maps of a layer in its strip


@dataclass(frozen=True, kw_only=True)
class Strip:
    """What a layer makes of a film, at a glance.

    Parameters
    ----------
    name, shape : str
    tiles : int
        Maps side by side; 0 for the cells of a dense layer.
    aspect : float
        Width over height of the strip.
    png : str
        The strip, base64.
    said : str
        How many maps or units stay silent.
    """

    name: str
    shape: str
    tiles: int
    aspect: float
    png: str
    said: str


def choose_film() -> CurrentFilm | None:
    """Let the reader choose the film at hand or a sample; None where there is neither, and says so."""
    samples = {}
    try:
        samples = {sample.path.stem: sample for sample in list_samples()}
    except ArtifactError as error:
        st.warning(str(error), icon=":material/warning:")
    current = current_film()
    names = [*([AT_HAND] if current is not None else []), *samples]
    if not names:
        st.info("Open a film on Read an X-ray; it is then shown here.", icon=":material/info:")
        st.page_link(READ.path)
        return None
    name = st.selectbox(
        "Film",
        names,
        format_func=lambda name: "The current film on Read" if name == AT_HAND else samples[name].title,
        key="inside_film" if current is None else f"inside_film_{current.digest[:8]}",
        width=360,
    )
    if name == AT_HAND:
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
                said=f"{silent} of {value.shape[-1]} {noun} silent"
                if silent
                else f"all {value.shape[-1]} {noun} answer",
            )
        )
    return rows, float(values["score"][0])
