"""Re-encode X-rays and other images to the same sizes, gray levels and file sizes, as material for the gate."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from core.data.not_films import CHANGED, DRAWN, change_film, draw_picture
from core.errors import DataError
from core.gate.features import SIDE
from core.imaging.decode import decode_film, read_film
from core.imaging.film import Film, resize
from core.types import UInt8Array

SIZES = (64, 512)  # px of the shorter side, drawn on a logarithmic scale
ASPECT = (0.75, 1.6)  # width over height, drawn on a logarithmic scale
FILM_QUALITY = (50, 95)  # JPEG, of films
QUALITIES = (3, 98)  # JPEG, of images matched to a film's file size
PER_KIND = 150  # pictures of each kind that is drawn or made from films
ADULTS = "CXR"
SCANS = ("AbdomenCT", "BreastMRI", "ChestCT")
KINDS = (*DRAWN, *CHANGED, *SCANS)


@dataclass(frozen=True, kw_only=True, eq=False)
class EncodedImage:
    """An image of the matched material in its file: an 8-bit gray JPEG of this width and height."""

    data: bytes
    width: int
    height: int

    @property
    def film(self) -> Film:
        """The file decoded as an upload would be."""
        return decode_film(self.data, "material")


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """One half of the material: for fitting, or for checking.

    Parameters
    ----------
    films, adults : list of Carrier
        Chest films of children and of adults.
    kinds : dict
        Images that are not chest X-rays, a list of Carrier for each of `KINDS`.
    """

    films: list[EncodedImage]
    adults: list[EncodedImage]
    kinds: dict[str, list[EncodedImage]]


def read_other_images(folder: Path) -> dict[str, list[UInt8Array]]:
    """Read the pictures of `SCANS` and `ADULTS` in order of name; raises `DataError` for a missing or empty folder."""
    images = {}
    for kind in (*SCANS, ADULTS):
        paths = sorted(path for path in (folder / kind).glob("*") if path.suffix.lower() in (".jpeg", ".jpg", ".png"))
        if not paths:
            raise DataError(f"{folder / kind}: no pictures; --other wants a folder with {', '.join((*SCANS, ADULTS))}.")
        images[kind] = [read_film(path).pixels for path in paths]
    return images


def make_material(films: UInt8Array, other: dict[str, list[UInt8Array]], half: int) -> Material:
    """Re-encode X-rays and other images to the same sizes and JPEG quality.

    Parameters
    ----------
    films : (n, H, W) uint8
        Train films for half 0, validation films for half 1.
    other : dict
        `read_other_images`; every second picture belongs to either half.
    half : {0, 1}
        Also seeds the drawing, so that no picture occurs in both.
    """
    draw = np.random.default_rng([2018, half])
    encoded = [encode_film(film, draw) for film in films]
    kinds = {}
    for kind in KINDS:
        if kind in SCANS:
            pictures = other[kind][half::2]
        else:
            seeds = range(half * PER_KIND, (half + 1) * PER_KIND)
            pictures = [
                draw_picture(kind, seed)
                if kind in DRAWN
                else change_film(kind, films[int(draw.integers(len(films)))], seed)
                for seed in seeds
            ]
        partners = draw.integers(len(encoded), size=len(pictures))
        kinds[kind] = [
            encode_like(picture, encoded[partner], tone=kind != "blank")
            for picture, partner in zip(pictures, partners, strict=True)
        ]
    adults = [encode_film(film, draw) for film in other[ADULTS][half::2]]
    return Material(films=encoded, adults=adults, kinds=kinds)


def encode_film(film: UInt8Array, draw: np.random.Generator) -> EncodedImage:
    """Re-encode a film, reduced to 64 x 64, at a size and JPEG quality drawn at random."""
    width, height = _size(draw)
    quality = int(draw.integers(*FILM_QUALITY, endpoint=True))
    return EncodedImage(
        data=_jpeg(resize(resize(film, SIDE, SIDE), height, width), quality), width=width, height=height
    )


def encode_like(picture: UInt8Array, partner: EncodedImage, tone: bool = True) -> EncodedImage:
    """Re-encode any picture like a film: same reduction, width, height and gray range, bytes as near as possible.

    Parameters
    ----------
    picture : (H, W) uint8
    partner : Carrier
        A film's image to match.
    tone : bool
        Bring the 1st and 99th percentile of the gray levels to the partner's; not for a picture without content.
    """
    small = resize(picture, SIDE, SIDE)
    if tone:
        small = _like(small, partner.film.pixels)
    pixels = resize(small, partner.height, partner.width)
    low, high = QUALITIES
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if len(_jpeg(pixels, middle)) < len(partner.data) else (low, middle)
    nearest = min((_jpeg(pixels, quality) for quality in (low, high)), key=lambda d: abs(len(d) - len(partner.data)))
    return EncodedImage(data=nearest, width=partner.width, height=partner.height)


def _size(draw: np.random.Generator) -> tuple[int, int]:
    short = np.exp(draw.uniform(*np.log(SIZES)))
    aspect = np.exp(draw.uniform(*np.log(ASPECT)))
    width, height = (short * aspect, short) if aspect > 1 else (short, short / aspect)
    return round(width), round(height)


def _like(picture: UInt8Array, film: UInt8Array) -> UInt8Array:
    low, high = np.percentile(picture, [1, 99])
    to_low, to_high = np.percentile(film, [1, 99])
    scaled = (picture - low) / max(high - low, 1.0) * (to_high - to_low) + to_low
    return np.asarray(np.clip(np.rint(scaled), 0, 255), np.uint8)


def _jpeg(pixels: UInt8Array, quality: int) -> bytes:
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "JPEG", quality=quality)
    return packed.getvalue()
