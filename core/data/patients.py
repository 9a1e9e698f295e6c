"""Read labels, patient keys and pathogens from the folder and file names of the data set."""

import re
from typing import NamedTuple

LABEL_FOLDERS = {"NORMAL": 0, "PNEUMONIA": 1}  # by the folder's name

_PNEUMONIA = re.compile(r"^person(?P<number>\d+)_(?P<pathogen>bacteria|virus)_")
_NORMAL = re.compile(r"^(?P<prefix>NORMAL2-)?IM-(?P<number>\d+)-")


class PatientKey(NamedTuple):
    """Two readings of the patient's identity, since file names do not settle it.

    ``narrow`` keeps the pathogen and the ``NORMAL2-`` prefix apart; ``wide`` is the number alone and is what
    splits and intervals use. A name of another form is a patient of its own.
    """

    narrow: str
    wide: str
    pathogen: str


def patient_key(file_name: str) -> PatientKey:
    """Read the patient key from a file name such as ``person12_virus_3.jpeg`` or ``NORMAL2-IM-0012-0001.jpeg``."""
    if match := _PNEUMONIA.match(file_name):
        wide = f"person{int(match['number'])}"
        return PatientKey(f"{wide}_{match['pathogen']}", wide, match["pathogen"])
    if match := _NORMAL.match(file_name):
        wide = f"IM-{match['number']}"
        return PatientKey(f"{match['prefix'] or ''}{wide}", wide, "")
    return PatientKey(file_name, file_name, "")
