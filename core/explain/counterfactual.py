"""Measure how far a model's score changes when the current film is framed or exposed differently.

The changes are those of `core.evidence.stress_curves`, which were measured on validation films. Disease does not change
with them; a score that does looks at more than the lungs.
"""

import numpy as np
import pandas as pd
from PIL import Image

from core.imaging.film import Film, resize
from core.imaging.perturbations import FACTORS
from core.inference.model import Model
from core.types import UInt8Array

CHANGES = ("aspect_ratio", "exposure", "border")
POINTS = 25  # for each change
LEAST_SIDE = 320  # pixels; drawn smaller than this first, a film's logit would move by more than .1
COLUMNS = ["change", "value", "score", "logit"]


def levels(change: str, points: int = POINTS) -> list[float]:
    """Return evenly spread levels of a change, by ratio where its neutral level is 1, the neutral one included."""
    factor = FACTORS[change]
    low, high = min(factor.levels), max(factor.levels)
    if factor.neutral == 1:
        low, high = np.log(low), np.log(high)
        spread = np.exp(np.linspace(low, high, points))
    else:
        spread = np.linspace(low, high, points)
    spread[np.abs(spread - factor.neutral).argmin()] = factor.neutral
    return [float(level) for level in spread]


def counterfactual(model: Model, film: Film, changes: tuple[str, ...] = CHANGES, points: int = POINTS) -> pd.DataFrame:
    """Score one film as its framing and exposure change.

    Parameters
    ----------
    model : Model
    film : Film
    changes : tuple of str
        Names in `core.imaging.perturbations.FACTORS`, which holds title, unit and neutral level of each.
    points : int
        Levels of each change.

    Returns
    -------
    DataFrame
        change, value, score, logit; a row for each level, in order. The neutral level has the plain score.
    """
    pixels = _reduce(film.pixels)
    size = model.run.input
    rows = [(change, level) for change in changes for level in levels(change, points)]
    images = np.empty((len(rows), size.height, size.width), np.uint8)
    for image, (change, level) in zip(images, rows, strict=True):
        neutral = level == FACTORS[change].neutral
        changed = film.pixels if neutral else FACTORS[change].apply(pixels, level, film.name)
        image[:] = resize(changed, size.height, size.width)
    score, logit = model.network.score(images)
    frame = pd.DataFrame(rows, columns=["change", "value"]).assign(score=score, logit=logit)
    return frame[COLUMNS]


def _reduce(pixels: UInt8Array) -> UInt8Array:
    """Reduce the film for many changes: its sides divided by a whole number, both still at least 320 pixels."""
    factor = min(pixels.shape) // LEAST_SIDE
    return np.array(Image.fromarray(pixels).reduce(factor)) if factor > 1 else pixels
