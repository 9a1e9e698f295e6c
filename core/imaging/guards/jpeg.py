"""What libjpeg does not insist on: that all of a JPEG is there. It fills up what is missing with gray, and warns.

Pillow does not hand these warnings on. simplejpeg, another wrapper of the same library, does.
"""

from collections.abc import Iterator

from simplejpeg import decode_jpeg, decode_jpeg_header

MAX_SCANS = 100  # each is a pass over all pixels; progressive files of cameras and archives have about 10
MAX_PASSES = 400_000_000  # scans times pixels; one pass takes a second for each 500 million
MAX_SEGMENTS = 2000  # before the first scan; cameras write some ten, and one for each 64 KB of colour profile
MAX_TABLES = 1024**2  # bytes of tables, EXIF and Photoshop's blocks, which Pillow takes apart in Python

_GAPS = ("Corrupt JPEG data", "Premature end")  # libjpeg's other warnings are of headers and cost no pixel


def has_end(data: bytes) -> bool:
    """Whether an end marker follows the last scan, in JPEG of any process; a download that stopped lacks it."""
    end = data.rfind(b"\xff\xd9")
    return end >= 0 and data.find(b"\xff\xda", end) < 0


def has_many_scans(data: bytes, pixels: int) -> bool:
    """Whether a JPEG makes more than 100 passes over its pixels, or fewer if they are many.

    Costs 1 ms for each half megabyte.
    """
    first = max((place + length for _, place, length in header(data)), default=0)  # what is before may hold anything
    return data.count(b"\xff\xda", first) > min(MAX_SCANS, MAX_PASSES // max(pixels, 1))


def header(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, place and length of each segment before the first scan, in JPEG of any process.

    Parameters
    ----------
    data : bytes
        Starting with ``FF D8``. The iteration ends at the first scan, at the end of the data, and at what is no marker.

    Raises
    ------
    ValueError
        More than 2,000 segments and fill bytes.
    """
    place = 2
    for _ in range(MAX_SEGMENTS):
        if data[place : place + 1] != b"\xff" or place + 4 > len(data) or data[place + 1] == 0xDA:
            return
        if data[place + 1] == 0xFF:  # a fill byte
            place += 1
            continue
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        yield data[place + 1], place + 4, length - 2
        place += 2 + max(length, 2)
    raise ValueError("segments without end")


def has_long_header(data: bytes) -> bool:
    """Whether a JPEG has more segments, tables or EXIF before its first scan than any film; False if not a JPEG."""
    if not data.startswith(b"\xff\xd8"):
        return False
    try:
        lengths = [length for marker, place, length in header(data) if _is_taken_apart(marker, place, data)]
    except ValueError:
        return True
    return sum(lengths) > MAX_TABLES


def _is_taken_apart(marker: int, place: int, data: bytes) -> bool:
    tables = marker in (0xC4, 0xDB, 0xED) or 0xC0 <= marker <= 0xCF
    return tables or (marker == 0xE1 and data.startswith(b"Exif", place))


def has_gaps(data: bytes, width: int, height: int) -> bool:
    """Whether pixels would have to be made up: the coded data end early, go on too long, or hold impossible codes.

    What is damaged so that it still decodes to the right number of blocks, such as most single bits, goes unnoticed,
    and so does a progressive file that lacks whole scans: a coarser picture, and a legal one.
    Costs 1 ms for each megapixel.

    Parameters
    ----------
    data : bytes
        JPEG of 8 bits, baseline or progressive, gray or in colours. Others are not looked into: False.
    width, height : int
        As the caller read them, in pixels; a file that libjpeg reads otherwise has gaps.
    """
    try:
        if decode_jpeg_header(data)[:2] != (height, width):
            return True
        decode_jpeg(data, "GRAY", min_height=1, min_width=1)  # at an eighth; raises on warnings
    except ValueError as error:
        return str(error).startswith(_GAPS)
    return False
