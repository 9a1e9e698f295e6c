"""What can be measured on a film without knowing medicine: framing, exposure, sharpness, size of the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.arrays import Variant
from core.data.stress import stress_film
from core.errors import DataError, InputError
from core.imaging.decode import read_film
from core.imaging.film import resize
from core.types import Float64Array, UInt8Array

SIDE = 224  # films are measured and changed at this size, in pixels
THUMBNAIL = 8
FRAME = 0.05  # width of the film's outer frame, share of the side
DARK = 30  # gray level below which a pixel of the frame counts as dark
LUNG_SIDE = 112
LUNG_FLOOR = 20  # gray levels below are the collimated border, not lung
LUNG_CONTRAST = 0.25  # standard deviations of the local contrast
LUNG_AREA = 0.01  # least area of one lung, share of the film


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What a number says of a film.

    Parameters
    ----------
    title : str
    group : str
        ``framing``, ``exposure``, ``sharpness`` or ``file``.
    unit : str
    """

    title: str
    group: str
    unit: str


MEASURES = {
    "aspect_estimate": Measure(title="Aspect ratio, estimated", group="framing", unit="horizontal : vertical detail"),
    "dark_frame": Measure(title="Dark share of the outer frame", group="framing", unit="share"),
    "lungs_found": Measure(title="Both lungs found", group="framing", unit="share of films"),
    "lung_left": Measure(title="Left edge of the lungs", group="framing", unit="share of width"),
    "lung_right": Measure(title="Right edge of the lungs", group="framing", unit="share of width"),
    "lung_top": Measure(title="Upper edge of the lungs", group="framing", unit="share of height"),
    "lung_bottom": Measure(title="Lower edge of the lungs", group="framing", unit="share of height"),
    "gray_mean": Measure(title="Mean gray level", group="exposure", unit="gray levels"),
    "gray_deviation": Measure(title="Standard deviation of the gray level", group="exposure", unit="gray levels"),
    "gray_p05": Measure(title="5th percentile of the gray level", group="exposure", unit="gray levels"),
    "gray_p95": Measure(title="95th percentile of the gray level", group="exposure", unit="gray levels"),
    "sharpness": Measure(title="Sharpness", group="sharpness", unit="standard deviation of the Laplacian"),
    "byte_size": Measure(title="Size of the file", group="file", unit="bytes"),
}
THUMBNAIL_COLUMNS = [f"thumbnail_{number:02d}" for number in range(THUMBNAIL**2)]


def aspect_estimate(pixels: UInt8Array) -> float:
    """Mean difference of neighbours along rows over that along columns.

    A wide film that was squashed to a square has its detail pressed together horizontally, so that neighbours along a
    row differ more. Anatomy is not isotropic: the estimate rises with the native width over height but is not equal
    to it.

    Parameters
    ----------
    pixels : (H, W) uint8

    Returns
    -------
    float
        Above zero; 1 for a film of one gray level.
    """
    gray = pixels.astype(np.float32)
    along_rows = float(np.abs(np.diff(gray, axis=1)).mean())
    along_columns = float(np.abs(np.diff(gray, axis=0)).mean())
    least = 0.01  # gray levels, for films without any detail
    return max(along_rows, least) / max(along_columns, least)


def dark_frame(pixels: UInt8Array) -> float:
    """Share of the film's outer frame, 5 % of the side, that is darker than gray level 30."""
    height, width = pixels.shape
    top, left = max(1, round(FRAME * height)), max(1, round(FRAME * width))
    frame = np.ones(pixels.shape, bool)
    frame[top : height - top, left : width - left] = False
    return float((pixels[frame] < DARK).mean())


def lung_box(pixels: UInt8Array) -> tuple[float, float, float, float] | None:
    """Where the lungs lie: the largest dark area in the left half and in the right half of the film.

    Dark is what lies below its surroundings (a Gaussian of a fifth of the side) by a quarter of a standard deviation;
    the box holds all but 2 % of either end. Rough: it serves to compare groups of films, not to measure one.

    Parameters
    ----------
    pixels : (H, W) uint8

    Returns
    -------
    (left, right, top, bottom) in [0, 1], or None
        Shares of width and height; None where either lung is not found.
    """
    from scipy import ndimage  # takes half a second; whoever reads committed figures needs none of it

    gray = np.maximum(resize(pixels, LUNG_SIDE, LUNG_SIDE).astype(np.float32), LUNG_FLOOR)
    local = ndimage.gaussian_filter(gray, 2) - ndimage.gaussian_filter(gray, LUNG_SIDE / 5, mode="nearest")
    inner = slice(LUNG_SIDE // 8, -LUNG_SIDE // 8)
    dark = (local < -LUNG_CONTRAST * local[inner, inner].std()) & (gray > LUNG_FLOOR + 5)
    areas, count = ndimage.label(ndimage.binary_opening(dark, iterations=3))
    if not count:
        return None
    number = np.arange(1, count + 1)
    size = np.bincount(areas.ravel(), minlength=count + 1)[1:]
    centre_y, centre_x = np.array(ndimage.center_of_mass(areas > 0, areas, number)).T / LUNG_SIDE
    large = (size > LUNG_AREA * LUNG_SIDE**2) & (centre_y > 0.15) & (centre_y < 0.75)
    lungs = []
    for low, high in ((0.1, 0.5), (0.5, 0.9)):
        here = large & (centre_x >= low) & (centre_x < high)
        if not here.any():
            return None
        lungs.append(number[here][size[here].argmax()])
    lung = np.isin(areas, lungs)
    return *_extent(lung.sum(axis=0)), *_extent(lung.sum(axis=1))


def _extent(profile: Float64Array) -> tuple[float, float]:
    """Where the middle 96 % of a profile lie, as shares of its length."""
    share = np.cumsum(profile) / profile.sum()
    return float(np.searchsorted(share, 0.02)) / len(share), float(np.searchsorted(share, 0.98) + 1) / len(share)


def thumbnail(pixels: UInt8Array) -> Float64Array:
    """Return the film at 8 x 8 pixels, row by row; (64,) float64 in [0, 1]."""
    return resize(pixels, THUMBNAIL, THUMBNAIL).ravel() / 255.0


def measure_film(pixels: UInt8Array) -> dict[str, float]:
    """Everything in `MEASURES` but the size of the file; places are NaN where the lungs are not found."""
    from scipy import ndimage  # takes half a second, as above

    low, high = np.percentile(pixels, [5, 95])
    box = lung_box(pixels)
    left, right, top, bottom = box or (np.nan,) * 4
    return {
        "aspect_estimate": aspect_estimate(pixels),
        "dark_frame": dark_frame(pixels),
        "lungs_found": float(box is not None),
        "lung_left": left,
        "lung_right": right,
        "lung_top": top,
        "lung_bottom": bottom,
        "gray_mean": float(pixels.mean()),
        "gray_deviation": float(pixels.std()),
        "gray_p05": float(low),
        "gray_p95": float(high),
        "sharpness": float(ndimage.laplace(pixels.astype(np.float32)).std()),
    }


@dataclass(frozen=True, kw_only=True, eq=False)
class FilmMeasures:
    """Measured films.

    Parameters
    ----------
    table : DataFrame
        A row for each film that could be read: sample_id, cluster_id, y_true, split, the columns of `MEASURES`,
        ``native_aspect`` (width over height of the file) and `THUMBNAIL_COLUMNS`.
    unreadable : list of str
        sample_id of the films that were left out.
    """

    table: pd.DataFrame
    unreadable: list[str]


def measure_films(table: pd.DataFrame, variant: Variant = "plain") -> FilmMeasures:
    """Measure the films of a data set.

    Parameters
    ----------
    table : DataFrame
        Rows of `core.data.split.with_split`.
    variant : {"plain", "stress"}
        Stress films have no file of their own: their byte size and native aspect ratio are NaN.

    Raises
    ------
    DataError
        No film can be read.
    """
    rows: list[Mapping[str, object]] = []
    unreadable: list[str] = []
    for film in table.to_dict("records"):
        path = Path(film["path"])
        try:
            read = read_film(path)
        except InputError:
            unreadable.append(str(film["sample_id"]))
            continue
        plain = variant == "plain"
        pixels = resize(read.pixels, SIDE, SIDE) if plain else stress_film(read.pixels, film["sample_id"])
        rows.append(
            {key: film[key] for key in ("sample_id", "cluster_id", "y_true", "split")}
            | measure_film(pixels)
            | {
                "byte_size": float(path.stat().st_size) if plain else np.nan,
                "native_aspect": read.size[0] / read.size[1] if plain else np.nan,
            }
            | dict(zip(THUMBNAIL_COLUMNS, thumbnail(pixels), strict=True))
        )
    if not rows:
        raise DataError(f"None of {len(table)} films can be read.")
    return FilmMeasures(table=pd.DataFrame(rows), unreadable=unreadable)
