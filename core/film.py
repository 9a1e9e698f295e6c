"""The one way from the bytes of a film to the pixels that a model sees, in training, app and command line alike."""

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageFile, ImageOps, UnidentifiedImageError

from core.errors import InputError
from core.jpeg import MAX_SCANS, has_end, has_gaps, has_many_scans

UInt8Array = npt.NDArray[np.uint8]

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
MIN_SIDE = 32
DRAFT_SIDE = 448  # JPEG is decoded at the smallest DCT scale that keeps both sides above this, twice the largest input
MAX_READS = 200_000  # of a picture file; a usual one takes some hundred, a hostile one a read for each of its bytes

_MAGICS = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"BM")  # DICOM's preamble may be TIFF's, and is in many scanners
_PNG_END = b"IEND\xae\x42\x60\x82"
_DEPTHS = (8, 10, 12, 14, 16)

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
        palettes, CMYK and EXIF orientation are handled; `core.dicom.decode_dicom` says what holds for DICOM.
    name : str
        File name. The format is read from the bytes; a name that ends as another format does is refused.

    Raises
    ------
    InputError
        Empty, oversized, truncated, animated, wrongly named or unreadable file, or less than 32 pixels a side.
    """
    name = printable(name)
    if not data:
        raise InputError(f"{name}: the file is empty.")
    if len(data) > MAX_BYTES:
        raise InputError(f"{name}: larger than {MAX_BYTES // 1024**2} MB; export it as JPEG or PNG.")
    with _quiet():
        if is_dicom(data):
            if data.startswith(_MAGICS):
                raise InputError(f"{name}: a DICOM file and a picture at once; export it as one of them.")
            from core.dicom import decode_dicom  # pydicom is not loaded until the first DICOM file comes

            film, kind = decode_dicom(data, name), "DICOM"
        else:
            film, kind = _decode_picture(data, name)
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


def printable(name: str) -> str:
    """A file name for one line of text: what cannot be printed becomes ``?``, the middle of a long one is left out."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name)
    return shown if len(shown) <= 200 else f"{shown[:120]}…{shown[-79:]}"


def _decode_picture(data: bytes, name: str) -> tuple[Film, str]:
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
    if not _has_end(kind, data):
        raise InputError(f"{name}: damaged or cut off (no end); export it again.")
    # A gray JPEG that is not progressive is decoded in one pass, whatever follows.
    if kind == "JPEG" and ("progressive" in image.info or image.mode != "L") and has_many_scans(data):
        raise InputError(f"{name}: damaged (more than {MAX_SCANS} scans); export it again.")
    if kind == "JPEG" and has_gaps(data, width, height):
        raise InputError(f"{name}: damaged or cut off (pixels are missing); export it again.")
    if kind == "TIFF" and _tile_pixels(image) > MAX_PIXELS:
        raise InputError(f"{name}: damaged (its tiles are larger than any film); export it again.")
    image.draft("L", (DRAFT_SIDE, DRAFT_SIDE))
    image.load()
    upright = ImageOps.exif_transpose(image)
    if image.getexif().get(0x0112, 1) >= 5:
        width, height = height, width
    pixels, notes = _to_gray(upright)
    return Film(name=name, pixels=pixels, size=(width, height), notes=notes)


def _has_end(kind: str, data: bytes) -> bool:
    """Whether a file has the end that Pillow does not insist on; downloads that stopped lack it."""
    if kind == "JPEG":
        return has_end(data)
    if kind == "PNG":
        return _PNG_END in data
    return kind != "WebP" or not data.endswith(bytes(64))


def _tile_pixels(image: Image.Image) -> int:
    """Pixels of a tile, which libtiff sets aside whole for however small a picture."""
    tags = getattr(image, "tag_v2", {})
    return int(tags.get(322, 0)) * int(tags.get(323, 0))


def _to_gray(image: Image.Image) -> tuple[UInt8Array, tuple[str, ...]]:
    if image.mode in ("I;16", "I;16L", "I;16B", "I;16N", "I"):
        return _from_16_bit(np.asarray(image))
    if image.mode == "F":
        real = np.array(image)
        if not np.isfinite(real).all():
            raise ValueError("not finite")
        return np.rint(np.clip(real / max(float(real.max()), 1.0), 0, 1) * 255).astype(np.uint8), ()
    if image.mode in ("LA", "PA", "RGBA", "RGBa", "La") or "transparency" in image.info:
        over = image if image.mode == "RGBA" else image.convert("RGBA")
        return np.array(ImageChops.multiply(over.convert("L"), over.getchannel("A"))), ()  # over black
    return np.array(image.convert("L")), ()


def _from_16_bit(deep: npt.NDArray[np.generic]) -> tuple[UInt8Array, tuple[str, ...]]:
    """White is the top of the fewest of 8, 10, 12, 14 and 16 bits that hold the film: files of 16 do not say."""
    if int(deep.min()) < 0 or int(deep.max()) > 65535:
        raise ValueError("more than 16 bits")
    bits = next(depth for depth in _DEPTHS if int(deep.max()) < 2**depth)
    table = np.rint(np.minimum(np.arange(65536) / (2**bits - 1), 1) * 255).astype(np.uint8)
    notes = () if bits == 16 else (f"Only the lowest {bits} of 16 bits are used: their top is shown as white.",)
    return table[deep], notes


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
