"""What is computed from the current film, cached for this session alone."""

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
from core.explain.neighbours import Neighbour, find_nearest
from core.imaging.film import resize
from core.inference.model import Model, Prediction
from core.runs.record import Run
from core.types import Float32Array, UInt8Array
from pages.shared import cache as cached
from pages.shared.cache import HASH_FUNCS, run_identity
from pages.shared.film_state import CurrentFilm, film_identity

MAPS = "read_maps"  # `Explanation` by film, run and method, of those that were drawn
MAX_MAPS = 32


def predict(current: CurrentFilm, run: Run, prevalence: float) -> Prediction:
    """Return the verdict of a run at a prevalence; raises `LungLensError` if its model cannot be loaded."""
    return predict_all(current, [cached.model(run)], prevalence)[0]


def predict_all(current: CurrentFilm, models: list[Model], prevalence: float) -> list[Prediction]:
    """Return the verdicts of models at a prevalence; what is not known yet is computed on all cores."""
    known = _scores(current)
    if missing := {name: model for model in models if (name := run_identity(model.run)) not in known}:
        jobs = [(model, _image(current, model)) for model in missing.values()]
        with ThreadPoolExecutor(min(len(missing), os.cpu_count() or 1)) as pool:
            known.update(zip(missing, pool.map(_score, jobs), strict=True))
    return [model.judge(*known[run_identity(model.run)], prevalence) for model in models]


@st.cache_resource(scope="session", max_entries=64, show_spinner=False, hash_funcs=HASH_FUNCS)
def _scores(current: CurrentFilm) -> dict[str, tuple[float, float]]:
    """Return score and logit of a film by run; `predict_all` fills it."""
    return {}


def _score(job: tuple[Model, UInt8Array]) -> tuple[float, float]:
    model, image = job
    score, logit = model.network.score(image[np.newaxis])
    return float(score[0]), float(logit[0])


@st.cache_data(scope="session", max_entries=8, show_spinner=False, hash_funcs=HASH_FUNCS)
def prepared(current: CurrentFilm, height: int, width: int) -> UInt8Array:
    """Return the film at a model's input size: (H, W) uint8."""
    return resize(current.film.pixels, height, width)


def _image(current: CurrentFilm, model: Model) -> UInt8Array:
    size = model.run.input
    return prepared(current, size.height, size.width)


@st.cache_data(scope="session", max_entries=4, show_spinner=False, hash_funcs=HASH_FUNCS)
def film_source(current: CurrentFilm, side: int = SHOWN_SIDE) -> str:
    """Return the film as a data URI, at most so many pixels a side."""
    pixels = current.film.pixels
    if side < max(pixels.shape):
        height, width = (max(1, round(length * side / max(pixels.shape))) for length in pixels.shape)
        pixels = resize(pixels, height, width)
    return picture_source(pixels)


@st.cache_data(scope="session", max_entries=8, show_spinner=False, hash_funcs=HASH_FUNCS)
def feature_maps(current: CurrentFilm, run: Run, layer: str) -> Float32Array:
    """Return the output of a layer: (h, w, channels) or (units,)."""
    model = cached.model(run)
    return model.network.feature_map(_image(current, model), layer)


@st.cache_data(scope="session", max_entries=8, show_spinner=False, hash_funcs=HASH_FUNCS)
def sheet(current: CurrentFilm, run: Run, layer: str, *, by_effect: bool = False) -> tuple[TileSheet, bytes]:
    """Return all feature maps of a layer, ranked by their mean or by `effects`, and the sheet as a PNG file."""
    maps = feature_maps(current, run, layer)
    order = np.argsort(-np.abs(effects(current, run, layer)), kind="stable") if by_effect else rank_channels(maps)
    tiles = tile_sheet(maps, order)
    return tiles, sheet_png(tiles)


@st.cache_data(scope="session", max_entries=8, show_spinner=False, hash_funcs=HASH_FUNCS)
def effects(current: CurrentFilm, run: Run, layer: str) -> Float32Array:
    """Return how far the logit moves without each channel of a layer: (channels,)."""
    model = cached.model(run)
    return model.network.channel_effects(_image(current, model), layer)


@st.cache_data(scope="session", max_entries=64, show_spinner=False, hash_funcs=HASH_FUNCS)
def without(current: CurrentFilm, run: Run, layer: str, channel: int) -> tuple[float, float]:
    """Return score and logit with one channel of a layer switched off."""
    model = cached.model(run)
    return model.network.switch_off(_image(current, model), layer, [channel])


@st.cache_data(scope="session", max_entries=12, show_spinner=False, hash_funcs=HASH_FUNCS)
def changed(current: CurrentFilm, run: Run, change: str) -> pd.DataFrame:
    """Return the score over the levels of one change, see `core.explain.counterfactual.counterfactual`."""
    return counterfactual(cached.model(run), current.film, (change,))


@st.cache_data(scope="session", max_entries=4, show_spinner=False, hash_funcs=HASH_FUNCS)
def similar(current: CurrentFilm, run: Run) -> list[Neighbour]:
    """Return the train films nearest to the film; raises `ArtifactError` without an index of this run."""
    return find_nearest(cached.model(run), current.film)


def whole_map(current: CurrentFilm, run: Run, method: str) -> Explanation:
    """Return the map of a method, computed in one go where it is not known yet."""
    explanation = known_map(current, run, method)
    if explanation is None:
        explanation = explain(cached.model(run).network, prepared(current, run.input.height, run.input.width), method)
        keep_map(current, run, explanation)
    return explanation


def known_map(current: CurrentFilm, run: Run, method: str) -> Explanation | None:
    """Return the map of a method if it was computed before in this session."""
    maps: dict[tuple[str, str, str], Explanation] = st.session_state.get(MAPS, {})
    return maps.get((film_identity(current), run_identity(run), method))


def keep_map(current: CurrentFilm, run: Run, explanation: Explanation) -> None:
    """Keep the whole map of a method; the oldest go."""
    maps = st.session_state.setdefault(MAPS, {})
    maps[film_identity(current), run_identity(run), explanation.method] = explanation
    while len(maps) > MAX_MAPS:
        del maps[next(iter(maps))]


@st.cache_data(scope="session", max_entries=4, show_spinner=False, hash_funcs=HASH_FUNCS)
def unit_sheet(current: CurrentFilm, run: Run) -> tuple[TileSheet, bytes]:
    """Return the first dense layer's weights as images, ranked by what their units answer to the film."""
    answers = feature_maps(current, run, run.record.layers[0].name)
    tiles = tile_sheet(unit_weights(run), (-answers).argsort(kind="stable"), signed=True)
    return tiles, sheet_png(tiles)


def filter_sheet(run: Run) -> tuple[TileSheet, bytes]:
    """Return the filters of the first convolution, in their order, and the sheet as a PNG file."""
    filters = unit_images(cached.model(run).network.first_weights())
    tiles = tile_sheet(filters, np.arange(filters.shape[-1]), signed=True)
    return tiles, sheet_png(tiles)


def unit_weights(run: Run) -> Float32Array:
    """Return the first dense layer's weights as images: (H, W, units)."""
    return unit_images(cached.model(run).network.first_weights())
