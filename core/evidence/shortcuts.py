"""Shortcut score: how well a model tells the classes apart when the lungs are masked, and when only they are left.

One rounded rectangle serves for all films, since a mask that follows the lungs would tell their shape. What lies
outside it holds borders, markers, arms and framing, and no lung.
"""

import hashlib
from typing import NamedTuple

import numpy as np

from core.types import BoolArray, UInt8Array

VERSION = 1
LEFT, RIGHT, TOP, BOTTOM = 0.12, 0.88, 0.10, 0.80  # shares of width and height
MOVE = 0.04  # each edge moves by up to this share of the side, for each film anew
CORNER = 0.10  # radius of the corners, share of the side
SETTINGS: dict[str, object] = {
    "version": VERSION,
    "rectangle": {"left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
    "corner": CORNER,
    "move": MOVE,
}


class Box(NamedTuple):
    """Edges of the mask as shares of width and height."""

    left: float
    right: float
    top: float
    bottom: float


def mask_box(sample_id: str) -> Box:
    """Return the rectangle for one film, its edges moved at random; the film's name alone seeds the draw."""
    seed = int.from_bytes(hashlib.sha256(f"mask {VERSION} {sample_id}".encode()).digest()[:8], "big")
    left, right, top, bottom = np.random.default_rng(seed).uniform(-MOVE, MOVE, size=4)
    return Box(LEFT + left, RIGHT + right, TOP + top, BOTTOM + bottom)


def lung_mask(shape: tuple[int, ...], box: Box) -> BoolArray:
    """Return the pixels whose centre is inside the rounded rectangle, for films of ``shape`` (H, W); (H, W) bool."""
    height, width = shape
    y, x = (np.arange(height) + 0.5)[:, None] / height, (np.arange(width) + 0.5)[None, :] / width
    beyond_x = np.abs(x - (box.left + box.right) / 2) - ((box.right - box.left) / 2 - CORNER)
    beyond_y = np.abs(y - (box.top + box.bottom) / 2) - ((box.bottom - box.top) / 2 - CORNER)
    mask: BoolArray = np.hypot(np.maximum(beyond_x, 0), np.maximum(beyond_y, 0)) <= CORNER
    return mask


def fill(pixels: UInt8Array, where: BoolArray) -> UInt8Array:
    """Return a copy of the film (H, W) uint8 with its own mean gray level in the chosen pixels."""
    filled = pixels.copy()
    filled[where] = round(float(pixels.mean()))
    return filled


def without_lungs(pixels: UInt8Array, sample_id: str) -> UInt8Array:
    """Return the film with the rectangle filled; (H, W) uint8."""
    return fill(pixels, lung_mask(pixels.shape, mask_box(sample_id)))


def lungs_only(pixels: UInt8Array, sample_id: str) -> UInt8Array:
    """Return the film with all but the rectangle filled; (H, W) uint8."""
    return fill(pixels, ~lung_mask(pixels.shape, mask_box(sample_id)))
