"""Every kind of hostile file, by name; all made by code, none stored.

What is refused, and what is a picture and something else at once: of the latter the picture is shown, and nothing more.
"""

from collections.abc import Callable
from functools import cache

from tests.fuzz.seeds import seeds
from tests.hostile import bitmaps, dicoms, limits, others, pictures, polyglots, streams, zips
from tests.hostile.parts import GRAY, Kind, encode
from tests.support.dicom_files import make_dicom

SHARES = (0.08, 0.5, 0.93)  # where files are cut off, as shares of their length
ENDINGS = {"JPEG": "jpeg", "PNG": "png", "TIFF": "tif", "WebP": "webp", "BMP": "bmp", "DICOM": "dcm"}


all_seeds = cache(seeds)


def _cut(name: str, share: float) -> Callable[[], bytes]:
    def make() -> bytes:
        data = all_seeds()[name]
        return data[: int(share * len(data))]

    return make


def _whole(kind: str) -> Callable[[], bytes]:
    return lambda: make_dicom(GRAY) if kind == "DICOM" else encode(GRAY, kind.upper())


def cut_off() -> dict[str, Kind]:
    """Every format and transfer syntax, cut off at its start, in its middle and near its end."""
    return {
        f"cut off: {name} at {share:.0%}": Kind(make=_cut(name, share), file=name)
        for name in all_seeds()
        for share in SHARES
        if not name.endswith(".zip")
    }


def wrongly_named() -> dict[str, Kind]:
    """Whole films whose name ends as another format does."""
    return {
        f"wrong name: {kind} as .{ending}": Kind(make=_whole(kind), file=f"film.{ending}", reason="unlike its name")
        for kind in ENDINGS
        for other, ending in ENDINGS.items()
        if other != kind
    }


KINDS: dict[str, Kind] = {
    **cut_off(),
    **wrongly_named(),
    **others.kinds(),
    **pictures.kinds(),
    **bitmaps.kinds(),
    **dicoms.kinds(),
    **streams.kinds(),
    **zips.kinds(),
    **limits.kinds(),
    **polyglots.kinds(),
}
SHOWN = [name for name, kind in KINDS.items() if kind.shown is not None]
BLANK = [name for name, kind in KINDS.items() if kind.blank]
REFUSED = [name for name in KINDS if name not in (*SHOWN, *BLANK)]
