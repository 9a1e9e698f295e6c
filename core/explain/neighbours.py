"""Find the training films that a model treats as similar: the nearest by its own pooled features.

The index in ``artifacts/similar`` contains numbers only: for each film of train (validation left out) the pooled
features, its file name, label and patient key. What similarity does not mean: that the children have the same disease,
or that a label is right for the current film. Two films are near where the network answers them alike, be it for the
lungs, the framing, the exposure or a letter in the corner; the label of a neighbour is no second opinion, since the
same network chose it.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.data.arrays import Films
from core.errors import ArtifactError
from core.files import atomic_path
from core.imaging.film import Film
from core.inference.model import Model
from core.inference.network import Network
from core.manifest import check_file
from core.paths import artifacts_dir
from core.runs.record import Run
from core.types import Float32Array, StrArray, UInt8Array

INDEX = Path("similar") / "index.npz"
VERSION = 1
REMEDY = "python -m scripts.make_explanations --data DIR"
SHARES = np.unique(np.concatenate([np.linspace(0, 0.01, 101), np.linspace(0, 1, 101)]))  # of pairs; finest near 0


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """A training film near the current film.

    Parameters
    ----------
    file : str
        Path below the data set's root.
    label : str
        ``NORMAL`` or ``PNEUMONIA``, as the data set has it.
    patient : str
        Key read from the file name.
    distance : float
        Cosine distance of the features, from 0 (alike) to 2.
    percentile : float in [0, 100]
        Share of all pairs of train films of different patients that are nearer than this.
    nearest_percentile : float in [0, 100]
        Share of train films whose nearest film of another patient is nearer than this: above 95, the current film is
        unlike all that the model was trained on.
    """

    file: str
    label: str
    patient: str
    distance: float
    percentile: float
    nearest_percentile: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Index:
    """The features of the train films.

    Parameters
    ----------
    run_id, weights_hash : str
        The model whose features these are.
    file, label, patient : (n,) str
    features : (n, d) float32
        Standardised, of length 1.
    mean, scale : (d,) float32
        Of the train films' features before standardising.
    pair_distance : (k,) float32
        Distances of pairs of films of different patients at the shares `SHARES`.
    nearest_distance : (n,) float32
        Each film's distance to the nearest film of another patient, in order of size.
    """

    run_id: str
    weights_hash: str
    file: StrArray
    label: StrArray
    patient: StrArray
    features: Float32Array
    mean: Float32Array
    scale: Float32Array
    pair_distance: Float32Array
    nearest_distance: Float32Array


def pooled_features(network: Network, images: UInt8Array, batch_size: int = 64) -> Float32Array:
    """Return what a network sees in prepared films (n, H, W): each channel of its last map averaged over the film.

    Returns
    -------
    (n, d) float32
        For a network without maps, its last dense layer.
    """
    layer = (network.maps or network.layers)[-1].name
    parts = []
    for begin in range(0, len(images), batch_size):
        values = network.outputs(images[begin : begin + batch_size], [layer])[layer]
        parts.append(values.mean(axis=(1, 2)) if values.ndim == 4 else values)
    return np.concatenate(parts)


def build_index(model: Model, films: Films) -> Index:
    """Build the index of train films decoded at the model's input size."""
    pooled = pooled_features(model.network, films.pixels).astype(np.float64)
    mean, scale = pooled.mean(axis=0), pooled.std(axis=0)
    scale[scale == 0] = 1  # a silent channel stays at 0
    features = _unit((pooled - mean) / scale).astype(np.float16).astype(np.float32)  # as it is stored
    patient = films.table["cluster_id"].to_numpy(dtype=np.str_)
    label = films.table["label"].to_numpy(dtype=np.str_)
    pairs, nearest_distances = _distances(features, np.char.add(label, patient))
    return Index(
        run_id=model.run.run_id,
        weights_hash=model.run.record.weights_hash,
        file=films.table["sample_id"].to_numpy(dtype=np.str_),
        label=label,
        patient=patient,
        features=features,
        mean=mean.astype(np.float32),
        scale=scale.astype(np.float32),
        pair_distance=pairs,
        nearest_distance=nearest_distances,
    )


def write_index(index: Index) -> Path:
    """Write the index into the artifacts folder; the caller writes the manifest."""
    path = artifacts_dir() / INDEX
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file,
            version=np.array(VERSION),
            run_id=np.array(index.run_id),
            weights_hash=np.array(index.weights_hash),
            sample_id=index.file,
            label=index.label,
            patient=index.patient,
            features=index.features.astype(np.float16),
            mean=index.mean,
            scale=index.scale,
            pair_distance=index.pair_distance,
            nearest_distance=index.nearest_distance,
        )
    return path


def read_index(run: Run) -> Index:
    """Read the committed index, if it is of this run.

    Raises
    ------
    ArtifactError
        It is missing, damaged, or of another model.
    """
    path = check_file(artifacts_dir() / INDEX)
    index = _read_index(path, path.stat().st_mtime_ns)
    if (index.run_id, index.weights_hash) != (run.run_id, run.record.weights_hash):
        raise ArtifactError(
            f"{path} holds the features of {index.run_id}, not of {run.run_id} with its present weights; run: {REMEDY}"
        )
    return index


@lru_cache(maxsize=2)
def _read_index(path: Path, changed: int) -> Index:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            if int(stored["version"]) != VERSION:
                raise ArtifactError(f"{path} is of another version; run: {REMEDY}")
            return Index(
                run_id=str(stored["run_id"]),
                weights_hash=str(stored["weights_hash"]),
                file=stored["sample_id"],
                features=stored["features"].astype(np.float32),
                **{
                    name: stored[name]
                    for name in ("label", "patient", "mean", "scale", "pair_distance", "nearest_distance")
                },
            )
    except ArtifactError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy each raise their own for a damaged file
        raise ArtifactError(f"{path} is damaged ({type(error).__name__}); run: {REMEDY}") from None


def find_nearest(model: Model, film: Film, count: int = 5) -> list[Neighbour]:
    """Return the training films nearest to one film, nearest first.

    Parameters
    ----------
    model : Model
        The one that the index is of: the served one.
    film : Film
    count : int

    Raises
    ------
    ArtifactError
        There is no index of this model.
    """
    index = read_index(model.run)
    return find_nearest_in(index, pooled_features(model.network, model.prepare(film)[np.newaxis])[0], count)


def find_nearest_in(index: Index, pooled: Float32Array, count: int) -> list[Neighbour]:
    """Return the films of an index nearest to pooled features (d,), nearest first."""
    distance = 1 - index.features @ _unit((pooled - index.mean) / index.scale)
    order = np.argsort(distance, kind="stable")[:count]
    below = np.searchsorted(index.nearest_distance, distance[order], "left") / len(index.nearest_distance)
    share = np.interp(distance[order], index.pair_distance, SHARES)
    return [
        Neighbour(
            file=str(index.file[row]),
            label=str(index.label[row]),
            patient=str(index.patient[row]),
            distance=max(float(distance[row]), 0.0),
            percentile=100 * float(pairs),
            nearest_percentile=100 * float(films),
        )
        for row, pairs, films in zip(order, share, below, strict=True)
    ]


def _unit(vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Scale vectors (..., d) to length 1; zeros stay zeros."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length > 0, length, 1)


def _distances(features: Float32Array, patient: StrArray) -> tuple[Float32Array, Float32Array]:
    """Return distances of pairs of films of different patients and each film's nearest, sorted.

    The pairs are quantiles at `SHARES`.
    """
    _, key = np.unique(patient, return_inverse=True)
    nearest_other = np.empty(len(features), np.float32)
    pairs = []
    for begin in range(0, len(features), 512):
        rows = slice(begin, begin + 512)
        distance = 1 - features[rows] @ features.T
        other = key[rows, np.newaxis] != key
        nearest_other[rows] = np.where(other, distance, np.inf).min(axis=1)
        later = np.arange(len(features)) > np.arange(len(features))[rows, np.newaxis]
        pairs.append(distance[other & later])
    quantiles = np.quantile(np.concatenate(pairs), SHARES)
    return quantiles.astype(np.float32), np.sort(nearest_other)
