"""How a DICOM file says that its values are to be shown, and what it says of itself that a reader should know."""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.types import BoolArray, Float64Array, UInt8Array

_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelAspectRatio")


def gray_table(dataset: Any, bits: npt.NDArray[Any], stored: int, signed: bool, inverted: bool) -> UInt8Array:
    """Return the gray value of each value that pixels can have.

    Parameters
    ----------
    dataset : pydicom.Dataset
    bits : (H, W) uint8 or uint16
        Stored values as unsigned numbers; used only where the file states no window.
    stored : int
        Bits of a value, 8 to 16.
    signed : bool
        Whether values are two's complement.
    inverted : bool
        MONOCHROME1: low values are bright.

    Returns
    -------
    (2 ** stored,) uint8
    """
    values = np.arange(2**stored, dtype=np.float64)
    if signed:
        values[2 ** (stored - 1) :] -= 2**stored
    values = _modality(dataset, values, signed)
    gray = _value_of_interest(dataset, values, signed)
    if gray is None:
        seen = np.ones(2**stored, bool) if stored == 8 else _seen(dataset, bits, stored)
        low, high = values[seen].min(), values[seen].max()
        gray = (values - low) / max(high - low, np.finfo(np.float64).tiny)
    gray = np.clip(gray, 0, 1)
    if not np.isfinite(gray).all():
        raise ValueError("values are not finite")
    return np.rint(255 * (1 - gray if inverted else gray)).astype(np.uint8)


def _modality(dataset: Any, values: Float64Array, signed: bool) -> Float64Array:
    """Modality look-up table, or rescale (PS3.3 C.11.1)."""
    if sequence := dataset.get("ModalityLUTSequence"):
        return _look_up(sequence[0], values, signed)[0]
    slope, intercept = _number(dataset, "RescaleSlope", 1.0), _number(dataset, "RescaleIntercept", 0.0)
    if not np.isfinite((slope, intercept)).all() or slope == 0:
        raise ValueError("rescale without sense")
    return values * slope + intercept


def _value_of_interest(dataset: Any, values: Float64Array, signed: bool) -> Float64Array | None:
    """Look-up table, or the first window, to [0, 1] (PS3.3 C.11.2); None where the file states neither."""
    if sequence := dataset.get("VOILUTSequence"):
        entries, top = _look_up(sequence[0], values, signed)
        return entries / top
    window = _window(dataset)
    if window is None:
        return None
    centre, width, function = window
    if function == "SIGMOID":
        return 1 / (1 + np.exp(np.clip(-4 * (values - centre) / width, -500, 500)))
    if function == "LINEAR_EXACT":
        return (values - centre) / width + 0.5
    if width == 1:
        return (values > centre - 0.5).astype(np.float64)
    return (values - (centre - 0.5)) / (width - 1) + 0.5


def _window(dataset: Any) -> tuple[float, float, str] | None:
    """Centre, width and function of the first window; None where it is missing or of no use."""
    centre, width = _number(dataset, "WindowCenter", np.nan), _number(dataset, "WindowWidth", np.nan)
    function = str(dataset.get("VOILUTFunction") or "LINEAR").strip().upper()
    if function not in ("LINEAR_EXACT", "SIGMOID"):
        function = "LINEAR"
    if not np.isfinite((centre, width)).all() or width <= 0 or (function == "LINEAR" and width < 1):
        return None
    return centre, width, function


def _look_up(item: Any, values: Float64Array, signed: bool) -> tuple[Float64Array, int]:
    """Entries of a look-up table for values, and the highest entry that its depth allows.

    The raw bytes are read: the value representation of both elements depends on others and is often wrong.
    """
    descriptor, data = item.get_item(0x00283002), item.get_item(0x00283006)
    order = "<" if descriptor.is_little_endian else ">"
    count, first, depth = (int(number) for number in np.frombuffer(descriptor.value, f"{order}u2"))
    count = count or 65536
    if descriptor.VR == "SS" or (descriptor.VR != "US" and signed):
        first -= 65536 if first >= 32768 else 0
    if not 8 <= depth <= 16:
        raise ValueError("depth of a look-up table")
    wide = len(data.value) >= 2 * count
    entries = np.frombuffer(data.value, f"{order}u2" if wide else np.uint8, count).astype(np.float64)
    return entries[np.clip(np.rint(values) - first, 0, count - 1).astype(np.int64)], 2**depth - 1


def _seen(dataset: Any, bits: npt.NDArray[Any], stored: int) -> BoolArray:
    """Which values occur in the film, apart from the padding around it."""
    seen = np.zeros(2**stored, bool)
    for row in bits:
        seen[row] = True
    padding = dataset.get_item(0x00280120) if 0x00280120 in dataset else None
    if padding is not None and len(padding.value or b"") == 2:
        value = int.from_bytes(padding.value, "little" if padding.is_little_endian else "big") % 2**stored
        if seen.sum() > 1:
            seen[value] = False
    return seen


def _number(dataset: Any, keyword: str, default: float) -> float:
    value = dataset.get(keyword)
    if value is None or value == "":
        return default
    return float(value if isinstance(value, int | float) else next(iter(value)))


def pixel_aspect(dataset: Any) -> float:
    """Height of a pixel over its width, from the first of spacing, detector spacing and aspect ratio; 1 if unknown."""
    for keyword in _SPACINGS:
        value = dataset.get(keyword)
        if value is not None and not isinstance(value, str | int | float) and len(value) == 2:
            down, across = float(value[0]), float(value[1])
            if np.isfinite((down, across)).all() and down > 0 and across > 0:
                return down / across
    return 1.0
