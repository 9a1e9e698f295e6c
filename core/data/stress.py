"""Change validation films for stress validation: fixed and seeded, alike for both classes.

Written down before any model was trained. Test normals are framed and exposed differently from train normals, so a
model is also judged on films whose framing, exposure, sharpness, border and compression were changed at random. Each
film gets all changes, drawn from a generator seeded by its name alone: neither order nor label changes the result.
"""

import hashlib
import io

import numpy as np
from PIL import Image, ImageFilter

from core.types import UInt8Array

VERSION = 1
SIDE = 224  # changes are made at this size, in pixels
CROP = (0.70, 1.00)  # kept share of the width and of the height, each drawn: changes the aspect ratio by up to 1.43
GAMMA = (0.65, 1.55)
CONTRAST = (0.75, 1.25)  # around the mean
BLUR = (0.0, 1.5)  # standard deviation of a Gaussian, pixels
BORDER = (0.0, 0.06)  # black frame, share of the side, each edge drawn separately
QUALITY = (30, 95)  # JPEG


def stress_film(pixels: UInt8Array, sample_id: str) -> UInt8Array:
    """Change one film as stress validation does.

    Parameters
    ----------
    pixels : (H, W) uint8
    sample_id : str
        Seeds the changes.

    Returns
    -------
    (224, 224) uint8
    """
    seed = int.from_bytes(hashlib.sha256(f"stress {VERSION} {sample_id}".encode()).digest()[:8], "big")
    draw = np.random.default_rng(seed)
    image = _crop(Image.fromarray(pixels), draw)
    image = _expose(image, draw)
    image = image.filter(ImageFilter.GaussianBlur(draw.uniform(*BLUR)))
    return _compress(_border(np.array(image), draw), int(draw.integers(*QUALITY, endpoint=True)))


def _crop(image: Image.Image, draw: np.random.Generator) -> Image.Image:
    share_x, share_y = draw.uniform(*CROP, size=2)
    left, top = draw.uniform(0, 1 - share_x), draw.uniform(0, 1 - share_y)
    box = (left * image.width, top * image.height, (left + share_x) * image.width, (top + share_y) * image.height)
    return image.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=box)


def _expose(image: Image.Image, draw: np.random.Generator) -> Image.Image:
    gamma = float(np.exp(draw.uniform(*np.log(GAMMA))))
    contrast = draw.uniform(*CONTRAST)
    gray = (np.asarray(image, dtype=np.float64) / 255.0) ** gamma
    gray = (gray - gray.mean()) * contrast + gray.mean()
    return Image.fromarray(np.clip(np.rint(gray * 255.0), 0, 255).astype(np.uint8))


def _border(pixels: UInt8Array, draw: np.random.Generator) -> UInt8Array:
    top, bottom, left, right = (draw.uniform(*BORDER, size=4) * SIDE).astype(int)
    framed = np.zeros_like(pixels)
    framed[top : SIDE - bottom, left : SIDE - right] = pixels[top : SIDE - bottom, left : SIDE - right]
    return framed


def _compress(pixels: UInt8Array, quality: int) -> UInt8Array:
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "JPEG", quality=quality)
    with Image.open(packed) as image:
        return np.array(image.convert("L"))
