"""The one way from the bytes of a film to the pixels that a model sees, in training, app and command line alike."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFile

from core.errors import InputError
from core.imaging.notes import Note
from core.types import UInt8Array

MAX_BYTES = 25 * 1024**2
MAX_PIXELS = 50_000_000
MAX_UNPACKED = 3 * MAX_PIXELS  # bytes: the largest film in 8-bit colours or 16-bit gray
MAX_RATIO = 200  # pixels to bytes of a large file; films of any quality stay below 100, what is one gray level does not
MIN_SIDE = 32
MAX_READS = 200_000  # of a picture file; a usual one takes some hundred, a hostile one a read for each of its bytes

_RATIO_FROM = 16_000_000  # bytes unpacked; what is smaller costs little, whatever it is

ImageFile.LOAD_TRUNCATED_IMAGES = False


class BoundedFile(io.BytesIO):
    """Bytes that may be read from so many times only: a parser in Python takes microseconds for each piece it reads."""

    def __init__(self, data: bytes, reads: int) -> None:
        super().__init__(data)
        self._left = reads

    def read(self, size: int | None = -1, /) -> bytes:
        """Like that of `io.BytesIO`; raises ValueError once the reads are spent."""
        self._left -= 1
        if self._left < 0:
            raise ValueError("too many pieces")
        return super().read(size)


@dataclass(frozen=True, kw_only=True, eq=False)
class Film:
    """A decoded film.

    Parameters
    ----------
    name : str
        File name without folders, for messages; what cannot be printed is a question mark.
    pixels : (H, W) uint8
        Gray values as drawn, 0 black; at least 32 pixels a side. A large JPEG is decoded at a reduced scale whose
        sides still exceed 448 pixels.
    size : (int, int)
        Width and height of the original in pixels.
    notes : tuple of Note
        What the file says or lacks that a person should know, such as a lateral view or a missing window.
    """

    name: str
    pixels: UInt8Array
    size: tuple[int, int]
    notes: tuple[Note, ...] = ()


def check_size(width: int, height: int, name: str) -> None:
    """Raise `InputError` for more than 50 megapixels or less than 32 pixels a side."""
    if width * height > MAX_PIXELS:
        raise InputError(f"more than {MAX_PIXELS // 10**6} megapixels; export it smaller.", file=name)
    if min(width, height) < MIN_SIDE:
        raise InputError(f"{width} x {height} pixels is too small; at least {MIN_SIDE} a side are needed.", file=name)


def check_bulk(pixels: int, depth: int, packed: int, name: str) -> None:
    """Raise `InputError` for what unpacks to more than any film, or holds next to nothing for its size.

    Parameters
    ----------
    pixels : int
    depth : int
        Bytes of a pixel, all colours together.
    packed : int
        Bytes of the file.
    name : str
        For the message.
    """
    if pixels * depth > MAX_UNPACKED:
        raise InputError(f"unpacks to more than {MAX_UNPACKED // 10**6} MB; export it smaller, or in gray.", file=name)
    if pixels * depth > max(MAX_RATIO * packed, _RATIO_FROM):
        raise InputError("hardly any bytes for so many pixels, so not a film; export the film again.", file=name)


def printable(name: str) -> str:
    """Return a file name as one line: what cannot be printed becomes ``?``, the middle of a long one is left out."""
    cleaned = "".join(letter if letter.isprintable() else "?" for letter in name)
    return cleaned if len(cleaned) <= 200 else f"{cleaned[:120]}…{cleaned[-79:]}"


def resize(pixels: UInt8Array, height: int, width: int) -> UInt8Array:
    """Resize gray pixels to (height, width) with an antialiased bilinear filter, not keeping the aspect ratio.

    Parameters
    ----------
    pixels : (H, W) uint8
    height, width : int
        Size of the result in pixels.

    Returns
    -------
    (height, width) uint8
    """
    if pixels.shape == (height, width):
        return pixels
    return np.array(Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR))
