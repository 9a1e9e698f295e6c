"""The Read page written the usual way: an uploader, ``predict`` in cached Keras models, feature maps by a sub-model.

``BENCH_MODELS`` names the weights, a ``model.keras`` file or the name of a spec whose weights are then random (they
cost the same time), separated by line breaks; the first one shows its feature maps.
"""

import os

import keras
import numpy as np
import streamlit as st
from PIL import Image

from core.models.registry import get_model

TILES = 8  # a row


@st.cache_resource
def load(name: str) -> tuple[keras.Model, keras.Model | None]:
    """A model and, where it has convolutions, the one that gives its first feature maps."""
    if name.endswith(".keras"):
        model = keras.models.load_model(name, compile=False)
    else:
        spec = get_model(name)
        model = spec.build(spec)
    maps = [layer.output for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    return model, keras.Model(model.inputs, maps[0]) if maps else None


def prepare(film: Image.Image, model: keras.Model) -> np.ndarray:
    """The film at a model's input size: (1, H, W, C) float32."""
    _, height, width, channels = model.input_shape
    small = np.asarray(film.resize((width, height), Image.Resampling.BILINEAR), np.float32)
    return np.repeat(small[None, ..., None], channels, axis=-1)


def tiles(maps: np.ndarray) -> np.ndarray:
    """All maps (h, w, channels) in a grid, each over its own range: (rows, columns) float32 in [0, 1]."""
    low, high = maps.min(axis=(0, 1)), maps.max(axis=(0, 1))
    scaled = np.moveaxis((maps - low) / np.maximum(high - low, 1e-9), -1, 0)
    rows = [np.hstack(scaled[begin : begin + TILES]) for begin in range(0, len(scaled), TILES)]
    return np.vstack(rows[: len(scaled) // TILES])


st.title("Read an X-ray")
models = [load(name) for name in os.environ["BENCH_MODELS"].splitlines()]
upload = st.file_uploader("A frontal chest X-ray", type=["jpg", "jpeg", "png"])
if upload is not None:
    film = Image.open(upload).convert("L")
    st.image(film)
    st.caption(f"{upload.name}")
    for model, _ in models:
        logit = model.predict(prepare(film, model), verbose=0)[0, 0]
        st.metric(model.name, f"{1 / (1 + np.exp(-logit)):.3f}")
    st.markdown("Verdict above; feature maps below.")
    first, maps = models[0]
    if maps is not None:
        st.image(tiles(maps.predict(prepare(film, first), verbose=0)[0]))
