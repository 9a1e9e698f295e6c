"""The order of a run: train, round, export, check parity, score the exported graph, freeze (imports TensorFlow)."""

import csv
import io
import platform
import shutil
import tempfile
import time
import zipfile
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.data.arrays import Films, load_films
from core.data.dataset import Dataset, read_dataset
from core.data.split import check_trainable, with_split
from core.evaluation.freeze import frozen_choices
from core.evaluation.tables import write_scores
from core.evaluation.types import Scores
from core.files import replace_folder, restore_folder, sha256, storage_errors
from core.inference.network import Network
from core.manifest import write_manifest
from core.models.spec import ModelSpec
from core.paths import cache_dir
from core.runs.ledger import read_ledger, record_test
from core.runs.record import GRAPH, Run, RunRecord
from core.runs.store import read_run
from core.training.architecture import describe_architecture
from core.training.export import export_onnx, round_weights
from core.training.fit import Fit, discard, fit
from core.training.graph import count_multiply_adds, fold_batch_normalization, map_ends
from core.training.processor import with_supported_precision
from core.training.state import Epoch
from core.types import UInt8Array

PARITY_LIMIT = 1e-5
PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "numpy", "pillow", "onnx", "onnxruntime", "tf2onnx")
SplitFilms = dict[str, Films]


def train_run(
    spec: ModelSpec,
    data: Path,
    out: Path,
    *,
    seed: int,
    epochs: int | None = None,
    resume: bool = False,
    own: bool = True,
    progress: bool = True,
) -> Run:
    """Train a model and write its run folder ``<out>/<model>-s<seed>``.

    Parameters
    ----------
    spec : ModelSpec
    data : Path
        Data set folder; its train films are split by patient, its test films, where there are any, are scored once.
    out : Path
        Folder of run folders; the run appears there whole or not at all.
    seed : int
        Of initial weights, order and augmentation.
    epochs : int, optional
        Upper limit instead of the spec's.
    resume : bool
        Go on from the checkpoint of an interrupted run.
    own : bool
        False for the project's committed runs.
    progress : bool

    Raises
    ------
    DataError
        No train films of both classes.
    StorageError
        The disk is full or read-only; a checkpoint that could be written is kept.
    """
    if epochs is not None:
        spec = replace(spec, train=replace(spec.train, max_epochs=epochs))
    spec = with_supported_precision(spec)
    dataset = read_dataset(data)
    films = load_splits(dataset, spec)
    run_id = f"{spec.name}-s{seed}"
    target = out / run_id
    _check_out(target)
    checkpoint = cache_dir() / "checkpoints" / run_id / "state.npz"
    trained = fit(
        spec, films["train"], films["validation"], seed=seed, checkpoint=checkpoint, resume=resume, progress=progress
    )
    with storage_errors(target):
        building = Path(tempfile.mkdtemp(prefix=f".{run_id}.", dir=out))
        try:
            write_run(building, spec, trained, films, dataset, seed)
            building.chmod(0o755)
            if "test" in films:  # before the run can be seen: no kill leaves a look at test without its line
                built = read_run(building, own=own)
                record_test(built, built.scores("test"), dataset.hash)
            replace_folder(building, target)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    if not own:
        write_manifest()
    discard(checkpoint)  # last: a training killed before this line goes on from it
    return read_run(target, own=own)


def _check_out(target: Path) -> None:
    """Say before hours are spent what would keep a run from being written, and tidy up after one that was killed."""
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=target.parent).close()
        restore_folder(target)
    read_ledger(target.parent)


def load_splits(dataset: Dataset, spec: ModelSpec, *, test: bool = True) -> SplitFilms:
    """Films of train, validation, stress validation and, where wanted and there, test at the model's input size."""
    table = with_split(dataset)
    size = (spec.input.height, spec.input.width)
    check_trainable(table, dataset.root)
    films = {name: load_films(dataset, table[table["split"] == name], *size) for name in ("train", "validation")}
    films["stress_validation"] = load_films(dataset, table[table["split"] == "validation"], *size, variant="stress")
    test_rows = table[table["split"] == "test"]
    if test and test_rows["label"].nunique() == 2:
        films["test"] = load_films(dataset, test_rows, *size)
    return films


def serving_model(spec: ModelSpec, trained: keras.Model) -> keras.Model:
    """Return the trained model for export: float32, batch normalisation folded, weights rounded to float16."""
    model = spec.build(spec)
    model.set_weights(trained.get_weights())
    model = fold_batch_normalization(model)
    round_weights(model)
    return model


def write_run(folder: Path, spec: ModelSpec, trained: Fit, films: SplitFilms, dataset: Dataset, seed: int) -> None:
    """Write graph, history, scores and record of a trained model into an empty folder."""
    model = serving_model(spec, trained.model)
    export_onnx(model, folder / GRAPH)
    model.save(folder / "model.keras", include_optimizer=False)
    _pack(folder / "model.keras")
    _write_history(folder / "history.csv", trained.history)
    architecture = describe_architecture(model)
    network = Network((folder / GRAPH).read_bytes(), architecture.shown, str(folder / GRAPH))
    differences = parity(model, network, films["validation"].pixels[:64])
    scores = {
        name: score_table(part, network.score(part.pixels)[0], name) for name, part in films.items() if name != "train"
    }
    for name, table in scores.items():
        write_scores(table, folder / f"scores_{name}.csv")
    record = RunRecord(
        run_id=f"{spec.name}-s{seed}",
        model=spec.name,
        seed=seed,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        spec=spec.to_dict(),
        data_hash=dataset.hash,
        films={name: len(part.table) for name, part in films.items() if name != "stress_validation"},
        versions=_versions(),
        epochs=len(trained.history),
        best_epoch=trained.best_epoch,
        seconds=trained.seconds,
        parameters=model.count_params(),
        multiply_adds=count_multiply_adds(model),
        milliseconds=_milliseconds(network, films["validation"].pixels[:1]),
        parity=differences,
        architecture=architecture,
        **frozen_choices(scores["validation"], scores["stress_validation"]),
        weights_hash=sha256(folder / GRAPH),
    )
    (folder / "run.json").write_text(record.to_json())


def parity(model: keras.Model, network: Network, pixels: UInt8Array) -> dict[str, float]:
    """Largest difference between the rounded Keras model and the serving graph, score absolute, maps relative.

    Raises
    ------
    RuntimeError
        A difference exceeds 1e-5: the export is wrong and must not be served.
    """
    ends = map_ends(model)
    reference = keras.Model(model.input, [*(end.output for end in ends.values()), model.output])
    images = np.repeat(pixels[..., np.newaxis].astype(np.float32), model.input_shape[-1], axis=-1)
    *maps, logit = (value.numpy() for value in reference(tf.constant(images), training=False))
    served = network.outputs(pixels, ["score", *ends])
    differences = {"score": float(np.abs(1 / (1 + np.exp(-logit[:, 0].astype(np.float64))) - served["score"]).max())}
    for name, value in zip(ends, maps, strict=True):
        differences[name] = float(np.abs(value - served[name]).max() / max(np.abs(value).max(), 1e-12))
    if max(differences.values()) > PARITY_LIMIT:
        raise RuntimeError(f"The exported graph differs from Keras by more than {PARITY_LIMIT}: {differences}")
    return differences


def score_table(films: Films, y_score: npt.NDArray[Any], name: str) -> Scores:
    """Scores (n,) in [0, 1] of decoded films, with the films' names, patients and truth."""
    return Scores(
        sample_id=films.table["sample_id"].to_numpy(dtype=str),
        cluster_id=films.table["cluster_id"].to_numpy(dtype=str),
        y_true=films.y_true,
        y_score=y_score.astype(np.float64),
        name=name,
    )


def _milliseconds(network: Network, film: UInt8Array, repeats: int = 200) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        network.outputs(film, ["score"])
        times.append(time.perf_counter() - start)
    return round(1000 * float(np.median(times)), 3)


def _pack(path: Path) -> None:
    """Compress a Keras file, which is a zip that stores its members as they are; rounded weights shrink to half."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def _write_history(path: Path, history: list[Epoch]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Epoch)], lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: round(value, 6) for key, value in asdict(epoch).items()} for epoch in history)
    path.write_text(text.getvalue())


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version(), "machine": platform.machine()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except ImportError:
            continue
    return versions
