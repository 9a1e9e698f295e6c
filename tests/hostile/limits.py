"""Pictures of one gray level that keep to every limit: as much as one file may cost. The gate refuses them as blank."""

import numpy as np
from PIL import Image
from pydicom import uid

from tests.hostile.bitmaps import bomb, deflated, lzw_zeros
from tests.hostile.dicoms import deflated_film, packed
from tests.hostile.parts import Kind, encode, even_jpeg, extended, png, riff, segment, webp_chunks
from tests.hostile.pictures import SIDE, colours, padded
from tests.hostile.streams import lossless_jpeg, rle
from tests.support.dicom_files import compress

RUBBISH = np.random.default_rng(5).bytes(60_000)


def commented(data: bytes) -> bytes:
    """A JPEG with 3 MB of rubbish in comments, so that its ratio does not give it away."""
    return data[:2] + segment(0xFE, RUBBISH) * 50 + data[2:]


def cmyk(side: int) -> bytes:
    return commented(encode(Image.new("CMYK", (side, side)), "JPEG"))


PICTURES = {
    "PNG of 8 bits": (lambda: padded(png(SIDE, SIDE)), "png"),
    "PNG of 16 bits": (lambda: padded(png(SIDE, SIDE, depth=16)), "png"),
    "PNG of colours": (lambda: padded(png(SIDE, SIDE, colour=2)), "png"),
    "PNG of deep colours": (lambda: padded(png(5000, 5000, colour=2, depth=16)), "png"),
    "PNG of transparency": (lambda: padded(png(6100, 6100, colour=6)), "png"),
    "PNG of gray and transparency": (lambda: padded(png(SIDE, SIDE, colour=4)), "png"),
    "PNG of a palette": (lambda: padded(png(SIDE, SIDE, colour=3, before=colours(2))), "png"),
    "TIFF of LZW": (lambda: lzw_zeros(1), "tif"),
    "TIFF of 16 bits": (lambda: deflated(2 * SIDE * SIDE, bits=16, rubbish=3_000_000), "tif"),
    "TIFF of 32 bits": (lambda: deflated(4 * 6100 * 6100, side=6100, bits=32, kind=2, rubbish=3_000_000), "tif"),
    "TIFF of numbers": (lambda: deflated(4 * 6100 * 6100, side=6100, bits=32, kind=3, rubbish=3_000_000), "tif"),
    "TIFF of deep colours": (
        lambda: deflated(6 * 5000 * 5000, side=5000, bits=16, samples=3, rubbish=3_000_000),
        "tif",
    ),
    "WebP": (
        lambda: riff(extended(SIDE, SIDE), *webp_chunks(bomb("RGB")), (b"XMP ", RUBBISH * 50)),
        "webp",
    ),
    "JPEG": (lambda: commented(even_jpeg(SIDE, SIDE)), "jpeg"),
    "JPEG of colours": (lambda: commented(even_jpeg(SIDE, SIDE, components=3)), "jpeg"),
    "JPEG of CMYK": (lambda: cmyk(6000), "jpeg"),
    "progressive JPEG": (lambda: commented(even_jpeg(SIDE, SIDE, kind=0xC2, scans=6)), "jpeg"),
    "progressive JPEG of colours": (lambda: commented(even_jpeg(SIDE, SIDE, kind=0xC2, scans=6, components=3)), "jpeg"),
    "progressive JPEG of 95 scans": (lambda: commented(even_jpeg(2048, 2048, kind=0xC2, scans=93)), "jpeg"),
    "DICOM, deflated": (deflated_film, "dcm"),
    "DICOM of RLE": (lambda: packed(uid.RLELossless, rle(*[b"\x81\0" * 390_000] * 2), SIDE, SIDE, bits=16), "dcm"),
    "DICOM of JPEG": (lambda: packed(uid.JPEGBaseline8Bit, commented(even_jpeg(SIDE, SIDE)), SIDE, SIDE), "dcm"),
    "DICOM of lossless JPEG": (
        lambda: packed(uid.JPEGLosslessSV1, lossless_jpeg(SIDE, 16), SIDE, SIDE, bits=16),
        "dcm",
    ),
    "DICOM of lossless JPEG of 8 bits": (lambda: packed(uid.JPEGLosslessSV1, lossless_jpeg(SIDE), SIDE, SIDE), "dcm"),
    "DICOM of JPEG-LS": (
        lambda: packed(
            uid.JPEGLSLossless,
            compress(np.zeros((SIDE, SIDE), np.uint16), uid.JPEGLSLossless, 16),
            SIDE,
            SIDE,
            bits=16,
            rubbish=3_000_000,
        ),
        "dcm",
    ),
    "DICOM of JPEG 2000": (
        lambda: packed(
            uid.JPEG2000Lossless,
            compress(np.zeros((SIDE, SIDE), np.uint16), uid.JPEG2000Lossless, 16),
            SIDE,
            SIDE,
            bits=16,
            rubbish=3_000_000,
        ),
        "dcm",
    ),
}


def kinds() -> dict[str, Kind]:
    return {
        f"at the limit: {name}": Kind(make=make, file=f"film.{end}", blank=True)
        for name, (make, end) in PICTURES.items()
    }
