"""DICOM files to gray pixels: one frame, as the file says that it is to be shown, and nothing that identifies anybody.

Only the elements of `NEEDED` are taken from a file. What pydicom would say of their values is silenced, and no message
of this module quotes a value. Codestreams are measured before they are decoded: their own size may differ from the
header's.
"""

import logging
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom import encaps, uid
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.filereader import read_dataset, read_preamble
from pydicom.pixels import convert_color_space, get_decoder

from core import dicom_gdcm
from core.dicom_display import gray_table, notes, pixel_aspect, window_notes
from core.errors import InputError
from core.film import MAX_PIXELS, MIN_SIDE, BoundedFile, Film, UInt8Array, check_size, resize
from core.jpeg import has_end, has_gaps, has_many_scans

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
_UNDEFINED = 0xFFFFFFFF
_PLUGINS = {
    uid.JPEGBaseline8Bit: "pillow",
    uid.JPEGExtended12Bit: "pillow",
    uid.JPEGLossless: "gdcm",
    uid.JPEGLosslessSV1: "gdcm",
    uid.JPEGLSLossless: "pyjpegls",
    uid.JPEGLSNearLossless: "pyjpegls",
    uid.JPEG2000Lossless: "pylibjpeg",
    uid.JPEG2000: "pylibjpeg",
}
_NATIVE = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
)
_PHOTOMETRIC = {
    1: ("MONOCHROME1", "MONOCHROME2"),
    3: ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"),
}

logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)  # it quotes values


@dataclass(frozen=True, kw_only=True)
class _Header:
    """What the pixels look like; sizes in pixels, depths in bits."""

    rows: int
    columns: int
    samples: int
    allocated: int
    stored: int
    signed: bool
    photometric: str
    planar: int

    @property
    def native_bytes(self) -> int:
        count = self.rows * self.columns * self.samples * self.allocated // 8
        return count * 2 // 3 if self.photometric == "YBR_FULL_422" else count


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
        raise InputError(f"{name}: damaged or cut off ({type(error).__name__}); export it again.") from None


def _decode(data: bytes, name: str) -> Film:
    dataset, syntax = _parse(data, name)
    header = _header(dataset, name)
    if syntax not in _NATIVE and syntax not in _PLUGINS and syntax != uid.RLELossless:
        raise InputError(f"{name}: compressed in a way that is not read here; export it uncompressed or as JPEG 2000.")
    values = _values(dataset.get_item(_PIXEL_DATA), syntax, header, name)
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    said = notes(dataset)
    if header.samples == 1:
        bits = values.view("u1" if values.dtype.itemsize == 1 else "u2") & (2**header.stored - 1)
        table = gray_table(dataset, bits, header.stored, header.signed, header.photometric == "MONOCHROME1")
        pixels: UInt8Array = table[bits]
        said = (*said, *window_notes(dataset, header.stored))
    else:
        colours = (values >> (header.stored - 8)).astype(np.uint8)
        pixels = np.array(Image.fromarray(colours).convert("L"))
    return Film(name=name, pixels=_square(pixels, dataset, name), size=(header.columns, header.rows), notes=said)


def _parse(data: bytes, name: str) -> tuple[Any, str]:
    """The needed elements and the transfer syntax; raises `InputError` where there are no pixels."""
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
        if tag in _LIMITS and _LIMITS[tag] < length < _UNDEFINED:
            raise ValueError("element too long")
        return tag > _PIXEL_DATA

    dataset = read_dataset(file, implicit, little, stop_when=stop, specific_tags=_TAGS)
    if _PIXEL_DATA in dataset:
        return dataset, syntax
    if has_pixels:
        raise InputError(f"{name}: cut off within its pixels; export it again.")
    raise InputError(
        f"{name}: a DICOM file without a picture (a report, a plan, an index, or cut off); export the image itself."
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
        raise InputError(f"{name}: unpacks to more than {MAX_INFLATED // 1024**2} MB; export it smaller.")
    if not inflater.eof:
        raise InputError(f"{name}: cut off; export it again.")
    return data


def _header(dataset: Any, name: str) -> _Header:
    missing = [word for word in ("Rows", "Columns", "BitsAllocated", "BitsStored") if dataset.get(word) is None]
    if missing:
        raise InputError(f"{name}: states no {missing[0]}; export it again.")
    samples, frames = _integer(dataset, "SamplesPerPixel", 1), _integer(dataset, "NumberOfFrames", 1)
    header = _Header(
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
        raise InputError(f"{name}: holds several pictures; export the one film to judge.")
    if header.photometric == "PALETTE COLOR":
        raise InputError(f"{name}: drawn with a colour palette, as no X-ray is; export it in gray.")
    if header.photometric not in _PHOTOMETRIC.get(samples, ()):
        raise InputError(f"{name}: its kind of colours is not read here; export it in gray.")
    deep = header.allocated in (8, 16) and 8 <= header.stored <= header.allocated
    if not deep or _integer(dataset, "HighBit", header.stored - 1) != header.stored - 1:
        raise InputError(f"{name}: not of 8 to 16 bits a pixel in the usual order; export it with 8 or 16 bits.")
    return header


def _integer(dataset: Any, keyword: str, default: int) -> int:
    value = dataset.get(keyword)
    return default if value is None else int(value)


def _values(element: RawDataElement, syntax: str, header: _Header, name: str) -> npt.NDArray[Any]:
    """Stored values, (H, W) or (H, W, 3) RGB, of 8 or 16 bits."""
    data = bytes(element.value or b"")
    options: dict[str, Any] = {
        "rows": header.rows,
        "columns": header.columns,
        "samples_per_pixel": header.samples,
        "bits_allocated": header.allocated,
        "bits_stored": header.stored,
        "pixel_representation": int(header.signed),
        "photometric_interpretation": header.photometric,
        "planar_configuration": header.planar,
        "number_of_frames": 1,
        "pixel_keyword": "PixelData",
        "pixel_vr": element.VR or "OW",
        "index": 0,
    }
    if syntax in _NATIVE:
        if element.length == _UNDEFINED or len(data) < max(header.native_bytes, element.length):
            raise InputError(f"{name}: cut off within its pixels; export it again.")
        return np.asarray(get_decoder(syntax).as_array(data, **options)[0])
    if element.length != _UNDEFINED:
        raise ValueError("compressed pixels are not in fragments")
    frame = encaps.get_frame(data, 0, number_of_frames=1)
    if syntax == uid.RLELossless:
        return _decode_rle(frame, header)
    *size, bits = _measure(frame)
    if size != [header.columns, header.rows, header.samples]:
        raise InputError(f"{name}: its compressed picture is not of the size that the file states; export it again.")
    if frame.startswith(b"\xff\xd8") and has_many_scans(frame):
        raise ValueError("too many scans")
    # Of JPEG 2000 the end marker may be followed by padding; OpenJPEG decodes what there is of a shorter one.
    whole = has_end(frame) if frame[:2] == b"\xff\xd8" else b"\xff\xd9" in frame[-4:]
    plugin = _PLUGINS[uid.UID(syntax)]
    if not whole or (plugin == "pillow" and has_gaps(frame, header.columns, header.rows)):
        raise InputError(f"{name}: cut off within its pixels; export it again.")
    if plugin == "gdcm" or (syntax == uid.JPEGExtended12Bit and bits > 8):  # pydicom gives 12-bit JPEG to no decoder
        return _decode_gdcm(frame, header)
    return np.asarray(get_decoder(syntax).as_array(data, decoding_plugin=plugin, **options)[0])


def _decode_gdcm(frame: bytes, header: _Header) -> npt.NDArray[Any]:
    decoded = dicom_gdcm.decode(
        frame,
        rows=header.rows,
        columns=header.columns,
        samples=header.samples,
        allocated=header.allocated,
        stored=header.stored,
        signed=header.signed,
        photometric=header.photometric,
    )
    kind = "u1" if header.allocated == 8 else "<i2" if header.signed else "<u2"
    values = np.frombuffer(decoded, kind)
    if header.samples == 1:
        return values.reshape(header.rows, header.columns)
    return _rgb(values.reshape(header.rows, header.columns, header.samples), header)


def _rgb(values: npt.NDArray[Any], header: _Header) -> npt.NDArray[Any]:
    if header.photometric == "RGB":
        return values
    return np.asarray(convert_color_space(values, header.photometric, "RGB"))


def _measure(frame: bytes) -> tuple[int, int, int, int]:
    """Width, height, components and bits of a JPEG, JPEG-LS or JPEG 2000 codestream, read from its header."""

    def number(place: int, size: int) -> int:
        if place + size > len(frame):
            raise ValueError("codestream without a size")
        return int.from_bytes(frame[place : place + size], "big")

    if frame.startswith(b"\xff\x4f\xff\x51"):  # JPEG 2000: SOC, SIZ (ISO 15444-1 A.5.1)
        width, height = number(8, 4) - number(16, 4), number(12, 4) - number(20, 4)
        return width, height, number(40, 2), (number(42, 1) & 0x7F) + 1
    if not frame.startswith(b"\xff\xd8"):
        raise ValueError("no codestream")
    place = 2
    while number(place, 1) == 0xFF:
        marker = number(place + 1, 1)
        if marker == 0xFF:
            place += 1
        elif (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)) or marker == 0xF7:  # SOF (ISO 10918-1 B.2.2)
            return number(place + 7, 2), number(place + 5, 2), number(place + 9, 1), number(place + 4, 1)
        else:
            place += 2 + max(number(place + 2, 2), 2)
    raise ValueError("codestream without a size")


def _decode_rle(frame: bytes, header: _Header) -> npt.NDArray[Any]:
    """RLE (PS3.5 annex G): one segment for each byte of each sample, the most significant first.

    pydicom's decoder unpacks a segment whole before it looks at the length, which may be 64 times that of the file.
    """
    size, deep = header.rows * header.columns, header.allocated // 8
    words = np.frombuffer(frame[:64], "<u4")
    count = header.samples * deep
    if words[0] != count:
        raise ValueError("wrong number of segments")
    ends = [*(int(word) for word in words[2 : count + 1]), len(frame)]
    planes = [_unpack_bits(frame[int(words[1 + i]) : ends[i]], size) for i in range(count)]
    shape = (header.samples, deep, header.rows, header.columns)
    bytes_last = np.frombuffer(b"".join(planes), np.uint8).reshape(shape).transpose(2, 3, 0, 1)
    values = np.ascontiguousarray(bytes_last).view(">u2" if deep == 2 else np.uint8)[..., 0]
    values = values.astype(np.uint16 if deep == 2 else np.uint8)
    return values[..., 0] if header.samples == 1 else _rgb(values, header)


def _unpack_bits(segment: bytes, size: int) -> bytes:
    out = bytearray()
    place, end = 0, len(segment)
    while len(out) < size and place < end:
        head = segment[place]
        if head < 128:
            out += segment[place + 1 : place + 2 + head]
            place += 2 + head
        elif head > 128:
            out += segment[place + 1 : place + 2] * (257 - head)
            place += 2
        else:
            place += 1
    if len(out) < size:
        raise ValueError("segment cut off")
    return bytes(out[:size])


def _square(pixels: UInt8Array, dataset: Any, name: str) -> UInt8Array:
    aspect = pixel_aspect(dataset)
    if abs(aspect - 1) < 0.01:
        return pixels
    if not 0.25 <= aspect <= 4:
        raise InputError(f"{name}: states pixels that are {aspect:.3g} times as high as wide; export it again.")
    height, width = pixels.shape
    height, width = (height, round(width / aspect)) if aspect > 1 else (round(height * aspect), width)
    if min(height, width) < MIN_SIDE:
        raise InputError(f"{name}: {width} x {height} pixels is too small; at least {MIN_SIDE} a side are needed.")
    return resize(pixels, height, width)
