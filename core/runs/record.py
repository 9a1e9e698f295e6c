"""The record of a trained model, run.json, and the files beside it: scores, history, weights."""

import csv
import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from core.errors import ArtifactError
from core.evaluation.calibration import Calibration
from core.evaluation.conformal import ConformalRule
from core.evaluation.tables import read_stored
from core.evaluation.types import Scores
from core.manifest import check_file, is_expected
from core.models.registry import get_model
from core.models.spec import InputSpec, ModelSpec, Pretraining
from core.runs.architecture import Architecture, LayerInfo, upgrade_layers

SCHEMA_VERSION = 2
FIRST_SCHEMA = 1  # its records hold only the layers that the serving graph gives, and no skip connections
GRAPH = "model.onnx"
HISTORY = ("epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "seconds")
ScoredSplit = Literal["validation", "stress_validation", "test"]


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """What is known of one trained model; the content of ``run.json``.

    Parameters
    ----------
    run_id, model, seed
        ``<model>-s<seed>``.
    created : str
        UTC, ISO 8601.
    spec : dict
        `ModelSpec.to_dict` at training.
    data_hash : str
        `Dataset.hash`.
    films : dict
        Number of films by split.
    versions : dict
        Python and packages.
    epochs, best_epoch : int
    seconds : float
        Wall time of the training loop, on the cores of that machine.
    parameters, multiply_adds : int
        Of the whole model; multiply-adds for one film.
    milliseconds : float
        Median time for one film's score in the serving graph, one thread, on the training machine.
    parity : dict
        Largest difference between the serving graph and the rounded Keras model, by output.
    architecture : Architecture
        Of a run of schema version 1 the shown layers alone; see `Run.architecture`.
    threshold : float
        Frozen; positive if score >= threshold.
    threshold_rule : dict
        The rule and the split behind it.
    thresholds : dict
        What other rules would have chosen.
    calibration, conformal : dict
        Fitted on plain validation.
    calibration_brier : dict
        Brier score of each calibration method over patient folds of plain validation; the lowest was taken.
    selection : dict
        AUROC on plain and stress validation and their mean, the selection figure.
    weights_hash : str
        sha256 of ``model.onnx``.
    schema_version : int
    """

    run_id: str
    model: str
    seed: int
    created: str
    spec: dict[str, Any]
    data_hash: str
    films: dict[str, int]
    versions: dict[str, str]
    epochs: int
    best_epoch: int
    seconds: float
    parameters: int
    multiply_adds: int
    milliseconds: float
    parity: dict[str, float]
    architecture: Architecture
    threshold: float
    threshold_rule: dict[str, Any]
    thresholds: dict[str, float]
    calibration: dict[str, Any]
    calibration_brier: dict[str, float]
    conformal: dict[str, Any]
    selection: dict[str, float]
    weights_hash: str
    schema_version: int = SCHEMA_VERSION

    @cached_property
    def digest(self) -> str:
        """Return the sha256 of the whole record: weights, threshold, calibration and all else."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @property
    def layers(self) -> list[LayerInfo]:
        """The layers whose output the serving graph gives, in order of depth: a chain."""
        return self.architecture.shown

    def to_json(self) -> str:
        """Return the text of ``run.json``."""
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str, path: Path) -> "RunRecord":
        """Read ``run.json``; raises `ArtifactError` for a damaged record or an unknown schema version."""
        try:
            data = json.loads(text)
            version = data.get("schema_version")
            if version == FIRST_SCHEMA:
                size = data["spec"]["input"]
                architecture = upgrade_layers(data.pop("layers"), (size["height"], size["width"]))
            elif version == SCHEMA_VERSION:
                architecture = Architecture.from_json(data.pop("architecture"))
            else:
                raise ArtifactError(
                    f"{path} has schema version {version}, not {SCHEMA_VERSION}; train the model again."
                )
            return cls(architecture=architecture, **data)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise ArtifactError(f"{path} is damaged; fetch it again or train the model.") from None


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run on disk.

    Parameters
    ----------
    record : RunRecord
    folder : Path
    own : bool
        Trained by the user (in ``runs/``), not committed.
    """

    record: RunRecord
    folder: Path
    own: bool

    @property
    def run_id(self) -> str:
        """Identifier of the run."""
        return self.record.run_id

    @property
    def spec(self) -> ModelSpec:
        """The registry's spec of the model."""
        return get_model(self.record.model)

    @property
    def pretraining(self) -> str:
        """``40 epochs without labels``, where they came before the others; else empty."""
        settings = self.record.spec.get("pretraining")
        return Pretraining(**settings).description if settings else ""

    @property
    def input(self) -> InputSpec:
        """The picture that the model was trained on, which later changes of the registry do not move."""
        return InputSpec(**self.record.spec["input"])

    @property
    def architecture(self) -> Architecture:
        """All layers and skip connections; raises `ArtifactError` for a run that was trained before they were kept."""
        if self.record.schema_version == FIRST_SCHEMA:
            raise ArtifactError(
                f"{self.title} was trained by an older version, which did not record all layers; "
                "add them with: python -m scripts.describe_runs"
            )
        return self.record.architecture

    @property
    def has_feature_maps(self) -> bool:
        """False for a network of dense layers alone."""
        return any(layer.kind != "dense" for layer in self.record.layers)

    @property
    def title(self) -> str:
        """Name for people; the user's own runs say so and name their seed."""
        return f"{self.spec.title} (yours, seed {self.record.seed})" if self.own else self.spec.title

    @property
    def calibration(self) -> Calibration:
        """Score to probability, at the prevalence of validation."""
        return Calibration(**self.record.calibration)

    @property
    def conformal(self) -> ConformalRule:
        """Limits of the conformal set."""
        return ConformalRule(**self.record.conformal)

    @property
    def has_weights(self) -> bool:
        """Whether its graph is there or should be; `scripts/train_all.py` names the seeds with scores alone."""
        return is_expected(self.folder / GRAPH)

    def has_scores(self, split: ScoredSplit) -> bool:
        """Whether there are stored scores of a split, or should be."""
        return is_expected(self._scores_path(split))

    def scores(self, split: ScoredSplit) -> Scores:
        """Read stored scores of a split, named after the run."""
        path = check_file(self._scores_path(split))
        return _read_scores(path, path.stat().st_mtime_ns, self.title)

    def _scores_path(self, split: ScoredSplit) -> Path:
        return self.folder / f"scores_{split}.csv"

    def history(self) -> list[dict[str, float]]:
        """One row for each epoch, with the columns of `HISTORY`; raises `ArtifactError` if missing or damaged."""
        path = check_file(self.folder / "history.csv")
        try:
            with path.open(newline="") as file:
                rows = [{key: float(row[key]) for key in HISTORY} for row in csv.DictReader(file)]
        except (ValueError, TypeError, KeyError):
            rows = []
        if not rows:
            raise ArtifactError(f"{path} is damaged; fetch it again or train the model.")
        return rows


@lru_cache(maxsize=128)
def _read_scores(path: Path, changed: int, name: str) -> Scores:
    return read_stored(path, name)


SPLITS: tuple[ScoredSplit, ...] = ("validation", "stress_validation", "test")
