"""The record of every evaluation on the test films: how often they were looked at, by what, on which data."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from core.errors import ArtifactError
from core.evaluation.metrics import auroc
from core.evaluation.types import Scores
from core.files import write_text
from core.manifest import LEDGER
from core.runs.record import Run


class LookKind(StrEnum):
    """What was looked at on the test films."""

    EVALUATION = "evaluation"  # of a run or a null baseline, in full
    MASKED_FILMS = "masked_films"
    SUBGROUPS = "subgroups"
    FILMS = "films"  # measured without a model
    GATE = "gate"
    NOT_KEPT = "not_kept"  # a run that was put away, for the reason in the note
    EARLIER = "earlier"  # before the ledger began


LOOK_TITLES = {
    LookKind.EVALUATION: "Models and null baselines",
    LookKind.MASKED_FILMS: "Masked films",
    LookKind.SUBGROUPS: "Subgroups",
    LookKind.FILMS: "Measured films",
    LookKind.GATE: "Check for chest films",
    LookKind.NOT_KEPT: "Runs that were not kept",
    LookKind.EARLIER: "Before the ledger began",
}
# The file has no column for the kind: what looked, and the first words of the note, tell it.
_KIND_OF_RUN = {"films": LookKind.FILMS, "gate": LookKind.GATE}
_KIND_OF_NOTE = {"Shortcut score": LookKind.MASKED_FILMS, "Subgroups": LookKind.SUBGROUPS, "": LookKind.EVALUATION}


@dataclass(frozen=True, kw_only=True)
class LedgerLine:
    """One look at test.

    A full evaluation of a run or null baseline has no ``note``; where there is one, it says what else the look was, or
    why the run was not kept. ``auroc`` is empty where there was no one score table, ``data_hash`` for looks from before
    the ledger.
    """

    time: str
    run: str
    weights_hash: str
    data_hash: str
    auroc: str
    note: str = ""

    @property
    def kind(self) -> LookKind:
        """What was looked at."""
        if not self.data_hash:
            return LookKind.EARLIER
        of_note = _KIND_OF_NOTE.get(self.note.partition(":")[0].removesuffix("."), LookKind.NOT_KEPT)
        return _KIND_OF_RUN.get(self.run, of_note)


def read_ledger(folder: Path) -> list[LedgerLine]:
    """Return the lines of a folder's ledger, oldest first; raises `ArtifactError` if it is damaged."""
    path = folder / LEDGER
    if not path.is_file():
        return []
    try:
        text = path.read_text()
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        if text.endswith("\n") and not any(None in row.values() for row in rows):  # None: the row is too short
            return [LedgerLine(**row) for row in rows]
    except (TypeError, UnicodeDecodeError, csv.Error):
        pass
    raise ArtifactError(f"{path} is damaged; restore it from the repository.")


def count_looks(lines: Sequence[LedgerLine]) -> tuple[int, int]:
    """Count full evaluations, and further looks: at parts or changed films, or by runs that were not kept."""
    kinds = [line.kind for line in lines]
    full, earlier = kinds.count(LookKind.EVALUATION), kinds.count(LookKind.EARLIER)
    return full, len(kinds) - full - earlier


def in_words(lines: Sequence[LedgerLine], own: Sequence[LedgerLine] = ()) -> str:
    """Return how often the test films have been used, by us and by the user's own runs, and before the ledger."""
    if not lines:
        return f"There is no record of how often the test films have been used: {LEDGER} is missing; restore it."
    full, further = count_looks(lines)
    used = (
        f"The test films have been used for {_times(full, 'full evaluation')} on record, of models and null baselines, "
        f"and for {_times(further, 'further look')}, at parts of them, at changed films or by runs that were not kept "
        f"(`{LEDGER}`)."
    )
    yours = [f"Your own runs add {len(own)}."] if own else []
    return " ".join([used, *yours, *(line.note for line in lines if line.kind is LookKind.EARLIER)])


def _times(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def record_test(run: Run, scores: Scores, data_hash: str, note: str = "") -> bool:
    """Append an evaluation on test to the ledger beside the run; a repeat adds nothing.

    Parameters
    ----------
    run : Run
    scores : Scores
        Of the test films.
    data_hash : str
        `Dataset.hash`.
    note : str
        What was looked at, where it is more than the scores.

    Returns
    -------
    bool
        Whether a line was added.
    """
    return record_look(
        run.folder.parent,
        run=run.run_id,
        weights_hash=run.record.weights_hash,
        data_hash=data_hash,
        scores=scores,
        note=note,
    )


def record_look(
    folder: Path, *, run: str, weights_hash: str, data_hash: str, scores: Scores | None = None, note: str = ""
) -> bool:
    """Append a look at test labels to a folder's ledger, also one by something other than a run.

    Parameters
    ----------
    folder : Path
    run : str
        What looked: a run id, ``baseline:<name>``, or ``films``.
    weights_hash : str
        sha256 of the graph or of the baseline's record; empty where nothing was fitted.
    data_hash : str
        `Dataset.hash`.
    scores : Scores, optional
        Of the test films, where there are any.
    note : str
        What was looked at, where it is more than the scores.

    Returns
    -------
    bool
        Whether a line was added.
    """
    lines = read_ledger(folder)
    key = (run, weights_hash, data_hash, note)
    if key in {(line.run, line.weights_hash, line.data_hash, line.note) for line in lines}:
        return False
    added = LedgerLine(
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        run=run,
        weights_hash=weights_hash,
        data_hash=data_hash,
        auroc="" if scores is None else f"{auroc(scores):.6f}",
        note=note,
    )
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(LedgerLine)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(line) for line in [*lines, added])
    write_text(folder / LEDGER, text.getvalue())
    return True
