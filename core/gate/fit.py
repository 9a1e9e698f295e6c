"""Fit the gate: the films' principal components, then a logistic regression on three numbers."""

from dataclasses import dataclass, replace

import numpy as np

from core.data.stress import stress_film
from core.gate.features import FEATURES, describe, thumbnail
from core.gate.material import EncodedImage, Material
from core.gate.scorer import Basis, GateScorer
from core.types import Float32Array, UInt8Array

DIRECTIONS_KEPT = 80
ADULT_SHARE = 0.3  # of the weight of all chest films: adults are 3 % of them
ADULT_CHANGES = 3  # changed copies of each adult's film
PENALTY = 0.01  # inverse strength of the logistic regression's penalty, at a total weight of 10,000
TOTAL_WEIGHT = 10_000
MOST_REFUSED = 0.004  # of plain and of stress validation, when the limit is chosen; the goal is 1 %
MOST_NOT_ACCEPTED = 0.02  # of plain validation


@dataclass(frozen=True, kw_only=True, eq=False)
class Fitting:
    """Descriptions of the material to fit on, each (n, 768) float32.

    Parameters
    ----------
    films, adults : array
        Chest films as they are and mirrored (children's: every second one), and with the changes of stress validation.
    kinds : dict
        Images that are not chest X-rays, by kind.
    """

    films: Float32Array
    adults: Float32Array
    kinds: dict[str, Float32Array]


def describe_all(small: UInt8Array, batch: int = 64) -> Float32Array:
    """Return `describe` of any number of thumbnails (n, 64, 64), in batches."""
    return np.concatenate([describe(small[start : start + batch]) for start in range(0, len(small), batch)])


def make_thumbnails(images: list[EncodedImage]) -> UInt8Array:
    """Decode and reduce pictures to (n, 64, 64) uint8."""
    return np.stack([thumbnail(image.film.pixels) for image in images])


def describe_material(material: Material, stressed: UInt8Array) -> Fitting:
    """Describe the fitting half.

    Parameters
    ----------
    material : Material
    stressed : (n, 64, 64) uint8
        The train films after `core.data.stress.stress_film`.
    """
    films, adults = make_thumbnails(material.films), make_thumbnails(material.adults)
    with_mirrored = np.concatenate([adults, adults[:, :, ::-1]])
    stressed_adults = [
        thumbnail(stress_film(film, f"adult {turn} {number}"))
        for turn in range(ADULT_CHANGES)
        for number, film in enumerate(with_mirrored)
    ]
    return Fitting(
        films=describe_all(np.concatenate([films[::2], films[1::2, :, ::-1], stressed])),
        adults=describe_all(np.concatenate([with_mirrored, np.stack(stressed_adults)])),
        kinds={kind: describe_all(make_thumbnails(images)) for kind, images in material.kinds.items()},
    )


def fit_basis(films: Float32Array, adults: Float32Array) -> Basis:
    """Fit mean and principal components of children's and adults' films, the adults weighted up to `ADULT_SHARE`."""
    groups = ((films, 1 - ADULT_SHARE), (adults, ADULT_SHARE))
    mean = sum(share * group.mean(axis=0, dtype=np.float64) for group, share in groups)
    scatter = sum(share * ((group - mean).T @ (group - mean)) / len(group) for group, share in groups)
    variances, directions = np.linalg.eigh(scatter)
    variances, directions = variances[::-1], directions[:, ::-1]
    return Basis(
        mean=np.asarray(mean, np.float32),
        directions=np.ascontiguousarray(directions[:, :DIRECTIONS_KEPT], np.float32),
        variances=variances[:DIRECTIONS_KEPT].astype(np.float32),
        rest=float(variances[DIRECTIONS_KEPT:FEATURES].mean()),
    )


def fit_scorer(basis: Basis, films: Float32Array, adults: Float32Array, kinds: dict[str, Float32Array]) -> GateScorer:
    """Fit a logistic regression of chest film against everything else on `Basis.parts`; every kind weighs alike.

    Parameters
    ----------
    films, adults : (n, 3) float32
    kinds : dict of (n, 3) float32

    Returns
    -------
    GateScorer
        With limits of zero: see `with_limits`.
    """
    from sklearn.linear_model import (
        LogisticRegression,  # scikit-learn starts slowly; whoever applies the gate does without
    )

    groups = [films, adults, *kinds.values()]
    shares = [1 - ADULT_SHARE, ADULT_SHARE, *[1 / len(kinds)] * len(kinds)]
    truth = np.repeat([1, 1] + [0] * len(kinds), [len(group) for group in groups])
    weights = np.concatenate(
        [
            np.full(len(group), TOTAL_WEIGHT / 2 * share / len(group))
            for group, share in zip(groups, shares, strict=True)
        ]
    )
    model = LogisticRegression(C=PENALTY, max_iter=1_000).fit(np.concatenate(groups), truth, sample_weight=weights)
    return GateScorer(
        basis=basis,
        weights=model.coef_[0].astype(np.float32),
        intercept=float(model.intercept_[0]),
        refuse_below=0.0,
        accept_from=0.0,
    )


def with_limits(scorer: GateScorer, plain: Float32Array, stressed: Float32Array) -> GateScorer:
    """Return the scorer with limits from validation films' parts, each (n, 3).

    ``refuse_below`` is the highest limit that refuses at most `MOST_REFUSED` of the plain films and at most as many of
    the stressed ones, ``accept_from`` the highest that accepts all but `MOST_NOT_ACCEPTED` of the plain ones.
    """
    plain_scores, stress_scores = (np.sort(scorer.score_parts(parts)) for parts in (plain, stressed))
    refuse_below = min(_limit(plain_scores, MOST_REFUSED), _limit(stress_scores, MOST_REFUSED))
    accept_from = max(refuse_below, _limit(plain_scores, MOST_NOT_ACCEPTED))
    return replace(scorer, refuse_below=refuse_below, accept_from=accept_from)


def _limit(ascending: Float32Array, share: float) -> float:
    """Return the highest score below which at most this share of the scores falls."""
    return float(ascending[int(share * len(ascending))])
