"""Stress curves: what a model's figures do when one property of the film changes, step by step, alike in both classes.

Measured on validation alone. Films are changed at 224 pixels, then made as small as the model wants them.
"""

import numpy as np
import pandas as pd

from core.evaluation.bootstrap import METHOD
from core.evaluation.evaluate import evaluate
from core.evaluation.types import Estimate, Scores
from core.evidence.types import CurveValues, StressCurve
from core.imaging.perturbations import FACTORS, VERSION, Factor

SEED = 2018
PER_CLASS = 200  # films of each class; all where there are fewer


SETTINGS: dict[str, object] = {
    "version": VERSION,
    "seed": SEED,
    "per_class": PER_CLASS,
    "split": "validation",
    "intervals": METHOD,
    "levels": {name: list(factor.levels) for name, factor in FACTORS.items()},
}
FIGURES = ("auroc", "sensitivity", "specificity")
Point = dict[str, Estimate]


def choose_films(table: pd.DataFrame, per_class: int = PER_CLASS) -> pd.DataFrame:
    """Choose films with a fixed seed, the same number of each class where there are enough, in order of name."""
    chosen = []
    for label, rows in table.groupby("y_true", sort=True):
        order = np.random.default_rng([SEED, int(str(label))]).permutation(len(rows))[:per_class]
        chosen.append(rows.sort_values("sample_id").iloc[order])
    return pd.concat(chosen).sort_values("sample_id", ignore_index=True)


def figures_at(scores: Scores, threshold: float) -> Point:
    """AUROC, and sensitivity and specificity at a threshold; cluster bootstrap by patient."""
    metrics = evaluate(scores, threshold).metrics
    return {figure: metrics[figure] for figure in FIGURES}


def curve(factor: Factor, points: list[Point]) -> StressCurve:
    """Return the points, in the order of a factor's levels, as a curve; figures to five digits after the point."""
    values = {figure: _values([point[figure] for point in points]) for figure in FIGURES}
    return StressCurve(title=factor.title, unit=factor.unit, neutral=factor.neutral, levels=factor.levels, **values)


def _values(estimates: list[Estimate]) -> CurveValues:
    value, low, high = (
        tuple(round(getattr(estimate, end), 5) for estimate in estimates) for end in ("value", "low", "high")
    )
    return CurveValues(value=value, low=low, high=high)
