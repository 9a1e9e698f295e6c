"""What is computed from the film at hand, kept for this session alone and keyed by film, run and weights."""

import streamlit as st

from core.charts.feature_maps import TileSheet, sheet_png, tile_sheet
from core.charts.film import picture_source
from core.explain import FloatArray, rank_channels, unit_images
from core.film import UInt8Array, resize
from core.runs import Run
from core.serving import Model, Prediction
from pages.ui import cached
from pages.ui.film import Choice, chosen

Key = tuple[str, str]  # `cached.key` of the run, hash of its weights


def predict(choice: Choice, run: Run, prevalence: float) -> Prediction:
    """The verdict of a run at a prevalence; raises `LungLensError` if its model cannot be loaded."""
    score, logit = _score(choice.digest, _key(run))
    return cached.model(run).judge(score, logit, prevalence)


def prepared(choice: Choice, height: int, width: int) -> UInt8Array:
    """The film at a model's input size: (H, W) uint8."""
    return _prepared(choice.digest, height, width)


def film_source(choice: Choice) -> str:
    """The film as a data URI."""
    return _film_source(choice.digest)


def heatmap(choice: Choice, run: Run) -> FloatArray | None:
    """Class activation map (h, w) of a run; None without feature maps."""
    return _heatmap(choice.digest, _key(run))


def feature_maps(choice: Choice, run: Run, layer: str) -> FloatArray:
    """Output of a layer: (h, w, channels) or (units,)."""
    return _feature_maps(choice.digest, _key(run), layer)


def sheet(choice: Choice, run: Run, layer: str) -> tuple[TileSheet, bytes]:
    """All feature maps of a layer, ranked by their mean, and the sheet as a PNG file."""
    return _sheet(choice.digest, _key(run), layer)


def unit_sheet(choice: Choice, run: Run) -> tuple[TileSheet, bytes]:
    """The first dense layer's weights as images, ranked by what their units answer to the film."""
    return _unit_sheet(choice.digest, _key(run))


def unit_weights(run: Run) -> FloatArray:
    """The first dense layer's weights as images: (H, W, units)."""
    return unit_images(cached.model(run).first_weights())


def _key(run: Run) -> Key:
    return cached.key(run), run.record.weights_hash


def _image(digest: str, model: Model) -> UInt8Array:
    size = model.run.input
    return _prepared(digest, size.height, size.width)


def _pixels(digest: str) -> UInt8Array:
    choice = chosen()
    if choice is None or choice.digest != digest:
        raise RuntimeError("another film has taken the place of this one")
    return choice.film.pixels


@st.cache_data(scope="session", max_entries=8, show_spinner=False)
def _prepared(digest: str, height: int, width: int) -> UInt8Array:
    return resize(_pixels(digest), height, width)


@st.cache_data(scope="session", max_entries=2, show_spinner=False)
def _film_source(digest: str) -> str:
    return picture_source(_pixels(digest))


@st.cache_data(scope="session", max_entries=128, show_spinner=False)
def _score(digest: str, key: Key) -> tuple[float, float]:
    model = cached.loaded(*key)
    score, logit = model.score(_image(digest, model)[None])
    return float(score[0]), float(logit[0])


@st.cache_data(scope="session", max_entries=16, show_spinner=False)
def _heatmap(digest: str, key: Key) -> FloatArray | None:
    model = cached.loaded(*key)
    return model.activation_map(_image(digest, model))


@st.cache_data(scope="session", max_entries=8, show_spinner=False)
def _feature_maps(digest: str, key: Key, layer: str) -> FloatArray:
    model = cached.loaded(*key)
    return model.feature_map(_image(digest, model), layer)


@st.cache_data(scope="session", max_entries=8, show_spinner=False)
def _sheet(digest: str, key: Key, layer: str) -> tuple[TileSheet, bytes]:
    maps = _feature_maps(digest, key, layer)
    made = tile_sheet(maps, rank_channels(maps))
    return made, sheet_png(made)


@st.cache_data(scope="session", max_entries=4, show_spinner=False)
def _unit_sheet(digest: str, key: Key) -> tuple[TileSheet, bytes]:
    model = cached.loaded(*key)
    answers = _feature_maps(digest, key, model.run.record.layers[0].name)
    made = tile_sheet(unit_images(model.first_weights()), (-answers).argsort(kind="stable"), signed=True)
    return made, sheet_png(made)
