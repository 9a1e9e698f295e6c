"""Where in the film a value of a layer looks, which channels answer most, and what a map adds up to."""

from dataclasses import dataclass

import numpy as np

from core.runs.architecture import LayerInfo
from core.types import Float32Array, IndexArray

BLANK = 1e-3  # logits; a map that nowhere adds more is called blank


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Where the values of a layer lie along one side of the input.

    Parameters
    ----------
    step : int
        Input pixels from one value to the next.
    first : float
        Input pixel, counted at its middle, on which the first value's receptive field is centred.
    receptive_field : int
        Input pixels that one value sees.
    size : int
        Input pixels along this side.
    """

    step: int
    first: float
    receptive_field: int
    size: int

    def centre(self, index: int) -> float:
        """Input pixel on which the field of value ``index`` is centred."""
        return self.first + index * self.step

    def span(self, index: int) -> tuple[float, float]:
        """Edges of that field in input pixels, cut at the input's border; pixel i reaches from i - 0.5 to i + 0.5."""
        middle, half = self.centre(index), self.receptive_field / 2
        return max(middle - half, -0.5), min(middle + half, self.size - 0.5)


def layer_grid(layer: LayerInfo, axis: int, size: int) -> Grid:
    """Return the grid of a layer's values along one side of the input.

    Parameters
    ----------
    layer : LayerInfo
        A convolution or pooling layer that gives maps.
    axis : {0, 1}
        Rows or columns.
    size : int
        Pixels of the input along the axis.

    Raises
    ------
    ValueError
        The layer's values have no place.
    """
    if not layer.field_centre:
        raise ValueError(f"the values of {layer.name} have no place on the film")
    return Grid(
        step=layer.field_step,
        first=layer.field_centre[axis],
        receptive_field=layer.receptive_field,
        size=size,
    )


@dataclass(frozen=True, kw_only=True)
class Field:
    """A rectangle on a film; edges in its own pixels, from 0 at the left and upper edge to width and height."""

    left: float
    top: float
    right: float
    bottom: float


def field_on_film(
    layer: LayerInfo, row: int, column: int, *, input_size: tuple[int, int], film_size: tuple[int, int]
) -> Field:
    """Return what one value of a feature map sees, on the film in its own pixels.

    Parameters
    ----------
    layer : LayerInfo
        A convolution or pooling layer that gives maps.
    row, column : int
        Place of the value in the layer's map.
    input_size, film_size : (int, int)
        Width and height of the picture that the model takes, and of the film.

    Raises
    ------
    ValueError
        The layer's values have no place, or its map does not have this one.
    """
    grids = [layer_grid(layer, axis, input_size[1 - axis]) for axis in (0, 1)]
    shape = layer.shape
    if not (0 <= row < shape[0] and 0 <= column < shape[1]):
        raise ValueError(
            f"{layer.name} has no value in row {row}, column {column}: its maps are {shape[1]} x {shape[0]}"
        )
    top, bottom = (edge + 0.5 for edge in grids[0].span(row))
    left, right = (edge + 0.5 for edge in grids[1].span(column))
    across, down = film_size[0] / input_size[0], film_size[1] / input_size[1]
    return Field(left=left * across, top=top * down, right=right * across, bottom=bottom * down)


def enlarge(values: Float32Array, rows: Grid, columns: Grid) -> Float32Array:
    """Enlarge a map to the model's input size, bilinear between the middles of its cells, constant beyond them.

    Parameters
    ----------
    values : (h, w) or (h, w, channels) float32
    rows, columns : Grid

    Returns
    -------
    (H, W) or (H, W, channels) float32
    """
    down, across = _between(rows, values.shape[0]), _between(columns, values.shape[1])
    enlarged: Float32Array = np.einsum("Hh,hw...,Ww->HW...", down, values, across, optimize=True).astype(np.float32)
    return enlarged


def _between(grid: Grid, count: int) -> Float32Array:
    """Shares of each of ``count`` cells in each pixel along one side: (size, count) float32."""
    place = np.clip((np.arange(grid.size) - grid.first) / grid.step, 0, count - 1)
    shares: Float32Array = np.maximum(0, 1 - np.abs(place[:, np.newaxis] - np.arange(count))).astype(np.float32)
    return shares


def rank_channels(maps: Float32Array) -> IndexArray:
    """Channels of (h, w, channels) maps by mean activation, highest first; equal ones in their order."""
    return np.argsort(-maps.mean(axis=(0, 1)), kind="stable")


def is_blank(heatmap: Float32Array) -> bool:
    """Whether a map (h, w) of logits moves them by less than 0.001 everywhere."""
    return bool(np.abs(heatmap).max() < BLANK)


def unit_images(weights: Float32Array) -> Float32Array:
    """Weights of a first dense layer (H, W, C, units) as one image for each unit: (H, W, units) float32.

    The gray value stands in all C channels, so that their weights act as one: their sum.
    """
    images: Float32Array = weights.sum(axis=2)
    return images
