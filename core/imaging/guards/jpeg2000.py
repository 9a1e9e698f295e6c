"""What a JPEG 2000 codestream asks of its decoder (ISO 15444-1 annex A).

OpenJPEG sets aside a structure for each tile, precinct and code block before it reads any of them: a header of a
hundred bytes can cost gigabytes and minutes.
"""

from collections.abc import Iterator

START = b"\xff\x4f\xff\x51"
MAX_TILES = 4096  # of 110 x 110 pixels in the largest film; most files are one tile
MAX_PARTS = 4 * MAX_TILES
MAX_BLOCKS = 250_000  # and precincts; the largest film in blocks of 64 x 64 pixels has 16,000, of 32 x 32 65,000
MAX_LAYERS = 64

_COD, _COC, _SOT, _SOD = 0x52, 0x53, 0x90, 0x93


def measure(frame: bytes) -> tuple[int, int, int, int]:
    """Width, height, components and bits, from the SIZ marker; raises ValueError where it is cut off."""
    width, height = _number(frame, 8, 4) - _number(frame, 16, 4), _number(frame, 12, 4) - _number(frame, 20, 4)
    return width, height, _number(frame, 40, 2), (_number(frame, 42, 1) & 0x7F) + 1


def asks_too_much(frame: bytes) -> bool:
    """Whether tiles, layers, precincts or code blocks are more than those of any film.

    Parameters
    ----------
    frame : bytes
        Starting with `START`.

    Raises
    ------
    ValueError, ZeroDivisionError
        The header is damaged, or a tile has no part: the decoder would leave it black.
    """
    width, height, components, _ = measure(frame)
    across, down = _number(frame, 24, 4), _number(frame, 28, 4)
    tiles = -(-(_number(frame, 8, 4) - _number(frame, 32, 4)) // across)
    tiles *= -(-(_number(frame, 12, 4) - _number(frame, 36, 4)) // down)
    if tiles > MAX_TILES:
        return True
    seen = set()
    for marker, place, tile in _segments(frame):
        seen.add(tile)
        if marker == _COD and _number(frame, place + 1, 2) > MAX_LAYERS:
            return True
        if marker in (_COD, _COC):
            style = place + (5 if marker == _COD else 2 if components < 257 else 3)
            stated = bool(_number(frame, place if marker == _COD else style - 1, 1) & 1)
            blocks = _blocks(frame, style, stated, min(across, width), min(down, height))
            if tiles * components * blocks > MAX_BLOCKS:
                return True
    if len(seen - {-1}) < tiles:
        raise ValueError("tiles are missing")
    return False


def _segments(frame: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, place after its length, and tile (-1 before the first) of all segments of the headers."""
    place, tile, end = 2, -1, 0
    for _ in range(16 * MAX_PARTS):
        if place + 4 > len(frame) or frame[place] != 0xFF:
            return
        marker, length = frame[place + 1], _number(frame, place + 2, 2)
        if marker == _SOT:
            tile, size = _number(frame, place + 4, 2), _number(frame, place + 6, 4)
            end = place + size if size else len(frame)
        yield marker, place + 4, tile
        place = place + 2 + max(length, 2)
        if frame[place : place + 2] == bytes((0xFF, _SOD)):
            if end <= place:
                raise ValueError("part of a tile without a length")
            place = end
    raise ValueError("segments without end")


def _blocks(frame: bytes, style: int, stated: bool, width: int, height: int) -> int:
    """Precincts and code blocks of one component of a tile, of all its levels."""
    levels, wide, high = _number(frame, style, 1), _number(frame, style + 1, 1) + 2, _number(frame, style + 2, 1) + 2
    if levels > 32 or wide + high > 12:
        raise ValueError("code blocks")
    count = 0
    for resolution in range(levels + 1):
        sizes = _number(frame, style + 5 + resolution, 1) if stated else 0xFF
        across, down = sizes & 15, sizes >> 4
        columns, rows = _halved(width, levels - resolution), _halved(height, levels - resolution)
        count += _halved(columns, across) * _halved(rows, down)
        band = int(resolution > 0)  # above the lowest level there are three bands, of half its size
        inner = min(wide, max(across - band, 0)), min(high, max(down - band, 0))
        count += (1 + 2 * band) * _halved(columns, band + inner[0]) * _halved(rows, band + inner[1])
    return count


def _halved(size: int, times: int) -> int:
    """Halve a number, rounded up."""
    return -(-size >> times)


def _number(frame: bytes, place: int, size: int) -> int:
    if place + size > len(frame):
        raise ValueError("codestream cut off")
    return int.from_bytes(frame[place : place + size], "big")
