"""The record of every evaluation on the test films: how often they were looked at, by what, on which data."""

import csv
import io
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from core.errors import ArtifactError
from core.evaluation.metrics import auroc
from core.evaluation.types import Scores
from core.files import write_text
from core.manifest import LEDGER
from core.runs import Run


@dataclass(frozen=True, kw_only=True)
class LedgerLine:
    """One evaluation on test; ``auroc`` is empty where there was no one score table, ``note`` says what it was."""

    time: str
    run: str
    weights_hash: str
    data_hash: str
    auroc: str
    note: str = ""


def read_ledger(folder: Path) -> list[LedgerLine]:
    """The lines of a folder's ledger, oldest first; raises `ArtifactError` if it is damaged."""
    path = folder / LEDGER
    if not path.is_file():
        return []
    try:
        with path.open(newline="") as file:
            return [LedgerLine(**row) for row in csv.DictReader(file)]
    except (TypeError, UnicodeDecodeError):
        raise ArtifactError(f"{path} is damaged; restore it from the repository.") from None


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
