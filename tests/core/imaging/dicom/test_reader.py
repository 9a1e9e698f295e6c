"""DICOM: values against pydicom's own path, every syntax, limits, and nothing that identifies anybody."""

import io
import logging
import signal
import struct
import subprocess
import sys
import time
import tracemalloc
import warnings
import zlib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from PIL import Image
from pydicom import encaps, uid
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut, apply_voi_lut
from pydicom.sequence import Sequence

from core.errors import InputError
from core.imaging import film
from core.imaging.decode import decode_film
from core.imaging.dicom import gdcm_worker
from core.imaging.dicom import reader as dicom
from core.imaging.dicom.reader import NEEDED
from core.imaging.notes import NoteKind
from tests.support.damage import CHANGES, change
from tests.support.dicom_files import LOSSLESS, LOSSY, NATIVE, compress, make_dataset, make_dicom, write

BUNDLED = Path(pydicom.__path__[0]) / "data" / "test_files"
DEEP = (np.add.outer(np.arange(40), 2 * np.arange(50)) * 29 % 4096).astype(np.uint16)
GRAY = (DEEP >> 4).astype(np.uint8)
SIGNED = (DEEP.astype(np.int32) - 2048).astype(np.int16)
COLOUR = np.stack([GRAY, GRAY[::-1], 255 - GRAY], axis=-1)
FULL = {"BitsStored": 12, "WindowCenter": 2048, "WindowWidth": 4096}


def outcome(data: bytes, name: str = "a") -> tuple[film.Film | None, str]:
    """The film, or the reason why there is none."""
    try:
        return decode_film(data, name), ""
    except InputError as refused:
        return None, str(refused)


def table(values: np.ndarray, first: int = 0, depth: int = 16, vr: str = "US") -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", vr, [len(values) % 65536, first, depth])
    item.add_new("LUTData", "OW", values.astype("<u2").tobytes())
    return item


def shown_by_pydicom(data: bytes) -> np.ndarray:
    """Gray values by pydicom's own functions, scaled by the range that its windows and tables reach."""
    dataset = pydicom.dcmread(io.BytesIO(data))
    low, high = (-(2**15), 2**15 - 1) if dataset.PixelRepresentation else (0, 2**dataset.BitsStored - 1)
    if dataset.PixelRepresentation:
        low, high = -(2 ** (dataset.BitsStored - 1)), 2 ** (dataset.BitsStored - 1) - 1
    values = apply_modality_lut(dataset.pixel_array, dataset)
    shown = apply_voi_lut(values, dataset).astype(np.float64)
    if "VOILUTSequence" in dataset:
        low, high = 0, 2 ** dataset.VOILUTSequence[0].LUTDescriptor[2] - 1
    elif "ModalityLUTSequence" in dataset:
        low, high = 0, 2 ** dataset.ModalityLUTSequence[0].LUTDescriptor[2] - 1
    elif "RescaleSlope" in dataset:
        low, high = (limit * dataset.RescaleSlope + dataset.RescaleIntercept for limit in (low, high))
    unit = (shown - low) / (high - low)
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        unit = 1 - unit
    return np.rint(255 * unit).astype(np.uint8)


DISPLAYS = {
    "window": FULL,
    "narrow": {"BitsStored": 12, "WindowCenter": 1000, "WindowWidth": 321.5},
    "step": {"BitsStored": 12, "WindowCenter": 1000, "WindowWidth": 1},
    "two windows": {"BitsStored": 12, "WindowCenter": [1500, 40], "WindowWidth": [900, 400]},
    "exact": {**FULL, "VOILUTFunction": "LINEAR_EXACT", "WindowWidth": 0.5},
    "sigmoid": {**FULL, "VOILUTFunction": "SIGMOID", "WindowWidth": 700},
    "rescaled": {**FULL, "RescaleSlope": 2.5, "RescaleIntercept": -1024, "WindowCenter": 3000},
    "inverted": {**FULL, "PhotometricInterpretation": "MONOCHROME1", "WindowWidth": 2000},
    "modality table": {**FULL, "ModalityLUTSequence": [table(np.arange(4096)[::-1] * 16)]},
    "table": {"BitsStored": 12, "VOILUTSequence": [table(np.sqrt(np.arange(4096)) * 1023)]},
    "table before window": {**FULL, "VOILUTSequence": [table(np.arange(1000) * 65, first=500)]},
    "two tables": {"BitsStored": 12, "VOILUTSequence": [table(np.arange(4096), depth=12), table(np.arange(9))]},
}


@pytest.mark.parametrize("elements", DISPLAYS.values(), ids=DISPLAYS)
@pytest.mark.parametrize("syntax", [uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian])
def test_values_are_those_of_pydicom(elements, syntax):
    data = make_dicom(DEEP, syntax, **elements)
    found = decode_film(data, "a.dcm")
    assert np.abs(found.pixels.astype(int) - shown_by_pydicom(data)).max() <= 1
    assert len(np.unique(found.pixels)) > 1
    assert found.notes == ()


@pytest.mark.parametrize(
    "elements",
    [
        {"WindowCenter": 0, "WindowWidth": 4096},
        {"WindowCenter": -900, "WindowWidth": 500, "RescaleSlope": 1, "RescaleIntercept": -100},
        {"VOILUTSequence": [table(np.arange(4096) * 16, first=-2048, vr="SS")]},
        {"BitsStored": 12, "WindowCenter": 0, "WindowWidth": 4096},
    ],
)
def test_signed_values_are_those_of_pydicom(elements):
    data = make_dicom(SIGNED, **elements)
    assert np.abs(decode_film(data, "a").pixels.astype(int) - shown_by_pydicom(data)).max() <= 1


@pytest.mark.parametrize("name", ["MR_small", "MR_small_implicit", "CT_small", "693_J2KI", "examples_overlay"])
def test_bundled_files_are_shown_as_pydicom_would(name):
    data = (BUNDLED / f"{name}.dcm").read_bytes()
    dataset = pydicom.dcmread(io.BytesIO(data))
    values = apply_modality_lut(dataset.pixel_array, dataset).astype(np.float64)
    if "WindowCenter" in dataset:
        centre, width = (
            float(value if isinstance(value, float | int) else value[0])
            for value in (dataset.WindowCenter, dataset.WindowWidth)
        )
        unit = np.clip((values - (centre - 0.5)) / (width - 1) + 0.5, 0, 1)
    else:
        unit = (values - values.min()) / (values.max() - values.min())
    np.testing.assert_array_equal(decode_film(data, name).pixels, np.rint(255 * unit))


BUNDLED_TWINS = [  # the same picture in two syntaxes, and how far apart two pixels may be
    ("MR_small", "MR_small_RLE", 0),
    ("MR_small", "MR_small_implicit", 0),
    ("MR_small", "MR_small_padded", 0),
    ("MR_small", "MR_small_jp2klossless", 0),
    ("MR_small", "MR_small_jpeg_ls_lossless", 0),
    ("MR_small_bigendian", "MR_small_expb", 0),
    ("JPGExtended", "JPEG-lossy", 0),
    ("SC_rgb_rle", "SC_rgb_rle_16bit", 1),
    ("SC_rgb_rle", "SC_rgb_jpeg_gdcm", 0),
    ("SC_rgb_rle", "SC_rgb_gdcm_KY", 1),
    ("SC_rgb_rle", "SC_rgb_jpeg_dcmtk", 4),
    ("SC_rgb_rle", "SC_rgb_jls_lossy_line", 6),
    ("SC_rgb_rle", "SC_rgb_jls_lossy_sample", 6),
    ("SC_rgb_rle", "SC_ybr_full_422_uncompressed", 2),
]


@pytest.mark.parametrize(("one", "other", "apart"), BUNDLED_TWINS)
def test_bundled_twins_agree(one, other, apart):
    first, second = (decode_film((BUNDLED / f"{name}.dcm").read_bytes(), name).pixels for name in (one, other))
    assert first.std() > 5
    assert np.abs(first.astype(int) - second).max() <= apart


def test_bundled_12_bit_jpeg():
    """A bone scan; pydicom itself refuses 12-bit JPEG without a licence-bound package."""
    pixels = decode_film((BUNDLED / "JPGExtended.dcm").read_bytes(), "a").pixels
    assert pixels.shape == (1024, 256)
    assert pixels[420, 140:144].tolist() == [round(255 * value / 264) for value in (244, 242, 249, 260)]
    assert pixels[:50].max() < 10


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("test-SR", "without a picture"),
        ("rtplan", "without a picture"),
        ("waveform_ecg", "without a picture"),
        ("dicomdirtests/DICOMDIR", "without a picture"),
        ("ExplVR_BigEndNoMeta", "without a picture"),
        ("examples_ybr_color", "several pictures"),
        ("SC_rgb_rle_2frame", "several pictures"),
        ("SC_rgb_rle_32bit", "not of 8 to 16 bits"),
        ("liver_1frame", "not of 8 to 16 bits"),
        ("examples_palette", "colour palette"),
        ("rtdose_1frame", "too small"),
        ("MR_truncated", "cut off"),
        ("JPEG2000-embedded-sequence-delimiter", "not of the size"),
        ("GDCMJ2K_TextGBR", "damaged"),
    ],
)
def test_bundled_files_that_are_no_film(name, reason):
    path = BUNDLED / name if "/" in name else BUNDLED / f"{name}.dcm"
    with pytest.raises(InputError, match=reason):
        decode_film(path.read_bytes(), "a")


def test_every_bundled_file_gives_a_film_or_a_reason_quickly():
    films = 0
    for path in sorted(BUNDLED.rglob("*")):
        if not path.is_file():
            continue
        start = time.process_time()
        found, reason = outcome(path.read_bytes())
        assert (found is None) == reason.startswith("a: ")
        assert "\n" not in reason
        films += found is not None
        assert time.process_time() - start < 3
    assert films >= 30


@pytest.mark.parametrize("syntax", [*NATIVE, *LOSSLESS], ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("kind", ["12 bit", "8 bit", "signed", "colour"])
def test_lossless_syntaxes_keep_every_value(syntax, kind):
    pixels, elements, shown = {
        "12 bit": (DEEP, FULL, np.rint(255 * np.clip((DEEP - 2047.5) / 4095 + 0.5, 0, 1))),
        "8 bit": (GRAY, {}, GRAY),
        "signed": (SIGNED, {"WindowCenter": 0, "WindowWidth": 4096}, np.rint(255 * (DEEP / 4095))),
        "colour": (COLOUR, {}, np.array(Image.fromarray(COLOUR).convert("L"))),
    }[kind]
    found = decode_film(make_dicom(pixels, syntax, **elements), "a")
    assert found.size == (50, 40)
    np.testing.assert_array_equal(found.pixels, shown)


@pytest.mark.parametrize("syntax", LOSSY, ids=lambda syntax: syntax.name)
def test_lossy_syntaxes_come_close(syntax):
    found = decode_film(make_dicom(GRAY, syntax), "a")
    assert np.abs(found.pixels.astype(int) - GRAY).mean() < 2.5


@pytest.mark.parametrize("bits", range(8, 17))
def test_every_depth(bits):
    pixels = (DEEP.astype(np.uint32) * 16 >> (16 - bits)).astype(np.uint16)
    centre = 2 ** (bits - 1)
    found = decode_film(make_dicom(pixels, BitsStored=bits, WindowCenter=centre, WindowWidth=2**bits), "a")
    np.testing.assert_allclose(found.pixels, 255 * (pixels / (2**bits - 1)), atol=0.51)


def test_bits_above_the_stored_ones_are_no_part_of_the_value():
    """Old files keep overlays there."""
    found = decode_film(make_dicom(DEEP | 0x8000, **FULL), "a")
    np.testing.assert_array_equal(found.pixels, decode_film(make_dicom(DEEP, **FULL), "a").pixels)


def test_big_endian_look_up_tables():
    item = table(np.arange(4096)[::-1], depth=12)
    item["LUTData"].value = np.arange(4096, dtype=">u2")[::-1].tobytes()
    found = decode_film(make_dicom(DEEP, uid.ExplicitVRBigEndian, BitsStored=12, VOILUTSequence=[item]), "a")
    np.testing.assert_array_equal(found.pixels, np.rint(255 * (4095.0 - DEEP) / 4095))


def test_table_of_bytes():
    item = table(np.arange(1), depth=8)
    item.LUTDescriptor = [256, 0, 8]
    item["LUTData"].value = bytes(255 - i for i in range(256))
    found = decode_film(make_dicom(GRAY, VOILUTSequence=[item]), "a")
    np.testing.assert_array_equal(found.pixels, 255 - GRAY)


@pytest.mark.parametrize("syntax", NATIVE[:3], ids=lambda syntax: syntax.name)
def test_without_preamble_and_meta_information(syntax):
    found = decode_film(make_dicom(DEEP, syntax, preamble=False, **FULL), "IM0001")
    np.testing.assert_array_equal(found.pixels, decode_film(make_dicom(DEEP, syntax, **FULL), "a").pixels)


@pytest.mark.parametrize("name", ["a.dcm", "a.DICOM", "a", "1.2.840.113", "a.ima"])
def test_names_that_dicom_may_have(name):
    assert decode_film(make_dicom(GRAY), name).name == name


@pytest.mark.parametrize(("name", "data"), [("a.jpeg", None), ("a.dcm", "PNG")])
def test_wrongly_named(name, data):
    if data:
        file = io.BytesIO()
        Image.fromarray(GRAY).save(file, data)
        data = file.getvalue()
    with pytest.raises(InputError, match=r"holds (DICOM|PNG), unlike its name; .* end in \.(dcm|png)\."):
        decode_film(data or make_dicom(GRAY), name)


def test_without_a_window_deep_films_are_stretched_and_say_so():
    pixels = DEEP // 4 + 500
    found = decode_film(make_dicom(pixels), "a")
    assert (found.pixels.min(), found.pixels.max()) == (0, 255)
    assert [note.kind for note in found.notes] == [NoteKind.NO_WINDOW]
    assert decode_film(make_dicom(GRAY // 2), "a").pixels.max() == GRAY.max() // 2
    assert decode_film(make_dicom(GRAY // 2), "a").notes == ()


def test_padding_does_not_stretch():
    pixels = DEEP // 4 + 500
    pixels[:5] = 65535
    dataset = make_dataset(pixels)
    dataset.add_new("PixelPaddingValue", "US", 65535)
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OW"
    found = decode_film(write(dataset), "a")
    np.testing.assert_array_equal(found.pixels[5:], decode_film(make_dicom(pixels[5:]), "a").pixels)


@pytest.mark.parametrize("elements", [{"WindowCenter": 5, "WindowWidth": 0}, {"WindowCenter": 5}])
def test_a_window_of_no_use_is_none(elements):
    found = decode_film(make_dicom(DEEP, BitsStored=12, **elements), "a")
    assert [note.kind for note in found.notes] == [NoteKind.NO_WINDOW]
    assert found.pixels.max() == 255


def test_blank():
    for photometric, value in (("MONOCHROME2", 0), ("MONOCHROME1", 255)):
        blank = make_dicom(np.full((40, 40), 700, np.uint16), PhotometricInterpretation=photometric)
        assert (decode_film(blank, "a").pixels == value).all()


@pytest.mark.parametrize(
    ("elements", "shape"),
    [
        ({"PixelSpacing": [0.2, 0.1]}, (40, 25 + 20)),
        ({"ImagerPixelSpacing": [0.1, 0.11]}, (36, 90)),
        ({"PixelAspectRatio": [2, 1]}, (40, 45)),
        ({"PixelSpacing": [0.143, 0.1431]}, (40, 90)),
        ({"PixelSpacing": [0, 0]}, (40, 90)),
        ({"PixelSpacing": [0.1, 0.1], "PixelAspectRatio": [2, 1]}, (40, 90)),
    ],
)
def test_pixels_that_are_not_square(elements, shape):
    wide = np.tile(GRAY, (1, 2))[:, :90]
    found = decode_film(make_dicom(wide, **elements), "a")
    assert found.pixels.shape == shape
    assert found.size == (90, 40)


def test_pixels_that_cannot_be_made_square():
    with pytest.raises(InputError, match="too small"):
        decode_film(make_dicom(GRAY, PixelSpacing=[0.2, 0.1]), "a")
    with pytest.raises(InputError, match="times as high as wide"):
        decode_film(make_dicom(GRAY, PixelSpacing=[9, 0.1]), "a")


@pytest.mark.parametrize(
    ("elements", "kind", "words"),
    [
        ({"Modality": "CT"}, NoteKind.OTHER_MODALITY, "computed tomography"),
        ({"Modality": "MG"}, NoteKind.OTHER_MODALITY, "mammography"),
        ({"ViewPosition": "LL"}, NoteKind.LATERAL_VIEW, "lateral"),
        ({"ViewPosition": "LATERAL"}, NoteKind.LATERAL_VIEW, "lateral"),
        ({"BodyPartExamined": "HAND"}, NoteKind.OTHER_BODY_PART, "another part"),
        ({"BodyPartExamined": "LEFT KNEE"}, NoteKind.OTHER_BODY_PART, "another part"),
        ({"PresentationIntentType": "FOR PROCESSING"}, NoteKind.FOR_PROCESSING, "raw values"),
    ],
)
def test_what_speaks_against_a_frontal_chest_film_is_noted(elements, kind, words):
    (note,) = decode_film(make_dicom(GRAY, **elements), "a").notes
    assert note.kind is kind
    assert words in note.text


@pytest.mark.parametrize(
    "elements",
    [
        {"Modality": "CR", "ViewPosition": "PA", "BodyPartExamined": "CHEST"},
        {"Modality": "RG", "BodyPartExamined": "PORT CHEST", "ViewPosition": "AP"},
        {"Modality": "OT", "BodyPartExamined": "", "ViewPosition": "XX"},
        {"Modality": ["CR", "DX"], "BodyPartExamined": "BABYGRAM"},
    ],
)
def test_nothing_is_noted_of_what_may_be_a_chest_film(elements):
    assert decode_film(make_dicom(GRAY, **elements), "a").notes == ()


def test_nothing_that_identifies_comes_out(caplog, capfd, recwarn):
    """A secret in every element that takes text, in wrong places and values that pydicom would warn of."""
    caplog.set_level(logging.DEBUG)
    secret = "SECRET^NAME"
    cases = []
    for keyword in ("PatientName", "PatientID", "PatientBirthDate", "StudyInstanceUID", "InstitutionName", *NEEDED):
        dataset = make_dataset(GRAY, PixelData=GRAY.tobytes(), PatientName=secret, PatientComments=secret)
        dataset["PixelData"].VR = "OB"
        if keyword in ("PixelData", "ModalityLUTSequence", "VOILUTSequence"):
            continue
        with pydicom.config.disable_value_validation():
            dataset.add_new(keyword, "LO", secret)
            cases.append(write(dataset))
    for syntax in (*NATIVE, *LOSSLESS, *LOSSY):
        cases.append(make_dicom(GRAY, syntax, PatientName=secret))
        cases.append(cases[-1][: len(cases[-1]) - 90])
    recwarn.clear()
    for data in cases:
        try:
            found = decode_film(data, "a.dcm")
            said = f"{found.notes}{found.name}"
        except InputError as refused:
            said = f"{refused}{'' if refused.__suppress_context__ else refused.__context__}"
        assert "SECRET" not in said
    written = capfd.readouterr()
    assert "SECRET" not in caplog.text + written.out + written.err
    assert not recwarn.list


def test_warnings_outside_the_decoder_are_left_as_they_were(film_bytes):
    filters = list(warnings.filters)
    decode_film(film_bytes, "a")
    decode_film(make_dicom(GRAY), "a")
    assert warnings.filters == filters


def bare(*elements: bytes) -> bytes:
    meta = make_dicom(GRAY)[:132] + struct.pack("<HH2sH", 2, 0x10, b"UI", 20) + b"1.2.840.10008.1.2.1\0"
    return meta + b"".join(elements)


def element(tag: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr)
    size = len(value) if length is None else length
    return (
        head
        + (struct.pack("<xxI", size) if vr in (b"OB", b"OW", b"SQ", b"UN", b"UT") else struct.pack("<H", size))
        + value
    )


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = make_dicom(GRAY)[:132] + struct.pack("<HH2sH", 2, 0x10, b"UI", 22) + b"1.2.840.10008.1.2.1.99"
    return head + packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("syntax", "bits"),
    [(syntax, 8) for syntax in (*LOSSLESS, *LOSSY)] + [(uid.JPEGExtended12Bit, 12), (uid.JPEGLosslessSV1, 12)],
)
def test_codestreams_that_end_early_are_refused_though_an_end_was_put_on(syntax, bits):
    deep = np.random.default_rng(0).integers(0, 2**bits, (60, 80)).astype(np.uint8 if bits == 8 else np.uint16)
    frame = compress(deep, syntax, bits)
    for share in (0.3, 0.6, 0.9):
        short = frame[: int(share * len(frame))] + b"\xff\xd9"
        data = make_dicom(deep, syntax, BitsStored=bits, HighBit=bits - 1, PixelData=encaps.encapsulate([short]))
        film, reason = outcome(data)
        assert film is None
        assert "cut off" in reason


def lying_codestream(syntax: str, **elements) -> bytes:
    """A header that says 50 x 40 over a picture of 4000 x 3000."""
    frame = compress(np.zeros((3000, 4000), np.uint8), syntax, 8)
    return make_dicom(GRAY, syntax, PixelData=encaps.encapsulate([frame]), **elements)


def scans_bomb() -> bytes:
    file = io.BytesIO()
    Image.fromarray(GRAY).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    scan = data[data.rfind(b"\xff\xda") : -2]
    return make_dicom(
        GRAY, uid.JPEGBaseline8Bit, PixelData=encaps.encapsulate([data[:-2] + scan * 50_000 + b"\xff\xd9"])
    )


HOSTILE = {
    "nothing after the preamble": lambda: bytes(128) + b"DICM",
    "elements without end": lambda: bare(element(0x00080050, b"SH", b"") * 60_000),
    "items without end": lambda: bare(element(0x00081140, b"SQ", b"\xfe\xff\0\xe0\0\0\0\0" * 60_000, 0xFFFFFFFF)),
    "sequences without end": lambda: bare(
        (element(0x00081140, b"SQ", b"", 0xFFFFFFFF) + b"\xfe\xff\0\xe0\xff\xff\xff\xff") * 100_000
    ),
    "a long window": lambda: bare(element(0x00281050, b"UT", b"1\\" * 5_000_000)),
    "a long table": lambda: bare(element(0x00283010, b"SQ", b"\xfe\xff\0\xe0\0\0\0\0" * 60_000)),
    "an element longer than the file": lambda: bare(element(0x00280010, b"UN", b"ab", 0xFFFFFFF0)),
    "deflated zeros": lambda: deflated(bytes(110 * 1024**2)),
    "deflated and cut off": lambda: make_dicom(DEEP, uid.DeflatedExplicitVRLittleEndian, **FULL)[:-20],
    "gigantic": lambda: make_dicom(GRAY, Rows=65535, Columns=65535),
    "gigantic JPEG 2000": lambda: make_dicom(
        GRAY, uid.JPEG2000Lossless, PixelData=encaps.encapsulate([compress(GRAY, uid.JPEG2000Lossless, 8)]), Rows=60000
    ),
    "no rows": lambda: make_dicom(GRAY, Rows=0),
    "rows missing": lambda: make_dicom(GRAY, Rows=None),
    "frames": lambda: make_dicom(GRAY, NumberOfFrames=2),
    "half the pixels": lambda: make_dicom(GRAY, PixelData=GRAY.tobytes()[:1000]),
    "no pixels": lambda: make_dicom(GRAY, PixelData=b""),
    "32 bits": lambda: make_dicom(GRAY, BitsAllocated=32, BitsStored=32, HighBit=31),
    "left aligned": lambda: make_dicom(DEEP, BitsStored=12, HighBit=15),
    "another number of samples": lambda: make_dicom(GRAY, SamplesPerPixel=3, PhotometricInterpretation="RGB"),
    "four samples": lambda: make_dicom(GRAY, SamplesPerPixel=4, PhotometricInterpretation="CMYK"),
    "rescale to infinity": lambda: make_dicom(GRAY, RescaleSlope="1e400", RescaleIntercept=0),
    "rescale by nothing": lambda: make_dicom(GRAY, RescaleSlope=0, RescaleIntercept=0),
    "empty table": lambda: make_dicom(GRAY, VOILUTSequence=[Dataset()]),
    "short table": lambda: make_dicom(GRAY, VOILUTSequence=Sequence([_short_table()])),
    "unknown syntax": lambda: make_dicom(GRAY).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.9\0"),
    "video": lambda: make_dicom(GRAY, uid.JPEG2000).replace(b"1.2.840.10008.1.2.4.91", b"1.2.840.10008.1.2.4.10"),
    "JPEG that says it is plain": lambda: make_dicom(GRAY, uid.JPEG2000).replace(
        b"1.2.840.10008.1.2.4.91", b"1.2.840.10008.1.2.1\0\0\0"
    ),
    "bomb of scans": scans_bomb,
    "larger JPEG than stated": lambda: lying_codestream(uid.JPEGBaseline8Bit),
    "larger lossless JPEG than stated": lambda: lying_codestream(uid.JPEGLosslessSV1),
    "larger JPEG-LS than stated": lambda: lying_codestream(uid.JPEGLSLossless),
    "larger JPEG 2000 than stated": lambda: lying_codestream(uid.JPEG2000Lossless),
    "PNG and DICOM": lambda: b"\x89PNG\r\n\x1a\n" + make_dicom(GRAY)[8:],
    "JPEG and DICOM": lambda: b"\xff\xd8\xff\xe0" + make_dicom(GRAY)[4:],
    "no fragments": lambda: make_dicom(GRAY, uid.JPEG2000, PixelData=b"\xfe\xff\0\xe0\0\0\0\0"),
}


def _short_table() -> Dataset:
    item = table(np.arange(16))
    item.LUTDescriptor = [4096, 0, 16]
    return item


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_refused_quickly_and_cheaply(make):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom's, of what is written here
        data = make()
    tracemalloc.start()
    start = time.process_time()
    with pytest.raises(InputError, match=r"^a: .*\.$"):
        decode_film(data, "a")
    seconds = time.process_time() - start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds < 5
    assert peak < 250e6


def test_rle_is_unpacked_no_further_than_the_picture():
    """4 MB that unpack to 256 MB."""
    frame = struct.pack("<16I", 1, 64, *[0] * 14) + b"\x81\x07" * 2_000_000
    data = make_dicom(GRAY, uid.RLELossless, PixelData=encaps.encapsulate([frame]))
    tracemalloc.start()
    assert (decode_film(data, "a").pixels == 7).all()
    assert tracemalloc.get_traced_memory()[1] < 30e6
    tracemalloc.stop()


def test_gdcm_ends_a_process_of_its_own():
    """Found by the fuzzer: GDCM aborts where a marker of lossless JPEG is damaged, and took the server with it."""
    frame = bytearray(compress(DEEP, uid.JPEGLosslessSV1, 12))
    frame[frame.find(b"\xff\xc4")] ^= 0x10
    words = [sys.executable, "-I", gdcm_worker.__file__, "50", "40", "1", "16", "12", "0", "MONOCHROME2"]
    assert subprocess.run(words, input=frame, capture_output=True, check=False).returncode == -signal.SIGABRT
    with pytest.raises(InputError, match="damaged"):
        decode_film(make_dicom(DEEP, uid.JPEGLosslessSV1, PixelData=encaps.encapsulate([bytes(frame)]), **FULL), "a")


def test_a_decoder_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(gdcm_worker, "SECONDS", 0.001)
    with pytest.raises(InputError, match="damaged"):
        decode_film(make_dicom(DEEP, uid.JPEGLosslessSV1, **FULL), "a")


def test_a_tiff_preamble_is_usual():
    data = b"II*\0" + make_dicom(GRAY)[4:]
    np.testing.assert_array_equal(decode_film(data, "a.dcm").pixels, GRAY)
    with pytest.raises(InputError, match="unlike its name"):
        decode_film(data, "a.tif")


@pytest.mark.parametrize("syntax", [*NATIVE, *LOSSLESS, *LOSSY], ids=lambda syntax: syntax.name)
def test_cut_off_files_are_refused(syntax):
    """At 25 places from the first byte on; only the end mark of the fragments, 8 bytes, may be cut itself."""
    pixels = np.random.default_rng(0).integers(0, 255, (40, 50), dtype=np.uint8)
    data = make_dicom(pixels, syntax)
    for kept in np.linspace(1, len(data) - (1 if syntax in NATIVE[:3] else 8), 25).astype(int):
        with pytest.raises(InputError):
            decode_film(data[:kept], "a")


@pytest.mark.parametrize("syntax", [*LOSSLESS, *LOSSY], ids=lambda syntax: syntax.name)
def test_cut_off_codestreams_are_refused(syntax):
    """Within fragments whose lengths are right."""
    pixels = np.random.default_rng(0).integers(0, 255, (40, 50), dtype=np.uint8)
    frame = compress(pixels, syntax, 8)
    for kept in np.linspace(2, len(frame) - 10, 12).astype(int):
        with pytest.raises(InputError):
            decode_film(make_dicom(pixels, syntax, PixelData=encaps.encapsulate([frame[:kept]])), "a")


def test_many_fragments_are_one_frame():
    frame = compress(GRAY, uid.JPEGLSLossless, 8)
    data = make_dicom(GRAY, uid.JPEGLSLossless, PixelData=encaps.encapsulate([frame], fragments_per_frame=4))
    np.testing.assert_array_equal(decode_film(data, "a").pixels, GRAY)


def test_limits_are_checked_before_pixels(monkeypatch):
    monkeypatch.setattr(film, "MAX_PIXELS", 40 * 50 - 1)
    monkeypatch.setattr(dicom, "stored_values", lambda *_: pytest.fail("decoded"))
    with pytest.raises(InputError, match="megapixels"):
        decode_film(make_dicom(GRAY), "a")


SEEDS = [
    make_dicom(DEEP, uid.ExplicitVRLittleEndian, **FULL),
    make_dicom(GRAY, uid.ImplicitVRLittleEndian, VOILUTSequence=[table(np.arange(256) * 257)], PixelSpacing=[1, 1.2]),
    make_dicom(GRAY, uid.RLELossless),
    make_dicom(GRAY, uid.JPEG2000Lossless),
    make_dicom(GRAY, preamble=False),
]


@settings(max_examples=60, deadline=None)
@given(changes=CHANGES)
@pytest.mark.parametrize("seed", SEEDS, ids=["explicit", "tables", "RLE", "JPEG 2000", "bare"])
def test_any_mutation_gives_a_film_or_a_reason(seed, changes):
    found, reason = outcome(change(seed, changes))
    assert (found is None) == reason.startswith("a: ")
    assert "\n" not in reason
    if found is not None:
        assert found.pixels.dtype == np.uint8
        assert found.pixels.ndim == 2
        assert min(found.pixels.shape) >= 32
