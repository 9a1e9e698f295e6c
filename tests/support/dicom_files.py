"""DICOM files that the tests write themselves, in every transfer syntax that an installed encoder can write."""

import io
import tempfile
from typing import Any

import gdcm
import numpy as np
from PIL import Image
from pydicom import encaps, uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import dcmread
from pydicom.filewriter import dcmwrite

NATIVE = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
)
LOSSLESS = (
    uid.RLELossless,
    uid.JPEGLossless,
    uid.JPEGLosslessSV1,
    uid.JPEGLSLossless,
    uid.JPEG2000Lossless,
)
LOSSY = (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGLSNearLossless, uid.JPEG2000)


def make_dataset(pixels: np.ndarray, **elements: Any) -> Dataset:
    """A digital radiograph with the pixels given, (H, W) or (H, W, 3); elements are added or take another's place."""
    dataset = Dataset()
    dataset.SOPClassUID = uid.DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    dataset.Modality = "DX"
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel = 1 if pixels.ndim == 2 else 3
    dataset.PhotometricInterpretation = "MONOCHROME2" if pixels.ndim == 2 else "RGB"
    if pixels.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = 8 * pixels.dtype.itemsize
    dataset.BitsStored = elements.get("BitsStored", dataset.BitsAllocated)
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def make_dicom(
    pixels: np.ndarray, syntax: str = uid.ExplicitVRLittleEndian, *, preamble: bool = True, **elements: Any
) -> bytes:
    """`make_dataset` as the bytes of a file."""
    dataset = make_dataset(pixels, **elements)
    order = ">" if syntax == uid.ExplicitVRBigEndian else "<"
    if "PixelData" in elements:
        pass
    elif syntax in NATIVE:
        data = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
        dataset.PixelData = data + b"\0" * (len(data) % 2)
    else:
        dataset.PixelData = encaps.encapsulate([compress(pixels, syntax, dataset.BitsStored)])
    dataset["PixelData"].VR = "OW" if pixels.dtype.itemsize == 2 and syntax in NATIVE else "OB"
    dataset["PixelData"].is_undefined_length = syntax not in NATIVE
    return write(dataset, syntax, preamble=preamble)


def write(dataset: Dataset, syntax: str = uid.ExplicitVRLittleEndian, *, preamble: bool = True) -> bytes:
    """The bytes of a file; without a preamble there is no file meta information either."""
    file = io.BytesIO()
    if not preamble:
        little = syntax != uid.ExplicitVRBigEndian
        dcmwrite(file, dataset, implicit_vr=syntax == uid.ImplicitVRLittleEndian, little_endian=little)
        return file.getvalue()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uid.UID(syntax)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()


def compress(pixels: np.ndarray, syntax: str, bits: int) -> bytes:
    """One frame as a codestream of the syntax."""
    if syntax == uid.JPEGBaseline8Bit:
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=95)
        return file.getvalue()
    if syntax in (uid.JPEGLossless, uid.JPEGLosslessSV1, uid.JPEGExtended12Bit):
        return _compress_gdcm(pixels, syntax, bits)
    dataset = make_dataset(pixels, BitsStored=bits)
    data = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    dataset["PixelData"].VR = "OW" if pixels.dtype.itemsize == 2 else "OB"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    options = {uid.JPEGLSNearLossless: {"jls_error": 2}, uid.JPEG2000: {"j2k_cr": [4]}}.get(uid.UID(syntax), {})
    if syntax == uid.JPEG2000 and pixels.ndim == 3:
        dataset.PhotometricInterpretation = "RGB"
    dataset.compress(syntax, encoding_plugin="", **options)
    return encaps.get_frame(dataset.PixelData, 0, number_of_frames=1)


def _compress_gdcm(pixels: np.ndarray, syntax: str, bits: int) -> bytes:
    """GDCM's Python binding is safe on files only."""
    with tempfile.TemporaryDirectory() as folder:
        plain, packed = f"{folder}/plain.dcm", f"{folder}/packed.dcm"
        with open(plain, "wb") as file:
            file.write(make_dicom(pixels, BitsStored=bits))
        reader = gdcm.ImageReader()
        reader.SetFileName(plain)
        reader.Read()
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(str.__str__(syntax))))
        change.SetInput(reader.GetImage())
        if not change.Change():
            raise RuntimeError("GDCM did not compress")
        writer = gdcm.ImageWriter()
        writer.SetFileName(packed)
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        writer.Write()
        return encaps.get_frame(dcmread(packed).PixelData, 0, number_of_frames=1)
