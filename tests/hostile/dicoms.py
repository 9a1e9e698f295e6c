"""DICOM files with broken lengths, missing or impossible elements, bombs and codestreams that lie."""

import io
import struct
import warnings
import zlib
from collections.abc import Callable

import numpy as np
from dicom_files import compress, make_dataset, make_dicom, write
from hostile.parts import DEEP, GRAY, SCRIPT, Kind, even_jpeg, frame, one_code, scan, segment, zeros
from PIL import Image
from pydicom import config, uid
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

SIDE = 7000  # px, 49 megapixels: just allowed
UNDEFINED = 0xFFFFFFFF
ITEM = b"\xfe\xff\0\xe0"
END = b"\xfe\xff\xdd\xe0\0\0\0\0"
LONG = (b"OB", b"OW", b"OF", b"SQ", b"UN", b"UT")


def start(syntax: bytes = b"1.2.840.10008.1.2.1\0") -> bytes:
    """Preamble, magic and the transfer syntax."""
    return bytes(128) + b"DICM" + struct.pack("<HH2sH", 2, 0x10, b"UI", len(syntax)) + syntax


def element(tag: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr)
    size = len(value) if length is None else length
    return head + (struct.pack("<xxI", size) if vr in LONG else struct.pack("<H", size)) + value


def number(tag: int, value: int) -> bytes:
    return element(tag, b"US", struct.pack("<H", value))


def described(
    rows: int = 48, columns: int = 64, *, bits: int = 8, samples: int = 1, colours: bytes = b"MONOCHROME2 "
) -> bytes:
    """The elements that say what the pixels look like, in order."""
    return b"".join(
        (
            number(0x00280002, samples),
            element(0x00280004, b"CS", colours),
            number(0x00280006, 0) if samples > 1 else b"",
            number(0x00280010, rows),
            number(0x00280011, columns),
            number(0x00280100, bits),
            number(0x00280101, bits),
            number(0x00280102, bits - 1),
            number(0x00280103, 0),
        )
    )


def pixels(value: bytes, length: int | None = None, vr: bytes = b"OB") -> bytes:
    return element(0x7FE00010, vr, value, length)


def fragments(*pieces: bytes, table: bytes = b"", end: bytes = END) -> bytes:
    items = b"".join(ITEM + struct.pack("<I", len(piece)) + piece for piece in (table, *pieces))
    return pixels(items + end, UNDEFINED)


def packed(
    syntax: str, frame: bytes, rows: int = 48, columns: int = 64, *, rubbish: int = 0, **options: object
) -> bytes:
    """A file whose compressed frame is given, behind private bytes that say nothing."""
    name = str.__str__(syntax).encode()
    frame += b"\0" * (len(frame) % 2)
    private = element(0x00091010, b"UN", np.random.default_rng(6).bytes(rubbish)) if rubbish else b""
    return start(name + b"\0" * (len(name) % 2)) + private + described(rows, columns, **options) + fragments(frame)


def deflated_film() -> bytes:
    """The largest film of 16 bits, deflated, behind 3 MB of private bytes."""
    private = element(0x00091010, b"UN", np.random.default_rng(6).bytes(3_000_000))
    return deflated(count=2 * SIDE * SIDE, head=private + HEAD_OF_FILM)


HEAD_OF_FILM = described(SIDE, SIDE, bits=16) + element(0x7FE00010, b"OW", b"", 2 * SIDE * SIDE)


def deflated(data: bytes | None = None, count: int = 0, head: bytes = b"") -> bytes:
    """A deflated data set, or one of ``head`` and that many zeros."""
    stream = zlib.compress(data) if data is not None else zeros(count, head)
    return start(b"1.2.840.10008.1.2.1.99") + stream[2:-4]


def made(**elements: object) -> bytes:
    """A film with elements that are wrong on purpose, of which pydicom would warn."""
    with warnings.catch_warnings(), config.disable_value_validation():
        warnings.simplefilter("ignore")
        return make_dicom(GRAY, **elements)


def rescaled(slope: bytes) -> bytes:
    """A film whose values are to be multiplied by these words."""
    words = element(0x00281052, b"DS", b"0 ") + element(0x00281053, b"DS", slope)
    return start() + described() + words + pixels(GRAY.tobytes())


def windowed(centre: bytes, width: bytes) -> bytes:
    words = element(0x00281050, b"DS", centre) + element(0x00281051, b"DS", width)
    return start() + described() + words + pixels(GRAY.tobytes())


def without(*keywords: str) -> bytes:
    dataset = make_dataset(GRAY, PixelData=GRAY.tobytes())
    dataset["PixelData"].VR = "OB"
    for keyword in keywords:
        delattr(dataset, keyword)
    return write(dataset)


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


def table(**words: object) -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", words.get("descriptor", [256, 0, 16]))
    item.add_new("LUTData", "OW", words.get("data", (np.arange(256, dtype="<u2") * 257).tobytes()))
    return item


def nested(depth: int) -> bytes:
    dataset = Dataset()
    for _ in range(depth):
        outer = Dataset()
        outer.ModalityLUTSequence = Sequence([dataset])
        dataset = outer
    whole = make_dataset(GRAY, PixelData=GRAY.tobytes(), ModalityLUTSequence=dataset.ModalityLUTSequence)
    whole["PixelData"].VR = "OB"
    return write(whole)


OPEN = element(0x00081140, b"SQ", b"", UNDEFINED) + ITEM + b"\xff\xff\xff\xff"

LENGTHS = {
    "nothing after the magic": (lambda: bytes(128) + b"DICM", "without a picture"),
    "nothing after the syntax": (start, "without a picture"),
    "element longer than the file": (lambda: start() + element(0x00280010, b"UN", b"ab", 0xFFFFFFF0), ""),
    "rows longer than two bytes": (lambda: start() + element(0x00280010, b"US", bytes(6)) + pixels(GRAY.tobytes()), ""),
    "rows of no length": (lambda: start() + element(0x00280010, b"US", b"") + pixels(GRAY.tobytes()), "Rows"),
    "odd lengths": (lambda: start() + element(0x00080060, b"CS", b"DXA") + described() + pixels(bytes(9)), ""),
    "pixels longer than the file": (lambda: start() + described() + pixels(GRAY.tobytes(), 2**31), "cut off"),
    "pixels of 4 GB": (lambda: start() + described() + pixels(GRAY.tobytes(), 0xFFFFFFFE), "cut off"),
    "pixels shorter than stated": (lambda: start() + described() + pixels(GRAY.tobytes()[:1000]), "cut off"),
    "plain pixels of undefined length": (lambda: start() + described() + pixels(GRAY.tobytes(), UNDEFINED), ""),
    "pixels of undefined length without an end": (lambda: start() + described() + fragments(b"", end=b""), ""),
    "text of undefined length": (lambda: start() + element(0x00081030, b"UT", bytes(900), UNDEFINED), ""),
    "unknown of undefined length": (lambda: start() + element(0x00091001, b"UN", bytes(900), UNDEFINED), ""),
    "unknown, nested without end": (
        lambda: start() + (element(0x00091001, b"UN", b"", UNDEFINED) + ITEM + b"\xff" * 4) * 100_000,
        "",
    ),
    "sequences nested without end": (lambda: start() + OPEN * 100_000, ""),
    "sequences nested 900 times": (lambda: start() + OPEN * 900, ""),
    "items without end": (lambda: start() + element(0x00081140, b"SQ", (ITEM + bytes(4)) * 2_000_000, UNDEFINED), ""),
    "elements without end": (lambda: start() + element(0x00080050, b"SH", b"") * 3_000_000, ""),
    "elements of the preamble without end": (
        lambda: bytes(128) + b"DICM" + element(0x00020016, b"AE", b"") * 3_000_000,
        "",
    ),
    "item longer than its sequence": (
        lambda: start() + element(0x00283010, b"SQ", ITEM + b"\xff\xff\0\0" + bytes(9)),
        "",
    ),
    "value representation of two NULs": (lambda: start() + element(0x00280010, b"\0\0", b"\x30\0") + pixels(b""), ""),
    "value representation of letters": (lambda: start() + element(0x00280010, b"ZZ", b"\x30\0") + pixels(b""), ""),
    "tags twice": (lambda: start() + described() + described(9000, 9000) + pixels(GRAY.tobytes()), "megapixels"),
    "window of 10 MB": (lambda: start() + element(0x00281050, b"UT", b"1\\" * 5_000_000), ""),
    "syntax of 60,000 letters": (lambda: start(b"1" * 60_000), ""),
    "table of 10 MB": (lambda: start() + element(0x00283010, b"SQ", (ITEM + bytes(4)) * 1_200_000), ""),
    "big-endian lengths": (lambda: start(b"1.2.840.10008.1.2.2\0") + described() + pixels(GRAY.tobytes()), ""),
    "index of a disc": (lambda: start() + element(0x00041220, b"SQ", b""), "without a picture"),
    "report": (lambda: start() + element(0x0040A730, b"SQ", b""), "without a picture"),
}

VALUES: dict[str, tuple[Callable[[], bytes], str]] = {
    **{
        f"{keyword} missing": ((lambda keyword=keyword: without(keyword)), "")
        for keyword in ("Rows", "Columns", "BitsAllocated", "BitsStored", "PhotometricInterpretation", "PixelData")
    },
    **{
        f"colours of kind {word}": ((lambda word=word: made(PhotometricInterpretation=word)), "")
        for word in (
            "PALETTE COLOR",
            "RGB",
            "YBR_FULL",
            "YBR_PARTIAL_420",
            "HSV",
            "ARGB",
            "CMYK",
            "XYB",
            "<b>x</b>",
            "",
        )
    },
    "everything but pixels missing": (lambda: start() + pixels(GRAY.tobytes()), "states no"),
    "gigantic": (lambda: made(Rows=65535, Columns=65535), "megapixels"),
    "a little too large": (lambda: made(Rows=7100, Columns=7100), "megapixels"),
    "no rows": (lambda: made(Rows=0), "too small"),
    "31 rows": (lambda: made(Rows=31), "too small"),
    "more rows than pixels": (lambda: made(Rows=4000), "cut off"),
    "2 frames": (lambda: made(NumberOfFrames=2), "several pictures"),
    "2 billion frames": (lambda: made(NumberOfFrames=2**31 - 1), "several pictures"),
    "no frame": (lambda: made(NumberOfFrames=0), ""),
    "frames below zero": (lambda: made(NumberOfFrames=-1), ""),
    "frames in words": (lambda: start() + element(0x00280008, b"IS", b"many") + described() + pixels(bytes(3072)), ""),
    "1 bit": (lambda: made(BitsAllocated=1, BitsStored=1, HighBit=0), "bits"),
    "32 bits": (lambda: made(BitsAllocated=32, BitsStored=32, HighBit=31), "bits"),
    "64 bits": (lambda: made(BitsAllocated=64, BitsStored=64, HighBit=63), "bits"),
    "12 bits in 8": (lambda: made(BitsStored=12, HighBit=11), "bits"),
    "no bits": (lambda: made(BitsAllocated=0, BitsStored=0, HighBit=0), "bits"),
    "left aligned": (lambda: make_dicom(DEEP, BitsStored=12, HighBit=15), "bits"),
    "3 gray samples": (lambda: made(SamplesPerPixel=3), "colours"),
    "4 samples": (lambda: made(SamplesPerPixel=4, PhotometricInterpretation="ARGB"), "colours"),
    "no samples": (lambda: made(SamplesPerPixel=0), ""),
    "60,000 samples": (lambda: made(SamplesPerPixel=60_000), ""),
    "colours without colours": (lambda: made(SamplesPerPixel=3, PhotometricInterpretation="RGB"), "cut off"),
    "no pixels": (lambda: made(PixelData=b""), ""),
    "rescaled to infinity": (lambda: rescaled(b"1e400 "), "damaged"),
    "rescaled by nothing": (lambda: rescaled(b"0 "), "damaged"),
    "rescaled by no number": (lambda: rescaled(b"nan "), "damaged"),
    "rescaled by a script": (lambda: rescaled(SCRIPT[:16]), "damaged"),
    "window of words": (lambda: windowed(b"wide", b"open"), "damaged"),
    "pixels 90 times as high as wide": (lambda: made(PixelSpacing=[9, 0.1]), "times as high"),
    "empty table": (lambda: made(VOILUTSequence=[Dataset()]), "damaged"),
    "table of no depth": (lambda: made(VOILUTSequence=[table(descriptor=[256, 0, 0])]), "damaged"),
    "table shorter than stated": (lambda: made(VOILUTSequence=[table(descriptor=[4096, 0, 16])]), "damaged"),
    "table of two numbers": (lambda: made(ModalityLUTSequence=[table(descriptor=[256, 0])]), "damaged"),
    "tables nested 60 times": (lambda: nested(60), "damaged"),
    "unknown syntax": (lambda: made().replace(b"10008.1.2.1\0", b"10008.1.2.9\0"), "compressed in a way"),
    "syntax of a script": (lambda: start(SCRIPT + b"\0") + described() + pixels(GRAY.tobytes()), "compressed in a way"),
    "video": (lambda: packed("1.2.840.10008.1.2.4.102", bytes(900)), "compressed in a way"),
    "MPEG 2": (lambda: packed("1.2.840.10008.1.2.4.100", bytes(900)), "compressed in a way"),
    "JPIP, pixels elsewhere": (lambda: packed("1.2.840.10008.1.2.4.94", bytes(90)), "compressed in a way"),
    "HTJ2K": (lambda: packed("1.2.840.10008.1.2.4.201", bytes(900)), "compressed in a way"),
    "PNG and DICOM": (lambda: b"\x89PNG\r\n\x1a\n" + made()[8:], "at once"),
    "JPEG and DICOM": (lambda: b"\xff\xd8\xff\xe0" + made()[4:], "at once"),
    "BMP and DICOM": (lambda: b"BM" + made()[2:], "at once"),
    "RIFF and DICOM": (lambda: b"RIFF" + made()[4:], "at once"),
}

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
    "lossless JPEG of 49 megapixels": (
        lambda: packed(uid.JPEGLosslessSV1, lossless_jpeg(SIDE), SIDE, SIDE),
        "more than 25 megapixels",
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
    members = {**LENGTHS, **VALUES, **STREAMS}
    return {
        f"DICOM: {name}": Kind(make=make, file="film.dcm", reason=reason) for name, (make, reason) in members.items()
    }
