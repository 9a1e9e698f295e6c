"""Decoded pictures of any mode to gray pixels, a band of rows at a time, so that a large one is held once."""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageChops

from core.imaging.notes import Note, NoteKind
from core.types import UInt8Array

BAND = 4_000_000  # pixels
_DEPTHS = (8, 10, 12, 14, 16)


def to_gray(image: Image.Image) -> tuple[UInt8Array, tuple[Note, ...]]:
    """Gray pixels, and notes on how they are shown.

    Parameters
    ----------
    image : PIL.Image.Image
        Loaded. Whole numbers of 16 bits and real numbers are scaled, transparent parts are black.

    Raises
    ------
    ValueError
        Numbers that are not finite or have more than 16 bits, or colours that the palette lacks.
    """
    if image.mode.startswith("I"):
        return _from_16_bit(image)
    top = _highest(image) if image.mode == "F" else 1.0
    if image.mode == "P":
        _check_palette(image)
    pixels = np.empty((image.height, image.width), np.uint8)
    for start, band in _bands(image):
        pixels[start : start + band.height] = _gray(band, top)
    return pixels, ()


def from_colours(colours: UInt8Array) -> UInt8Array:
    """Gray pixels (H, W) of colours (H, W, 3), or 4 with transparency, whose transparent parts are black."""
    pixels = np.empty(colours.shape[:2], np.uint8)
    rows = max(BAND // colours.shape[1], 1)
    for start in range(0, len(colours), rows):
        pixels[start : start + rows] = _gray(Image.fromarray(colours[start : start + rows]), 1.0)
    return pixels


def turn(pixels: UInt8Array, orientation: int) -> UInt8Array:
    """Pixels upright, by the orientation of EXIF (1 to 8; others are taken for 1)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.T
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def _bands(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """First row and pixels of each band; a picture that is one band is not copied."""
    rows = max(BAND // image.width, 1)
    if rows >= image.height:
        yield 0, image
        return
    for start in range(0, image.height, rows):
        yield start, image.crop((0, start, image.width, min(start + rows, image.height)))


def _gray(band: Image.Image, top: float) -> UInt8Array:
    if band.mode == "F":
        return np.rint(np.clip(np.asarray(band) / top, 0, 1) * 255).astype(np.uint8)
    if band.mode in ("LA", "PA", "RGBA", "RGBa", "La") or "transparency" in band.info:
        over = band if band.mode == "RGBA" else band.convert("RGBA")
        return np.asarray(ImageChops.multiply(over.convert("L"), over.getchannel("A")))  # over black
    return np.asarray(band.convert("L"))


def _highest(image: Image.Image) -> float:
    """Return the highest of real numbers, at least 1."""
    highest = 1.0
    for _, band in _bands(image):
        real = np.asarray(band)
        if not np.isfinite(real).all():
            raise ValueError("not finite")
        highest = max(highest, float(real.max()))
    return highest


def _check_palette(image: Image.Image) -> None:
    colours = len(image.palette.palette) // 3 if image.palette else 0
    _, highest = image.getextrema()
    if int(highest) >= colours:  # type: ignore[arg-type]
        raise ValueError("a colour that the palette lacks")


def _from_16_bit(image: Image.Image) -> tuple[UInt8Array, tuple[Note, ...]]:
    """White is the top of the fewest of 8, 10, 12, 14 and 16 bits that hold the film: files of 16 do not say."""
    limits = [(int(deep.min()), int(deep.max())) for _, band in _bands(image) for deep in [np.asarray(band)]]
    lowest, highest = min(low for low, _ in limits), max(high for _, high in limits)
    if lowest < 0 or highest > 65535:
        raise ValueError("more than 16 bits")
    bits = next(depth for depth in _DEPTHS if highest < 2**depth)
    table = np.rint(np.minimum(np.arange(65536) / (2**bits - 1), 1) * 255).astype(np.uint8)
    pixels = np.empty((image.height, image.width), np.uint8)
    for start, band in _bands(image):
        pixels[start : start + band.height] = table[np.asarray(band)]
    if bits == 16:
        return pixels, ()
    text = f"Only the lowest {bits} of 16 bits are used: their top is shown as white."
    return pixels, (Note(NoteKind.UNUSED_BITS, text),)
