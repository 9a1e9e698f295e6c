"""The one way from the bytes of a film to the pixels that a model sees, in training, app and command line alike."""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from core.errors import InputError

UInt8Array = npt.NDArray[np.uint8]

SUFFIXES = (".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp", ".bmp")
FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP")
MAX_BYTES = 25 * 1024**2
MAX_PIXELS = 50_000_000
MIN_SIDE = 32
DRAFT_SIDE = 448  # JPEG is decoded at the smallest DCT scale that keeps both sides above this, twice the largest input

ImageFile.LOAD_TRUNCATED_IMAGES = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Film:
    """A decoded film.

    Parameters
    ----------
    name : str
        File name without folders, for messages.
    pixels : (H, W) uint8
        Gray values as drawn, 0 black; at least 32 pixels a side. A large JPEG is decoded at a reduced scale whose
        sides still exceed 448 pixels.
    size : (int, int)
        Width and height of the original in pixels.
    """

    name: str
    pixels: UInt8Array
    size: tuple[int, int]


def read_film(path: Path) -> Film:
    """Read a film from disk; raises `InputError` with a reason that names the file."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: larger than {MAX_BYTES // 1024**2} MB; export it as JPEG or PNG.")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from None
    return decode_film(data, path.name)


def decode_film(data: bytes, name: str) -> Film:
    """Decode the bytes of one picture file to gray pixels.

    Parameters
    ----------
    data : bytes
        A JPEG, PNG, TIFF, WebP or BMP file of 8 or 16 bits, at most 25 MB and 50 megapixels. Transparency, palettes,
        CMYK and EXIF orientation are handled.
    name : str
        File name, used in messages only: the format is read from the bytes.

    Raises
    ------
    InputError
        Empty, oversized, truncated, animated or unreadable file, or less than 32 pixels a side.
    """
    if not data:
        raise InputError(f"{name}: the file is empty.")
    if len(data) > MAX_BYTES:
        raise InputError(f"{name}: larger than {MAX_BYTES // 1024**2} MB; export it as JPEG or PNG.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large pictures and odd metadata; limits are checked here
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                return _decode_image(image, name)
    except InputError:
        raise
    except UnidentifiedImageError:
        raise InputError(f"{name}: not a picture that can be read; use JPEG, PNG, TIFF, WebP or BMP.") from None
    except Image.DecompressionBombError:
        raise InputError(f"{name}: more than {MAX_PIXELS // 10**6} megapixels; export it smaller.") from None
    except Exception as error:  # Pillow's decoders raise OSError, SyntaxError, ValueError, struct.error and more
        raise InputError(f"{name}: damaged or cut off ({type(error).__name__}); export it again.") from None


def _decode_image(image: Image.Image, name: str) -> Film:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise InputError(f"{name}: more than {MAX_PIXELS // 10**6} megapixels; export it smaller.")
    if min(width, height) < MIN_SIDE:
        raise InputError(f"{name}: {width} x {height} pixels is too small; at least {MIN_SIDE} a side are needed.")
    if getattr(image, "n_frames", 1) > 1:
        raise InputError(f"{name}: holds several pictures; export the one film to judge.")
    image.draft("L", (DRAFT_SIDE, DRAFT_SIDE))
    image.load()
    upright = ImageOps.exif_transpose(image)
    if image.getexif().get(0x0112, 1) >= 5:
        width, height = height, width
    return Film(name=name, pixels=_to_gray(upright), size=(width, height))


def _to_gray(image: Image.Image) -> UInt8Array:
    if image.mode in ("I;16", "I;16L", "I;16B", "I;16N", "I", "F"):
        deep = np.asarray(image, dtype=np.float64)
        if not np.isfinite(deep).all():
            raise ValueError("not finite")
        top = 65535.0 if image.mode != "F" else max(float(deep.max()), 1.0)
        return np.clip(np.rint(deep / top * 255.0), 0, 255).astype(np.uint8)
    if image.mode in ("LA", "PA", "RGBA", "RGBa", "La") or "transparency" in image.info:
        over = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", over.size, "black"), over)
    return np.array(image.convert("L"))


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
