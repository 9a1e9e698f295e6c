"""What is computed from the film at hand, kept for this session alone and keyed by film, run and weights."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import streamlit as st

from core.charts.feature_maps import TileSheet, sheet_png, tile_sheet
from core.charts.film import SHOWN_SIDE, picture_source
from core.explain.counterfactual import counterfactual
from core.explain.geometry import rank_channels, unit_images
from core.explain.methods import Explanation, explain
from core.explain.neighbours import Neighbour, nearest
from core.imaging.film import Film, resize
from core.inference.model import Model, Prediction
from core.runs.record import Run
from core.types import Float32Array, UInt8Array
from pages.shared import cache as cached
from pages.shared.film_state import Choice, chosen

Key = tuple[str, str]  # `cached.key` of the run, hash of its weights
MAPS = "read_maps"  # `Explanation` by digest, key and method, of those that were drawn
MAX_MAPS = 32


def predict(choice: Choice, run: Run, prevalence: float) -> Prediction:
    """The verdict of a run at a prevalence; raises `LungLensError` if its model cannot be loaded."""
    return predict_all(choice, [cached.model(run)], prevalence)[0]


def predict_all(choice: Choice, models: list[Model], prevalence: float) -> list[Prediction]:
    """The verdicts of models at a prevalence; what is not known yet is computed on all cores."""
    known = _scores(choice.digest)
    if missing := {key: model for model in models if (key := _key(model.run)) not in known}:
        jobs = [(model, _image(choice.digest, model)) for model in missing.values()]
        with ThreadPoolExecutor(min(len(missing), os.cpu_count() or 1)) as pool:
            known.update(zip(missing, pool.map(_score, jobs), strict=True))
    return [model.judge(*known[_key(model.run)], prevalence) for model in models]


def prepared(choice: Choice, height: int, width: int) -> UInt8Array:
    """The film at a model's input size: (H, W) uint8."""
    return _prepared(choice.digest, height, width)


def film_source(choice: Choice, side: int = SHOWN_SIDE) -> str:
    """The film as a data URI, at most so many pixels a side."""
    return _film_source(choice.digest, side)


def feature_maps(choice: Choice, run: Run, layer: str) -> Float32Array:
    """Output of a layer: (h, w, channels) or (units,)."""
    return _feature_maps(choice.digest, _key(run), layer)


def sheet(choice: Choice, run: Run, layer: str, *, by_effect: bool = False) -> tuple[TileSheet, bytes]:
    """All feature maps of a layer, ranked by their mean or by `effects`, and the sheet as a PNG file."""
    return _sheet(choice.digest, _key(run), layer, by_effect)


def effects(choice: Choice, run: Run, layer: str) -> Float32Array:
    """How far the logit moves without each channel of a layer: (channels,)."""
    return _effects(choice.digest, _key(run), layer)


def without(choice: Choice, run: Run, layer: str, channel: int) -> tuple[float, float]:
    """Score and logit with one channel of a layer switched off."""
    return _without(choice.digest, _key(run), layer, channel)


def changed(choice: Choice, run: Run, change: str) -> pd.DataFrame:
    """The score over the levels of one change, see `core.explain.counterfactual.counterfactual`."""
    return _changed(choice.digest, _key(run), change)


def similar(choice: Choice, run: Run) -> list[Neighbour]:
    """The train films nearest to the film; raises `ArtifactError` without an index of this run."""
    return _similar(choice.digest, _key(run))


def whole_map(choice: Choice, run: Run, method: str) -> Explanation:
    """The map of a method, computed in one go where it is not known yet."""
    found = known_map(choice, run, method)
    if found is None:
        found = explain(cached.model(run).network, prepared(choice, run.input.height, run.input.width), method)
        keep_map(choice, run, found)
    return found


def known_map(choice: Choice, run: Run, method: str) -> Explanation | None:
    """The map of a method that was computed before in this session."""
    maps: dict[tuple[str, Key, str], Explanation] = st.session_state.get(MAPS, {})
    return maps.get((choice.digest, _key(run), method))


def keep_map(choice: Choice, run: Run, found: Explanation) -> None:
    """Keep the whole map of a method; the oldest go."""
    maps = st.session_state.setdefault(MAPS, {})
    maps[choice.digest, _key(run), found.method] = found
    while len(maps) > MAX_MAPS:
        del maps[next(iter(maps))]


def unit_sheet(choice: Choice, run: Run) -> tuple[TileSheet, bytes]:
    """The first dense layer's weights as images, ranked by what their units answer to the film."""
    return _unit_sheet(choice.digest, _key(run))


def filter_sheet(run: Run) -> tuple[TileSheet, bytes]:
    """The filters of the first convolution, in their order, and the sheet as a PNG file."""
    filters = unit_images(cached.model(run).network.first_weights())
    made = tile_sheet(filters, np.arange(filters.shape[-1]), signed=True)
    return made, sheet_png(made)


def unit_weights(run: Run) -> Float32Array:
    """The first dense layer's weights as images: (H, W, units)."""
    return unit_images(cached.model(run).network.first_weights())


def _key(run: Run) -> Key:
    return cached.key(run), run.record.weights_hash


def _image(digest: str, model: Model) -> UInt8Array:
    size = model.run.input
    return _prepared(digest, size.height, size.width)


def _film(digest: str) -> Film:
    choice = chosen()
    if choice is None or choice.digest != digest:
        raise RuntimeError("another film has taken the place of this one")
    return choice.film


def _pixels(digest: str) -> UInt8Array:
    return _film(digest).pixels


@st.cache_data(scope="session", max_entries=8, show_spinner=False)
def _prepared(digest: str, height: int, width: int) -> UInt8Array:
    return resize(_pixels(digest), height, width)


@st.cache_data(scope="session", max_entries=4, show_spinner=False)
def _film_source(digest: str, side: int) -> str:
    pixels = _pixels(digest)
    if side < max(pixels.shape):
        height, width = (max(1, round(length * side / max(pixels.shape))) for length in pixels.shape)
        pixels = resize(pixels, height, width)
    return picture_source(pixels)


def _score(job: tuple[Model, UInt8Array]) -> tuple[float, float]:
    model, image = job
    score, logit = model.network.score(image[np.newaxis])
    return float(score[0]), float(logit[0])


@st.cache_resource(scope="session", max_entries=64, show_spinner=False)
def _scores(digest: str) -> dict[Key, tuple[float, float]]:
    """Score and logit by run; filled by `predict_all`."""
    return {}


@st.cache_data(scope="session", max_entries=8, show_spinner=False)
def _feature_maps(digest: str, key: Key, layer: str) -> Float32Array:
    model = cached.loaded(*key)
    return model.network.feature_map(_image(digest, model), layer)


@st.cache_data(scope="session", max_entries=8, show_spinner=False)
def _sheet(digest: str, key: Key, layer: str, by_effect: bool) -> tuple[TileSheet, bytes]:
    maps = _feature_maps(digest, key, layer)
    order = np.argsort(-np.abs(_effects(digest, key, layer)), kind="stable") if by_effect else rank_channels(maps)
    made = tile_sheet(maps, order)
    return made, sheet_png(made)


@st.cache_data(scope="session", max_entries=8, show_spinner=False)
def _effects(digest: str, key: Key, layer: str) -> Float32Array:
    model = cached.loaded(*key)
    return model.network.channel_effects(_image(digest, model), layer)


@st.cache_data(scope="session", max_entries=64, show_spinner=False)
def _without(digest: str, key: Key, layer: str, channel: int) -> tuple[float, float]:
    model = cached.loaded(*key)
    return model.network.switch_off(_image(digest, model), layer, [channel])


@st.cache_data(scope="session", max_entries=12, show_spinner=False)
def _changed(digest: str, key: Key, change: str) -> pd.DataFrame:
    return counterfactual(cached.loaded(*key), _film(digest), (change,))


@st.cache_data(scope="session", max_entries=4, show_spinner=False)
def _similar(digest: str, key: Key) -> list[Neighbour]:
    return nearest(cached.loaded(*key), _film(digest))


@st.cache_data(scope="session", max_entries=4, show_spinner=False)
def _unit_sheet(digest: str, key: Key) -> tuple[TileSheet, bytes]:
    model = cached.loaded(*key)
    answers = _feature_maps(digest, key, model.network.layers[0].name)
    made = tile_sheet(unit_images(model.network.first_weights()), (-answers).argsort(kind="stable"), signed=True)
    return made, sheet_png(made)
