"""Scores, feature maps and explanations from the exported graph, by ONNX Runtime; TensorFlow is not needed."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from core.errors import ArtifactError
from core.evaluation.calibration import shift_prevalence
from core.film import Film, UInt8Array, resize
from core.impact import PREVALENCE
from core.manifest import check_file
from core.runs import Run

FloatArray = npt.NDArray[np.float32]
CAM = "class_activation_map"
FIRST_WEIGHTS = "first_layer_weights"
DEFAULT_PREVALENCE = PREVALENCE.base


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
        path = check_file(run.folder / "model.onnx")
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != run.record.weights_hash:
            raise ArtifactError(
                f"{path} is not the model of {run.run_id}: its hash differs from run.json; fetch it again."
            )
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.run = run
        try:
            self._session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises its own classes for a graph that it cannot load
            raise ArtifactError(f"{path} cannot be loaded ({type(error).__name__}); fetch it again.") from None
        self._needed_only = ort.RunOptions()
        self._needed_only.only_execute_path_to_fetches = True

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

    def score(self, images: UInt8Array, batch_size: int = 64) -> tuple[FloatArray, FloatArray]:
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

    def feature_map(self, image: UInt8Array, layer: str) -> FloatArray:
        """Output of a layer for one prepared film (H, W) uint8: (h, w, channels) or (units,) float32."""
        value: FloatArray = self.outputs(image[np.newaxis], [layer])[layer][0]
        return value

    def activation_map(self, image: UInt8Array) -> FloatArray | None:
        """What each place of the last feature map adds to the logit (HiResCAM), for one prepared film.

        Returns
        -------
        (h, w) float32 or None
            Positive towards pneumonia, negative towards normal; None for a network without feature maps.
        """
        if not self.run.has_feature_maps:
            return None
        value: FloatArray = self.outputs(image[np.newaxis], [CAM])[CAM][0]
        return value

    def first_weights(self) -> FloatArray:
        """Weights of the first layer: (kh, kw, c, filters), or (H, W, C, units) for the dense baseline; float32."""
        size = self.run.input
        blank = np.zeros((1, size.height, size.width), np.uint8)
        value: FloatArray = self.outputs(blank, [FIRST_WEIGHTS])[FIRST_WEIGHTS]
        return value
