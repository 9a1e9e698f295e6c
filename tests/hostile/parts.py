"""Pieces of files that the kinds of this folder are built from: pictures, chunks, segments, tags, elements."""

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 48, 64
GRAY = np.add.outer(2 * np.arange(HEIGHT), 2 * np.arange(WIDTH)) + np.random.default_rng(0).integers(0, 30, (48, 64))
GRAY = GRAY.astype(np.uint8)
DEEP = GRAY.astype(np.uint16) * 16
SCRIPT = b"<script>alert(document.cookie)</script>"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of hostile file.

    Parameters
    ----------
    make : callable
        Gives the bytes, the same ones each time.
    file : str
        Name that the file is given with.
    reason : str
        Pattern that the reason of the refusal must hold.
    shown : callable or None
        A file that is a picture and something else at once: gives the plain picture, and this is all that may be shown.
    good : tuple of str
        Members of a zip that are films; only the others must be refused.
    blank : bool
        A picture of one gray level within all limits, which the gate refuses, not the decoder.
    """

    make: Callable[[], bytes]
    file: str = "film"
    reason: str = ""
    shown: Callable[[], bytes] | None = None
    good: tuple[str, ...] = ()
    blank: bool = False


def encode(picture: np.ndarray | Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    (picture if isinstance(picture, Image.Image) else Image.fromarray(picture)).save(file, kind, **options)
    return file.getvalue()


def zeros(count: int, start: bytes = b"") -> bytes:
    """A zlib stream of ``start`` and that many zeros: a megabyte is packed once, and its block repeated."""
    first, whole = zlib.compressobj(9), zlib.compressobj(9, zlib.DEFLATED, -15)
    head = first.compress(start + bytes(count % 2**20)) + first.flush(zlib.Z_FULL_FLUSH)
    block = whole.compress(bytes(2**20)) + whole.flush(zlib.Z_FULL_FLUSH)
    check = zlib.adler32(start)
    low, high = check & 0xFFFF, check >> 16
    return head + block * (count // 2**20) + struct.pack(">HHH", 0x0300, (high + count * low) % 65521, low)


# PNG (ISO 15948)


def chunk(name: bytes, body: bytes, *, checksum: int | None = None, length: int | None = None) -> bytes:
    check = zlib.crc32(name + body) if checksum is None else checksum
    return struct.pack(">I", len(body) if length is None else length) + name + body + struct.pack(">I", check)


def png(
    width: int = WIDTH,
    height: int = HEIGHT,
    *,
    depth: int = 8,
    colour: int = 0,
    interlace: int = 0,
    before: bytes = b"",
    data: bytes | None = None,
    after: bytes = b"",
    end: bytes = chunk(b"IEND", b""),
) -> bytes:
    """A PNG built by hand; without ``data`` its pixels are all zero."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    if data is None:
        samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
        data = zeros(height * (1 + (width * samples * depth + 7) // 8))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before + chunk(b"IDAT", data) + after + end


# JPEG (ISO 10918-1)


def segment(marker: int, body: bytes, *, length: int | None = None) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, (len(body) if length is None else length) + 2) + body


def jpeg(**options: object) -> bytes:
    return encode(GRAY, "JPEG", **options)


def with_segments(*segments: bytes) -> bytes:
    """A JPEG with more segments after its start."""
    data = jpeg()
    return data[:2] + b"".join(segments) + data[2:]


def patched(data: bytes, marker: bytes, place: int, value: bytes) -> bytes:
    """Bytes put at a place after the first occurrence of a marker."""
    at = data.index(marker) + place
    return data[:at] + value + data[at + len(value) :]


def frame(width: int, height: int, *, kind: int = 0xC0, precision: int = 8, components: int = 1) -> bytes:
    parts = b"".join(bytes([number + 1, 0x11, 0]) for number in range(components))
    return segment(kind, struct.pack(">BHHB", precision, height, width, components) + parts)


def one_code(kind: int, symbol: int) -> bytes:
    """A Huffman table of one symbol, whose code is a single 0; ``kind`` 0x00 is for DC, 0x10 for AC."""
    return segment(0xC4, bytes([kind, 1]) + bytes(15) + bytes([symbol]))


def scan(*, first: int = 0, last: int = 63, approximation: int = 0, components: int = 1) -> bytes:
    parts = b"".join(bytes([number + 1, 0]) for number in range(components))
    return segment(0xDA, bytes([components]) + parts + bytes([first, last, approximation]))


def even_jpeg(width: int, height: int, *, kind: int = 0xC0, scans: int = 0, components: int = 1) -> bytes:
    """A JPEG of one gray level at any size, a bit or two for each block; ``scans`` are passes that refine nothing."""
    blocks = -(-width // 8) * -(-height // 8)
    tables = segment(0xDB, b"\0" + b"\1" * 64) + one_code(0x00, 0)
    head = b"\xff\xd8" + tables + frame(width, height, kind=kind, components=components)
    if kind == 0xC0:
        codes = bytes(-(-2 * blocks * components // 8))
        return head + one_code(0x10, 0) + scan(components=components) + codes + b"\xff\xd9"
    first = scan(last=0, components=components) + bytes(-(-blocks * components // 8))
    runs = bytes(-(-15 * -(-blocks // 2**14) // 8))  # each says that 2 ** 14 blocks hold nothing new
    more = (scan(first=1, approximation=0x10) + runs) * scans
    return head + first + one_code(0x10, 0xE0) + scan(first=1, approximation=1) + runs + more + b"\xff\xd9"


def exif(*entries: tuple[int, int, int, int], following: int = 0, tail: bytes = b"") -> bytes:
    """EXIF data: tag, type, count and value or place of each entry, and the place of the next list."""
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + packed + struct.pack("<I", following) + tail


# TIFF 6.0


def tiff(
    width: int = WIDTH,
    height: int = HEIGHT,
    *,
    tags: dict[int, tuple[int, int, int]] | None = None,
    without: tuple[int, ...] = (),
    data: bytes = bytes(WIDTH * HEIGHT),
    tail: bytes = b"",
    following: int = 0,
) -> bytes:
    """A gray TIFF of one strip; ``tags`` are type, count and value or place, by number. Data start at byte 8."""
    entries = {
        256: (4, 1, width),
        257: (4, 1, height),
        258: (3, 1, 8),
        259: (3, 1, 1),
        262: (3, 1, 1),
        273: (4, 1, 8),
        277: (3, 1, 1),
        278: (4, 1, height),
        279: (4, 1, len(data)),
        **(tags or {}),
    }
    entries = {tag: entry for tag, entry in sorted(entries.items()) if tag not in without}
    packed = b"".join(struct.pack("<HHII", tag, *entry) for tag, entry in entries.items())
    start = 8 + len(data) + len(data) % 2
    lists = struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)
    return struct.pack("<2sHI", b"II", 42, start) + data + bytes(len(data) % 2) + lists + tail


# RIFF and BMP


def riff(*chunks: tuple[bytes, bytes], kind: bytes = b"WEBP", size: int | None = None) -> bytes:
    body = kind + b"".join(name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def webp_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    chunks, place = [], 12
    while place + 8 <= len(data):
        (size,) = struct.unpack_from("<I", data, place + 4)
        chunks.append((data[place : place + 4], data[place + 8 : place + 8 + size]))
        place += 8 + size + size % 2
    return chunks


def extended(width: int, height: int, flags: int = 0) -> tuple[bytes, bytes]:
    """The VP8X chunk of a WebP with a canvas of that size."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X", bytes([flags, 0, 0, 0]) + sides


def bmp(
    width: int = WIDTH,
    height: int = HEIGHT,
    *,
    bits: int = 8,
    compression: int = 0,
    colours: int = 0,
    header: int = 40,
    offset: int = 54 + 1024,
    planes: int = 1,
    data: bytes = bytes(WIDTH * HEIGHT),
) -> bytes:
    """A BMP with a gray palette."""
    palette = b"".join(bytes([level, level, level, 0]) for level in range(256))
    info = struct.pack("<IiiHHIIiiII", header, width, height, planes, bits, compression, len(data), 0, 0, colours, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 1024 + len(data), 0, 0, offset) + info + palette + data
