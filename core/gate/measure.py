"""Measure gate acceptance rates on chest X-rays and on other images: the figures of ``artifacts/gate/gate.json``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.evaluation.intervals import wilson
from core.evaluation.types import Estimate
from core.gate.check import ruled_out
from core.gate.features import thumbnail
from core.gate.fit import describe_all
from core.gate.material import KINDS, SCANS, EncodedImage, Material
from core.gate.scorer import Basis, GateScorer
from core.imaging.film import Film
from core.types import BoolArray, Float32Array, Float64Array, UInt8Array

TOO_SMALL = (32, 63)  # px of the shorter side, for pictures that a plain rule refuses


@dataclass(frozen=True, kw_only=True, eq=False)
class ScorerInputs:
    """Inputs of the score, shared by all gates of one basis.

    Parameters
    ----------
    parts : (n, 3) float32
        `Basis.parts`.
    ruled_out : (n,) bool
        Refused by a plain rule.
    """

    parts: Float32Array
    ruled_out: BoolArray


@dataclass(frozen=True, kw_only=True)
class VerdictCounts:
    """The gate's verdicts on some pictures; the fields are those of ``gate.json``.

    Parameters
    ----------
    n, accept, warn, refuse : int
    refused, not_accepted : Estimate
        Shares of n with Wilson's interval; ``not_accepted`` counts refusals and warnings.
    by_plain_rule : int
        Refused before the score was looked at.
    """

    n: int
    accept: int
    warn: int
    refuse: int
    refused: Estimate
    not_accepted: Estimate
    by_plain_rule: int


@dataclass(frozen=True, kw_only=True)
class RefusalSummary:
    """Mean over kinds of the share refused, and the kind with the smallest share."""

    mean: float
    worst: float
    worst_kind: str


@dataclass(frozen=True, kw_only=True)
class Separability:
    """AUROC of films against all kinds together, against the kinds that are pictures of bodies, and by kind."""

    looks_at: str
    all_kinds: float
    pictures_of_bodies: float
    kinds: dict[str, float]


def measure_films(basis: Basis, films: Sequence[Film]) -> ScorerInputs:
    """Describe films once for all gates that share a basis."""
    small = np.stack([thumbnail(film.pixels) for film in films])
    ruled = np.array([bool(ruled_out(film, thumb)) for film, thumb in zip(films, small, strict=True)])
    return ScorerInputs(parts=basis.parts(describe_all(small)), ruled_out=ruled)


def count_verdicts(scorer: GateScorer, inputs: ScorerInputs) -> VerdictCounts:
    """Count pictures by verdict, with the share refused and the share not accepted, each with its Wilson interval."""
    scores = scorer.score_parts(inputs.parts)
    answers = [
        "refuse" if ruled else scorer.verdict(float(score))
        for score, ruled in zip(scores, inputs.ruled_out, strict=True)
    ]
    n, accepted, refused = len(answers), answers.count("accept"), answers.count("refuse")
    return VerdictCounts(
        n=n,
        accept=accepted,
        warn=answers.count("warn"),
        refuse=refused,
        refused=wilson(refused, n),
        not_accepted=wilson(n - accepted, n),
        by_plain_rule=int(inputs.ruled_out.sum()),
    )


def wrap_thumbnails(small: UInt8Array) -> list[Film]:
    """Wrap thumbnails (n, 64, 64) as decoded films of 224 x 224 pixels, the size of the data set's files."""
    return [Film(name="film", pixels=pixels, size=(224, 224)) for pixels in small]


def make_small_films(material: Material) -> list[Film]:
    """Return the material's films with a shorter side of 32 to 63 pixels."""
    sides = np.linspace(*TOO_SMALL, len(material.films)).round().astype(int)
    return [
        Film(name="film", pixels=image.film.pixels, size=(int(side), int(side * 1.2)))
        for image, side in zip(material.films[::20], sides[::20], strict=True)
    ]


def summarise_refusals(kinds: Mapping[str, VerdictCounts]) -> RefusalSummary:
    """Return the mean over kinds of the share refused, and the worst kind."""
    shares = {kind: counts.refused.value for kind, counts in kinds.items()}
    worst = min(shares, key=lambda kind: shares[kind])
    return RefusalSummary(mean=float(np.mean(list(shares.values()))), worst=shares[worst], worst_kind=worst)


def measure_separability(material: Material) -> Separability:
    """Measure how well width, height and bytes of the file alone tell films from the rest; 0.5 is not at all.

    Logistic regression on logarithms and their products, over 5 folds: AUROC for all kinds together, for the kinds
    that are pictures of bodies, and for each kind.
    """
    films = np.array([_file_numbers(image) for image in material.films])
    rows = {kind: np.array([_file_numbers(image) for image in material.kinds[kind]]) for kind in KINDS}
    bodies = [*SCANS, "inverted", "rotated", "cropped"]
    return Separability(
        looks_at="width, height and bytes of the file",
        all_kinds=_cross_validated_auroc(films, np.concatenate(list(rows.values()))),
        pictures_of_bodies=_cross_validated_auroc(films, np.concatenate([rows[kind] for kind in bodies])),
        kinds={kind: _cross_validated_auroc(films, values) for kind, values in rows.items()},
    )


def _file_numbers(image: EncodedImage) -> tuple[float, float, float]:
    return float(np.log(image.width)), float(np.log(image.height)), float(np.log(len(image.data)))


def _cross_validated_auroc(films: Float64Array, others: Float64Array) -> float:
    from sklearn.linear_model import LogisticRegression  # scikit-learn starts slowly; the gate's names are read without
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    values, truth = np.concatenate([films, others]), np.repeat([1, 0], [len(films), len(others)])
    model = make_pipeline(
        StandardScaler(), PolynomialFeatures(2), LogisticRegression(class_weight="balanced", max_iter=1_000)
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=2018)
    return float(roc_auc_score(truth, cross_val_predict(model, values, truth, cv=folds, method="predict_proba")[:, 1]))
