"""Trained models on disk: the record of a run, the list of runs, and which one is served."""

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from core.errors import ArtifactError, UnknownModelError
from core.evaluation.calibration import Calibration
from core.evaluation.conformal import ConformalRule
from core.evaluation.tables import read_stored
from core.evaluation.types import Scores
from core.manifest import check_file, is_expected, listed
from core.models.registry import MODELS, get_model
from core.models.spec import InputSpec, ModelSpec, Pretraining
from core.paths import artifacts_dir, runs_dir

SCHEMA_VERSION = 1
GRAPH = "model.onnx"
OWN = "own:"  # before the id of a run of the user's
SELECTION_TOLERANCE = 0.002  # models whose selection figures differ by less are ranked by their size
HISTORY = ("epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "seconds")
ScoredSplit = Literal["validation", "stress_validation", "test"]
LayerKind = Literal["convolution", "pooling", "dense"]


@dataclass(frozen=True, kw_only=True)
class LayerInfo:
    """One layer whose output the serving graph gives.

    Parameters
    ----------
    name : str
        Output of the graph.
    kind : {"convolution", "pooling", "dense"}
    shape : tuple of int
        (h, w, channels) of the map, or (units,).
    kernel, stride : int
        Pixels of the layer's own input; 0 for dense layers.
    receptive_field : int
        Side of the square of input pixels that one value sees; for dense layers the longer side of the input.
    parameters, multiply_adds : int
        Trained numbers, and products for one film.
    """

    name: str
    kind: LayerKind
    shape: tuple[int, ...]
    kernel: int
    stride: int
    receptive_field: int
    parameters: int
    multiply_adds: int


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
    layers : list of LayerInfo
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
    layers: list[LayerInfo]
    threshold: float
    threshold_rule: dict[str, Any]
    thresholds: dict[str, float]
    calibration: dict[str, Any]
    calibration_brier: dict[str, float]
    conformal: dict[str, Any]
    selection: dict[str, float]
    weights_hash: str
    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> str:
        """The text of ``run.json``."""
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str, path: Path) -> "RunRecord":
        """Read ``run.json``; raises `ArtifactError` for a damaged record or another schema version."""
        try:
            data = json.loads(text)
            version = data.get("schema_version")
            if version != SCHEMA_VERSION:
                raise ArtifactError(
                    f"{path} has schema version {version}, not {SCHEMA_VERSION}; train the model again."
                )
            layers = [LayerInfo(**{**layer, "shape": tuple(layer["shape"])}) for layer in data.pop("layers")]
            return cls(layers=layers, **data)
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
        return Pretraining(**settings).in_words if settings else ""

    @property
    def input(self) -> InputSpec:
        """The picture that the model was trained on, which later changes of the registry do not move."""
        return InputSpec(**self.record.spec["input"])

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
        """Whether its graph is there or should be; `scripts/train_all.py` says of which seeds only scores are kept."""
        return is_expected(self.folder / GRAPH)

    def has_scores(self, split: ScoredSplit) -> bool:
        """Whether there are stored scores of a split, or should be."""
        return is_expected(self._scores_path(split))

    def scores(self, split: ScoredSplit) -> Scores:
        """Stored scores of a split, named after the run."""
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


def read_run(folder: Path, *, own: bool) -> Run:
    """Read a run folder; raises `ArtifactError` if it is missing, damaged, swapped or of another schema version."""
    path = check_file(folder / "run.json")
    record = _read_record(path, path.stat().st_mtime_ns)
    if record.run_id != folder.name and not folder.name.startswith("."):  # hidden while it is being written
        raise ArtifactError(f"{path} is the record of {record.run_id}, not of {folder.name}; fetch it again.")
    return Run(record=record, folder=folder, own=own)


@lru_cache(maxsize=512)
def _read_record(path: Path, changed: int) -> RunRecord:
    return RunRecord.from_json(path.read_text(encoding="utf-8", errors="replace"), path)


@lru_cache(maxsize=128)
def _read_scores(path: Path, changed: int, name: str) -> Scores:
    return read_stored(path, name)


def list_runs() -> tuple[list[Run], list[str]]:
    """All runs that can be read, ours first, in the registry's order, and one line for each that cannot."""
    ours, damaged = _read_all(own=False)
    theirs, also_damaged = _read_all(own=True)
    return ours + theirs, [*damaged.values(), *also_damaged.values()]


def _read_all(*, own: bool) -> tuple[list[Run], dict[str, str]]:
    """The runs of a folder that can be read, and what is wrong with the others, by the name of their folder."""
    runs, problems = [], {}
    there = (runs_dir() if own else artifacts_dir()).glob("*/run.json")
    for path in sorted(there if own else {*there, *listed("*/run.json")}):
        try:
            run = read_run(path.parent, own=own)
        except ArtifactError as error:
            problems[path.parent.name] = str(error)
            continue
        if run.record.model in MODELS:
            runs.append(run)
        else:
            problems[path.parent.name] = f"{path}: the registry has no model named {run.record.model!r}."
    order = list(MODELS)
    return sorted(runs, key=lambda run: (order.index(run.record.model), run.record.seed)), problems


def choose_run(name: str | None) -> Run:
    """The run for a model's name or a run id, as `find_run` has it; None is the served one.

    Raises
    ------
    UnknownModelError
        No such model or run, or the model has not been trained.
    ArtifactError
        The run, or for None or a model's name one of those that it is chosen among, is missing or damaged: another
        would take its place unsaid.
    """
    ours, damaged = _read_all(own=False)
    theirs, also_damaged = _read_all(own=True)
    for run_id, problem in damaged.items():
        if name is None:
            raise ArtifactError(f"{problem} Which model is served cannot be told without it; name one to go on.")
        if name in (run_id, run_id.rpartition("-s")[0]):
            raise ArtifactError(problem)
    if name is not None and (problem := also_damaged.get(name.removeprefix(OWN), "")):
        raise ArtifactError(problem)
    return find_run(name, ours + theirs)


def committed_runs() -> list[Run]:
    """Our runs without the user's own; raises `ArtifactError` if one run, whoever's, cannot be read."""
    runs, problems = list_runs()
    if problems:
        raise ArtifactError(" ".join(problems))
    return [run for run in runs if not run.own]


def representative(runs: Iterable[Run]) -> list[Run]:
    """One run for each model, the median seed by selection figure (the lower of two middle ones), and own runs."""
    by_model: dict[str, list[Run]] = {}
    own = []
    for run in runs:
        if run.own:
            own.append(run)
        else:
            by_model.setdefault(run.record.model, []).append(run)
    middle = [sorted(group, key=_selection)[(len(group) - 1) // 2] for group in by_model.values()]
    return middle + own


def served(runs: Iterable[Run]) -> Run:
    """The run that is served by default: of the committed models' representatives the one with the highest selection
    figure, the smallest model among those within .002.

    Raises
    ------
    ArtifactError
        There is no committed run.
    """
    candidates = [run for run in representative(runs) if not run.own]
    if not candidates:
        raise ArtifactError("No trained model was found in artifacts/; fetch that folder again or train one.")
    best = max(_selection(run) for run in candidates)
    close = [run for run in candidates if _selection(run) >= best - SELECTION_TOLERANCE]
    return min(close, key=lambda run: (run.record.parameters, -_selection(run)))


def find_run(name: str | None, runs: list[Run]) -> Run:
    """The run for a model's name or a run id; None is the served one.

    Where an own run has the id of a committed one, ``own:<run id>`` is the own one.

    Raises
    ------
    UnknownModelError
        No such model or run, or the model has not been trained.
    """
    if name is None:
        return served(runs)
    own_id = name.removeprefix(OWN)
    for run in runs:
        if run.run_id == own_id and (run.own or own_id == name):
            return run
    if own_id != name:
        raise UnknownModelError(f"{runs_dir()} has no run named {own_id!r}; see python -m core models")
    get_model(name)
    for run in representative(runs):
        if run.record.model == name:
            return run
    raise UnknownModelError(f"{name} has not been trained; run: python -m core train {name} --data DIR")


def _selection(run: Run) -> float:
    return run.record.selection["mean"]
