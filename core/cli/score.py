"""``python -m core score``: scores of films, folders and zip files by one model."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.archive import Entry, read_paths
from core.cli.format import table
from core.errors import InputError
from core.gate import Gate, load_gate
from core.gate.check import GATE_FILE
from core.paths import artifacts_dir
from core.runs import find_run, list_runs
from core.serving import DEFAULT_PREVALENCE, Model
from core.text import BANNER, UNCHECKED, probability_in_words, score_in_words, set_in_words, verdict

NOT_CHECKED = "not_checked"  # nobody said whether this is a frontal chest film


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Paths, model and prevalence."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="film, folder or zip file")
    parser.add_argument("--model", metavar="M", help="model name, run id or own:RUN_ID; the served one by default")
    parser.add_argument(
        "--prevalence",
        type=float,
        default=DEFAULT_PREVALENCE,
        help="share of pneumonia that the probability holds at (default %(default)s)",
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """One row for each film; a file that cannot be scored, or is refused, is a row with its reason: exit status 2."""
    if not 0 < arguments.prevalence < 1:
        raise InputError(f"--prevalence {arguments.prevalence:g}: must lie between 0 and 1.")
    model = Model(find_run(arguments.model, list_runs()[0]))
    gate = _gate()
    rows = [_score(entry, model, gate, arguments.prevalence) for entry in read_paths(arguments.paths)]
    for row in rows:
        if row["status"] != "scored":
            print(f"Refused: {row['reason']}", file=sys.stderr)
        elif row["reason"]:
            print(f"Warning: {row['file']}: {row['reason']}", file=sys.stderr)
    return {
        "model": model.run.record.model,
        "run_id": model.run.run_id,
        "weights_hash": model.run.record.weights_hash,
        "prevalence": arguments.prevalence,
        "banner": BANNER,
        "files": rows,
        "exit_status": 2 if any(row["status"] != "scored" for row in rows) else 0,
    }


def _gate() -> Gate | None:
    """The gate; None where none was made, as in an artifacts folder of one's own. A damaged one is an error."""
    return load_gate() if (artifacts_dir() / GATE_FILE).exists() else None


def _score(entry: Entry, model: Model, gate: Gate | None, prevalence: float) -> dict[str, Any]:
    row: dict[str, Any] = {"file": entry.file, "status": "refused", "reason": entry.reason}
    answer = dict.fromkeys(("score", "probability", "threshold", "positive", "conformal_set"))
    checked = gate.check(entry.film) if gate and entry.film else None
    if checked:
        row["reason"] = f"{entry.file}: {checked.reason}" if checked.verdict == "refuse" else checked.reason or None
    if entry.film is not None and (checked is None or checked.verdict != "refuse"):
        prediction = asdict(model.predict(entry.film, prevalence))
        row["status"] = "scored"
        answer = {key: prediction[key] for key in answer}
    return {**row, **answer, "gate": checked.verdict if checked else NOT_CHECKED}


def text(document: dict[str, Any]) -> str:
    """A table with a verdict in words."""
    share = f"probability at {100 * document['prevalence']:g} %"
    rows = []
    for row in document["files"]:
        if row["status"] == "scored":
            score = score_in_words(row["score"])
            above = "yes" if row["positive"] else "no"
            said = verdict(row["positive"], row["conformal_set"])
            likely = probability_in_words(row["probability"])
            labels = set_in_words(row["conformal_set"])
            rows.append((row["file"], score, f"{row['threshold']:.3f}", above, said, likely, labels))
        else:
            rows.append((row["file"], "-", "-", "-", row["status"], "-", "-"))
    lines = [f"Model {document['run_id']}, weights {document['weights_hash'][:12]}."]
    if any(row["status"] == "scored" and row["gate"] == NOT_CHECKED for row in document["files"]):
        lines.append(UNCHECKED)
    lines.append(table(("file", "score", "threshold", "above", "verdict", share, "conformal set"), rows))
    return "\n".join([*lines, "", document["banner"]])
