"""What a DICOM file says of itself that a person should know."""

from typing import Any

from core.imaging.dicom.windowing import _window
from core.imaging.notes import Note, NoteKind

_OTHER_MODALITIES = {
    "CT": "computed tomography",
    "MR": "magnetic resonance",
    "US": "ultrasound",
    "PT": "positron emission tomography",
    "NM": "nuclear medicine",
    "MG": "mammography",
    "IO": "a dental film",
    "PX": "a panoramic film of the jaw",
    "BMD": "bone densitometry",
    "XA": "angiography",
    "RF": "fluoroscopy",
    "ES": "endoscopy",
    "XC": "a photograph",
    "GM": "a microscope",
    "SM": "a microscope",
    "OP": "a photograph of the eye",
    "OPT": "tomography of the eye",
    "ECG": "an electrocardiogram",
    "SEG": "a segmentation",
    "RTIMAGE": "radiotherapy",
    "RTDOSE": "radiotherapy",
}
# Defined terms of PS3.16 annex L that name no part of the chest; other words are not judged.
_OTHER_BODY_PARTS = frozenset(
    word
    for line in (
        "ABDOMEN ANKLE ARM BLADDER BRAIN BREAST BUTTOCK CALCANEUS CALF CSPINE CERVICAL COCCYX EAR ELBOW EXTREMITY EYE",
        "FACE FEMUR FIBULA FINGER FOOT FOREARM HAND HEAD HIP HUMERUS JAW KIDNEY KNEE LEG LIVER LSPINE LUMBAR MANDIBLE",
        "MAXILLA NECK NOSE ORBIT PATELLA PELVIS RADIUS SACRUM SCALP SKULL SPLEEN SSPINE STOMACH TESTIS THIGH THUMB",
        "TIBIA TOE TOOTH ULNA WRIST",
    )
    for word in line.split()
)
_LATERAL_VIEWS = {"LL", "RL", "LAT", "LATERAL", "LLAT", "RLAT", "LEFT LATERAL", "RIGHT LATERAL"}


def header_notes(dataset: Any) -> tuple[Note, ...]:
    """Return what the header says against a frontal chest film that is ready to be read."""
    notes = []
    if kind := _OTHER_MODALITIES.get(_term(dataset, "Modality")):
        text = f"The file says that it comes from {kind}, not from a chest X-ray."
        notes.append(Note(NoteKind.OTHER_MODALITY, text))
    if _OTHER_BODY_PARTS & set(_term(dataset, "BodyPartExamined").split()):
        text = "The file says that it shows another part of the body than the chest."
        notes.append(Note(NoteKind.OTHER_BODY_PART, text))
    if _term(dataset, "ViewPosition") in _LATERAL_VIEWS:
        text = "The file says that it is a lateral view, not a frontal one."
        notes.append(Note(NoteKind.LATERAL_VIEW, text))
    if _term(dataset, "PresentationIntentType") == "FOR PROCESSING":
        text = "The file holds raw values of the detector, which are not meant to be looked at."
        notes.append(Note(NoteKind.FOR_PROCESSING, text))
    return tuple(notes)


def window_notes(dataset: Any, stored: int) -> tuple[Note, ...]:
    """Return that a film of more than 8 bits comes without a window, and what is done about it."""
    if stored == 8 or dataset.get("VOILUTSequence") or _window(dataset) is not None:
        return ()
    text = "The file states no window: the film is shown from its darkest to its brightest value."
    return (Note(NoteKind.NO_WINDOW, text),)


def _term(dataset: Any, keyword: str) -> str:
    return str(dataset.get(keyword) or "").strip().upper()
