"""DICOM files whose compressed pixels lie, lead on without end or unpack to too much."""

import io
import struct
import zlib

import numpy as np
from PIL import Image
from pydicom import uid

from tests.hostile.dicoms import (
    END,
    HEAD_OF_FILM,
    ITEM,
    SIDE,
    UNDEFINED,
    deflated,
    described,
    element,
    fragments,
    packed,
    pixels,
    start,
)
from tests.hostile.parts import DEEP, GRAY, SCRIPT, Kind, even_jpeg, frame, one_code, scan, segment
from tests.support.dicom_files import compress, make_dicom


def codestream(syntax: str) -> bytes:
    return compress(GRAY, syntax, 8)


def broken(syntax: str, share: float = 0.6) -> bytes:
    """Bytes of the codestream overwritten by ones."""
    data = codestream(syntax)
    place = int(share * len(data))
    return packed(syntax, data[:place] + b"\xff" * 40 + data[place + 40 :])


def other_size(syntax: str) -> bytes:
    return packed(syntax, compress(np.zeros((480, 640), np.uint8), syntax, 8))


def rle(*segments: bytes, count: int | None = None) -> bytes:
    places = np.cumsum([64, *[len(part) for part in segments]])[:-1]
    table = [len(segments) if count is None else count, *places, *[0] * 15][:16]
    return struct.pack("<16I", *[int(word) for word in table]) + b"".join(segments)


def jpeg_2000(**words: int) -> bytes:
    """A lossless codestream whose size marker says something else; words by their place in it."""
    data = bytearray(codestream(uid.JPEG2000Lossless))
    for place, value in words.items():
        struct.pack_into(">I", data, int(place[1:]), value)
    return bytes(data)


def jpeg_2000_coded(side: int, *, blocks: bool = False, precincts: int | None = None, layers: int = 1) -> bytes:
    """Nothing at that size, whose coding style asks for tiny blocks, tiny precincts or many layers."""
    data = compress(np.zeros((side, side), np.uint8), uid.JPEG2000Lossless, 8)
    place = data.index(b"\xff\x52")
    length = int.from_bytes(data[place + 2 : place + 4], "big")
    style = bytearray(data[place : place + 2 + length])
    struct.pack_into(">H", style, 6, layers)
    if blocks:
        style[10:12] = b"\0\0"  # of 4 x 4 pixels
    if precincts is not None:
        style[4] |= 1
        style += bytes([precincts | precincts << 4] * (style[9] + 1))
        struct.pack_into(">H", style, 2, len(style) - 2)
    return data[:place] + bytes(style) + data[place + 2 + length :]


def lossless_jpeg(side: int, bits: int = 8) -> bytes:
    """A bit for each pixel."""
    head = b"\xff\xd8" + frame(side, side, kind=0xC3, precision=bits) + one_code(0, 0) + scan(first=1, last=0)
    return head + bytes(-(-side * side // 8)) + b"\xff\xd9"


STREAMS = {
    "no fragments": (lambda: start(b"1.2.840.10008.1.2.4.90") + described() + pixels(b"", UNDEFINED), ""),
    "compressed without fragments": (lambda: start(b"1.2.840.10008.1.2.4.90") + described() + pixels(bytes(900)), ""),
    "fragment longer than the file": (
        lambda: (
            start(b"1.2.840.10008.1.2.4.90")
            + described()
            + pixels(ITEM + bytes(4) + ITEM + b"\0\0\0\x7f" + END, UNDEFINED)
        ),
        "",
    ),
    "2 million fragments": (
        lambda: start(b"1.2.840.10008.1.2.4.90") + described() + fragments(*[b""] * 2_000_000),
        "",
    ),
    "table of 6 million offsets": (
        lambda: start(b"1.2.840.10008.1.2.4.90") + described() + fragments(bytes(90), table=bytes(24_000_000)),
        "",
    ),
    "text as a codestream": (lambda: packed(uid.JPEG2000Lossless, b"no codestream" * 9), "damaged"),
    "SVG as a codestream": (lambda: packed(uid.JPEGBaseline8Bit, b"<svg>" + SCRIPT + b"</svg>"), "damaged"),
    **{
        f"{syntax.name}: of another size": ((lambda syntax=syntax: other_size(syntax)), "not of the size")
        for syntax in (uid.JPEGBaseline8Bit, uid.JPEGLosslessSV1, uid.JPEGLSLossless, uid.JPEG2000Lossless)
    },
    **{
        f"{syntax.name}: broken": ((lambda syntax=syntax: broken(syntax)), "")
        for syntax in (uid.JPEGBaseline8Bit, uid.JPEGLosslessSV1, uid.JPEGLSLossless)
    },
    "JPEG said to be JPEG 2000": (lambda: packed(uid.JPEG2000Lossless, codestream(uid.JPEGBaseline8Bit)), ""),
    "JPEG padded without end": (lambda: packed(uid.JPEGBaseline8Bit, b"\xff\xd8" + b"\xff" * 20_000_000), ""),
    "JPEG of comments without end": (
        lambda: packed(uid.JPEGBaseline8Bit, b"\xff\xd8" + segment(0xFE, b"") * 5_000_000 + b"\xff\xd9"),
        "",
    ),
    "JPEG of quantisation tables without end": (
        lambda: packed(
            uid.JPEGBaseline8Bit,
            b"\xff\xd8" + segment(0xDB, (b"\0" + b"\1" * 64) * 1008) * 300 + codestream(uid.JPEGBaseline8Bit)[2:],
        ),
        "damaged",
    ),
    "JPEG of 2,000 scans": (
        lambda: packed(uid.JPEGBaseline8Bit, even_jpeg(1000, 1000, kind=0xC2, scans=2000), 1000, 1000),
        "scans|damaged",
    ),
    "JPEG of 100 scans at the largest size": (
        lambda: packed(uid.JPEGBaseline8Bit, even_jpeg(SIDE, SIDE, kind=0xC2, scans=97), SIDE, SIDE),
        "",
    ),
    "JPEG bomb": (lambda: packed(uid.JPEGBaseline8Bit, even_jpeg(SIDE, SIDE), SIDE, SIDE), "hardly any bytes"),
    "lossless JPEG of the largest size, half of it": (
        lambda: packed(uid.JPEGLosslessSV1, lossless_jpeg(SIDE)[: SIDE * SIDE // 16] + b"\xff\xd9", SIDE, SIDE),
        "damaged",
    ),
    "lossless JPEG of no end": (lambda: packed(uid.JPEGLosslessSV1, lossless_jpeg(SIDE)[:-9], SIDE, SIDE), "cut off"),
    "JPEG 2000 bomb of one tile": (
        lambda: packed(uid.JPEG2000Lossless, jpeg_2000(_8=SIDE, _12=SIDE, _24=SIDE, _28=SIDE), SIDE, SIDE),
        "",
    ),
    "JPEG 2000 bomb of tiles": (
        lambda: packed(uid.JPEG2000Lossless, jpeg_2000(_8=SIDE, _12=SIDE, _24=64, _28=64), SIDE, SIDE),
        "hardly any bytes",
    ),
    "JPEG 2000 of tiles that are missing": (
        lambda: packed(uid.JPEG2000Lossless, jpeg_2000(_8=640, _12=480, _24=64, _28=64), 480, 640),
        "cut off",
    ),
    "JPEG 2000 bomb of tiny tiles": (
        lambda: packed(uid.JPEG2000Lossless, jpeg_2000(_8=SIDE, _12=SIDE, _24=1, _28=1), SIDE, SIDE),
        "",
    ),
    "JPEG 2000 of tiny code blocks": (
        lambda: packed(uid.JPEG2000Lossless, jpeg_2000_coded(3000, blocks=True), 3000, 3000, rubbish=900_000),
        "damaged",
    ),
    "JPEG 2000 of tiny precincts": (
        lambda: packed(uid.JPEG2000Lossless, jpeg_2000_coded(3000, precincts=1), 3000, 3000, rubbish=900_000),
        "damaged",
    ),
    "JPEG 2000 of precincts of one pixel": (
        lambda: packed(uid.JPEG2000Lossless, jpeg_2000_coded(3000, precincts=0), 3000, 3000, rubbish=900_000),
        "damaged",
    ),
    "JPEG 2000 of 65,535 layers": (
        lambda: packed(uid.JPEG2000Lossless, jpeg_2000_coded(3000, layers=65_535), 3000, 3000, rubbish=900_000),
        "damaged",
    ),
    "JPEG 2000 of a gigantic size": (
        lambda: packed(uid.JPEG2000Lossless, jpeg_2000(_8=2**31, _12=2**31, _24=2**31, _28=2**31)),
        "not of the size",
    ),
    "JPEG 2000 that begins beyond itself": (lambda: packed(uid.JPEG2000Lossless, jpeg_2000(_16=2**31)), ""),
    "JPEG 2000 without tiles": (lambda: packed(uid.JPEG2000Lossless, jpeg_2000(_24=0, _28=0)), ""),
    "JPEG-LS bomb": (
        lambda: packed(
            uid.JPEGLSLossless, compress(np.zeros((SIDE, SIDE), np.uint8), uid.JPEGLSLossless, 8), SIDE, SIDE
        ),
        "hardly any bytes",
    ),
    "RLE of no segments": (lambda: packed(uid.RLELossless, rle(count=0)), ""),
    "RLE of 4 billion segments": (lambda: packed(uid.RLELossless, rle(bytes(90), count=2**32 - 1)), ""),
    "RLE segment beyond the end": (
        lambda: packed(uid.RLELossless, rle(b"")[:4] + b"\xff\xff\xff\x7f" + bytes(900)),
        "",
    ),
    "RLE cut off": (lambda: packed(uid.RLELossless, rle(b"\x81\7" * 9)), ""),
    "RLE of operations that do nothing": (lambda: packed(uid.RLELossless, rle(b"\x80" * 24_000_000)), ""),
    "RLE of single bytes": (lambda: packed(uid.RLELossless, rle(b"\0\7" * 12_000_000), SIDE, SIDE), ""),
    "RLE bomb": (lambda: packed(uid.RLELossless, rle(b"\x81\0" * 90_000), SIDE, SIDE), "hardly any bytes"),
    "deflated zeros": (lambda: deflated(count=110 * 2**20), ""),
    "deflated elements without end": (lambda: deflated(element(0x00080050, b"SH", b"") * 5_000_000), ""),
    "deflated bomb of a film": (lambda: deflated(count=2 * SIDE * SIDE, head=HEAD_OF_FILM), "hardly any bytes"),
    "deflated and cut off": (lambda: make_dicom(DEEP, uid.DeflatedExplicitVRLittleEndian)[:-20], "cut off"),
    "deflated, but not": (lambda: start(b"1.2.840.10008.1.2.1.99") + described() + pixels(GRAY.tobytes()), ""),
    "deflated twice": (lambda: deflated(zlib.compress(described())), ""),
    "progressive JPEG, cut off": (lambda: packed(uid.JPEGBaseline8Bit, _progressive()[:700] + b"\xff\xd9"), "cut off"),
}


def _progressive() -> bytes:
    file = io.BytesIO()
    Image.fromarray(GRAY).save(file, "JPEG", progressive=True)
    return file.getvalue()


def kinds() -> dict[str, Kind]:
    return {f"DICOM: {name}": Kind(make=make, file="film.dcm", reason=why) for name, (make, why) in STREAMS.items()}
