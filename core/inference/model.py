"""A run's network with its frozen choices: films in, predictions out."""

import hashlib
from dataclasses import dataclass

import numpy as np

from core.errors import ArtifactError
from core.evaluation.calibration import DEFAULT_PREVALENCE, shift_prevalence
from core.evaluation.verdict import Verdict, verdict_of
from core.imaging.film import Film, resize
from core.inference.network import Network
from core.manifest import check_file
from core.runs.record import GRAPH, Run
from core.types import UInt8Array


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

    @property
    def verdict(self) -> Verdict:
        """What threshold and set decide together."""
        return verdict_of(self.positive, self.conformal_set)


class Model:
    """A network that judges films by the frozen choices of its run; safe to share between threads.

    Parameters
    ----------
    run : Run
    network : Network, optional
        The loaded graph of this run's weights; by default it is read from the run's folder.

    Raises
    ------
    ArtifactError
        The graph is missing, damaged or not the one of the run record.
    """

    def __init__(self, run: Run, network: Network | None = None) -> None:
        self.run = run
        self.network = network or load_network(run)

    def prepare(self, film: Film) -> UInt8Array:
        """Return the film as this model sees it: (H, W) uint8, resized without keeping the aspect ratio."""
        size = self.run.input
        return resize(film.pixels, size.height, size.width)

    def predict(self, film: Film, prevalence: float = DEFAULT_PREVALENCE) -> Prediction:
        """Judge one film at a prevalence in (0, 1)."""
        score, logit = self.network.score(self.prepare(film)[np.newaxis])
        return self.judge(float(score[0]), float(logit[0]), prevalence)

    def judge(self, score: float, logit: float, prevalence: float = DEFAULT_PREVALENCE) -> Prediction:
        """Return the verdict that belongs to a score: threshold, calibration and conformal set of the run record."""
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


def load_network(run: Run) -> Network:
    """Load the graph of a run; raises `ArtifactError` if it is missing, damaged or not the one of the run record."""
    return Network(read_graph(run), run.record.layers, str(run.folder / GRAPH))


def read_graph(run: Run) -> bytes:
    """Read a run's ONNX file and verify its hash.

    Raises
    ------
    ArtifactError
        The file is missing, was never part of the download, or is not the one of the run record.
    """
    path = run.folder / GRAPH
    if not run.own and not run.has_weights:
        raise ArtifactError(
            f"Of {run.run_id} only the scores are kept, to hold the download small; name the model without "
            f"its seed, or train this seed: python -m core train {run.record.model} --data DIR "
            f"--seed {run.record.seed}"
        )
    data = check_file(path).read_bytes()
    if hashlib.sha256(data).hexdigest() != run.record.weights_hash:
        raise ArtifactError(f"{path} is not the model of {run.run_id}: its hash differs from run.json; fetch it again.")
    return data
