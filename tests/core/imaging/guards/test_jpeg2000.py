"""What JPEG 2000 asks of its decoder: counted from the header, before anything is set aside."""

import io

import numpy as np
import pytest
from PIL import Image
from pydicom import encaps, uid

from core.errors import InputError
from core.imaging.decode import decode_film
from core.imaging.guards.jpeg2000 import MAX_BLOCKS, _blocks, asks_too_much, measure
from tests.support.dicom_files import make_dicom

GRAY = np.random.default_rng(0).integers(0, 255, (300, 420), dtype=np.uint8)
STYLES = {
    "plain": {},
    "tiles": {"tile_size": (128, 128)},
    "tiles and an offset": {"tile_size": (100, 70), "tile_offset": (0, 0), "offset": (0, 0)},
    "small blocks": {"codeblock_size": (32, 32)},
    "precincts": {"precinct_size": (128, 128), "codeblock_size": (32, 32)},
    "one level": {"num_resolutions": 1},
    "lossy layers": {"irreversible": True, "quality_layers": [40, 20, 5]},
}


def encode(**options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(GRAY).save(file, "JPEG2000", no_jp2=True, **options)
    return file.getvalue()


@pytest.mark.parametrize("options", STYLES.values(), ids=STYLES)
def test_films_of_any_usual_style_are_read(options) -> None:
    frame = encode(**options)
    assert measure(frame) == (420, 300, 1, 8)
    assert not asks_too_much(frame)
    data = make_dicom(GRAY, uid.JPEG2000, PixelData=encaps.encapsulate([frame]))
    assert np.abs(decode_film(data, "a").pixels.astype(int) - GRAY).mean() < 40


def test_a_tile_that_is_missing_is_found() -> None:
    frame = encode(tile_size=(128, 128))
    last = frame.rfind(b"\xff\x90\x00\x0a")
    data = make_dicom(GRAY, uid.JPEG2000, PixelData=encaps.encapsulate([frame[:last] + b"\xff\xd9"]))
    with pytest.raises(InputError, match="damaged"):
        decode_film(data, "a")


def test_blocks_and_precincts_are_counted() -> None:
    """By hand: one level of 64 x 64 blocks, then precincts of 16 x 16 on two."""
    assert _blocks(bytes([0, 4, 4, 0, 0]), 0, False, 640, 320) == 1 + 10 * 5
    assert _blocks(bytes([1, 4, 4, 0, 0, 0x44, 0x44]), 0, True, 64, 64) == (4 + 4) + (16 + 3 * 16)
    assert _blocks(bytes([5, 4, 4, 0, 0]), 0, False, 7071, 7071) < MAX_BLOCKS / 10
    assert _blocks(bytes([5, 0, 0, 0, 0]), 0, False, 7071, 7071) > MAX_BLOCKS


@pytest.mark.parametrize("kept", range(7, 110, 7))
def test_a_header_that_is_cut_off_or_broken_is_an_error(kept) -> None:
    frame = encode()
    for broken in (frame[:kept], frame[:kept] + b"\xff" * 60, frame[:kept] + bytes(200)):
        data = make_dicom(GRAY, uid.JPEG2000, PixelData=encaps.encapsulate([broken]))
        with pytest.raises(InputError):
            decode_film(data, "a")
