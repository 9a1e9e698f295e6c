"""Draw all feature maps of a layer as one sheet of tiles, and one map enlarged with its scale."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from PIL import Image
from plotly.colors import get_colorscale, hex_to_rgb, unlabel_rgb

from core.charts.draft import Properties
from core.charts.style import NORMAL, PNEUMONIA
from core.types import Float32Array, IndexArray, UInt8Array

# rgb(): Streamlit reads #000004, the dark end of Inferno, as the fourth colour of its theme.
ACTIVATION = [[stop, "rgb({}, {}, {})".format(*hex_to_rgb(colour))] for stop, colour in get_colorscale("Inferno")]
SIGNED = [[0.0, NORMAL], [0.25, "#7FB8D8"], [0.5, "#FFFFFF"], [0.75, "#EAAE7F"], [1.0, PNEUMONIA]]


@dataclass(frozen=True, kw_only=True, eq=False)
class TileSheet:
    """Maps side by side, row by row, each over its own range.

    Parameters
    ----------
    image : (rows * h, columns * w) uint8
        Places on the colour scale: 0 the lower end, 255 the upper.
    columns, rows : int
    signed : bool
        Whether 0 is in the middle of the scale (weights), or at its lower end (activations).
    channels : tuple of int
        Channel of each tile.
    low, high, mean : tuple of float
        Least, largest and mean value of each tile.
    """

    image: UInt8Array
    columns: int
    rows: int
    signed: bool
    channels: tuple[int, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    mean: tuple[float, ...]

    @property
    def silent(self) -> int:
        """Number of tiles without any value but 0."""
        return sum(low == high == 0 for low, high in zip(self.low, self.high, strict=True))


def tile_sheet(maps: Float32Array, order: IndexArray, *, signed: bool = False) -> TileSheet:
    """Lay out maps (h, w, n) in an order of channels.

    A map without negative values is stretched from 0 to its largest; one with them, from its least to its largest;
    ``signed``, from minus to plus its largest distance from 0.
    """
    height, width, count = maps.shape
    low, high = maps.min(axis=(0, 1)), maps.max(axis=(0, 1))
    bottom = np.minimum(low, 0)
    top = np.maximum(high, 0)
    if signed:
        top = np.maximum(top, -bottom)
        bottom = -top
    spread = np.where(top > bottom, top - bottom, 1)
    scaled = np.rint((maps - bottom) / spread * 255).astype(np.uint8)
    if signed:
        scaled[:, :, top == 0] = 128
    columns = int(np.ceil(np.sqrt(count)))
    rows = int(np.ceil(count / columns))
    tiles = np.zeros((rows * columns, height, width), np.uint8)
    tiles[:count] = np.moveaxis(scaled, 2, 0)[order]
    image = tiles.reshape(rows, columns, height, width).swapaxes(1, 2).reshape(rows * height, columns * width)
    return TileSheet(
        image=image,
        columns=columns,
        rows=rows,
        signed=signed,
        channels=tuple(int(channel) for channel in order),
        low=tuple(float(low[channel]) for channel in order),
        high=tuple(float(high[channel]) for channel in order),
        mean=tuple(float(value) for value in maps.mean(axis=(0, 1))[order]),
    )


def sheet_png(sheet: TileSheet) -> bytes:
    """Encode the sheet in its colours as a PNG file."""
    picture = Image.fromarray(sheet.image)
    picture.putpalette(palette(SIGNED if sheet.signed else ACTIVATION).tobytes())
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


def palette(scale: Sequence[Sequence[Any]]) -> UInt8Array:
    """Return a colour scale of (place, colour) stops in 256 steps: (256, 3) uint8."""
    stops = [float(stop) for stop, _ in scale]
    colours = np.array([hex_to_rgb(text) if text.startswith("#") else unlabel_rgb(text) for _, text in scale])
    steps = np.linspace(0, 1, 256)
    channels = [np.interp(steps, stops, colours[:, channel]) for channel in range(3)]
    table: UInt8Array = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    return table


def map_figure(values: Float32Array, *, signed: bool = False, height: int = 320) -> go.Figure:
    """Draw one map (h, w) with its scale and the place of its largest value."""
    top = float(np.abs(values).max()) if signed else float(max(values.max(), 0))
    bottom = -top if signed else float(min(values.min(), 0))
    heatmap = {
        "type": "heatmap",
        "z": np.round(values, 4),
        "zmin": bottom,
        "zmax": top if top > bottom else bottom + 1,
        "colorscale": SIGNED if signed else ACTIVATION,
        "colorbar": {"thickness": 12, "len": 1, "outlinewidth": 0, "tickformat": ".3~g", "nticks": 5},
        "hovertemplate": "row %{y}, column %{x}: %{z:.3f}<extra></extra>",
    }
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    rings = [
        {
            "type": "scatter",
            "x": [int(column)],
            "y": [int(row)],
            "mode": "markers",
            "cliponaxis": False,
            "hoverinfo": "skip",
            "marker": {"symbol": "circle-open", "size": 16, "color": colour, "line": {"width": width}},
        }
        for colour, width in (("black", 5), ("white", 2))  # seen on light cells as on dark ones
    ]
    return _square([heatmap] if signed else [heatmap, *rings], height, values.shape)


def _square(data: list[Properties], height: int, shape: tuple[int, ...]) -> go.Figure:
    """Return a figure of square cells, built at once: updating one step by step takes three times as long."""
    return go.Figure(
        data=data,
        layout={
            "height": height,
            "margin": {"l": 0, "r": 64, "t": 0, "b": 0},
            "plot_bgcolor": "rgba(0,0,0,0)",
            "showlegend": False,
            "xaxis": {
                "visible": False,
                "range": [-0.5, shape[1] - 0.5],
                "constrain": "domain",
                "constraintoward": "left",
            },
            "yaxis": {
                "visible": False,
                "range": [shape[0] - 0.5, -0.5],
                "scaleanchor": "x",
                "constrain": "domain",
                "constraintoward": "top",
            },
        },
    )
