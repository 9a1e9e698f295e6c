"""Pictures of every mode to gray: the same in bands as at once, and upright by EXIF's eight orientations."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from core.imaging import grayscale as gray
from core.imaging.grayscale import to_gray, turn

DRAWN = (np.add.outer(3 * np.arange(40), 2 * np.arange(50)) % 256).astype(np.uint8)
DEEP = DRAWN.astype(np.uint16) * 257


def picture(mode: str) -> Image.Image:
    drawn = Image.fromarray(DRAWN)
    if mode == "F":
        return Image.fromarray(DRAWN.astype(np.float32) * 3)
    if mode in ("I;16", "I;16B"):
        order = "<u2" if mode == "I;16" else ">u2"
        return Image.frombytes(mode, (50, 40), DEEP.astype(order).tobytes())
    if mode == "I":
        return Image.fromarray(DEEP.astype(np.int32))
    if mode == "LA":
        return Image.merge("LA", [drawn, Image.fromarray(255 - DRAWN)])
    return drawn.convert(mode)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "F", "I", "I;16", "I;16B"])
def test_bands_change_nothing(mode, monkeypatch) -> None:
    whole, notes = to_gray(picture(mode))
    assert whole.shape == (40, 50)
    assert len(np.unique(whole)) > 1
    monkeypatch.setattr(gray, "BAND", 350)  # 7 rows
    banded, same = to_gray(picture(mode))
    np.testing.assert_array_equal(banded, whole)
    assert same == notes


def test_a_palette_with_transparency_in_bands(monkeypatch) -> None:
    image = picture("P")
    image.info["transparency"] = image.getpixel((0, 0))
    whole, _ = to_gray(image)
    monkeypatch.setattr(gray, "BAND", 350)
    np.testing.assert_array_equal(to_gray(image)[0], whole)
    assert whole[0, 0] == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_none_is_found_in_any_band(value, monkeypatch) -> None:
    monkeypatch.setattr(gray, "BAND", 350)
    real = DRAWN.astype(np.float32)
    real[-1, -1] = value
    with pytest.raises(ValueError, match="finite"):
        to_gray(Image.fromarray(real))


@pytest.mark.parametrize("colours", [0, 3])
def test_colours_that_the_palette_lacks_are_no_picture(colours) -> None:
    image = Image.fromarray(DRAWN)
    image = Image.frombytes("P", image.size, image.tobytes())
    if colours:
        image.putpalette(bytes(3 * colours))
    else:
        image.palette = None
    with pytest.raises(ValueError, match="palette"):
        to_gray(image)


@pytest.mark.parametrize("orientation", range(11))
def test_turned_as_pillow_does(orientation) -> None:
    image = Image.fromarray(DRAWN)
    image.getexif()[0x0112] = orientation
    np.testing.assert_array_equal(turn(DRAWN, orientation), np.array(ImageOps.exif_transpose(image)))
