"""One film, one row: what the command line, the HTTP interface and an archive's table say of it."""

from typing import Any

from core.gate import Gate, load_gate
from core.gate.check import GATE_FILE
from core.imaging.archive import Entry
from core.inference.model import Model, Prediction
from core.manifest import is_expected
from core.paths import artifacts_dir

NOT_CHECKED = "not_checked"  # nobody said whether this is a frontal chest film
ANSWER = ("score", "probability", "threshold", "positive", "conformal_set")


def gate_at_hand() -> Gate | None:
    """The gate; None where none was made, as in an artifacts folder of one's own. A damaged or lost one is an error."""
    return load_gate() if is_expected(artifacts_dir() / GATE_FILE) else None


def checked(entry: Entry, gate: Gate | None) -> dict[str, Any]:
    """The row of a film before it is scored.

    Returns
    -------
    dict
        ``file``; ``status``: ``scored`` for a film to be scored, or ``refused``; ``reason``: why it is refused, or what
        the gate warns of; ``gate``: the gate's verdict; the fields of `ANSWER`, None.
    """
    row = {
        "file": entry.file,
        "status": "refused",
        "reason": entry.reason,
        **dict.fromkeys(ANSWER),
        "gate": NOT_CHECKED,
    }
    if entry.film is None:
        return row
    row["status"] = "scored"
    if gate is not None:
        said = gate.check(entry.film)
        row["gate"], row["reason"] = said.verdict, said.reason or None
        if said.verdict == "refuse":
            row |= {"status": "refused", "reason": f"{entry.file}: {said.reason}"}
    return row


def answered(row: dict[str, Any], prediction: Prediction) -> dict[str, Any]:
    """The row with what a model says of its film."""
    return row | {name: getattr(prediction, name) for name in ANSWER}


def score_entry(entry: Entry, model: Model, gate: Gate | None, prevalence: float) -> dict[str, Any]:
    """The row of a film; a file that cannot be read or is refused by the gate has a reason and no score."""
    row = checked(entry, gate)
    if row["status"] != "scored" or entry.film is None:
        return row
    return answered(row, model.predict(entry.film, prevalence))
