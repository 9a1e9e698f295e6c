"""The pixel data of a DICOM file to stored values: native, RLE, JPEG, JPEG-LS and JPEG 2000.

Codestreams are measured before they are decoded: their own size may differ from the header's.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom import encaps, uid
from pydicom.dataelem import RawDataElement
from pydicom.pixels import convert_color_space, get_decoder

from core.errors import InputError
from core.imaging.dicom import gdcm_worker
from core.imaging.guards import jpeg2000
from core.imaging.guards.jpeg import has_end, has_gaps, has_long_header, has_many_scans
from core.imaging.guards.jpeg import header as jpeg_header
from core.types import UInt8Array

UNDEFINED = 0xFFFFFFFF
MAX_FRAGMENTS = 10_000  # of one frame, which most files write as one
MAX_OFFSETS = 4096  # bytes of the table of frames; a film has one frame
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
_ITEM = b"\xfe\xff\x00\xe0"  # starts a fragment
SYNTAXES = frozenset((*_NATIVE, *_PLUGINS, uid.RLELossless))


@dataclass(frozen=True, kw_only=True)
class Header:
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


def stored_values(element: RawDataElement, syntax: str, header: Header, name: str) -> npt.NDArray[Any]:
    """Return stored values, (H, W) or (H, W, 3) RGB, of 8 or 16 bits.

    Parameters
    ----------
    element : RawDataElement
        Pixel data as in the file.
    syntax : str
        One of `SYNTAXES`.
    header : Header
    name : str
        For messages.

    Raises
    ------
    InputError
        Cut off, or a codestream of another size than the header says.
    Exception
        Whatever the decoders raise on damaged data.
    """
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
        if element.length == UNDEFINED or len(data) < max(header.native_bytes, element.length):
            raise InputError("cut off within its pixels; export it again.", file=name)
        return np.asarray(get_decoder(syntax).as_array(data, **options)[0])
    if element.length != UNDEFINED:
        raise ValueError("compressed pixels are not in fragments")
    if data.count(_ITEM) > MAX_FRAGMENTS or int.from_bytes(data[4:8], "little") > MAX_OFFSETS:
        raise ValueError("fragments without end")
    frame = encaps.get_frame(data, 0, number_of_frames=1)
    if syntax == uid.RLELossless:
        return _decode_rle(frame, header)
    *size, bits = _measure(frame)
    if size != [header.columns, header.rows, header.samples]:
        raise InputError("its compressed picture is not of the size that the file states; export it again.", file=name)
    if frame.startswith(jpeg2000.START) and jpeg2000.asks_too_much(frame):
        raise ValueError("too many tiles, layers or code blocks")
    if has_long_header(frame):
        raise ValueError("header without end")
    if frame.startswith(b"\xff\xd8") and has_many_scans(frame, header.columns * header.rows):
        raise InputError("too many scans for its size; export it uncompressed or as JPEG 2000.", file=name)
    # Of JPEG 2000 the end marker may be followed by padding; OpenJPEG decodes what there is of a shorter one.
    whole = has_end(frame) if frame[:2] == b"\xff\xd8" else b"\xff\xd9" in frame[-4:]
    plugin = _PLUGINS[uid.UID(syntax)]
    if not whole or (plugin == "pillow" and has_gaps(frame, header.columns, header.rows)):
        raise InputError("cut off within its pixels; export it again.", file=name)
    if plugin == "gdcm" or (syntax == uid.JPEGExtended12Bit and bits > 8):  # pydicom gives 12-bit JPEG to no decoder
        if header.native_bytes > gdcm_worker.MAX_DECODED:
            raise InputError("too many colours for lossless JPEG of its size; export it in gray.", file=name)
        return _decode_gdcm(frame, header)
    return np.asarray(get_decoder(syntax).as_array(data, decoding_plugin=plugin, **options)[0])


def _decode_gdcm(frame: bytes, header: Header) -> npt.NDArray[Any]:
    decoded = gdcm_worker.decode(
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


def _rgb(values: npt.NDArray[Any], header: Header) -> npt.NDArray[Any]:
    if header.photometric == "RGB":
        return values
    return np.asarray(convert_color_space(values, header.photometric, "RGB"))


def _measure(frame: bytes) -> tuple[int, int, int, int]:
    """Width, height, components and bits of a JPEG, JPEG-LS or JPEG 2000 codestream, read from its header."""

    def number(place: int, size: int) -> int:
        if place + size > len(frame):
            raise ValueError("codestream without a size")
        return int.from_bytes(frame[place : place + size], "big")

    if frame.startswith(jpeg2000.START):
        return jpeg2000.measure(frame)
    if not frame.startswith(b"\xff\xd8"):
        raise ValueError("no codestream")
    for marker, place, _ in jpeg_header(frame):
        if (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)) or marker == 0xF7:  # SOF (ISO 10918-1 B.2.2)
            return number(place + 3, 2), number(place + 1, 2), number(place + 5, 1), number(place, 1)
    raise ValueError("codestream without a size")


def _decode_rle(frame: bytes, header: Header) -> npt.NDArray[Any]:
    """RLE (PS3.5 annex G): one segment for each byte of each sample, the most significant first.

    A segment is packed as lines of TIFF are (PackBits), so that Pillow's decoder unpacks it: no further than the
    picture goes, unlike pydicom's, which unpacks a segment to up to 64 times its length before it looks.
    """
    deep = header.allocated // 8
    words = np.frombuffer(frame[:64], "<u4")
    count = header.samples * deep
    if words[0] != count:
        raise ValueError("wrong number of segments")
    ends = [*(int(word) for word in words[2 : count + 1]), len(frame)]
    planes = [_unpack_bits(frame[int(words[1 + i]) : ends[i]], header) for i in range(count)]
    values = planes if deep == 1 else [planes[i].astype(np.uint16) << 8 | planes[i + 1] for i in range(0, count, 2)]
    return values[0] if header.samples == 1 else _rgb(np.stack(values, axis=-1), header)


def _unpack_bits(segment: bytes, header: Header) -> UInt8Array:
    size = header.rows * header.columns
    line = Image.frombytes("L", (size, 1), segment, "packbits", "L")  # ValueError where it is cut off
    return np.asarray(line).reshape(header.rows, header.columns)
