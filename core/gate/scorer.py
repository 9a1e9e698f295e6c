"""Score how much a picture resembles the chest films that the gate was fitted on: three numbers, one score."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

import numpy as np

from core.errors import ArtifactError
from core.files import read_npz
from core.gate.features import FEATURES, permute_features
from core.types import Float32Array

GateVerdict = Literal["accept", "warn", "refuse"]

# Corrections of common faults of chest films, as (quarter turns counterclockwise, inverted).
REMEDIES: dict[str, tuple[int, bool]] = {
    "invert": (0, True),
    "turn left": (1, False),
    "turn round": (2, False),
    "turn right": (3, False),
}


VERSION = 1  # of the file's form
# The limits are scores of films, and sums of single precision end a little elsewhere on other cores.
AT_LIMIT = 1e-5


@dataclass(frozen=True, kw_only=True, eq=False)
class Basis:
    """Mean of the films and the directions in which they differ (probabilistic principal components).

    Source: Tipping and Bishop 1999, 10.1111/1467-9868.00196.

    Parameters
    ----------
    mean : (768,) float32
    directions : (768, k) float32
        Orthonormal.
    variances : (k,) float32
        Of the films along the directions.
    rest : float
        Mean variance across all other directions.
    """

    mean: Float32Array
    directions: Float32Array
    variances: Float32Array
    rest: float

    def distances(self, features: Float32Array) -> tuple[Float32Array, Float32Array]:
        """Return squared distances from the films' mean along the directions and across; each (n,), in variances."""
        centred = features - self.mean
        along = centred @ self.directions
        across = np.maximum((centred**2).sum(axis=1) - (along**2).sum(axis=1), 1e-6) / self.rest
        return (along**2 / self.variances).sum(axis=1), across

    def parts(self, features: Float32Array) -> Float32Array:
        """Return the three numbers from which the score is computed.

        Returns
        -------
        (n, 3) float32
            Logarithms of the two distances, each over its number of directions; and by how much the logarithm of their
            sum falls or rises when the picture is turned or inverted, whichever lets it fall most: below zero for a
            picture that resembles a film more when it is turned or inverted.
        """
        along, across = self.distances(features)
        total = np.log(along + across)
        others = [np.log(sum(self.distances(permute_features(features, *remedy)))) for remedy in REMEDIES.values()]
        k = len(self.variances)
        columns = (np.log(along / k), np.log(across / (FEATURES - k)), np.min(others, axis=0) - total)
        return np.column_stack(columns).astype(np.float32)


@dataclass(frozen=True, kw_only=True, eq=False)
class GateScorer:
    """A fitted score with the limits that turn it into verdicts.

    Parameters
    ----------
    basis : Basis
    weights : (3,) float32
        Of `Basis.parts`; positive speaks for a chest film.
    intercept : float
    refuse_below, accept_from : float in [0, 1]
        Scores below the first are refused, from the second on accepted; in between is a warning.
    """

    basis: Basis
    weights: Float32Array
    intercept: float
    refuse_below: float
    accept_from: float

    def score(self, features: Float32Array) -> Float32Array:
        """Score the likeness to chest films, in [0, 1], of pictures described by (n, 768); (n,) float64."""
        return self.score_parts(self.basis.parts(features))

    def score_parts(self, parts: Float32Array) -> Float32Array:
        """Score `Basis.parts` (n, 3) by the logistic function."""
        logit = parts.astype(np.float64) @ self.weights.astype(np.float64) + self.intercept
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logit, -50, 50))))

    def verdict(self, score: float) -> GateVerdict:
        """Accept, warn or refuse by the limits; what lies at one is on its good side."""
        score += AT_LIMIT
        return "accept" if score >= self.accept_from else "warn" if score >= self.refuse_below else "refuse"

    def remedy(self, features: Float32Array) -> str | None:
        """Return the change, a key of `REMEDIES`, that makes one refused picture (1, 768) acceptable, or None."""
        scores = {name: float(self.score(permute_features(features, *change))[0]) for name, change in REMEDIES.items()}
        best = max(scores, key=lambda name: scores[name])
        return best if scores[best] >= self.accept_from else None

    def save(self, path: Path) -> None:
        """Write all numbers as an uncompressed npz file without pickle."""
        numbers = {field.name: getattr(self.basis, field.name) for field in fields(Basis)}
        numbers |= {field.name: getattr(self, field.name) for field in fields(GateScorer) if field.name != "basis"}
        with path.open("wb") as file:
            np.savez(file, version=VERSION, **numbers)


def read_scorer(path: Path) -> GateScorer:
    """Read what `GateScorer.save` wrote; raises `ArtifactError` if it is damaged or of another form."""
    try:
        numbers = read_npz(path)
        version = int(numbers.get("version", 1))
        basis = Basis(
            mean=numbers["mean"],
            directions=numbers["directions"],
            variances=numbers["variances"],
            rest=float(numbers["rest"]),
        )
        scorer = GateScorer(
            basis=basis,
            weights=numbers["weights"],
            intercept=float(numbers["intercept"]),
            refuse_below=float(numbers["refuse_below"]),
            accept_from=float(numbers["accept_from"]),
        )
        expected = ((FEATURES,), (FEATURES, len(basis.variances)), (3,))
        if (basis.mean.shape, basis.directions.shape, scorer.weights.shape) != expected:
            raise ValueError("shape")
    except (ValueError, KeyError, TypeError):
        raise ArtifactError(f"{path} is damaged; fetch artifacts/ again or run: python -m scripts.make_gate") from None
    if version != VERSION:
        raise ArtifactError(f"{path} is of version {version}, not {VERSION}; fetch artifacts/ again.")
    return scorer
