"""The one way from the bytes of a film to the pixels that a model sees, in training, app and command line alike."""

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from core.errors import InputError
from core.imaging.grayscale import from_colours, to_gray, turn
from core.imaging.guards.jpeg import has_end, has_gaps, has_long_header, has_many_scans
from core.imaging.guards.tiff import PACKINGS, counts_too_much, lacks_pixels, tile_pixels
from core.imaging.memory import give_back
from core.types import UInt8Array

_NAMED = {
    ".jpeg": "JPEG",
    ".jpg": "JPEG",
    ".png": "PNG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".webp": "WebP",
    ".bmp": "BMP",
    ".dcm": "DICOM",
    ".dicom": "DICOM",
}
SUFFIXES = tuple(_NAMED)
FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP")
MAX_BYTES = 25 * 1024**2
MAX_PIXELS = 50_000_000
MAX_UNPACKED = 3 * MAX_PIXELS  # bytes: the largest film in 8-bit colours or 16-bit gray
MAX_RATIO = 200  # pixels to bytes of a large file; films of any quality stay below 100, what is one gray level does not
MIN_SIDE = 32
DRAFT_SIDE = 448  # JPEG is decoded at the smallest DCT scale that keeps both sides above this, twice the largest input
MAX_READS = 200_000  # of a picture file; a usual one takes some hundred, a hostile one a read for each of its bytes
MAX_TAGS = 1024**2  # bytes of EXIF

_MAGICS = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"BM")  # DICOM's preamble may be TIFF's, and is in many scanners
_PNG_END = b"IEND\xae\x42\x60\x82"
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
    notes : tuple of str
        What the file says or lacks that a reader should know, such as a lateral view or a missing window: sentences
        of this project, never words of the file.
    """

    name: str
    pixels: UInt8Array
    size: tuple[int, int]
    notes: tuple[str, ...] = ()


def read_film(path: Path) -> Film:
    """Read a film from disk; raises `InputError` with a reason that names the file."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: larger than {MAX_BYTES // 1024**2} MB; export it as JPEG or PNG.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)  # a device or a file that grows has no end
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from None
    return decode_film(data, path.name)


def decode_film(data: bytes, name: str) -> Film:
    """Decode the bytes of one file to gray pixels.

    Parameters
    ----------
    data : bytes
        A JPEG, PNG, TIFF, WebP, BMP or DICOM file of 8 to 16 bits, at most 25 MB and 50 megapixels. Transparency,
        palettes, CMYK and EXIF orientation are handled; for DICOM see
        `core.imaging.dicom.reader.decode_dicom`.
    name : str
        File name. The format is read from the bytes; a name that ends as another format does is refused.

    Raises
    ------
    InputError
        Empty, oversized, truncated, animated, wrongly named or unreadable file, or less than 32 pixels a side.
    """
    name = printable(name)
    if not data:
        raise InputError(f"{name}: the file is empty; export it again.")
    if len(data) > MAX_BYTES:
        raise InputError(f"{name}: larger than {MAX_BYTES // 1024**2} MB; export it as JPEG or PNG.")
    with _quiet():
        if is_dicom(data):
            if data.startswith(_MAGICS):
                raise InputError(f"{name}: a DICOM file and a picture at once; export it as one of them.")
            from core.imaging.dicom.reader import decode_dicom  # pydicom is not loaded until the first DICOM file comes

            film, kind = decode_dicom(data, name), "DICOM"
        else:
            film, kind = _decode_picture(data, name)
    give_back(film.size[0] * film.size[1])
    if _NAMED.get(PurePath(name).suffix.lower(), kind) != kind:
        ending = next(suffix for suffix in SUFFIXES if _NAMED[suffix] == kind)
        raise InputError(f"{name}: holds {kind}, unlike its name; if it is the right film, let it end in {ending}.")
    return film


def is_dicom(data: bytes) -> bool:
    """Whether bytes start as DICOM does: with a preamble of 128 bytes, or without one at group 2 or 8."""
    if data[128:132] == b"DICM":
        return True
    if data[:2] not in (b"\2\0", b"\x08\0", b"\0\x08") or len(data) < 132:
        return False
    if data[4:6].isalpha() and data[4:6].isupper():
        return True
    return data[0] != 0 and int.from_bytes(data[4:8], "little") < len(data)  # implicit value representation


def check_size(width: int, height: int, name: str) -> None:
    """Raise `InputError` for more than 50 megapixels or less than 32 pixels a side."""
    if width * height > MAX_PIXELS:
        raise InputError(f"{name}: more than {MAX_PIXELS // 10**6} megapixels; export it smaller.")
    if min(width, height) < MIN_SIDE:
        raise InputError(f"{name}: {width} x {height} pixels is too small; at least {MIN_SIDE} a side are needed.")


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
        raise InputError(f"{name}: unpacks to more than {MAX_UNPACKED // 10**6} MB; export it smaller, or in gray.")
    if pixels * depth > max(MAX_RATIO * packed, _RATIO_FROM):
        raise InputError(f"{name}: hardly any bytes for so many pixels, so not a film; export the film again.")


def printable(name: str) -> str:
    """A file name for one line of text: what cannot be printed becomes ``?``, the middle of a long one is left out."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name)
    return shown if len(shown) <= 200 else f"{shown[:120]}…{shown[-79:]}"


def _decode_picture(data: bytes, name: str) -> tuple[Film, str]:
    if counts_too_much(data) or has_long_header(data):
        raise InputError(f"{name}: damaged (its header lists more than any film's); export it again.")
    try:
        with Image.open(BoundedFile(data, MAX_READS), formats=FORMATS) as image:
            kind = {"WEBP": "WebP", "MPO": "JPEG"}.get(image.format or "", image.format or "")
            return _decode_image(image, kind, data, name), kind
    except InputError:
        raise
    except UnidentifiedImageError:
        raise InputError(f"{name}: not a picture that can be read; use JPEG, PNG, TIFF, WebP, BMP or DICOM.") from None
    except Image.DecompressionBombError:
        raise InputError(f"{name}: more than {MAX_PIXELS // 10**6} megapixels; export it smaller.") from None
    except Exception as error:  # Pillow's decoders raise OSError, SyntaxError, ValueError, struct.error and more
        raise InputError(f"{name}: damaged or cut off ({type(error).__name__}); export it again.") from None


def _decode_image(image: Image.Image, kind: str, data: bytes, name: str) -> Film:
    width, height = image.size
    check_size(width, height, name)
    if getattr(image, "is_animated", False):  # n_frames would walk through every page of a TIFF
        raise InputError(f"{name}: holds several pictures; export the one film to judge.")
    check_bulk(width * height, _depth(image), len(data), name)
    if not _has_end(kind, data):
        raise InputError(f"{name}: damaged or cut off (no end); export it again.")
    _check_packing(image, kind, data, name)
    notes: tuple[str, ...] = ()
    if kind == "WebP":
        pixels = from_colours(_decode_webp(data, width, height))
    else:
        image.draft("L", (DRAFT_SIDE, DRAFT_SIDE))
        image.load()
        pixels, notes = to_gray(image)
    if any(len(image.info.get(words, b"")) > MAX_TAGS for words in ("exif", "Raw profile type exif")):
        raise InputError(f"{name}: damaged (its EXIF is longer than any film's); export it again.")
    orientation = image.getexif().get(0x0112, 1)  # of a TIFF Pillow has turned the pixels already
    if orientation in (5, 6, 7, 8):
        width, height = height, width
    return Film(name=name, pixels=turn(pixels, orientation), size=(width, height), notes=notes)


def _decode_webp(data: bytes, width: int, height: int) -> UInt8Array:
    """Colours (H, W, 3), or 4 with transparency; Pillow holds each pixel in four colours, four times over."""
    from imagecodecs import webp_decode  # only films of this format pay for loading it

    colours: UInt8Array = webp_decode(data)
    if colours.shape[:2] != (height, width):
        raise ValueError("a picture unlike its canvas")
    return colours


def _depth(image: Image.Image) -> int:
    """Bytes of a pixel as the file holds it, at least 1."""
    tiles = getattr(image, "tile", ())
    packing = tiles[0].args if tiles else ""
    rawmode = str(packing if isinstance(packing, str) else packing[0] if packing else "")
    return len(image.getbands()) * (4 if image.mode in ("I", "F") else 2 if ";16" in rawmode else 1)


def _check_packing(image: Image.Image, kind: str, data: bytes, name: str) -> None:
    """Raise `InputError` for what decoders in C fill up in silence, and for packings that take too long."""
    width, height = image.size
    # A gray JPEG that is not progressive is decoded in one pass, whatever follows.
    several = kind == "JPEG" and ("progressive" in image.info or image.mode != "L")
    if several and has_many_scans(data, width * height):
        raise InputError(f"{name}: too many scans for its size; export it as a plain JPEG.")
    packing = image.info.get("compression")
    if kind == "BMP" and packing in (1, 2):  # read a pixel at a time, in Python
        raise InputError(f"{name}: a BMP packed by run lengths; export it as PNG.")
    if kind == "TIFF" and packing not in PACKINGS:
        raise InputError(f"{name}: packed in a way that films are not; export it as PNG.")
    if kind == "TIFF" and tile_pixels(image) > MAX_PIXELS:
        raise InputError(f"{name}: damaged (its tiles are larger than any film); export it again.")
    gaps = has_gaps(data, width, height) if kind == "JPEG" else packing == "jpeg" and lacks_pixels(image, data)
    if gaps:
        raise InputError(f"{name}: damaged or cut off (pixels are missing); export it again.")


def _has_end(kind: str, data: bytes) -> bool:
    """Whether a file has the end that Pillow does not insist on; downloads that stopped lack it."""
    if kind == "JPEG":
        return has_end(data)
    if kind == "PNG":
        return _PNG_END in data
    return kind != "WebP" or not data.endswith(bytes(64))


_quiet_lock = threading.Lock()
_quiet_users = 0
_quiet_filters = warnings.catch_warnings()


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence warnings while any thread decodes.

    Pillow warns of large pictures and odd metadata, pydicom of values, which it quotes. The filters belong to the
    process: threads that each saved and restored them would now and then restore those of another.
    """
    global _quiet_users, _quiet_filters
    with _quiet_lock:
        if _quiet_users == 0:
            _quiet_filters = warnings.catch_warnings()
            _quiet_filters.__enter__()
            warnings.simplefilter("ignore")
        _quiet_users += 1
    try:
        yield
    finally:
        with _quiet_lock:
            _quiet_users -= 1
            if _quiet_users == 0:
                _quiet_filters.__exit__(None, None, None)


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
