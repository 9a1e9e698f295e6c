"""A network's picture: blocks as high as its maps, shares that add up, strips in the given order."""

import io

import numpy as np
import pytest
from PIL import Image

from core.charts.network import blocks, map_strip, share_bars, unit_strip
from core.models.spec import InputSpec
from core.runs.architecture import Architecture, LayerInfo, LayerKind, Skip


def layer(name: str, kind: LayerKind, shape: tuple[int, ...]) -> LayerInfo:
    return LayerInfo(
        name=name,
        kind=kind,
        shape=shape,
        kernel=3,
        stride=1,
        receptive_field=3,
        parameters=10,
        multiply_adds=90,
        shown=name in ("one", "two"),
        field_step=1,
        field_centre=(0.0, 0.0),
    )


FOUND = Architecture(
    layers=(
        layer("one", "convolution", (32, 32, 4)),
        layer("two", "convolution", (16, 16, 8)),
        layer("around", "convolution", (16, 16, 8)),
        layer("logit", "dense", (1,)),
    ),
    skips=(Skip(start="one", end="two", through="around"),),
)


def test_blocks_are_as_high_as_their_maps_and_arcs_join_them() -> None:
    chart = blocks(FOUND, InputSpec(height=64, width=64, channels=1))
    bars = {
        data[0]: (height, base)
        for trace in chart.data
        if trace.type == "bar"
        for data, height, base in zip(trace.customdata, trace.y, trace.base, strict=True)
    }
    assert {name: height for name, (height, _) in bars.items() if name != "logit"} == {"film": 64, "one": 32, "two": 16}
    assert all(base == -height / 2 for height, base in bars.values())
    (arc,) = [trace for trace in chart.data if trace.type == "scatter"]
    centres = dict(zip(("film", "one", "two", "logit"), chart.layout.xaxis.tickvals, strict=True))
    assert (arc.x[0], arc.x[-1]) == pytest.approx((centres["one"], centres["two"]))
    assert min(arc.y) > 16  # above the blocks that it passes


def test_shares_add_up() -> None:
    chart = share_bars([("A", {"convolution": 30, "dense": 10}), ("B", {"dense": 5})], "Share, %")
    assert [list(trace.x) for trace in chart.data] == [[75.0, 0.0], [25.0, 100.0]]


def test_strips_show_the_given_maps_each_over_its_own_range() -> None:
    maps = np.zeros((2, 2, 3), np.float32)
    maps[0, 0, 2], maps[1, 1, 0] = 5, 0.1
    strip = np.asarray(Image.open(io.BytesIO(map_strip(maps, [2, 0]))))
    assert strip.tolist() == [[255, 0, 0, 0], [0, 0, 0, 255]]


def test_units_are_sorted_and_cut() -> None:
    strip = np.asarray(Image.open(io.BytesIO(unit_strip(np.arange(100, dtype=np.float32)))))
    assert strip.shape == (1, 64)
    assert strip[0, 0] == 255
    assert (np.diff(strip[0].astype(int)) <= 0).all()
