"""What a file says of itself, or lacks, that a person should know."""

from dataclasses import dataclass
from enum import StrEnum


class NoteKind(StrEnum):
    """What a note is about."""

    OTHER_MODALITY = "other_modality"
    OTHER_BODY_PART = "other_body_part"
    LATERAL_VIEW = "lateral_view"
    FOR_PROCESSING = "for_processing"
    NO_WINDOW = "no_window"
    UNUSED_BITS = "unused_bits"


NOT_FRONTAL_CHEST = frozenset({NoteKind.OTHER_MODALITY, NoteKind.OTHER_BODY_PART, NoteKind.LATERAL_VIEW})


@dataclass(frozen=True)
class Note:
    """One note.

    Parameters
    ----------
    kind : NoteKind
    text : str
        A sentence of this project, never words of the file.
    """

    kind: NoteKind
    text: str

    def to_dict(self) -> dict[str, str]:
        """Return plain data for JSON and tables."""
        return {"kind": self.kind.value, "text": self.text}
