"""TIFF, WebP and BMP files that claim, hide or repeat too much, or whose parts are broken."""

import struct
import zlib
from functools import cache

import numpy as np
from PIL import Image

from tests.hostile.parts import (
    DEEP,
    GRAY,
    Kind,
    bmp,
    encode,
    even_jpeg,
    exif,
    extended,
    jpeg,
    riff,
    segment,
    tiff,
    webp_chunks,
    zeros,
)

SIDE = 7000  # px, 49 megapixels: just allowed
RUBBISH = np.random.default_rng(7).bytes(900_000)
ROWS = GRAY.tobytes()
FLOAT = GRAY.astype(np.float32)


def real(value: float) -> bytes:
    pixels = FLOAT.copy()
    pixels[5, 5] = value
    return encode(pixels, "TIFF")


def strip(packed: bytes, method: int, **options: object) -> bytes:
    tags = {259: (3, 1, method), **options.pop("tags", {})}
    return tiff(data=packed, tags=tags, **options)


def deflated(
    count: int, *, side: int = SIDE, bits: int = 8, samples: int = 1, kind: int = 1, rubbish: int = 0
) -> bytes:
    """A strip of that many zeros under the largest size that is allowed."""
    tags = {258: (3, 1, bits), 277: (3, 1, samples), 262: (3, 1, 2 if samples > 1 else 1), 339: (3, 1, kind)}
    if samples == 3:
        tags[258] = (3, 3, 8)  # the place is filled in below
    data = zeros(count)
    if samples == 3:
        place = 8 + len(data) + len(data) % 2
        data += bytes(len(data) % 2) + struct.pack("<HHH", bits, bits, bits)
        tags[258] = (3, 3, place)
    return strip(data, 8, width=side, height=side, tags=tags, tail=np.random.default_rng(3).bytes(rubbish))


def tiled(width: int, height: int, packing: int = 8) -> bytes:
    tags = {259: (3, 1, packing), 322: (4, 1, width), 323: (4, 1, height), 324: (4, 1, 8), 325: (4, 1, 900)}
    return tiff(without=(273, 278, 279), tags=tags)


def pages(count: int) -> bytes:
    return encode(GRAY, "TIFF", save_all=True, append_images=[Image.fromarray(GRAY)] * (count - 1))


def big(width: int, height: int) -> bytes:
    """A BigTIFF, whose numbers have 64 bits."""
    entries = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 16, 277: 1, 278: height, 279: 64}
    packed = b"".join(struct.pack("<HHQQ", tag, 16, 1, value) for tag, value in entries.items())
    return b"II+\0\x08\0\0\0" + struct.pack("<Q", 16 + 64) + bytes(64) + struct.pack("<Q", 9) + packed + bytes(8)


def offsets(count: int) -> bytes:
    """A TIFF whose pixels lie in that many strips of a row, all at the same place."""
    places = struct.pack("<I", 8) * count
    return tiff(tags={273: (4, count, 8 + 64), 278: (4, 1, 1), 279: (4, count, 8 + 64)}, data=bytes(64) + places)


def lzw_zeros(count: int) -> bytes:
    with_lzw = encode(Image.new("L", (SIDE, SIDE)), "TIFF", compression="tiff_lzw")
    return with_lzw[: len(with_lzw) // count] if count > 1 else with_lzw


TIFF = {
    "header alone": (lambda: b"II*\0", ""),
    "big-endian header alone": (lambda: b"MM\0*\0\0\0\x08", ""),
    "list beyond the end": (lambda: b"II*\0\xff\xff\xff\x7f" + bytes(200), ""),
    "list of nothing": (lambda: b"II*\0\x08\0\0\0\0\0\0\0\0\0", ""),
    "list of 65,535 tags that are not there": (lambda: b"II*\0\x08\0\0\0\xff\xff" + bytes(300), ""),
    "gigantic": (lambda: tiff(2**31 - 1, 2**31 - 1), ""),
    "gigantic in 64 bits": (lambda: big(2**40, 2**40), ""),
    "65535 x 65535 in 64 bits": (lambda: big(65535, 65535), "megapixels"),
    "a little too large": (lambda: tiff(7100, 7100), "megapixels"),
    "no size": (lambda: tiff(0, 0), ""),
    "size missing": (lambda: tiff(without=(256,)), ""),
    "31 pixels": (lambda: tiff(31, 31), "too small"),
    "larger than its data": (lambda: tiff(5000, 5000), ""),
    "strips missing": (lambda: tiff(without=(273, 279)), ""),
    "strip beyond the end": (lambda: tiff(tags={273: (4, 1, 2**32 - 2)}), ""),
    "strip longer than the file": (
        lambda: strip(zlib.compress(ROWS)[:900], 8, tags={279: (4, 1, 2**31)}),
        "",
    ),
    "strip of no rows": (lambda: tiff(tags={278: (4, 1, 0)}), "damaged"),
    "6 million strips": (lambda: offsets(6_000_000), "lists more"),
    "300,000 strips": (lambda: offsets(300_000), "lists more"),
    "tile of a gigantic size": (lambda: tiled(2**15, 2**15), "tiles"),
    "tile that overflows": (lambda: tiled(2**31, 2**31, packing=5), ""),
    "tile as large as any film": (lambda: tiled(7056, 7056), ""),
    "tile of no width": (lambda: tiled(0, 0), ""),
    "6 million bits of a sample": (lambda: tiff(tags={258: (3, 6_000_000, 8)}, data=bytes(12_000_000)), "lists more"),
    "3 million resolutions": (lambda: tiff(tags={282: (5, 3_000_000, 8)}, data=bytes(24_000_000)), "lists more"),
    "palette of 12 million": (lambda: tiff(tags={320: (3, 12_000_000, 8)}, data=bytes(24_000_000)), "lists more"),
    "count of 4 billion": (lambda: tiff(tags={282: (5, 2**32 - 1, 8)}), "lists more"),
    "no samples": (lambda: tiff(tags={277: (3, 1, 0)}), ""),
    "60,000 samples": (lambda: tiff(tags={277: (3, 1, 60_000)}), ""),
    "0 bits": (lambda: tiff(tags={258: (3, 1, 0)}), ""),
    "3 bits": (lambda: tiff(tags={258: (3, 1, 3)}), ""),
    "64 bits": (lambda: tiff(tags={258: (3, 1, 64), 339: (3, 1, 3)}), ""),
    "complex numbers": (lambda: tiff(tags={258: (3, 1, 64), 339: (3, 1, 6)}), ""),
    "colours of kind 99": (lambda: tiff(tags={262: (3, 1, 99)}), ""),
    "palette missing": (lambda: tiff(tags={262: (3, 1, 3)}), ""),
    "palette of three": (lambda: tiff(tags={262: (3, 1, 3), 320: (3, 3, 8)}, data=GRAY.tobytes()), ""),
    "packed by method 0": (lambda: strip(bytes(300), 0), ""),
    "packed by method 9": (lambda: strip(bytes(300), 9), ""),
    "packed as old JPEG": (lambda: strip(jpeg(), 6), ""),
    "packed as JPEG of another size": (lambda: strip(jpeg(), 7, width=640, height=480), ""),
    "packed as JPEG of 99 scans": (
        lambda: strip(even_jpeg(SIDE, SIDE, kind=0xC2, scans=97), 7, width=SIDE, height=SIDE, tail=RUBBISH),
        "pixels are missing",
    ),
    "packed as JPEG of a long header": (
        lambda: strip(b"\xff\xd8" + segment(0xDB, (b"\0" + b"\1" * 64) * 1008) * 300 + jpeg()[2:], 7),
        "pixels are missing",
    ),
    "packed as JPEG, broken": (lambda: strip(jpeg()[:400] + bytes(300), 7), ""),
    "packed by LZMA": (lambda: strip(b"\xfd7zXZ\0" + bytes(300), 34925), ""),
    "packed by Zstandard": (lambda: strip(b"\x28\xb5\x2f\xfd" + bytes(300), 50000), ""),
    "packed as WebP": (lambda: strip(encode(GRAY, "WEBP"), 50001), ""),
    "packed by LZW, broken": (lambda: strip(b"\x80\xff\xff\xff" + bytes(30), 5), ""),
    "packed by LZW, cut off": (lambda: lzw_zeros(2), ""),
    "packed by Deflate, broken": (lambda: strip(zlib.compress(ROWS)[:100] + bytes(300), 8), ""),
    "packed by run lengths, broken": (lambda: strip(b"\x7f" * 30, 32773), ""),
    "packed as fax, broken": (lambda: strip(b"\xff" * 300, 4, tags={258: (3, 1, 1)}), ""),
    "packed as fax of group 3, broken": (lambda: strip(b"\xa5" * 300, 3, tags={258: (3, 1, 1)}), ""),
    "packed as a photometric logarithm": (lambda: strip(bytes(300), 34676, tags={262: (3, 1, 32844)}), ""),
    "predictor of kind 3 on whole numbers": (
        lambda: strip(zlib.compress(ROWS), 8, tags={317: (3, 1, 3)}),
        "",
    ),
    "predictor of kind 9": (lambda: strip(zlib.compress(ROWS), 8, tags={317: (3, 1, 9)}), ""),
    "bomb of 8 bits": (lambda: deflated(SIDE * SIDE), "hardly any bytes"),
    "bomb of 16 bits": (lambda: deflated(2 * SIDE * SIDE, bits=16), "hardly any bytes"),
    "bomb of 32 bits": (lambda: deflated(4 * SIDE * SIDE, bits=32, kind=2), "hardly any bytes|unpacks"),
    "bomb of numbers": (lambda: deflated(4 * SIDE * SIDE, bits=32, kind=3), "hardly any bytes|unpacks"),
    "bomb of numbers, padded": (lambda: deflated(4 * SIDE * SIDE, bits=32, kind=3, rubbish=3_000_000), "unpacks"),
    "bomb of deep colours": (lambda: deflated(6 * SIDE * SIDE, bits=16, samples=3), "hardly any bytes|unpacks"),
    "bomb of deep colours, padded": (
        lambda: deflated(6 * SIDE * SIDE, bits=16, samples=3, rubbish=3_000_000),
        "unpacks",
    ),
    "bomb of fax": (lambda: encode(Image.new("1", (SIDE, SIDE)), "TIFF", compression="group4"), "hardly any bytes"),
    "not a number": (lambda: real(np.nan), "damaged"),
    "infinite": (lambda: real(np.inf), "damaged"),
    "minus infinite": (lambda: real(-np.inf), "damaged"),
    "nothing but not-a-number": (lambda: encode(np.full_like(FLOAT, np.nan), "TIFF"), "damaged"),
    "whole numbers of 32 bits": (lambda: encode(GRAY.astype(np.int32) << 16, "TIFF"), "damaged"),
    "numbers below zero": (lambda: encode(GRAY.astype(np.int32) - 90, "TIFF"), "damaged"),
    "two pages": (lambda: pages(2), "several pictures"),
    "100 pages": (lambda: pages(100), "several pictures"),
    "deep and cut off": (lambda: encode(DEEP, "TIFF", compression="tiff_lzw")[:600], ""),
}


def frames(count: int, kind: str = "WEBP") -> bytes:
    rolled = [Image.fromarray(np.roll(GRAY, 9 * i, axis=1)).convert("RGB") for i in range(count)]
    return encode(rolled[0], kind, save_all=True, append_images=rolled[1:])


def lossless() -> bytes:
    return encode(GRAY, "WEBP", lossless=True)


def in_canvas(width: int, height: int, flags: int = 0, *more: tuple[bytes, bytes]) -> bytes:
    return riff(extended(width, height, flags), *webp_chunks(lossless()), *more)


@cache
def bomb(mode: str, side: int = SIDE) -> bytes:
    return encode(Image.new(mode, (side, side)), "WEBP", lossless=True, quality=0, method=0)


WEBP = {
    "header alone": (lambda: b"RIFF\0\0\0\0WEBPVP8 ", ""),
    "no picture": (lambda: riff(extended(64, 48)), ""),
    "gigantic, lossy": (lambda: riff((b"VP8 ", b"\x10\0\0\x9d\x01\x2a\xff\x3f\xff\x3f" + bytes(90))), ""),
    "gigantic, lossless": (lambda: riff((b"VP8L", b"\x2f\xff\xff\xff\x0f" + bytes(90))), ""),
    "gigantic canvas": (lambda: in_canvas(2**24, 2**24), ""),
    "canvas of 16 megapixels a side": (lambda: in_canvas(2**24, 255), ""),
    "canvas unlike its picture": (lambda: in_canvas(640, 480), ""),
    "no size": (lambda: riff((b"VP8 ", b"\x10\0\0\x9d\x01\x2a\0\0\0\0" + bytes(90))), ""),
    "bomb": (lambda: bomb("RGB"), "hardly any bytes"),
    "bomb of transparency": (lambda: bomb("RGBA"), "unpacks to more"),
    "animated": (lambda: frames(3), "several pictures"),
    "animated, a thousand frames": (lambda: _many_frames(), ""),
    "animated, cut off": (lambda: frames(3)[:-300], ""),
    "frame out of its canvas": (lambda: frames(3).replace(b"ANMF", b"ANMF", 1)[:50] + b"\xff" * 6 + frames(3)[56:], ""),
    "codes broken": (lambda: lossless()[:60] + b"\xff" * 200 + lossless()[260:], ""),
    "lossy codes broken": (lambda: encode(GRAY, "WEBP")[:30] + b"\xff" * 200, ""),
    "length of 4 GB": (lambda: riff((b"VP8L", b""), size=2**32 - 1)[:20] + lossless()[20:], ""),
    "piece of 4 GB": (lambda: lossless()[:16] + b"\xff\xff\xff\xff" + lossless()[20:], ""),
    "filled up with zeros": (lambda: lossless()[: len(lossless()) // 2] + bytes(900), ""),
    "EXIF of tags that all point at the same bytes": (
        lambda: in_canvas(
            64,
            48,
            8,
            (b"EXIF", exif(*[(tag, 7, 9_000_000, 8) for tag in range(1, 60_000)], tail=b"\1" * 9_000_000)[6:]),
        ),
        "EXIF",
    ),
    "AVI": (lambda: riff((b"LIST", b"hdrlavih" + bytes(80)), kind=b"AVI "), "not a picture"),
    "sound": (lambda: riff((b"fmt ", bytes(16)), (b"data", bytes(900)), kind=b"WAVE"), "not a picture"),
    "cursor": (lambda: riff((b"anih", bytes(36)), kind=b"ACON"), "not a picture"),
}


def _many_frames() -> bytes:
    picture = webp_chunks(lossless())[0]
    inner = picture[0] + struct.pack("<I", len(picture[1])) + picture[1] + bytes(len(picture[1]) % 2)
    frame = (b"ANMF", bytes(6) + (63).to_bytes(3, "little") + (47).to_bytes(3, "little") + bytes(4) + inner)
    return riff(extended(64, 48, 2), (b"ANIM", bytes(6)), *[frame] * 1000)


ABSOLUTE = b"\0\2\1\2"  # a run of none, then two pixels as they are
BMP = {
    "two letters": (lambda: b"BM", ""),
    "words that start so": (lambda: b"BMI and other words\n" * 9, ""),
    "header alone": (lambda: bmp()[:54], ""),
    "header of 1,000 bytes": (lambda: bmp(header=1000), ""),
    "header of 12 bytes": (lambda: bmp(header=12), ""),
    "header of no bytes": (lambda: bmp(header=0), ""),
    "gigantic": (lambda: bmp(2**31 - 1, 2**31 - 1), ""),
    "gigantic and upside down": (lambda: bmp(60_000, -60_000), "megapixels"),
    "of a width below zero": (lambda: bmp(-64, 48), ""),
    "a little too large": (lambda: bmp(7100, 7100, bits=1), "megapixels"),
    "no size": (lambda: bmp(0, 0), ""),
    "31 pixels": (lambda: bmp(31, 31), "too small"),
    "larger than its data": (lambda: bmp(5000, 5000), ""),
    "7 bits": (lambda: bmp(bits=7), ""),
    "64 bits": (lambda: bmp(bits=64), ""),
    "pixels beyond the end": (lambda: bmp(offset=2**31), ""),
    "palette of 4 billion": (lambda: bmp(colours=2**32 - 1), ""),
    "masks that are none": (lambda: bmp(bits=16, compression=3), ""),
    "JPEG inside": (lambda: bmp(compression=4, data=jpeg()), ""),
    "PNG inside": (lambda: bmp(compression=5, data=encode(GRAY, "PNG")), ""),
    "packed in an unknown way": (lambda: bmp(compression=11), ""),
    "run lengths": (lambda: bmp(compression=1, data=b"\x40\7" * 48 + b"\0\1"), "run lengths"),
    "run lengths of 4 bits": (lambda: bmp(bits=4, compression=2, data=b"\x40\x77" * 48 + b"\0\1"), "run lengths"),
    "run lengths, cut off": (lambda: bmp(compression=1, data=b"\x40\7" * 9), "run lengths"),
    "run lengths that skip rows": (
        lambda: bmp(1500, 330, compression=1, data=b"\0\2\xff\xff" * 90),
        "run lengths",
    ),
    "run lengths of two pixels": (lambda: bmp(7000, 7000, compression=1, data=ABSOLUTE * 6_000_000), "run lengths"),
    "icon": (lambda: encode(GRAY, "ICO"), "not a picture"),
}


def kinds() -> dict[str, Kind]:
    found = {}
    for group, suffix, members in (("TIFF", "tif", TIFF), ("WebP", "webp", WEBP), ("BMP", "bmp", BMP)):
        for name, (make, reason) in members.items():
            found[f"{group}: {name}"] = Kind(make=make, file=f"film.{suffix}", reason=reason)
    return found
