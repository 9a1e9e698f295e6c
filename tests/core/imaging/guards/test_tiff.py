"""TIFF packed as JPEG, whose gaps libtiff fills up in silence; headers that count too much."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from core.errors import InputError
from core.imaging.decode import decode_film
from core.imaging.guards.tiff import MAX_NUMBERS, MAX_STRIPS, counts_too_much

DRAWN = np.random.default_rng(0).integers(0, 255, (300, 200), dtype=np.uint8)


def packed(mode: str = "L", **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(DRAWN).convert(mode).save(file, "TIFF", compression="jpeg", quality=95, **options)
    return file.getvalue()


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("strip", [{}, {"strip_size": 200 * 64}], ids=["as Pillow likes", "many strips"])
def test_whole_films_are_read(mode, strip) -> None:
    film = decode_film(packed(mode, **strip), "a")
    assert np.abs(film.pixels.astype(int) - DRAWN).mean() < 12


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("put", [bytes(150), b"\xff\xd9" * 75], ids=["zeros", "ends"])
def test_damaged_strips_are_refused(share, put) -> None:
    data = packed()
    place = int(share * len(data))
    with pytest.raises(InputError, match="pixels are missing"):
        decode_film(data[:place] + put + data[place + len(put) :], "a")


def header(tag: int, kind: int, count: int, *, order: str = "<", big: bool = False) -> bytes:
    magic = {"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}H", 43 if big else 42)
    if big:
        return magic + struct.pack(f"{order}HHQQHHQQ", 8, 0, 16, 1, tag, kind, count, 0)
    return magic + struct.pack(f"{order}IHHHII", 8, 1, tag, kind, count, 0)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_counts_are_limited(order, big) -> None:
    options = {"order": order, "big": big}
    assert not counts_too_much(header(273, 4, MAX_STRIPS, **options))
    assert counts_too_much(header(273, 4, MAX_STRIPS + 1, **options))
    assert not counts_too_much(header(320, 3, MAX_NUMBERS, **options))
    assert counts_too_much(header(282, 5, MAX_NUMBERS + 1, **options))
    assert not counts_too_much(header(37724, 7, 10_000_000, **options))  # Photoshop's layers, which are not looked into


@pytest.mark.parametrize("data", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"II+\0" + b"\xff" * 30, b"no TIFF at all"])
def test_what_is_cut_off_is_left_to_the_decoder(data) -> None:
    assert not counts_too_much(data)
