"""Small files of every kind that the decoder reads, as starting points for the fuzzer and for properties."""

import io
import zipfile

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset

from tests.support.dicom_files import LOSSLESS, LOSSY, NATIVE, make_dataset, make_dicom, write


def seeds() -> dict[str, bytes]:
    """File names and bytes: pictures, DICOM in every transfer syntax, zips."""
    gray = (np.add.outer(np.arange(36), np.arange(40)) * 3).astype(np.uint8)
    deep = (gray.astype(np.uint16) * 16).astype(np.uint16)
    found: dict[str, bytes] = {}
    picture = Image.fromarray(gray)
    alpha = Image.merge("LA", [picture, picture])
    exif = Image.Exif()
    exif[0x0112] = 6
    for name, image, kind, options in (
        ("gray.jpeg", picture, "JPEG", {"exif": exif}),
        ("colour.jpeg", picture.convert("RGB"), "JPEG", {"progressive": True}),
        ("cmyk.jpeg", picture.convert("CMYK"), "JPEG", {}),
        ("gray.png", picture, "PNG", {"exif": exif}),
        ("alpha.png", alpha, "PNG", {}),
        ("palette.png", picture.convert("P"), "PNG", {"transparency": 3}),
        ("deep.png", Image.fromarray(deep), "PNG", {}),
        ("gray.tif", picture, "TIFF", {}),
        ("deep.tif", Image.fromarray(deep), "TIFF", {"compression": "tiff_lzw"}),
        ("zip.tif", picture.convert("RGB"), "TIFF", {"compression": "tiff_adobe_deflate"}),
        ("fax.tif", picture.convert("1"), "TIFF", {"compression": "group4"}),
        ("jpeg.tif", picture, "TIFF", {"compression": "jpeg"}),
        ("packed.tif", picture, "TIFF", {"compression": "packbits"}),
        ("float.tif", Image.fromarray(gray.astype(np.float32)), "TIFF", {}),
        ("lossy.webp", picture, "WEBP", {}),
        ("lossless.webp", picture.convert("RGBA"), "WEBP", {"lossless": True, "exif": exif}),
        ("gray.bmp", picture, "BMP", {}),
        ("colour.bmp", picture.convert("RGB"), "BMP", {}),
    ):
        file = io.BytesIO()
        image.save(file, kind, **options)
        found[name] = file.getvalue()
    window = {"BitsStored": 12, "WindowCenter": 2048, "WindowWidth": 4096}
    for syntax in (*NATIVE, *LOSSLESS):
        found[f"{syntax}.dcm"] = make_dicom(deep, syntax, **window)
    for syntax in LOSSY:
        found[f"{syntax}.dcm"] = make_dicom(gray, syntax)
    found["colour.dcm"] = make_dicom(np.stack([gray] * 3, axis=-1))
    found["bare.dcm"] = make_dicom(gray, preamble=False, PhotometricInterpretation="MONOCHROME1", PixelSpacing=[1, 2])
    found["table.dcm"] = write(_with_tables(gray))
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as packed:
            for name in ("gray.jpeg", "gray.png", "bare.dcm"):
                packed.writestr(f"films/{name}", found[name])
        found[f"{method}.zip"] = file.getvalue()
    return found


def _with_tables(gray: np.ndarray) -> Dataset:
    table = Dataset()
    table.LUTDescriptor = [256, 0, 16]
    table["LUTDescriptor"].VR = "US"
    table.LUTData = (np.arange(256, dtype="<u2") * 257).tobytes()
    table["LUTData"].VR = "OW"
    dataset = make_dataset(gray, ModalityLUTSequence=[table], VOILUTSequence=[table], PixelData=gray.tobytes())
    dataset["PixelData"].VR = "OB"
    return dataset
