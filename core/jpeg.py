"""What libjpeg does not insist on: that all of a JPEG is there. It fills up what is missing with gray, and warns.

Pillow does not hand these warnings on. simplejpeg, another wrapper of the same library, does.
"""

from simplejpeg import decode_jpeg, decode_jpeg_header

MAX_SCANS = 100  # each is a pass over all pixels; progressive files of cameras and archives have about 10

_GAPS = ("Corrupt JPEG data", "Premature end")  # libjpeg's other warnings are of headers and cost no pixel


def has_end(data: bytes) -> bool:
    """Whether an end marker follows the last scan, in JPEG of any process; a download that stopped lacks it."""
    end = data.rfind(b"\xff\xd9")
    return end >= 0 and data.find(b"\xff\xda", end) < 0


def has_many_scans(data: bytes) -> bool:
    """Whether a JPEG makes more than 100 passes over its pixels; costs 1 ms for each half megabyte."""
    return data.count(b"\xff\xda") > MAX_SCANS


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
