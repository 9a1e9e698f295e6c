"""The film whose way through a network is shown: the one at hand, or a sample; kept in the session alone."""

import base64
import hashlib
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.charts.network import map_strip, shape_text, unit_strip
from core.data.samples import list_samples
from core.errors import ArtifactError
from core.explain.geometry import rank_channels
from core.imaging.decode import decode_film
from core.imaging.film import Film
from core.inference.model import Model
from core.manifest import check_file
from core.runs.record import Run
from pages.shared import cache as cached
from pages.shared.film_state import chosen
from pages.shared.navigation import READ

AT_HAND = "at hand"
SUBJECT = "inside_subject"
SHOWN = 8  # maps of a layer in its strip


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """A film under a title, Markdown."""

    film: Film
    digest: str
    title: str


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


def choose_film() -> Subject | None:
    """Let the reader choose the film at hand or a sample; None where there is neither, and says so."""
    samples = {}
    try:
        samples = {sample.path.stem: sample for sample in list_samples()}
    except ArtifactError as error:
        st.warning(str(error), icon=":material/warning:")
    choice = chosen()
    names = [*([AT_HAND] if choice is not None else []), *samples]
    if not names:
        st.info("Open a film on Read an X-ray; it is then shown here.", icon=":material/info:")
        st.page_link(READ.path)
        return None
    name = st.selectbox(
        "Film",
        names,
        format_func=lambda one: "The film at hand on Read" if one == AT_HAND else samples[one].title,
        key="inside_film" if choice is None else f"inside_film_{choice.digest[:8]}",
        width=360,
    )
    if name == AT_HAND and choice is not None:
        return Subject(film=choice.film, digest=choice.digest, title=choice.title)
    sample = samples[name]
    data = check_file(sample.path).read_bytes()
    return Subject(
        film=decode_film(data, sample.path.name), digest=hashlib.sha256(data).hexdigest(), title=sample.title
    )


def strips(subject: Subject, run: Run) -> tuple[list[Strip], float]:
    """A strip for each layer from the film on, and the score."""
    st.session_state[SUBJECT] = subject
    return _strips(subject.digest, (cached.key(run), run.record.weights_hash))


@st.cache_data(scope="session", max_entries=12, show_spinner=False)
def _strips(digest: str, key: tuple[str, str]) -> tuple[list[Strip], float]:
    subject: Subject = st.session_state[SUBJECT]
    if subject.digest != digest:
        raise RuntimeError("another film has taken the place of this one")
    model: Model = cached.loaded(*key)
    layers = model.network.layers
    names = [*(layer.name for layer in layers), "score"]
    values = model.network.outputs(model.prepare(subject.film)[np.newaxis], names)
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
