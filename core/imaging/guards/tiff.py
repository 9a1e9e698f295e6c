"""What must be known of a TIFF before Pillow reads it: Pillow makes an object of each number that its tags count."""

import struct
from collections.abc import Iterator

from PIL import Image

from core.imaging.guards.jpeg import has_end, has_gaps, has_long_header, has_many_scans

MAX_STRIPS = 65_536  # one for each row of the highest film, and some
MAX_NUMBERS = 3 * 65_536  # of any other tag: a palette of 16 bits
PACKINGS = ("raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "jpeg")

_MAGICS = {b"II*\0": "<", b"MM\0*": ">", b"II+\0": "<", b"MM\0+": ">"}
_TEXTS = (1, 2, 7)  # bytes, letters and what is not said, which Pillow keeps as they are
_PLACES, _LENGTHS, _TABLES = (273, 324), (279, 325), 347
_TILE_WIDTH, _TILE_HEIGHT, _ROWS = 322, 323, 278


def counts_too_much(data: bytes) -> bool:
    """Whether tags of a TIFF's first list count more numbers or strips than those of any film; False if not a TIFF.

    Costs a microsecond for each tag; there are at most 65,535.
    """
    order = _MAGICS.get(data[:4])
    if order is None:
        return False
    wide = b"+" in data[2:4]  # BigTIFF, whose numbers have 64 bits
    try:
        (start,) = struct.unpack_from(order + ("Q" if wide else "I"), data, 8 if wide else 4)
        (length,) = struct.unpack_from(order + ("Q" if wide else "H"), data, start)
        place, size = start + (8 if wide else 2), 20 if wide else 12
        for _ in range(min(length, 65_535)):
            tag, kind, count = struct.unpack_from(order + ("HHQ" if wide else "HHI"), data, place)
            strips = tag in (*_PLACES, *_LENGTHS)
            if kind not in _TEXTS and count > (MAX_STRIPS if strips else MAX_NUMBERS):
                return True
            place += size
    except (struct.error, OverflowError):  # cut off, which Pillow notices
        return False
    return False


def tile_pixels(image: Image.Image) -> int:
    """Pixels of a tile, which libtiff sets aside whole for however small a picture; 0 without tiles."""
    tags = getattr(image, "tag_v2", {})
    return int(tags.get(_TILE_WIDTH, 0)) * int(tags.get(_TILE_HEIGHT, 0))


def lacks_pixels(image: Image.Image, data: bytes) -> bool:
    """Whether strips or tiles that are JPEG are smaller than they should be, end early or make too many passes.

    libtiff shows all of them.

    Parameters
    ----------
    image : PIL.TiffImagePlugin.TiffImageFile
        Opened, not loaded, packed as JPEG.
    data : bytes
        The file.
    """
    return any(
        has_long_header(piece)
        or has_many_scans(piece, width * height)
        or not has_end(piece)
        or has_gaps(piece, width, height)
        for piece, width, height in _pieces(image, data)
    )


def _pieces(image: Image.Image, data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Each strip or tile as a JPEG of its own, with the width and height that it should have."""
    tags = getattr(image, "tag_v2", {})
    width, height = int(tags[256]), int(tags[257])
    tiled = _TILE_WIDTH in tags
    across = int(tags[_TILE_WIDTH]) if tiled else width
    down = int(tags[_TILE_HEIGHT]) if tiled else min(int(tags.get(_ROWS, height)), height)
    tables = bytes(tags.get(_TABLES, b""))
    columns, rows = -(-width // across), -(-height // down)
    places, lengths = (tags[pair[1 if tiled else 0]] for pair in (_PLACES, _LENGTHS))
    if not columns * rows <= len(places) == len(lengths):
        raise ValueError("strips are missing")
    for number, (place, length) in enumerate(zip(places, lengths, strict=True)):
        piece = data[place : place + length]
        if tables:
            piece = tables[: tables.rfind(b"\xff\xd9")] + piece[2:]
        last = number % rows == rows - 1 and not tiled
        yield piece, across, height - down * (rows - 1) if last else down
