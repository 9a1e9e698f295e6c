"""Files that are a whole picture and something else at once: the picture is shown, and nothing else is looked at."""

import io
import struct
import zlib
from functools import cache

import numpy as np
from PIL import Image

from core.data.samples import list_samples
from tests.hostile.parts import SCRIPT, Kind, chunk, encode, exif, extended, riff, segment, webp_chunks
from tests.hostile.zips import pack
from tests.support.dicom_files import make_dicom

PAGE = b"<!doctype html><body onload=alert(1)>" + SCRIPT + b"</body>"
PDF = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>\n%%EOF\n"


@cache
def film() -> bytes:
    """A synthetic film that ships with the project, JPEG."""
    return list_samples()[0].path.read_bytes()


@cache
def pixels() -> np.ndarray:
    with Image.open(io.BytesIO(film())) as picture:
        return np.array(picture.convert("L"))


@cache
def other() -> bytes:
    """Another film."""
    return list_samples()[-1].path.read_bytes()


def as_kind(kind: str, **options: object) -> bytes:
    return encode(pixels(), kind, **options)


def png_with(*chunks: bytes) -> bytes:
    data = as_kind("PNG")
    return data[:33] + b"".join(chunks) + data[33:]


def jpeg_with(*segments: bytes) -> bytes:
    data = film()
    return data[:2] + b"".join(segments) + data[2:]


def behind_preamble(start: bytes) -> bytes:
    """A DICOM file whose 128 free bytes in front say that it is something else."""
    return start + bytes(128 - len(start)) + make_dicom(pixels())[128:]


def tiff_behind() -> bytes:
    data = as_kind("TIFF")
    return data + PAGE


def commented_script() -> bytes:
    """A BMP that is a script, too: its length field opens a comment."""
    data = as_kind("BMP")
    return b"BM/*" + data[4:] + b"*/=1;alert(1)"


def pieces() -> bytes:
    """Pixels in more IDAT chunks than an encoder would write, none of them empty."""
    data = as_kind("PNG")
    body, place = b"", 33
    while place < len(data):
        (size,) = struct.unpack_from(">I", data, place)
        if data[place + 4 : place + 8] == b"IDAT":
            body += data[place + 8 : place + 8 + size]
        place += 12 + size
    cut = [chunk(b"IDAT", body[i : i + 50]) for i in range(0, len(body), 50)]
    return data[:33] + b"".join(cut) + chunk(b"IEND", b"")


TAGS = exif(*[(tag, 7, 32_000, 8) for tag in range(1, 2600)], tail=bytes(32_000))
SAME = {  # the picture is the film as it is
    "JPEG and zip": (lambda: film() + pack({"a.jpeg": other()}), "jpeg"),
    "JPEG and page": (lambda: film() + PAGE, "jpeg"),
    "JPEG and PDF": (lambda: film() + PDF, "jpeg"),
    "JPEG and program": (lambda: film() + b"MZ" + bytes(900), "jpeg"),
    "JPEG and another JPEG": (lambda: film() + other(), "jpeg"),
    "JPEG and 10 MB of zeros": (lambda: film() + bytes(10_000_000), "jpeg"),
    "JPEG with a page as a comment": (lambda: jpeg_with(segment(0xFE, PAGE)), "jpeg"),
    "JPEG with PHP as a comment": (lambda: jpeg_with(segment(0xFE, b"<?php system('id'); __halt_compiler();")), "jpeg"),
    "JPEG with a script as EXIF": (lambda: jpeg_with(segment(0xE1, exif((0x010E, 2, 40, 60), tail=SCRIPT))), "jpeg"),
    "JPEG with a page as XMP": (
        lambda: jpeg_with(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + PAGE)),
        "jpeg",
    ),
    "JPEG with a page as a colour profile": (
        lambda: jpeg_with(segment(0xE2, b"ICC_PROFILE\0\1\1" + PAGE)),
        "jpeg",
    ),
    "JPEG with EXIF that leads back to itself": (
        lambda: jpeg_with(segment(0xE1, exif((0x8769, 4, 1, 8), (0x8825, 4, 1, 8), following=8))),
        "jpeg",
    ),
    "JPEG with EXIF of a gigantic count": (
        lambda: jpeg_with(segment(0xE1, exif((0x0112, 3, 2**32 - 1, 8), (0x011A, 5, 2**31, 8)))),
        "jpeg",
    ),
    "JPEG with EXIF tags that all point at the same bytes": (lambda: jpeg_with(segment(0xE1, TAGS)), "jpeg"),
    "JPEG turned in a way that is none": (lambda: jpeg_with(segment(0xE1, exif((0x0112, 3, 1, 99)))), "jpeg"),
}
LOSSLESS = {  # the picture is the film's pixels in another format
    "PNG and zip": (lambda: as_kind("PNG") + pack({"a.jpeg": other()}), "png"),
    "PNG and page": (lambda: as_kind("PNG") + PAGE, "png"),
    "PNG and another PNG": (lambda: as_kind("PNG") + encode(255 - pixels(), "PNG"), "png"),
    "PNG with a page as text": (lambda: png_with(chunk(b"tEXt", b"Comment\0" + PAGE)), "png"),
    "PNG with a page as packed text": (lambda: png_with(chunk(b"zTXt", b"a\0\0" + zlib.compress(PAGE))), "png"),
    "PNG with a script in a chunk of its own": (lambda: png_with(chunk(b"scRp", SCRIPT)), "png"),
    "PNG in pieces of 50 bytes": (pieces, "png"),
    "TIFF and page": (tiff_behind, "tif"),
    "TIFF with a page as a description": (lambda: as_kind("TIFF", description=PAGE.decode()), "tif"),
    "BMP and script": (commented_script, "bmp"),
    "BMP and zip": (lambda: as_kind("BMP") + pack({"a.jpeg": other()}), "bmp"),
    "WebP with a page as XMP": (
        lambda: riff(
            extended(pixels().shape[1], pixels().shape[0], 4),
            *webp_chunks(as_kind("WEBP", lossless=True)),
            (b"XMP ", PAGE),
        ),
        "webp",
    ),
    "WebP and zip": (lambda: as_kind("WEBP", lossless=True) + pack({"a.jpeg": other()}), "webp"),
    "DICOM and program of Windows": (lambda: behind_preamble(b"MZ" + bytes(58) + b"\x80\0\0\0"), "dcm"),
    "DICOM and program of Linux": (lambda: behind_preamble(b"\x7fELF\2\1\1"), "dcm"),
    "DICOM and page": (lambda: behind_preamble(b"<script>alert(1)</script>"), "dcm"),
    "DICOM and TIFF": (lambda: behind_preamble(b"II*\0\x08\0\0\0"), "dcm"),
    "DICOM with script in its words": (
        lambda: make_dicom(
            pixels(), PatientName=SCRIPT.decode(), StudyDescription=SCRIPT.decode(), ImageComments=PAGE.decode()
        ),
        "dcm",
    ),
}


def kinds() -> dict[str, Kind]:
    plain = {name: Kind(make=make, file=f"film.{end}", shown=film) for name, (make, end) in SAME.items()}
    other = {
        name: Kind(make=make, file=f"film.{end}", shown=lambda: as_kind("PNG"))
        for name, (make, end) in LOSSLESS.items()
    }
    return {f"polyglot: {name}": kind for name, kind in (plain | other).items()}
