"""``python -m core score``: scores of films, folders and zip files by one model."""

import argparse
import sys
from pathlib import Path

from core.cli.document import Document
from core.cli.format import table
from core.cli.options import add_model_and_prevalence, check_prevalence
from core.imaging.archive import read_paths
from core.inference.model import Model
from core.inference.scoring import NOT_CHECKED, load_gate_if_present, score_entry
from core.runs.store import choose_run
from core.wording import BANNER, UNCHECKED, VERDICT_WORDS, format_probability, format_score, set_in_words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Paths, model and prevalence."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="film, folder or zip file")
    add_model_and_prevalence(parser)


def run(arguments: argparse.Namespace) -> Document:
    """One row for each film; a file that cannot be scored, or is refused, is a row with its reason: exit status 2."""
    prevalence = check_prevalence(arguments)
    model = Model(choose_run(arguments.model))
    gate = load_gate_if_present()
    rows = [score_entry(entry, model, gate, prevalence) for entry in read_paths(arguments.paths)]
    for row in rows:
        if row.status != "scored":
            print(f"Refused: {row.reason}", file=sys.stderr)
        elif row.reason:
            print(f"Warning: {row.file}: {row.reason}", file=sys.stderr)
    return {
        "model": model.run.record.model,
        "run_id": model.run.run_id,
        "weights_hash": model.run.record.weights_hash,
        "prevalence": prevalence,
        "banner": BANNER,
        "files": [row.to_dict() for row in rows],
        "exit_status": 2 if any(row.status != "scored" for row in rows) else 0,
    }


def text(document: Document) -> str:
    """Return a table with the verdict in words, then the notes of the files."""
    share = f"probability at {100 * document['prevalence']:g} %"
    rows = []
    for row in document["files"]:
        if row["status"] == "scored":
            score = format_score(row["score"])
            above = "yes" if row["positive"] else "no"
            verdict = VERDICT_WORDS[row["verdict"]].lower()
            likely = format_probability(row["probability"])
            labels = set_in_words(row["conformal_set"])
            rows.append((row["file"], score, f"{row['threshold']:.3f}", above, verdict, likely, labels))
        else:
            rows.append((row["file"], "-", "-", "-", row["status"], "-", "-"))
    lines = [f"Model {document['run_id']}, weights {document['weights_hash'][:12]}."]
    if any(row["status"] == "scored" and row["gate"] == NOT_CHECKED for row in document["files"]):
        lines.append(UNCHECKED)
    lines.append(table(("file", "score", "threshold", "above", "verdict", share, "conformal set"), rows))
    lines += [f"{row['file']}: {note['text']}" for row in document["files"] for note in row["notes"]]
    return "\n".join([*lines, "", document["banner"]])
