"""Changes of one property of an image, by levels: for stress curves and what-if charts."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from core.types import UInt8Array

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One property that is changed.

    Parameters
    ----------
    name, title, unit : str
    neutral : float
        The level that leaves a film as it is.
    levels : tuple of float
        In the order of the axis, the neutral one among them.
    change : callable
        ``change(pixels (H, W) uint8, level, sample_id)`` to (H, W) uint8; not called at the neutral level.
    """

    name: str
    title: str
    unit: str
    neutral: float
    levels: tuple[float, ...]
    change: Callable[[UInt8Array, float, str], UInt8Array]

    def apply(self, pixels: UInt8Array, level: float, sample_id: str) -> UInt8Array:
        """Return the film at a level; the film itself at the neutral one."""
        return pixels if level == self.neutral else self.change(pixels, level, sample_id)


def _cut(pixels: UInt8Array, share_x: float, share_y: float) -> UInt8Array:
    """Crop to the middle of the film and enlarge it to the film's size."""
    height, width = pixels.shape
    left, top = (1 - share_x) / 2 * width, (1 - share_y) / 2 * height
    box = (left, top, width - left, height - top)
    return np.array(Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR, box=box))


def _aspect(pixels: UInt8Array, level: float, sample_id: str) -> UInt8Array:
    """Above 1 the anatomy is drawn wider, by cutting the sides; below 1 taller, by cutting top and bottom."""
    return _cut(pixels, min(1.0, 1 / level), min(1.0, level))


def _crop(pixels: UInt8Array, level: float, sample_id: str) -> UInt8Array:
    return _cut(pixels, level, level)


def _gamma(pixels: UInt8Array, level: float, sample_id: str) -> UInt8Array:
    table = np.rint((np.arange(256) / 255.0) ** level * 255.0).astype(np.uint8)
    return table[pixels]


def _blur(pixels: UInt8Array, level: float, sample_id: str) -> UInt8Array:
    return np.array(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(level)))


def _noise(pixels: UInt8Array, level: float, sample_id: str) -> UInt8Array:
    """Add noise, the same pattern at every level, seeded by the film's name."""
    seed = int.from_bytes(hashlib.sha256(f"noise {VERSION} {sample_id}".encode()).digest()[:8], "big")
    noise = np.random.default_rng(seed).standard_normal(pixels.shape, dtype=np.float32)
    return np.clip(np.rint(pixels + level * noise), 0, 255).astype(np.uint8)


def _jpeg(pixels: UInt8Array, level: float, sample_id: str) -> UInt8Array:
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "JPEG", quality=int(level))
    with Image.open(packed) as image:
        return np.array(image.convert("L"))


def _rotate(pixels: UInt8Array, level: float, sample_id: str) -> UInt8Array:
    """Clockwise around the centre; corners that come into view are black, as outside the collimated field."""
    return np.array(Image.fromarray(pixels).rotate(-level, Image.Resampling.BILINEAR, fillcolor=0))


def _border(pixels: UInt8Array, level: float, sample_id: str) -> UInt8Array:
    height, width = pixels.shape
    top, left = round(level * height), round(level * width)
    framed = np.zeros_like(pixels)
    framed[top : height - top, left : width - left] = pixels[top : height - top, left : width - left]
    return framed


NO_JPEG = 100.0  # means "not compressed again"
FACTORS = {
    factor.name: factor
    for factor in (
        Factor(
            name="aspect_ratio",
            title="Aspect ratio",
            unit="times as wide",
            neutral=1.0,
            levels=(0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.43),
            change=_aspect,
        ),
        Factor(
            name="crop",
            title="Crop",
            unit="kept share of width and height",
            neutral=1.0,
            levels=(1.0, 0.95, 0.9, 0.8, 0.7, 0.6),
            change=_crop,
        ),
        Factor(
            name="exposure",
            title="Exposure",
            unit="gamma; above 1 is darker",
            neutral=1.0,
            levels=(0.5, 0.65, 0.8, 1.0, 1.25, 1.55, 2.0),
            change=_gamma,
        ),
        Factor(
            name="blur",
            title="Blur",
            unit="standard deviation in pixels of 224",
            neutral=0.0,
            levels=(0.0, 0.5, 1.0, 1.5, 2.0, 3.0),
            change=_blur,
        ),
        Factor(
            name="noise",
            title="Noise",
            unit="standard deviation in gray levels",
            neutral=0.0,
            levels=(0.0, 2.0, 5.0, 10.0, 15.0, 25.0),
            change=_noise,
        ),
        Factor(
            name="jpeg",
            title="JPEG quality",
            unit="quality; 100 stands for not compressed again",
            neutral=NO_JPEG,
            levels=(NO_JPEG, 90.0, 70.0, 50.0, 30.0, 15.0, 8.0),
            change=_jpeg,
        ),
        Factor(
            name="rotation",
            title="Rotation",
            unit="degrees clockwise",
            neutral=0.0,
            levels=(-15.0, -10.0, -5.0, 0.0, 5.0, 10.0, 15.0),
            change=_rotate,
        ),
        Factor(
            name="border",
            title="Black border",
            unit="share of the side",
            neutral=0.0,
            levels=(0.0, 0.02, 0.04, 0.06, 0.08, 0.12),
            change=_border,
        ),
    )
}
