"""Memory that a large film took goes back to the system at once.

glibc keeps what is freed in pieces of less than 32 MB, such as Pillow's, for each thread apart: a server that judged a
few films of the largest size held 230 MB that nobody used.
"""

import ctypes

LARGE = 10_000_000  # pixels; below, keeping costs less than the 2 ms of giving back


def give_back(pixels: int) -> None:
    """After a film of that many pixels was decoded; does nothing for small films, and where there is no glibc."""
    if pixels < LARGE:
        return
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, TypeError):  # another C library; Windows
        return
