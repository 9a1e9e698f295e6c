"""Return freed memory to the operating system (malloc_trim).

glibc keeps what is freed in pieces of less than 32 MB, such as Pillow's, for each thread apart: a server that judged a
few films of the largest size held 230 MB that nobody used.
"""

import ctypes

LARGE = 10_000_000  # pixels; below, keeping freed memory costs less than the 2 ms of a trim


def trim_after(pixels: int) -> None:
    """Trim after a film of that many pixels was decoded; does nothing for small films."""
    if pixels >= LARGE:
        trim()


def trim() -> None:
    """Return freed memory to the operating system; does nothing where there is no glibc."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, TypeError):  # another C library; Windows
        return
