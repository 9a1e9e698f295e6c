"""One film, one row: what the command line, the HTTP interface and an archive's table say of it."""

from dataclasses import asdict, dataclass, replace
from typing import Literal

from core.errors import InputError
from core.evaluation.verdict import Verdict
from core.gate import Gate, load_gate
from core.gate.check import GATE_FILE
from core.imaging.archive import Entry
from core.imaging.notes import Note
from core.inference.model import Model, Prediction
from core.manifest import is_expected
from core.paths import artifacts_dir

NOT_CHECKED = "not_checked"  # nobody said whether this is a frontal chest film
Status = Literal["scored", "refused", "error"]


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


@dataclass(frozen=True, kw_only=True)
class FilmRow:
    """What is said of one film; the fields are those of the JSON documents and, in this order, of the Parquet table.

    Parameters
    ----------
    file : str
    status : {"scored", "refused", "error"}
        ``scored`` as well for a film that is to be scored; ``error`` where reading failed for a reason of its own.
    reason : str or None
        Why it is refused, with the file, or what the gate warns of.
    score, probability, threshold, positive, conformal_set, verdict
        As of `Prediction`; None without one.
    gate : {"accept", "warn", "refuse", "not_checked"}
    notes : tuple of Note
    """

    file: str
    status: Status
    reason: str | None
    score: float | None = None
    probability: float | None = None
    threshold: float | None = None
    positive: bool | None = None
    conformal_set: tuple[str, ...] | None = None
    verdict: Verdict | None = None
    gate: str
    notes: tuple[Note, ...]

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON and Parquet."""
        return asdict(self) | {"notes": [note.to_dict() for note in self.notes]}


def start_row(entry: Entry, gate: Gate | None) -> FilmRow:
    """Return the row of a film before it is scored."""
    admission = admit(entry, gate)
    refused = entry.film is None or admission.error is not None
    return FilmRow(
        file=entry.file,
        status="refused" if refused else "scored",
        reason=str(admission.error) if admission.error else admission.warning,
        gate=admission.gate,
        notes=tuple(entry.film.notes) if entry.film else (),
    )


def add_prediction(row: FilmRow, prediction: Prediction) -> FilmRow:
    """Return the row with what a model says of its film."""
    return replace(
        row,
        score=prediction.score,
        probability=prediction.probability,
        threshold=prediction.threshold,
        positive=prediction.positive,
        conformal_set=prediction.conformal_set,
        verdict=prediction.verdict,
    )


def score_entry(entry: Entry, model: Model, gate: Gate | None, prevalence: float) -> FilmRow:
    """Return the row of a film; a file that cannot be read or is refused by the gate has a reason and no score."""
    row = start_row(entry, gate)
    if row.status != "scored" or entry.film is None:
        return row
    return add_prediction(row, model.predict(entry.film, prevalence))
