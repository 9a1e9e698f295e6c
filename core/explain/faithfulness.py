"""Measure how faithful a map is to the model: against random maps, other films' maps and shuffled weights.

Deletion and insertion (Petsiuk et al. 2018, arXiv:1806.07421) on the logit: places that speak for the model's answer
are taken away first, or given back first, in the map's order. A map that knows them loses the answer sooner and finds
it sooner than a map that does not.
"""

import numpy as np
from scipy import ndimage, stats

from core.explain.findings import Areas
from core.explain.geometry import enlarge
from core.explain.methods import Explanation
from core.inference.network import Network
from core.types import Float32Array, IndexArray, UInt8Array

STEPS = 10  # parts in which the film is taken away or given back
BLUR = 1 / 12  # standard deviation, share of the side, of the film from which insertion starts


def removal_order(explanation: Explanation, toward: int) -> IndexArray:
    """Return the pixels of the input, those first that speak most for the answer.

    Parameters
    ----------
    explanation : Explanation
    toward : {1, -1}
        1 for the answer pneumonia, -1 for normal.

    Returns
    -------
    (H * W,) int
        Flat indices; equal ones in their order.
    """
    enlarged = enlarge(explanation.values, explanation.rows, explanation.columns)
    return np.argsort(-toward * enlarged.ravel(), kind="stable")


def measure_areas(network: Network, image: UInt8Array, order: IndexArray, toward: int) -> Areas:
    """Areas of deletion, which covers pixels with the film's mean gray, and insertion, which begins blurred.

    Parameters
    ----------
    network : Network
    image : (H, W) uint8
    order : (H * W,) int
    toward : {1, -1}
    """
    height = image.shape[0]
    flat = image.ravel()
    gray = np.full_like(flat, round(float(image.mean())))
    blurred = np.rint(ndimage.gaussian_filter(image.astype(np.float32), BLUR * height, mode="nearest"))
    start = blurred.astype(np.uint8).ravel()
    films = np.empty((2, STEPS + 1, flat.size), np.uint8)
    films[0], films[1] = flat, start
    for step, count in enumerate(np.rint(np.linspace(0, flat.size, STEPS + 1)).astype(int)):
        films[0, step, order[:count]] = gray[0]
        films[1, step, order[:count]] = flat[order[:count]]
    logits = toward * network.score(films.reshape(-1, *image.shape))[1].reshape(2, STEPS + 1)
    deletion, insertion = (float(np.trapezoid(curve, dx=1 / STEPS)) for curve in logits)
    return Areas(deletion=deletion, insertion=insertion)


def random_map(values: Float32Array, draw: np.random.Generator) -> Float32Array:
    """Return a map (h, w) of the same size and smoothness, independent of the film.

    The amplitudes of the map's spatial frequencies with the phases of noise, so that it is as smooth as the map itself.
    """
    amplitude = np.abs(np.fft.fft2(values))
    phase = np.angle(np.fft.fft2(draw.standard_normal(values.shape)))
    noise: Float32Array = np.fft.ifft2(amplitude * np.exp(1j * phase)).real.astype(np.float32)
    return noise


def rank_correlation(first: Float32Array, second: Float32Array) -> float:
    """Return Spearman's correlation of two maps, cell by cell; 0 where either is constant."""
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(stats.spearmanr(first.ravel(), second.ravel()).statistic)
