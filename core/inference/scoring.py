"""One film, one row: what the command line, the HTTP interface and an archive's table say of it."""

from dataclasses import dataclass
from typing import Any

from core.errors import InputError
from core.gate import Gate, load_gate
from core.gate.check import GATE_FILE
from core.imaging.archive import Entry
from core.inference.model import Model, Prediction
from core.manifest import is_expected
from core.paths import artifacts_dir

NOT_CHECKED = "not_checked"  # nobody said whether this is a frontal chest film
ANSWER = ("score", "probability", "threshold", "positive", "conformal_set", "verdict")


@dataclass(frozen=True, kw_only=True)
class Admission:
    """Whether a film may be scored.

    Parameters
    ----------
    gate : {"accept", "warn", "refuse", "not_checked"}
    error : InputError or None
        Why it may not: it cannot be read, or the gate refuses it.
    warning : str or None
        What the gate warns of.
    """

    gate: str = NOT_CHECKED
    error: InputError | None = None
    warning: str | None = None


def load_gate_if_present() -> Gate | None:
    """Return the gate, or None in an artifacts folder that was made without one; a damaged or lost one is an error."""
    return load_gate() if is_expected(artifacts_dir() / GATE_FILE) else None


def admit(entry: Entry, gate: Gate | None) -> Admission:
    """Ask the gate whether a film may be scored; a file that could not be read may not."""
    if entry.film is None or gate is None:
        return Admission(error=entry.error)
    answer = gate.check(entry.film)
    if answer.verdict == "refuse":
        return Admission(gate=answer.verdict, error=InputError(answer.reason, file=entry.file))
    return Admission(gate=answer.verdict, warning=answer.reason or None)


def start_row(entry: Entry, gate: Gate | None) -> dict[str, Any]:
    """Return the row of a film before it is scored.

    Returns
    -------
    dict
        ``file``; ``status``: ``scored`` for a film to be scored, or ``refused``; ``reason``: why it is refused, with
        the file, or what the gate warns of; the fields of `ANSWER`, None; ``gate``: the gate's verdict; ``notes``:
        kind and text of each note of the file.
    """
    admission = admit(entry, gate)
    refused = entry.film is None or admission.error is not None
    return {
        "file": entry.file,
        "status": "refused" if refused else "scored",
        "reason": str(admission.error) if admission.error else admission.warning,
        **dict.fromkeys(ANSWER),
        "gate": admission.gate,
        "notes": [note.to_dict() for note in entry.film.notes] if entry.film else [],
    }


def add_prediction(row: dict[str, Any], prediction: Prediction) -> dict[str, Any]:
    """Return the row with what a model says of its film."""
    return row | {name: getattr(prediction, name) for name in ANSWER}


def score_entry(entry: Entry, model: Model, gate: Gate | None, prevalence: float) -> dict[str, Any]:
    """Return the row of a film; a file that cannot be read or is refused by the gate has a reason and no score."""
    row = start_row(entry, gate)
    if row["status"] != "scored" or entry.film is None:
        return row
    return add_prediction(row, model.predict(entry.film, prevalence))
