"""Null baselines: what a score is worth that knows nothing of lungs, fitted on train films alone.

Each is a logistic regression on a film's file size, aspect ratio or 8 x 8 thumbnail. Whatever a network reaches beyond
them may be medicine; what it does not is no evidence of any.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import DataError
from core.evaluation.tables import read_stored, write_scores
from core.evaluation.threshold import PROTOCOL_RULE, choose_threshold
from core.evaluation.types import Scores
from core.evidence.measures import THUMBNAIL_COLUMNS
from core.files import atomic_path, write_text
from core.manifest import check_file, read_document
from core.paths import artifacts_dir
from core.types import Float64Array

FOLDER = "baselines"
RECORD = "baseline.json"
DIGITS = 10  # of the coefficients, so that the same data give the same file
NOT_SQUARE = 0.01  # width over height may differ from 1 by this much in a square file


@dataclass(frozen=True, kw_only=True)
class BaselineSpec:
    """What a baseline looks at.

    Parameters
    ----------
    name, title, meaning : str
    columns : tuple of str
        Of `core.evidence.measures.measure_films`.
    logarithm : bool
        Whether the numbers are taken as logarithms.
    """

    name: str
    title: str
    meaning: str
    columns: tuple[str, ...]
    logarithm: bool = False


BYTE_SIZE = BaselineSpec(
    name="byte_size",
    title="File size alone",
    meaning="Logistic regression on the size of the JPEG file.",
    columns=("byte_size",),
    logarithm=True,
)
NATIVE_ASPECT = BaselineSpec(
    name="aspect_ratio",
    title="Aspect ratio alone",
    meaning="Logistic regression on the width over the height of the file.",
    columns=("native_aspect",),
    logarithm=True,
)
ASPECT_ESTIMATE = BaselineSpec(
    name="aspect_ratio",
    title="Aspect ratio, estimated",
    meaning="Logistic regression on the aspect ratio before the film was made square, estimated from its detail.",
    columns=("aspect_estimate",),
    logarithm=True,
)
THUMBNAIL_8 = BaselineSpec(
    name="thumbnail",
    title="Thumbnail of 8 x 8 pixels",
    meaning="Logistic regression on the film at 8 x 8 pixels.",
    columns=tuple(THUMBNAIL_COLUMNS),
)


def baseline_specs(films: pd.DataFrame) -> tuple[BaselineSpec, ...]:
    """Return the baselines for these films: the native aspect ratio where files are not all square, else its estimate.

    Parameters
    ----------
    films : DataFrame
        Table of `measure_films` of train films.
    """
    squashed = bool((films["native_aspect"].sub(1).abs() <= NOT_SQUARE).mean() > 0.99)
    return BYTE_SIZE, ASPECT_ESTIMATE if squashed else NATIVE_ASPECT, THUMBNAIL_8


@dataclass(frozen=True, kw_only=True, eq=False)
class Baseline:
    """A fitted baseline: score = 1 / (1 + exp(-(intercept + weights . (x - mean) / scale))).

    Parameters
    ----------
    spec : BaselineSpec
    mean, scale, weights : (k,) float64
    intercept : float
    films : int
        Train films that it was fitted on.
    """

    spec: BaselineSpec
    mean: Float64Array
    scale: Float64Array
    weights: Float64Array
    intercept: float
    films: int

    def scores(self, films: pd.DataFrame) -> Scores | None:
        """Scores of measured films; None where they lack what the baseline looks at, as stress films lack a file."""
        if films[list(self.spec.columns)].isna().any(axis=None):
            return None
        logit = self.intercept + (_inputs(self.spec, films) - self.mean) / self.scale @ self.weights
        return Scores(
            sample_id=films["sample_id"].to_numpy(dtype=str),
            cluster_id=films["cluster_id"].to_numpy(dtype=str),
            y_true=films["y_true"].to_numpy(dtype=np.int64),
            y_score=1 / (1 + np.exp(-np.clip(logit, -500, 500))),
            name=self.spec.title,
        )


def fit_baseline(spec: BaselineSpec, films: pd.DataFrame) -> Baseline:
    """Fit a baseline on measured train films (scikit-learn's logistic regression on standardised numbers, C = 1).

    Raises
    ------
    DataError
        A class is missing.
    """
    from sklearn.linear_model import LogisticRegression  # scikit-learn starts slowly

    if films["y_true"].nunique() < 2:
        raise DataError("A baseline needs train films of both labels.")
    values = _inputs(spec, films)
    spread = values.std(axis=0)
    mean, scale = _rounded(values.mean(axis=0)), _rounded(np.where(spread > 0, spread, 1.0))
    model = LogisticRegression(max_iter=2_000, tol=1e-8).fit((values - mean) / scale, films["y_true"])
    return Baseline(
        spec=spec,
        mean=mean,
        scale=scale,
        weights=_rounded(model.coef_[0]),
        intercept=float(_rounded(model.intercept_)[0]),
        films=len(films),
    )


def _inputs(spec: BaselineSpec, films: pd.DataFrame) -> Float64Array:
    values = films[list(spec.columns)].to_numpy(dtype=float)
    return np.log(values) if spec.logarithm else values


def _rounded(values: Float64Array) -> Float64Array:
    return np.array([float(f"{value:.{DIGITS}g}") for value in values])


def write_baseline(baseline: Baseline, films: dict[str, pd.DataFrame], data_hash: str) -> Path:
    """Write a baseline's score tables and its record with the threshold, chosen as a model's is.

    The threshold comes from stress validation, or from plain validation where stress films lack what it looks at.

    Parameters
    ----------
    baseline : Baseline
    films : dict of str to DataFrame
        Measured films by split: validation, stress_validation and perhaps test.
    data_hash : str
        `Dataset.hash`.

    Returns
    -------
    Path
        The record, ``artifacts/baselines/<name>/baseline.json``.
    """
    folder = artifacts_dir() / FOLDER / baseline.spec.name
    scored = {split: scores for split, part in films.items() if (scores := baseline.scores(part)) is not None}
    chosen_on = "stress_validation" if "stress_validation" in scored else "validation"
    for old in folder.glob("scores_*.csv"):
        old.unlink()
    for split, scores in scored.items():
        with atomic_path(folder / f"scores_{split}.csv") as temporary:
            write_scores(scores, temporary)
    record = {
        **asdict(baseline.spec),
        "fitted_on": {"split": "train", "films": baseline.films},
        "mean": baseline.mean.tolist(),
        "scale": baseline.scale.tolist(),
        "weights": baseline.weights.tolist(),
        "intercept": baseline.intercept,
        "threshold": choose_threshold(PROTOCOL_RULE, scored[chosen_on]),
        "threshold_rule": {**PROTOCOL_RULE.to_dict(), "split": chosen_on},
        "splits": list(scored),
        "data_hash": data_hash,
    }
    write_text(folder / RECORD, json.dumps(record, indent=1) + "\n")
    return folder / RECORD


def read_baseline(name: str) -> dict[str, Any]:
    """Read the record of a baseline; raises `ArtifactError` if it is missing or damaged."""
    sections = frozenset({"title", "threshold", "splits", "data_hash"})
    return read_document(f"{FOLDER}/{name}/{RECORD}", sections, "python -m scripts.make_evidence --data DIR")


def baseline_scores(name: str, split: str) -> Scores:
    """Read a baseline's stored scores, named after it; raises `ArtifactError` if it has none for the split."""
    record = read_baseline(name)
    return read_stored(check_file(artifacts_dir() / FOLDER / name / f"scores_{split}.csv"), record["title"])
