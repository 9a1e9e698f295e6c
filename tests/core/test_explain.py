"""Receptive fields against a walk back through the layers; ranks, blank maps and weight images on arrays by hand."""

import numpy as np
import pytest

from core.explain import is_blank, layer_grid, rank_channels, unit_images
from core.runs import LayerInfo

KERNELS_STRIDES = [(3, 1), (2, 2), (3, 1), (2, 2), (5, 2)]


def chain(size: int) -> list[LayerInfo]:
    """Layers without padding on a square input."""
    layers, side, step, field = [], size, 1, 1
    for number, (kernel, stride) in enumerate(KERNELS_STRIDES):
        side = (side - kernel) // stride + 1
        field += (kernel - 1) * step
        step *= stride
        layers.append(layer(f"layer{number}", side, kernel, stride, field))
    return layers


def layer(name: str, side: int, kernel: int, stride: int, field: int) -> LayerInfo:
    return LayerInfo(
        name=name,
        kind="convolution",
        shape=(side, side, 4),
        kernel=kernel,
        stride=stride,
        receptive_field=field,
        parameters=0,
        multiply_adds=0,
    )


def walk_back(depth: int, index: int) -> tuple[int, int]:
    """First and last input pixel behind a value."""
    first = last = index
    for kernel, stride in reversed(KERNELS_STRIDES[: depth + 1]):
        first, last = first * stride, last * stride + kernel - 1
    return first, last


@pytest.mark.parametrize("depth", range(len(KERNELS_STRIDES)))
def test_fields_without_padding(depth: int) -> None:
    layers = chain(64)
    grid = layer_grid(layers, f"layer{depth}", 0, 64)
    for index in range(layers[depth].shape[0]):
        first, last = walk_back(depth, index)
        assert grid.span(index) == (first - 0.5, last + 0.5)


def test_fields_with_padding_are_cut_at_the_border() -> None:
    grid = layer_grid([layer("same", 8, 3, 1, 3)], "same", 1, 8)
    assert [grid.centre(index) for index in range(8)] == list(range(8))
    assert grid.span(0) == (-0.5, 1.5)
    assert grid.span(7) == (5.5, 7.5)


def test_unknown_layer() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        layer_grid(chain(64), "nowhere", 0, 64)


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
