"""Decode the bytes of an image file to gray pixels: the one way for training, app and command line."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

from PIL import Image, UnidentifiedImageError

from core.errors import InputError
from core.imaging.film import MAX_BYTES, MAX_PIXELS, MAX_READS, BoundedFile, Film, check_bulk, check_size, printable
from core.imaging.grayscale import from_colours, to_gray, turn
from core.imaging.guards.jpeg import has_end, has_gaps, has_long_header, has_many_scans
from core.imaging.guards.tiff import PACKINGS, counts_too_much, lacks_pixels, tile_pixels
from core.imaging.memory import trim_after
from core.imaging.notes import Note
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
DRAFT_SIDE = 448  # JPEG is decoded at the smallest DCT scale that keeps both sides above this, twice the largest input
MAX_TAGS = 1024**2  # bytes of EXIF
_MAGICS = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"BM")  # DICOM's preamble may be TIFF's, and is in many scanners
_PNG_END = b"IEND\xae\x42\x60\x82"


def read_film(path: Path) -> Film:
    """Read a film from disk; raises `InputError` with a reason that names the file."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"larger than {MAX_BYTES // 1024**2} MB; export it as JPEG or PNG.", file=path)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)  # a device or a file that grows has no end
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}).", file=path) from None
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
        raise InputError("the file is empty; export it again.", file=name)
    if len(data) > MAX_BYTES:
        raise InputError(f"larger than {MAX_BYTES // 1024**2} MB; export it as JPEG or PNG.", file=name)
    with _quiet():
        if is_dicom(data):
            if data.startswith(_MAGICS):
                raise InputError("a DICOM file and a picture at once; export it as one of them.", file=name)
            from core.imaging.dicom.reader import decode_dicom  # pydicom is not loaded until the first DICOM file comes

            film, kind = decode_dicom(data, name), "DICOM"
        else:
            film, kind = _decode_picture(data, name)
    trim_after(film.size[0] * film.size[1])
    if _NAMED.get(PurePath(name).suffix.lower(), kind) != kind:
        ending = next(suffix for suffix in SUFFIXES if _NAMED[suffix] == kind)
        raise InputError(f"holds {kind}, unlike its name; if it is the right film, let it end in {ending}.", file=name)
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


def _decode_picture(data: bytes, name: str) -> tuple[Film, str]:
    if counts_too_much(data) or has_long_header(data):
        raise InputError("damaged (its header lists more than any film's); export it again.", file=name)
    try:
        with Image.open(BoundedFile(data, MAX_READS), formats=FORMATS) as image:
            kind = {"WEBP": "WebP", "MPO": "JPEG"}.get(image.format or "", image.format or "")
            return _decode_image(image, kind, data, name), kind
    except InputError:
        raise
    except UnidentifiedImageError:
        raise InputError(
            "not a picture that can be read; use JPEG, PNG, TIFF, WebP, BMP or DICOM.", file=name
        ) from None
    except Image.DecompressionBombError:
        raise InputError(f"more than {MAX_PIXELS // 10**6} megapixels; export it smaller.", file=name) from None
    except Exception as error:  # Pillow's decoders raise OSError, SyntaxError, ValueError, struct.error and more
        raise InputError(f"damaged or cut off ({type(error).__name__}); export it again.", file=name) from None


def _decode_image(image: Image.Image, kind: str, data: bytes, name: str) -> Film:
    width, height = image.size
    check_size(width, height, name)
    if getattr(image, "is_animated", False):  # n_frames would walk through every page of a TIFF
        raise InputError("holds several pictures; export the one film to judge.", file=name)
    check_bulk(width * height, _depth(image), len(data), name)
    if not _has_end(kind, data):
        raise InputError("damaged or cut off (no end); export it again.", file=name)
    _check_packing(image, kind, data, name)
    notes: tuple[Note, ...] = ()
    if kind == "WebP":
        pixels = from_colours(_decode_webp(data, width, height))
    else:
        image.draft("L", (DRAFT_SIDE, DRAFT_SIDE))
        image.load()
        pixels, notes = to_gray(image)
    if any(len(image.info.get(words, b"")) > MAX_TAGS for words in ("exif", "Raw profile type exif")):
        raise InputError("damaged (its EXIF is longer than any film's); export it again.", file=name)
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
        raise InputError("too many scans for its size; export it as a plain JPEG.", file=name)
    packing = image.info.get("compression")
    if kind == "BMP" and packing in (1, 2):  # read a pixel at a time, in Python
        raise InputError("a BMP packed by run lengths; export it as PNG.", file=name)
    if kind == "TIFF" and packing not in PACKINGS:
        raise InputError("packed in a way that films are not; export it as PNG.", file=name)
    if kind == "TIFF" and tile_pixels(image) > MAX_PIXELS:
        raise InputError("damaged (its tiles are larger than any film); export it again.", file=name)
    gaps = has_gaps(data, width, height) if kind == "JPEG" else packing == "jpeg" and lacks_pixels(image, data)
    if gaps:
        raise InputError("damaged or cut off (pixels are missing); export it again.", file=name)


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
