"""DICOM files with broken lengths, and with missing or impossible elements."""

import struct
import warnings
import zlib
from collections.abc import Callable

import numpy as np
from pydicom import config
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.hostile.parts import DEEP, GRAY, SCRIPT, Kind, zeros
from tests.support.dicom_files import make_dataset, make_dicom, write

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


def kinds() -> dict[str, Kind]:
    members = {**LENGTHS, **VALUES}
    return {
        f"DICOM: {name}": Kind(make=make, file="film.dcm", reason=reason) for name, (make, reason) in members.items()
    }
