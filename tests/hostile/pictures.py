"""JPEG and PNG files that claim, hide or repeat too much, or whose parts are broken."""

import struct
import zlib

import numpy as np

from tests.hostile.parts import (
    DEEP,
    GRAY,
    Kind,
    chunk,
    encode,
    even_jpeg,
    exif,
    frame,
    jpeg,
    one_code,
    patched,
    png,
    scan,
    segment,
    with_segments,
    zeros,
)

SIDE = 7000  # px, 49 megapixels: just allowed
SOF, SOS, DHT, DQT = b"\xff\xc0", b"\xff\xda", b"\xff\xc4", b"\xff\xdb"
FULL = 65533  # the most bytes that a segment holds


def sized(width: int, height: int) -> bytes:
    return patched(jpeg(), SOF, 5, struct.pack(">HH", height, width))


def noise(side: int, **options: object) -> bytes:
    return encode(np.random.default_rng(1).integers(0, 255, (side, side), dtype=np.uint8), "JPEG", **options)


def without(data: bytes, marker: bytes) -> bytes:
    """All segments of a kind taken out."""
    while (place := data.find(marker)) >= 0:
        data = data[:place] + data[place + 2 + int.from_bytes(data[place + 2 : place + 4], "big") :]
    return data


def after_scan(data: bytes, share: float, put: bytes) -> bytes:
    """Bytes put over coded pixels."""
    place = data.index(SOS) + 14 + int(share * (len(data) - data.index(SOS) - 20))
    return data[:place] + put + data[place + len(put) :]


def index_of_pictures(count: int) -> bytes:
    """A multi-picture index (CIPA DC-007) that counts that many pictures and lists none."""
    return segment(0xE2, b"MPF\0" + exif((0xB001, 4, 1, count), (0xB002, 7, 16, 8))[6:] + bytes(16))


JPEG = {
    "start alone": (lambda: b"\xff\xd8\xff", ""),
    "start and end": (lambda: b"\xff\xd8\xff\xd9", ""),
    "gigantic": (lambda: sized(65535, 65535), "megapixels"),
    "a little too large": (lambda: even_jpeg(7080, 7080), "megapixels"),
    "no width": (lambda: sized(0, 48), ""),
    "no height": (lambda: sized(64, 0), ""),
    "one row": (lambda: sized(64, 1), "too small|damaged"),
    "larger than its data": (lambda: sized(600, 600), "pixels are missing"),
    "even bomb": (lambda: even_jpeg(SIDE, SIDE), "hardly any bytes"),
    "even colour bomb": (lambda: even_jpeg(SIDE, SIDE, components=3), "hardly any bytes"),
    "progressive bomb": (lambda: even_jpeg(SIDE, SIDE, kind=0xC2, scans=97), "hardly any bytes|scans"),
    "progressive colour bomb": (lambda: even_jpeg(SIDE, SIDE, kind=0xC2, scans=97, components=3), "scans|hardly"),
    "progressive bomb, padded": (
        lambda: even_jpeg(SIDE, SIDE, kind=0xC2, scans=97)[:-2] + segment(0xFE, bytes(60_000)) * 40 + b"\xff\xd9",
        "scans",
    ),
    "2,000 scans": (lambda: even_jpeg(1000, 1000, kind=0xC2, scans=2000), "scans"),
    "arithmetic coding": (lambda: patched(jpeg(), SOF, 0, b"\xff\xc9"), ""),
    "lossless": (lambda: patched(jpeg(), SOF, 0, b"\xff\xc3"), ""),
    "differential": (lambda: patched(jpeg(), SOF, 0, b"\xff\xc5"), ""),
    "JPEG-LS by name": (lambda: patched(jpeg(), SOF, 0, b"\xff\xf7"), ""),
    "hierarchical": (lambda: with_segments(segment(0xDE, struct.pack(">BHHB", 8, 48, 64, 1) + b"\1\x11\0")), ""),
    "12 bits": (lambda: patched(jpeg(), SOF, 4, b"\x0c"), ""),
    "no bits": (lambda: patched(jpeg(), SOF, 4, b"\0"), ""),
    "no components": (lambda: patched(jpeg(), SOF, 9, b"\0"), ""),
    "two components": (lambda: b"\xff\xd8" + frame(64, 48, components=2) + jpeg()[2:], ""),
    "255 components": (lambda: patched(jpeg(), SOF, 9, b"\xff"), ""),
    "sampled by nothing": (lambda: patched(jpeg(), SOF, 11, b"\0"), ""),
    "sampled 15 times": (lambda: patched(jpeg(), SOF, 11, b"\xff"), ""),
    "quantised by a table that is not there": (lambda: patched(jpeg(), SOF, 12, b"\3"), ""),
    "frame missing": (lambda: without(jpeg(), SOF), ""),
    "frame after the scan": (lambda: without(jpeg(), SOF)[:-2] + frame(64, 48) + b"\xff\xd9", ""),
    "two frames": (lambda: b"\xff\xd8" + frame(64, 48) + jpeg()[2:], ""),
    "frames without end": (lambda: b"\xff\xd8" + frame(64, 48) * 200_000 + jpeg()[2:], ""),
    "scan missing": (lambda: jpeg()[: jpeg().index(SOS)] + b"\xff\xd9", ""),
    "scan of another component": (lambda: patched(jpeg(), SOS, 5, b"\7"), ""),
    "scan of no component": (lambda: patched(jpeg(), SOS, 4, b"\0"), ""),
    "scan of impossible frequencies": (
        lambda: patched(jpeg(progressive=True), SOS, 7, b"\x3f\x05\0"),
        "",
    ),
    "Huffman table of too many codes": (lambda: patched(jpeg(), DHT, 5, b"\xff" * 16), ""),
    "Huffman table of no codes": (lambda: patched(jpeg(), DHT, 5, bytes(16)), ""),
    "Huffman table of impossible symbols": (lambda: patched(jpeg(), DHT, 21, b"\xff"), ""),
    "Huffman table of another number": (lambda: patched(jpeg(), DHT, 4, b"\x77"), ""),
    "quantisation table missing": (lambda: without(jpeg(), DQT), ""),
    "quantisation table cut off": (lambda: with_segments(segment(0xDB, b"\0" + bytes(20))), ""),
    "quantisation tables without end": (lambda: with_segments(segment(0xDB, (b"\0" + b"\1" * 64) * 1008) * 380), ""),
    "restart markers that are not there": (lambda: with_segments(segment(0xDD, b"\0\1")), ""),
    "pixels overwritten by ones": (lambda: after_scan(noise(300), 0.5, b"\xff\0" * 200), "pixels are missing"),
    "pixels overwritten by markers": (lambda: after_scan(noise(300), 0.5, b"\xff\xd3" * 200), "pixels are missing"),
    "end amid the pixels": (lambda: after_scan(noise(300), 0.5, b"\xff\xd9"), "pixels are missing"),
    "comments without end": (lambda: b"\xff\xd8" + segment(0xFE, b"") * 5_000_000 + jpeg()[2:], ""),
    "padding without end": (lambda: b"\xff\xd8" + b"\xff" * 20_000_000 + jpeg()[2:], ""),
    "rubbish between segments": (lambda: b"\xff\xd8\xff\0" + bytes(20_000_000) + jpeg()[2:], ""),
    "segment longer than the file": (lambda: jpeg()[:2] + segment(0xE5, b"", length=60_000) + jpeg()[2:], ""),
    "Photoshop blocks without end": (
        lambda: with_segments(*[segment(0xED, b"Photoshop 3.0\0" + (b"8BIM\0\1\0\0" + bytes(4)) * 5400)] * 380),
        "",
    ),
    "EXIF without end": (lambda: with_segments(*[segment(0xE1, exif() + bytes(65_000))] * 380), "lists more"),
    "EXIF of 3 million resolutions": (
        lambda: with_segments(
            segment(0xE1, exif((0x0128, 3, 1, 2), (0x011A, 5, 3_000_000, 38))),
            *[segment(0xE1, b"Exif\0\0" + b"\1" * 65_000)] * 370,
        ),
        "lists more",
    ),
    "JPEG-LS": (lambda: b"\xff\xd8\xff\xf7\0\x0b\x08\0\x30\0\x40\1\1\x11\0" + bytes(300), ""),
    "header of a lossless one": (
        lambda: b"\xff\xd8" + frame(SIDE, SIDE, kind=0xC3) + one_code(0, 0) + scan(first=1, last=0) + bytes(9000),
        "",
    ),
}


def text_chunks(count: int) -> bytes:
    return chunk(b"tEXt", b"a\0b") * count


def animated(frames: int, width: int = 64, height: int = 48) -> bytes:
    control = struct.pack(">IIIIIHHBB", 0, width, height, 0, 0, 1, 10, 0, 0)
    more = b"".join(
        chunk(b"fcTL", struct.pack(">I", 2 * i + 1) + control[4:])
        + chunk(b"fdAT", struct.pack(">I", 2 * i + 2) + zlib.compress(bytes(48 * 65)))
        for i in range(min(frames, 3))
    )
    return png(before=chunk(b"acTL", struct.pack(">II", frames, 0)) + chunk(b"fcTL", control), after=more)


def colours(count: int) -> bytes:
    return chunk(b"PLTE", bytes(3 * count))


def plain_png() -> bytes:
    return encode(GRAY, "PNG")


def padded(data: bytes, size: int = 2_000_000) -> bytes:
    """A chunk of rubbish before the end: a bomb that is no longer told by its ratio."""
    rubbish = chunk(b"prIv", np.random.default_rng(2).bytes(size))
    return data[:-12] + rubbish + data[-12:]


ROWS = b"".join(b"\0" + row.tobytes() for row in GRAY)
PNG = {
    "signature alone": (lambda: b"\x89PNG\r\n\x1a\n", ""),
    "gigantic": (lambda: png(2**31 - 1, 2**31 - 1, data=zeros(10)), ""),
    "gigantic and unsigned": (lambda: png(2**32 - 1, 2**32 - 1, data=zeros(10)), ""),
    "65535 x 65535": (lambda: png(65535, 65535, data=zeros(10)), "megapixels"),
    "a little too large": (lambda: png(7072, 7072, depth=1), "megapixels"),
    "a line of 50 million": (lambda: png(50_000_000, 1, depth=1), "too small"),
    "no size": (lambda: png(0, 0, data=zeros(10)), ""),
    "31 pixels": (lambda: png(31, 31), "too small"),
    "bomb of 1 bit": (lambda: png(SIDE, SIDE, depth=1), "hardly any bytes"),
    "bomb of 8 bits": (lambda: png(SIDE, SIDE), "hardly any bytes"),
    "bomb of 16 bits": (lambda: png(SIDE, SIDE, depth=16), "hardly any bytes"),
    "bomb of colours": (lambda: png(SIDE, SIDE, colour=2), "hardly any bytes"),
    "bomb of transparency": (lambda: png(SIDE, SIDE, colour=6), "hardly any bytes|unpacks"),
    "bomb of deep transparency": (lambda: png(SIDE, SIDE, colour=6, depth=16), "hardly any bytes|unpacks"),
    "bomb of deep transparency, padded": (lambda: padded(png(SIDE, SIDE, colour=6, depth=16)), "unpacks"),
    "bomb of deep colours, padded": (lambda: padded(png(SIDE, SIDE, colour=2, depth=16)), "unpacks"),
    "interlaced bomb": (lambda: png(SIDE, SIDE, interlace=1, data=zeros(SIDE * SIDE)), "hardly any bytes"),
    "bomb of text": (lambda: png(before=chunk(b"zTXt", b"a\0\0" + zeros(60_000_000))), ""),
    "bomb of international text": (
        lambda: png(before=chunk(b"iTXt", b"a\0\1\0\0\0" + zeros(60_000_000))),
        "",
    ),
    "bombs of text": (lambda: png(before=chunk(b"zTXt", b"a\0\0" + zeros(1_000_000)) * 2000), ""),
    "bomb of a colour profile": (lambda: png(before=chunk(b"iCCP", b"a\0\0" + zeros(60_000_000))), "damaged|not a"),
    "texts without end": (lambda: png(before=text_chunks(1_500_000)), ""),
    "texts without end after the pixels": (lambda: png(after=text_chunks(1_500_000)), ""),
    "pixels in empty pieces": (lambda: png(after=chunk(b"IDAT", b"") * 1_500_000), ""),
    "EXIF of 10 MB": (
        lambda: png(
            before=chunk(
                b"eXIf", exif(*[(tag, 7, 10_000_000, 8) for tag in range(1, 60_000)], tail=bytes(10_000_000))[6:]
            )
        ),
        "EXIF",
    ),
    "EXIF of 10 MB as text": (
        lambda: png(
            before=chunk(b"tEXt", b"Raw profile type exif\0\nexif\n8\n" + exif(tail=bytes(5_000_000)).hex().encode())
        ),
        "EXIF",
    ),
    "checksum of the header": (lambda: plain_png().replace(b"IHDR", b"IHDr"), ""),
    "header of another length": (lambda: plain_png()[:8] + chunk(b"IHDR", bytes(12)) + plain_png()[33:], ""),
    "header twice, larger": (
        lambda: png(before=chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0))),
        "",
    ),
    "header missing": (lambda: plain_png()[:8] + plain_png()[33:], ""),
    "3 bits": (lambda: png(depth=3, data=zlib.compress(ROWS)), ""),
    "32 bits": (lambda: png(depth=32, data=zlib.compress(ROWS)), ""),
    "colour type 5": (lambda: patched(plain_png(), b"IHDR", 13, b"\5"), ""),
    "palette missing": (lambda: png(colour=3), "damaged"),
    "palette of a third of a colour": (lambda: png(colour=3, before=chunk(b"PLTE", b"\0")), "damaged"),
    "palette shorter than its use": (
        lambda: png(colour=3, before=colours(2), data=zlib.compress(ROWS)),
        "damaged",
    ),
    "filter 9": (lambda: png(data=zlib.compress(ROWS.replace(b"\0", b"\x09"))), ""),
    "no zlib stream": (lambda: png(data=b"\0" * 900), ""),
    "pixels cut off within": (lambda: png(data=zlib.compress(ROWS)[:-400]), ""),
    "pixels of another checksum": (lambda: png(data=zlib.compress(ROWS)[:-4] + b"abcd"), ""),
    "pixels missing": (lambda: plain_png()[:33] + chunk(b"IEND", b""), ""),
    "end missing": (lambda: plain_png()[:-12], ""),
    "chunk checksum": (lambda: patched(plain_png(), b"IDAT", 40, b"\xa5\x5a"), ""),
    "chunk of 4 GB": (lambda: png(before=chunk(b"prIv", b"", length=2**32 - 1)), ""),
    "chunk of 2 GB": (lambda: png(before=chunk(b"tEXt", b"", length=2**31 - 1)), ""),
    "chunk of a name that is none": (lambda: png(before=chunk(b"\0\1\2\3", b"")), ""),
    "lines ended as Windows does": (lambda: plain_png().replace(b"\n", b"\r\n"), ""),
    "Apple's variant": (
        lambda: plain_png()[:8] + chunk(b"CgBI", b"\x50\0\x20\2") + png(data=zlib.compress(ROWS)[2:-4])[8:],
        "",
    ),
    "animated": (lambda: animated(3), "several pictures"),
    "animated without end": (lambda: animated(2**31 - 1), "several pictures|damaged"),
    "animated, larger than itself": (lambda: animated(3, 60_000, 60_000), ""),
    "MNG": (lambda: b"\x8aMNG\r\n\x1a\n" + plain_png()[8:], "not a picture"),
    "JNG": (lambda: b"\x8bJNG\r\n\x1a\n" + jpeg(), "not a picture"),
    "deep and cut off": (lambda: encode(DEEP, "PNG")[:900], ""),
}


def kinds() -> dict[str, Kind]:
    found = {}
    for group, members in (("JPEG", JPEG), ("PNG", PNG)):
        for name, (make, reason) in members.items():
            found[f"{group}: {name}"] = Kind(make=make, file=f"film.{group.lower()}", reason=reason)
    return found
