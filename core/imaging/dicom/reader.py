"""DICOM files to gray pixels: one frame, as the file says that it is to be shown, and nothing that identifies anybody.

Only the elements of `NEEDED` are taken from a file. What pydicom would say of their values is silenced, and no message
of this module quotes a value.
"""

import logging
import zlib
from typing import Any

import numpy as np
from pydicom import uid
from pydicom.datadict import tag_for_keyword
from pydicom.filereader import read_dataset, read_preamble

from core.errors import InputError
from core.imaging.dicom.notes import header_notes, window_notes
from core.imaging.dicom.pixels import SYNTAXES, UNDEFINED, Header, stored_values
from core.imaging.dicom.windowing import gray_table, pixel_aspect
from core.imaging.film import MAX_PIXELS, MIN_SIDE, BoundedFile, Film, check_bulk, check_size, resize
from core.imaging.grayscale import from_colours
from core.types import UInt8Array

NEEDED = (
    "Modality",
    "PresentationIntentType",
    "BodyPartExamined",
    "ImagerPixelSpacing",
    "NominalScannedPixelSpacing",
    "ViewPosition",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "PixelSpacing",
    "PixelAspectRatio",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelPaddingValue",
    "WindowCenter",
    "WindowWidth",
    "RescaleIntercept",
    "RescaleSlope",
    "VOILUTFunction",
    "ModalityLUTSequence",
    "VOILUTSequence",
    "PixelData",
)
MAX_READS = 20_000  # of elements and items; a film has some hundred, a hostile file millions that take minutes
MAX_VALUE = 4096  # bytes of an element other than pixels and tables
MAX_TABLE = 1024**2  # bytes of a sequence with a look-up table, whose entries are at most 65,536
MAX_INFLATED = 2 * MAX_PIXELS + 1024**2  # bytes of a deflated data set: the largest film of 16 bits

_PIXEL_DATA = 0x7FE00010
_TABLES = (0x00283000, 0x00283010)
_TAGS = [int(tag_for_keyword(keyword)) for keyword in NEEDED]
_LIMITS = {tag: MAX_TABLE if tag in _TABLES else MAX_VALUE for tag in _TAGS if tag != _PIXEL_DATA}
_PHOTOMETRIC = {
    1: ("MONOCHROME1", "MONOCHROME2"),
    3: ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"),
}

logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)  # it quotes values


def decode_dicom(data: bytes, name: str) -> Film:
    """Decode the bytes of a DICOM file with one frame.

    Modality look-up table or rescale, then value-of-interest look-up table or the first window, then the inversion of
    MONOCHROME1 (PS3.3 C.7.6.3.1, C.11.1, C.11.2). Without a window 8-bit values are shown as they are, deeper ones from
    the darkest to the brightest of the film. Where pixels are not square, the side with more of them is shrunk.
    Overlays and presentation states are not drawn.

    Parameters
    ----------
    data : bytes
        8 to 16 bits, one sample or RGB and YBR; implicit or explicit little endian, big endian, deflated, RLE, JPEG
        (baseline, extended, lossless), JPEG-LS and JPEG 2000. With or without preamble.
    name : str
        For messages.

    Raises
    ------
    InputError
        Not one picture, damaged, cut off, or beyond the limits; the reason quotes nothing of the file.
    """
    try:
        return _decode(data, name)
    except InputError:
        raise
    except Exception as error:  # pydicom and the decoders raise whatever their parsers stumble over
        raise InputError(f"damaged or cut off ({type(error).__name__}); export it again.", file=name) from None


def _decode(data: bytes, name: str) -> Film:
    dataset, syntax = _parse(data, name)
    header = _header(dataset, name)
    check_bulk(header.columns * header.rows, header.samples * header.allocated // 8, len(data), name)
    if syntax not in SYNTAXES:
        raise InputError(
            "compressed in a way that is not read here; export it uncompressed or as JPEG 2000.", file=name
        )
    values = stored_values(dataset.get_item(_PIXEL_DATA), syntax, header, name)
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    notes = header_notes(dataset)
    if header.samples == 1:
        bits = values.view("u1" if values.dtype.itemsize == 1 else "u2")
        if header.stored < header.allocated:
            bits = np.bitwise_and(bits, 2**header.stored - 1, out=bits if bits.flags.writeable else None)
        table = gray_table(dataset, bits, header.stored, header.signed, header.photometric == "MONOCHROME1")
        pixels: UInt8Array = np.empty(bits.shape, np.uint8)
        for row, pixel_row in zip(bits, pixels, strict=True):  # at once, NumPy would make 8 bytes of each value
            table.take(row, out=pixel_row, mode="clip")
        notes = (*notes, *window_notes(dataset, header.stored))
    else:
        colours = (values >> (header.stored - 8)).astype(np.uint8)
        pixels = from_colours(colours)
    return Film(name=name, pixels=_square(pixels, dataset, name), size=(header.columns, header.rows), notes=notes)


def _parse(data: bytes, name: str) -> tuple[Any, str]:
    """Return the needed elements and the transfer syntax; raises `InputError` where there are no pixels."""
    file = BoundedFile(data, MAX_READS)
    read_preamble(file, force=True)
    meta = read_dataset(file, False, True, stop_when=lambda tag, *_: tag >> 16 != 2, specific_tags=[0x00020010])
    syntax = str(meta.get("TransferSyntaxUID") or "")
    implicit, little = syntax == uid.ImplicitVRLittleEndian, syntax != uid.ExplicitVRBigEndian
    if not syntax:
        syntax, implicit, little = _guess(data[file.tell() : file.tell() + 6])
    if syntax == uid.DeflatedExplicitVRLittleEndian:
        file = BoundedFile(_inflate(data[file.tell() :], name), MAX_READS)
    has_pixels = False

    def stop(tag: int, _: str | None, length: int) -> bool:
        nonlocal has_pixels
        has_pixels |= tag == _PIXEL_DATA
        if tag in _LIMITS and _LIMITS[tag] < length < UNDEFINED:
            raise ValueError("element too long")
        return tag > _PIXEL_DATA

    dataset = read_dataset(file, implicit, little, stop_when=stop, specific_tags=_TAGS)
    if _PIXEL_DATA in dataset:
        return dataset, syntax
    if has_pixels:
        raise InputError("cut off within its pixels; export it again.", file=name)
    raise InputError(
        "a DICOM file without a picture (a report, a plan, an index, or cut off); export the image itself.", file=name
    )


def _guess(start: bytes) -> tuple[str, bool, bool]:
    """Syntax, implicit, little endian of a data set without file meta information."""
    if not (start[4:6].isalpha() and start[4:6].isupper()):
        return uid.ImplicitVRLittleEndian, True, True
    if start[0] == 0:
        return uid.ExplicitVRBigEndian, False, False
    return uid.ExplicitVRLittleEndian, False, True


def _inflate(packed: bytes, name: str) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    data = inflater.decompress(packed, MAX_INFLATED)
    if inflater.unconsumed_tail:
        raise InputError(f"unpacks to more than {MAX_INFLATED // 1024**2} MB; export it smaller.", file=name)
    if not inflater.eof:
        raise InputError("cut off; export it again.", file=name)
    return data


def _header(dataset: Any, name: str) -> Header:
    missing = [word for word in ("Rows", "Columns", "BitsAllocated", "BitsStored") if dataset.get(word) is None]
    if missing:
        raise InputError(f"states no {missing[0]}; export it again.", file=name)
    samples, frames = _integer(dataset, "SamplesPerPixel", 1), _integer(dataset, "NumberOfFrames", 1)
    header = Header(
        rows=_integer(dataset, "Rows", 0),
        columns=_integer(dataset, "Columns", 0),
        samples=samples,
        allocated=_integer(dataset, "BitsAllocated", 0),
        stored=_integer(dataset, "BitsStored", 0),
        signed=_integer(dataset, "PixelRepresentation", 0) == 1,
        photometric=str(dataset.get("PhotometricInterpretation", "")).strip(),
        planar=_integer(dataset, "PlanarConfiguration", 0),
    )
    check_size(header.columns, header.rows, name)
    if frames != 1:
        raise InputError("holds several pictures; export the one film to judge.", file=name)
    if header.photometric == "PALETTE COLOR":
        raise InputError("drawn with a colour palette, as no X-ray is; export it in gray.", file=name)
    if header.photometric not in _PHOTOMETRIC.get(samples, ()):
        raise InputError("its kind of colours is not read here; export it in gray.", file=name)
    deep = header.allocated in (8, 16) and 8 <= header.stored <= header.allocated
    if not deep or _integer(dataset, "HighBit", header.stored - 1) != header.stored - 1:
        raise InputError("not of 8 to 16 bits a pixel in the usual order; export it with 8 or 16 bits.", file=name)
    return header


def _integer(dataset: Any, keyword: str, default: int) -> int:
    value = dataset.get(keyword)
    return default if value is None else int(value)


def _square(pixels: UInt8Array, dataset: Any, name: str) -> UInt8Array:
    aspect = pixel_aspect(dataset)
    if abs(aspect - 1) < 0.01:
        return pixels
    if not 0.25 <= aspect <= 4:
        raise InputError(f"states pixels that are {aspect:.3g} times as high as wide; export it again.", file=name)
    height, width = pixels.shape
    height, width = (height, round(width / aspect)) if aspect > 1 else (round(height * aspect), width)
    if min(height, width) < MIN_SIDE:
        raise InputError(f"{width} x {height} pixels is too small; at least {MIN_SIDE} a side are needed.", file=name)
    return resize(pixels, height, width)
