"""Every map lies in its place, over its own range, in the colours of its scale."""

import io

import numpy as np
import pytest
from PIL import Image

from core.charts.feature_maps import ACTIVATION, SIGNED, map_figure, palette, sheet_png, tile_sheet

MAPS = np.random.default_rng(0).random((3, 5, 7)).astype(np.float32)
MAPS[:, :, 2] = 0


def tile(sheet, place: int) -> np.ndarray:
    height, width = sheet.image.shape[0] // sheet.rows, sheet.image.shape[1] // sheet.columns
    row, column = divmod(place, sheet.columns)
    return sheet.image[row * height : (row + 1) * height, column * width : (column + 1) * width]


def test_tiles_lie_in_the_order_asked_for() -> None:
    order = np.array([4, 0, 2, 6, 1, 3, 5])
    sheet = tile_sheet(MAPS, order)
    assert sheet.columns * sheet.rows >= 7
    assert sheet.channels == tuple(order)
    for place, channel in enumerate(order):
        values = MAPS[:, :, channel]
        assert sheet.low[place] == values.min()
        assert sheet.high[place] == values.max()
        np.testing.assert_allclose(tile(sheet, place), values / (values.max() or 1) * 255, atol=0.51)


def test_silent_maps_are_counted_and_dark() -> None:
    sheet = tile_sheet(MAPS, np.arange(7))
    assert sheet.silent == 1
    assert not tile(sheet, 2).any()


def test_signed_maps_have_zero_in_the_middle() -> None:
    maps = np.array([[[-1.0, 0.0], [0.5, 0.0]]], np.float32)
    sheet = tile_sheet(maps, np.arange(2), signed=True)
    assert tile(sheet, 0).tolist() == [[0, 191]]
    assert tile(sheet, 1).tolist() == [[128, 128]]


def test_a_map_with_negative_values_is_shown_from_its_least() -> None:
    sheet = tile_sheet(np.array([[[-2.0], [2.0]]], np.float32), np.arange(1))
    assert tile(sheet, 0).tolist() == [[0, 255]]


@pytest.mark.parametrize(("signed", "scale"), [(False, ACTIVATION), (True, SIGNED)])
def test_png_holds_the_sheet_in_colours(signed: bool, scale: list) -> None:
    sheet = tile_sheet(MAPS - 0.5 * signed, np.arange(7), signed=signed)
    with Image.open(io.BytesIO(sheet_png(sheet))) as picture:
        shown = np.asarray(picture.convert("RGB"))
    np.testing.assert_array_equal(shown, palette(scale)[sheet.image])


def test_scales_run_from_dark_to_light_and_from_blue_to_vermilion() -> None:
    light = palette(ACTIVATION) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(light) > -1).all()
    assert light[0] < 5 < 240 < light[-1]
    signed = palette(SIGNED)
    assert signed[0].tolist() == [0x00, 0x72, 0xB2]
    assert signed[127:129].min() >= 254
    assert signed[255].tolist() == [0xD5, 0x5E, 0x00]


def test_no_colour_is_one_that_streamlit_takes_for_its_theme() -> None:
    assert not any(colour.startswith("#0000") for _, colour in ACTIVATION + SIGNED)


def test_enlarged_map_has_its_scale_and_marks_its_peak() -> None:
    values = np.zeros((4, 6), np.float32)
    values[1, 5] = 3
    figure = map_figure(values)
    heatmap, outline, ring = figure.data
    assert (heatmap.zmin, heatmap.zmax) == (0, 3)
    assert (ring.x, ring.y) == (outline.x, outline.y) == ((5,), (1,))
    assert (outline.marker.color, ring.marker.color) == ("black", "white")
    assert outline.marker.line.width > ring.marker.line.width
    assert ring.cliponaxis is outline.cliponaxis is False
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # row 0 on top


def test_signed_map_is_symmetric_about_zero() -> None:
    heatmap = map_figure(np.array([[-0.5, 0.2]], np.float32), signed=True).data[0]
    assert (heatmap.zmin, heatmap.zmax) == (-0.5, 0.5)
