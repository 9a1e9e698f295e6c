"""Scores, feature maps and explanations from the exported graph, by ONNX Runtime; TensorFlow is not needed."""

import copy
import hashlib
import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import ArtifactError
from core.evaluation.calibration import DEFAULT_PREVALENCE, shift_prevalence
from core.imaging.film import Film, resize
from core.inference.graph_edits import add_gains, gain_name
from core.manifest import check_file
from core.runs.record import GRAPH, LayerInfo, Run
from core.types import Float32Array, UInt8Array

if TYPE_CHECKING:
    import onnxruntime as ort  # loaded with the first model: pages of figures do without

CAM = "class_activation_map"
FIRST_WEIGHTS = "first_layer_weights"


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What one model says of one film.

    Parameters
    ----------
    run_id, title : str
    score : float in [0, 1]
    logit : float
    probability : float in [0, 1]
        Calibrated on validation and shifted to ``prevalence``.
    prevalence, threshold : float
    positive : bool
        score >= threshold.
    conformal_set : tuple of str
        The labels that the score does not exclude: of ``normal`` and ``pneumonia`` one, both or none.
    """

    run_id: str
    title: str
    score: float
    logit: float
    probability: float
    prevalence: float
    threshold: float
    positive: bool
    conformal_set: tuple[str, ...]


class Model:
    """A loaded serving graph; safe to share between threads."""

    def __init__(self, run: Run) -> None:
        """Load and verify the graph; raises `ArtifactError` if it is missing or not the one of the run record."""
        import onnxruntime as ort

        self.run = run
        self._changed: bytes | None = None
        self._session = _open_session(self.graph(), str(run.folder / GRAPH))
        self._with_gains: tuple[ort.InferenceSession, dict[str, list[Any]]] | None = None
        self._gains_lock = threading.Lock()
        self._needed_only = ort.RunOptions()
        self._needed_only.only_execute_path_to_fetches = True

    def graph(self) -> bytes:
        """The ONNX file, verified; raises `ArtifactError` if it is missing or not the one of the run record."""
        if self._changed is not None:
            return self._changed
        path = self.run.folder / GRAPH
        if not self.run.own and not self.run.has_weights:
            raise ArtifactError(
                f"Of {self.run.run_id} only the scores are kept, to hold the download small; name the model without "
                f"its seed, or train this seed: python -m core train {self.run.record.model} --data DIR "
                f"--seed {self.run.record.seed}"
            )
        data = check_file(path).read_bytes()
        if hashlib.sha256(data).hexdigest() != self.run.record.weights_hash:
            raise ArtifactError(
                f"{path} is not the model of {self.run.run_id}: its hash differs from run.json; fetch it again."
            )
        return data

    def with_run(self, run: Run) -> "Model":
        """This model with another record of the same weights, such as one that was calibrated anew."""
        changed = copy.copy(self)
        changed.run = run
        return changed

    def with_graph(self, data: bytes) -> "Model":
        """This model computing with a changed graph, such as one of shuffled weights; never to be served."""
        changed = copy.copy(self)
        changed._changed = data
        changed._session = _open_session(data, f"A changed graph of {self.run.run_id}")
        changed._with_gains = None
        changed._gains_lock = threading.Lock()
        return changed

    def prepare(self, film: Film) -> UInt8Array:
        """The film as this model sees it: (H, W) uint8, resized without keeping the aspect ratio."""
        size = self.run.input
        return resize(film.pixels, size.height, size.width)

    def outputs(self, images: UInt8Array, names: list[str]) -> dict[str, Any]:
        """Named outputs of the graph for prepared films.

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
        """Scores in [0, 1] and logits of prepared films (n, H, W) uint8; each (n,) float32."""
        parts = [
            self.outputs(images[begin : begin + batch_size], ["score", "logit"])
            for begin in range(0, len(images), batch_size)
        ]
        return np.concatenate([part["score"] for part in parts]), np.concatenate([part["logit"] for part in parts])

    def predict(self, film: Film, prevalence: float = DEFAULT_PREVALENCE) -> Prediction:
        """Judge one film at a prevalence in (0, 1)."""
        score, logit = self.score(self.prepare(film)[np.newaxis])
        return self.judge(float(score[0]), float(logit[0]), prevalence)

    def judge(self, score: float, logit: float, prevalence: float = DEFAULT_PREVALENCE) -> Prediction:
        """The verdict that belongs to a score: threshold, calibration and conformal set of the run record."""
        run = self.run
        probability = run.calibration.apply(score)
        return Prediction(
            run_id=run.run_id,
            title=run.title,
            score=score,
            logit=logit,
            probability=shift_prevalence(probability, old=run.calibration.prevalence, new=prevalence),
            prevalence=prevalence,
            threshold=run.record.threshold,
            positive=score >= run.record.threshold,
            conformal_set=run.conformal.predict_set(score),
        )

    def feature_map(self, image: UInt8Array, layer: str) -> Float32Array:
        """Output of a layer for one prepared film (H, W) uint8: (h, w, channels) or (units,) float32."""
        value: Float32Array = self.outputs(image[np.newaxis], [layer])[layer][0]
        return value

    def activation_map(self, image: UInt8Array) -> Float32Array | None:
        """What each place of the last feature map adds to the logit (HiResCAM), for one prepared film.

        Returns
        -------
        (h, w) float32 or None
            Positive towards pneumonia, negative towards normal; None for a network without feature maps.
        """
        if not self.run.has_feature_maps:
            return None
        value: Float32Array = self.outputs(image[np.newaxis], [CAM])[CAM][0]
        return value

    def first_weights(self) -> Float32Array:
        """Weights of the first layer: (kh, kw, c, filters), or (H, W, C, units) for the dense baseline; float32."""
        size = self.run.input
        blank = np.zeros((1, size.height, size.width), np.uint8)
        value: Float32Array = self.outputs(blank, [FIRST_WEIGHTS])[FIRST_WEIGHTS]
        return value

    def switch_off(self, image: UInt8Array, layer: str, channels: Collection[int]) -> tuple[float, float]:
        """Score and logit of one prepared film (H, W) uint8 with some channels of a layer set to 0."""
        gain = np.ones((1, self._layer(layer).shape[-1]), np.float32)
        gain[0, list(channels)] = 0
        score, logit = self._with_gain(image, layer, gain)
        return float(score[0]), float(logit[0])

    def channel_effects(self, image: UInt8Array, layer: str, batch_size: int = 64) -> Float32Array:
        """How far the logit of one prepared film moves when each channel of a layer alone is switched off.

        Parameters
        ----------
        image : (H, W) uint8
        layer : str
            A layer of the run record.
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
        for layer in self.run.record.layers:
            if layer.name == name:
                return layer
        raise ValueError(f"{self.run.run_id} has no layer named {name!r}")

    def _with_gain(self, image: UInt8Array, layer: str, gain: Float32Array) -> tuple[Float32Array, Float32Array]:
        """Scores and logits of one film, a row for each row of gains (n, channels) of a layer."""
        session, shapes = self._gain_session()
        name = gain_name(layer)
        inputs = {"image": image[np.newaxis], name: gain.reshape(-1, *shapes[name][1:])}
        values = session.run(["score", "logit"], inputs, self._needed_only)
        return values[0], values[1]

    def _gain_session(self) -> "tuple[ort.InferenceSession, dict[str, list[Any]]]":
        """The graph with gains, made when it is first wanted, so that scoring is not slowed by it."""
        with self._gains_lock:
            if self._with_gains is None:
                data = add_gains(self.graph(), self.run.record.layers)
                session = _open_session(data, f"The graph of {self.run.run_id} with gains")
                shapes = {gain.name: gain.shape for gain in session.get_overridable_initializers()}
                self._with_gains = session, shapes
            return self._with_gains


def _open_session(data: bytes, name: str) -> "ort.InferenceSession":
    """A graph ready to run in one thread; raises `ArtifactError` if it cannot be loaded."""
    import onnxruntime as ort

    ort.disable_telemetry_events()  # on Windows, which knows nothing of the variable that core/__init__.py sets
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises its own classes for a graph that it cannot load
        raise ArtifactError(f"{name} cannot be loaded ({type(error).__name__}); fetch it again.") from None
