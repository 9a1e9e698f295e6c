"""Render a film under a map, and single feature maps, as pixels and PNG files for reports and downloads."""

import io

import numpy as np
from PIL import Image, ImageDraw

from core.charts.feature_maps import ACTIVATION, SIGNED, palette
from core.charts.film import SHOWN_SIDE, Overlay
from core.charts.style import NORMAL, PNEUMONIA
from core.explain.geometry import Grid
from core.imaging.film import Film
from core.types import Float32Array, IndexArray, UInt8Array

NO_DIAGNOSIS = "research and education, not for diagnosis"
_TOWARDS = np.array(
    [[int(colour[start : start + 2], 16) for start in (1, 3, 5)] for colour in (NORMAL, PNEUMONIA)], np.float32
)


def film_picture(film: Film, overlay: Overlay | None = None) -> UInt8Array:
    """Render the film at its true aspect ratio, the map's cells painted over it as in `film_figure`.

    Returns
    -------
    (h, w, 3) uint8
        At most 1024 pixels a side. Cells are clear where the logit is not moved, vermilion towards pneumonia
        and blue towards normal, the strongest of them at the map's opacity.
    """
    scale = SHOWN_SIDE / max(film.size)
    size = tuple(max(1, round(side * min(scale, 1.0))) for side in film.size)
    image = Image.fromarray(film.pixels).resize((size[0], size[1]), Image.Resampling.BILINEAR)
    gray = np.asarray(image, np.float32)[..., np.newaxis].repeat(3, axis=2)
    if overlay is None:
        return _to_uint8(gray)
    rows, columns = _cells(overlay.rows, size[1]), _cells(overlay.columns, size[0])
    height, width = overlay.values.shape
    inside = (((rows >= 0) & (rows < height))[:, np.newaxis]) & ((columns >= 0) & (columns < width))
    values = overlay.values[np.ix_(rows.clip(0, height - 1), columns.clip(0, width - 1))]
    top = float(np.abs(overlay.values).max()) or 1.0
    alpha = (overlay.opacity * np.abs(values) / top * inside)[..., np.newaxis]
    painted = gray * (1 - alpha) + _TOWARDS[(values > 0).astype(int)] * alpha
    return _to_uint8(painted)


def _cells(grid: Grid, pixels: int) -> IndexArray:
    """Return the index of the cell that covers each of ``pixels`` along a side, outside 0 to n - 1 where none does."""
    centres = (np.arange(pixels) + 0.5) / pixels * grid.size - 0.5
    return np.floor((centres - grid.first) / grid.step + 0.5).astype(np.intp)


def film_png(film: Film, overlay: Overlay | None = None, title: str = "") -> bytes:
    """Encode `film_picture` as a PNG file; under a map, a strip shows its scale in logits and the model's title."""
    picture = Image.fromarray(film_picture(film, overlay))
    if overlay is None:
        return encode_png(np.asarray(picture))
    width = max(picture.width, 420)
    sheet = Image.new("RGB", (width, picture.height + (80 if title else 64)))
    sheet.paste(picture, ((width - picture.width) // 2, 0))
    strip = scale_strip(width // 2)
    left, top = width // 4, picture.height + 8
    sheet.paste(Image.fromarray(strip.repeat(10, axis=0)), (left, top))
    draw = ImageDraw.Draw(sheet)
    largest = float(np.abs(overlay.values).max())
    for x, anchor, text in (
        (left - 6, "rm", f"{-largest:.2g}"),
        (left + width // 2 + 6, "lm", f"+{largest:.2g}"),
    ):
        draw.text((x, top + 5), text, fill="white", anchor=anchor, font_size=12)
    words = "towards normal  <  >  towards pneumonia"
    draw.text((width // 2, top + 22), words, fill="white", anchor="mm", font_size=12)
    for line, caption in enumerate(filter(None, (title, NO_DIAGNOSIS))):
        draw.text((width // 2, top + 42 + 16 * line), caption, fill="#B0B7BF", anchor="mm", font_size=11)
    return encode_png(np.asarray(sheet))


def scale_strip(steps: int, opacity: float = 1.0) -> UInt8Array:
    """Return the map's colours over black from the least to the largest: (1, steps, 3) uint8."""
    values = np.linspace(-1, 1, steps)
    strip = _TOWARDS[(values > 0).astype(int)] * (opacity * np.abs(values))[:, np.newaxis]
    return _to_uint8(strip[np.newaxis])


def map_png(values: Float32Array, *, signed: bool = False, side: int = 512) -> bytes:
    """Encode one feature map (h, w) in the colours of `map_figure`, cells enlarged by whole pixels, as a PNG file."""
    top = float(np.abs(values).max()) if signed else float(max(values.max(), 0))
    bottom = -top if signed else float(min(values.min(), 0))
    share = (values - bottom) / (top - bottom) if top > bottom else np.full(values.shape, 0.5 if signed else 0.0)
    colours = palette(SIGNED if signed else ACTIVATION)[np.rint(255 * share).astype(int)]
    factor = max(1, side // max(values.shape))
    return encode_png(colours.repeat(factor, axis=0).repeat(factor, axis=1))


def encode_png(pixels: UInt8Array) -> bytes:
    """Encode pixels (H, W) or (H, W, 3) as a PNG file without any metadata."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def _to_uint8(values: Float32Array) -> UInt8Array:
    return np.rint(values).clip(0, 255).astype(np.uint8)
