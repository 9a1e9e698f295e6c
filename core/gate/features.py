"""Describe a film for the gate: edge directions and coarse gray levels at 64 x 64 pixels."""

from functools import lru_cache

import numpy as np

from core.imaging.film import resize
from core.types import Float32Array, IndexArray, UInt8Array

SIDE = 64  # px; also the smallest side that a film may have, so that nothing is ever enlarged
CELLS = 8  # a side
CELL = SIDE // CELLS  # px
DIRECTIONS = 8  # signed: an inverted film has all of its edges reversed
COARSE = 16  # px, side of the coarse gray picture
COARSE_WEIGHT = 0.5  # of the gray picture beside the edges
EDGES = CELLS**2 * DIRECTIONS
FEATURES = EDGES + COARSE**2


def thumbnail(pixels: UInt8Array) -> UInt8Array:
    """Return gray pixels (H, W) at 64 x 64, not keeping the aspect ratio, as the models see films."""
    return resize(pixels, SIDE, SIDE)


def describe(small: UInt8Array) -> Float32Array:
    """Return numbers that describe pictures of 64 x 64 pixels, without regard to brightness and contrast.

    Edge directions are signed, weighted by strength, counted in 8 x 8 cells, shared between neighbouring cells and
    directions, and brought to one strength in each neighbourhood of 3 x 3 cells (after Dalal and Triggs 2005,
    10.1109/CVPR.2005.177). The gray levels follow at 16 x 16 pixels with mean 0 and spread 1.

    Parameters
    ----------
    small : (n, 64, 64) uint8

    Returns
    -------
    (n, 768) float32
    """
    gray = _smooth(small.astype(np.float32))
    spread = gray.std(axis=(1, 2), keepdims=True)
    gray = (gray - gray.mean(axis=(1, 2), keepdims=True)) / np.maximum(spread, 1.0)
    step = SIDE // COARSE
    coarse = gray.reshape(len(gray), COARSE, step, COARSE, step).mean(axis=(2, 4))
    parts = (_edges(gray).reshape(len(gray), -1), COARSE_WEIGHT * coarse.reshape(len(gray), -1))
    return np.concatenate(parts, axis=1).astype(np.float32)


def permute_features(features: Float32Array, quarter_turns: int, inverted: bool) -> Float32Array:
    """Return the descriptions (n, 768) of the same pictures turned counterclockwise or inverted.

    This permutes the numbers, so that nothing is measured again.
    """
    moved = features[:, _permutation(quarter_turns, inverted)]
    if inverted:
        moved[:, EDGES:] *= -1
    return moved


@lru_cache(maxsize=16)
def _permutation(quarter_turns: int, inverted: bool) -> IndexArray:
    index = np.arange(FEATURES)
    edges = np.rot90(index[:EDGES].reshape(CELLS, CELLS, DIRECTIONS), quarter_turns)
    edges = np.roll(edges, -DIRECTIONS // 4 * quarter_turns + DIRECTIONS // 2 * inverted, axis=2)
    coarse = np.rot90(index[EDGES:].reshape(COARSE, COARSE), quarter_turns)
    return np.concatenate([edges.ravel(), coarse.ravel()])


def _smooth(gray: Float32Array) -> Float32Array:
    """Return the mean over 3 x 3 pixels with weights 1, 2, 1: grain and compression must not make edges."""
    padded = np.pad(gray, ((0, 0), (1, 1), (1, 1)), mode="edge")
    rows = (padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]) / 4
    return np.asarray((rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 4)


def _edges(gray: Float32Array) -> Float32Array:
    """Return the strength of each direction in each cell, (n, 8, 8, 8)."""
    down, right = np.gradient(gray, axis=(1, 2))
    strength = np.hypot(down, right) * np.cos(np.float32(np.pi / 4))
    # shared between neighbouring cells: triangles of twice a cell's width, as products with a (cells, side) matrix
    centres = CELL * (np.arange(CELLS) + 0.5)
    share = np.maximum(0, 1 - np.abs(np.arange(SIDE) + 0.5 - centres[:, None]) / CELL).astype(np.float32) / CELL
    counts = np.empty((len(gray), CELLS, CELLS, DIRECTIONS), np.float32)
    for number in range(DIRECTIONS):  # an edge counts for the directions within 45 degrees of its own
        angle = np.float32(2 * np.pi * number / DIRECTIONS)
        votes = np.maximum(0, np.cos(angle) * right + np.sin(angle) * down - strength)
        counts[..., number] = share @ votes @ share.T
    energy = np.pad((counts**2).sum(axis=-1), ((0, 0), (1, 1), (1, 1)), mode="edge")
    near = sum(energy[:, y : y + CELLS, x : x + CELLS] for y in range(3) for x in range(3)) / 9
    return np.asarray(np.minimum(counts / np.sqrt(near + 1e-3)[..., None], 1.0))
