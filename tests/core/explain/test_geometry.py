"""Places of receptive fields against a walk back through the layers; ranks, blank maps and weight images by hand."""

import dataclasses

import numpy as np
import pytest

from core.explain.geometry import (
    Field,
    Grid,
    enlarge,
    field_on_film,
    is_blank,
    layer_grid,
    rank_channels,
    unit_images,
)
from core.runs.architecture import LayerInfo, field_centre

KERNELS_STRIDES = [(3, 1), (2, 2), (3, 1), (2, 2), (5, 2)]


def chain(size: int) -> list[LayerInfo]:
    """Layers without padding on a square input."""
    layers, side, step, field = [], size, 1, 1
    for number, (kernel, stride) in enumerate(KERNELS_STRIDES):
        side = (side - kernel) // stride + 1
        field += (kernel - 1) * step
        step *= stride
        layers.append(layer(f"layer{number}", side, step, field, size))
    return layers


def layer(name: str, side: int, step: int, field: int, size: int) -> LayerInfo:
    return LayerInfo(
        name=name,
        kind="convolution",
        shape=(side, side, 4),
        kernel=3,
        stride=1,
        receptive_field=field,
        parameters=0,
        multiply_adds=0,
        shown=True,
        field_step=step,
        field_centre=field_centre((side, side, 4), step, field, (size, size)),
    )


PADDED = layer("same", 8, 1, 3, 8)


def walk_back(depth: int, index: int) -> tuple[int, int]:
    """First and last input pixel behind a value."""
    first = last = index
    for kernel, stride in reversed(KERNELS_STRIDES[: depth + 1]):
        first, last = first * stride, last * stride + kernel - 1
    return first, last


@pytest.mark.parametrize("depth", range(len(KERNELS_STRIDES)))
def test_fields_without_padding(depth: int) -> None:
    layers = chain(64)
    grid = layer_grid(layers[depth], 0, 64)
    for index in range(layers[depth].shape[0]):
        first, last = walk_back(depth, index)
        assert grid.span(index) == (first - 0.5, last + 0.5)


def test_fields_with_padding_are_cut_at_the_border() -> None:
    grid = layer_grid(PADDED, 1, 8)
    assert [grid.centre(index) for index in range(8)] == list(range(8))
    assert grid.span(0) == (-0.5, 1.5)
    assert grid.span(7) == (5.5, 7.5)


def test_rows_and_columns_have_their_own_centre() -> None:
    oblong = dataclasses.replace(PADDED, field_centre=(1.0, 2.5))
    assert [layer_grid(oblong, axis, 8).first for axis in (0, 1)] == [1.0, 2.5]


def test_units_have_no_place() -> None:
    dense = dataclasses.replace(PADDED, name="dense1", kind="dense", shape=(8,), field_step=0, field_centre=())
    with pytest.raises(ValueError, match="dense1 have no place"):
        layer_grid(dense, 0, 64)


def test_channels_are_ranked_by_their_mean() -> None:
    maps = np.zeros((2, 2, 4), np.float32)
    maps[0, 0] = [0, 8, 1, 0]
    maps[1, 1] = [0, 0, 9, 0]
    assert rank_channels(maps).tolist() == [2, 1, 0, 3]


@pytest.mark.parametrize(("most", "blank"), [(0.0, True), (0.0009, True), (-0.0011, False), (2.0, False)])
def test_blank_maps(most: float, blank: bool) -> None:
    assert is_blank(np.array([[0, most]], np.float32)) is blank


def test_weights_of_a_unit_act_as_their_sum_over_channels() -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(4, 5, 3, 2)).astype(np.float32)
    gray = rng.random((4, 5)).astype(np.float32)
    over_channels = np.einsum("hwc,hwcu->u", np.repeat(gray[..., None], 3, axis=2), weights)
    np.testing.assert_allclose(np.einsum("hw,hwu->u", gray, unit_images(weights)), over_channels, rtol=1e-5)


@pytest.mark.parametrize("depth", range(len(KERNELS_STRIDES)))
def test_field_on_the_film_in_its_own_pixels(depth: int) -> None:
    """On a film twice as wide and three times as high as the input the rectangle grows alike."""
    layers = chain(64)
    first_row, last_row = walk_back(depth, 2)
    first_column, last_column = walk_back(depth, 1)
    field = field_on_film(layers[depth], 2, 1, input_size=(64, 64), film_size=(128, 192))
    assert (field.top, field.bottom) == (3 * first_row, 3 * (last_row + 1))
    assert (field.left, field.right) == (2 * first_column, 2 * (last_column + 1))


def test_field_of_a_padded_layer_ends_at_the_film() -> None:
    corner = field_on_film(PADDED, 7, 0, input_size=(8, 8), film_size=(80, 40))
    assert corner == Field(left=0, top=30, right=20, bottom=40)


@pytest.mark.parametrize(("row", "column"), [(-1, 0), (0, 62), (62, 0)])
def test_no_field_outside_the_map(row: int, column: int) -> None:
    with pytest.raises(ValueError, match="no value in row"):
        field_on_film(chain(64)[0], row, column, input_size=(64, 64), film_size=(64, 64))


def test_enlarged_maps_hold_their_values_at_the_middles_of_cells() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(4, 3, 2)).astype(np.float32)
    rows = Grid(step=8, first=3.0, receptive_field=8, size=32)
    columns = Grid(step=5, first=2.0, receptive_field=5, size=15)
    drawn = enlarge(values, rows, columns)
    assert drawn.shape == (32, 15, 2)
    np.testing.assert_allclose(drawn[3::8, 2::5], values, atol=1e-6)
    np.testing.assert_allclose(drawn[0, 0], values[0, 0], atol=1e-6)
    np.testing.assert_allclose(drawn[7, 2], values[0, 0] / 2 + values[1, 0] / 2, atol=1e-6)
    np.testing.assert_allclose(enlarge(values[:, :, 0], rows, columns), drawn[:, :, 0], atol=1e-6)
