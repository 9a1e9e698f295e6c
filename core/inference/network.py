"""An exported graph, run by ONNX Runtime: scores, feature maps and the effect of channels; TensorFlow is not needed."""

import threading
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import ArtifactError
from core.inference.graph_edits import add_gains, gain_name
from core.runs.architecture import LayerInfo
from core.types import Float32Array, UInt8Array

if TYPE_CHECKING:
    import onnxruntime as ort  # loaded with the first model: pages of figures do without

CAM = "class_activation_map"
FIRST_WEIGHTS = "first_layer_weights"


class Network:
    """A loaded serving graph; safe to share between threads.

    Parameters
    ----------
    data : bytes
        An ONNX file as `core.training.export.export_onnx` writes it.
    layers : sequence of LayerInfo
        The layers whose output the graph gives, in order of depth.
    name : str
        What errors call the graph, such as its path.

    Raises
    ------
    ArtifactError
        The graph cannot be loaded.
    """

    def __init__(self, data: bytes, layers: Sequence[LayerInfo], name: str) -> None:
        import onnxruntime as ort  # loaded with the first model

        self.layers = tuple(layers)
        self._data = data
        self._name = name
        self._session = _open_session(data, name)
        self._with_gains: tuple[ort.InferenceSession, dict[str, list[Any]]] | None = None
        self._gains_lock = threading.Lock()
        self._needed_only = ort.RunOptions()
        self._needed_only.only_execute_path_to_fetches = True

    @property
    def maps(self) -> list[LayerInfo]:
        """The layers that give feature maps, in order of depth; empty for a network of dense layers alone."""
        return [layer for layer in self.layers if layer.kind != "dense"]

    def outputs(self, images: UInt8Array, names: list[str]) -> dict[str, Any]:
        """Return named outputs of the graph for prepared films.

        Parameters
        ----------
        images : (n, H, W) uint8
        names : list of str
            ``score``, ``logit``, a layer's name, ``class_activation_map`` (convolutional networks) or
            ``first_layer_weights``.

        Returns
        -------
        dict
            (n,) float32 for score and logit, (n, h, w, channels) or (n, units) for layers, (n, h, w) for the class
            activation map.
        """
        values = self._session.run(names, {"image": images}, self._needed_only)
        return dict(zip(names, values, strict=True))

    def score(self, images: UInt8Array, batch_size: int = 64) -> tuple[Float32Array, Float32Array]:
        """Return scores in [0, 1] and logits of prepared films (n, H, W) uint8; each (n,) float32."""
        parts = [
            self.outputs(images[begin : begin + batch_size], ["score", "logit"])
            for begin in range(0, len(images), batch_size)
        ]
        return np.concatenate([part["score"] for part in parts]), np.concatenate([part["logit"] for part in parts])

    def feature_map(self, image: UInt8Array, layer: str) -> Float32Array:
        """Return the output of a layer for one prepared film (H, W) uint8: (h, w, channels) or (units,) float32."""
        value: Float32Array = self.outputs(image[np.newaxis], [layer])[layer][0]
        return value

    def activation_map(self, image: UInt8Array) -> Float32Array | None:
        """Return what each place of the last feature map adds to the logit (HiResCAM), for one prepared film.

        Returns
        -------
        (h, w) float32 or None
            Positive towards pneumonia, negative towards normal; None for a network without feature maps.
        """
        if not self.maps:
            return None
        value: Float32Array = self.outputs(image[np.newaxis], [CAM])[CAM][0]
        return value

    def first_weights(self) -> Float32Array:
        """Return the weights of the first layer, float32.

        (kh, kw, c, filters), or (H, W, C, units) for a network of dense layers alone.
        """
        (image,) = self._session.get_inputs()
        blank = np.zeros((1, *image.shape[1:]), np.uint8)
        value: Float32Array = self.outputs(blank, [FIRST_WEIGHTS])[FIRST_WEIGHTS]
        return value

    def switch_off(self, image: UInt8Array, layer: str, channels: Collection[int]) -> tuple[float, float]:
        """Return score and logit of one prepared film (H, W) uint8 with some channels of a layer set to 0.

        Raises ValueError for a layer that the network does not have and IndexError for a channel that it does not have.
        """
        gain = np.ones((1, self._layer(layer).shape[-1]), np.float32)
        gain[0, list(channels)] = 0
        score, logit = self._with_gain(image, layer, gain)
        return float(score[0]), float(logit[0])

    def channel_effects(self, image: UInt8Array, layer: str, batch_size: int = 64) -> Float32Array:
        """Return how far the logit of one prepared film moves when each channel of a layer alone is switched off.

        Parameters
        ----------
        image : (H, W) uint8
        layer : str
            One of `layers`.
        batch_size : int
            Channels at a time.

        Returns
        -------
        (channels,) float32
            Logit without the channel less the plain one: negative where the channel spoke for pneumonia.
        """
        count = self._layer(layer).shape[-1]
        gains = np.vstack([np.ones(count, np.float32), 1 - np.eye(count, dtype=np.float32)])
        parts = [gains[begin : begin + batch_size] for begin in range(0, count + 1, batch_size)]
        logits = np.concatenate([self._with_gain(image, layer, part)[1] for part in parts])
        effects: Float32Array = logits[1:] - logits[0]
        return effects

    def _layer(self, name: str) -> LayerInfo:
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise ValueError(f"{self._name} has no layer named {name!r}")

    def _with_gain(self, image: UInt8Array, layer: str, gain: Float32Array) -> tuple[Float32Array, Float32Array]:
        """Return scores and logits of one film, a row for each row of gains (n, channels) of a layer."""
        session, shapes = self._gain_session()
        name = gain_name(layer)
        inputs = {"image": image[np.newaxis], name: gain.reshape(-1, *shapes[name][1:])}
        values = session.run(["score", "logit"], inputs, self._needed_only)
        return values[0], values[1]

    def _gain_session(self) -> "tuple[ort.InferenceSession, dict[str, list[Any]]]":
        """Return the graph with gains, made when it is first wanted, so that scoring is not slowed by it."""
        with self._gains_lock:
            if self._with_gains is None:
                session = _open_session(add_gains(self._data, self.layers), f"{self._name} with gains")
                shapes = {gain.name: gain.shape for gain in session.get_overridable_initializers()}
                self._with_gains = session, shapes
            return self._with_gains


def _open_session(data: bytes, name: str) -> "ort.InferenceSession":
    """Return a graph ready to run in one thread; raises `ArtifactError` if it cannot be loaded."""
    import onnxruntime as ort  # loaded with the first model

    ort.disable_telemetry_events()  # on Windows, which knows nothing of the variable that core/__init__.py sets
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises its own classes for a graph that it cannot load
        raise ArtifactError(f"{name} cannot be loaded ({type(error).__name__}); fetch it again.") from None
