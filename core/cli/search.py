"""``python -m core search``: searches for hyperparameters on validation, resumable; lists the stored trials."""

import argparse
import os
from dataclasses import replace
from pathlib import Path

from core.cli.document import Document
from core.cli.format import table
from core.data.dataset import read_dataset
from core.errors import ArtifactError, InputError
from core.manifest import write_manifest
from core.paths import artifacts_dir
from core.training.search_files import TRIALS_FILE, TrialRow, read_trial_rows

SEARCHES = ("grid", "residual")
_SHOWN = 10  # best trials in the text; the JSON document has all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add data, which search, its size and the folder of the tables."""
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="folder with train/ and test/; without it kept trials are listed"
    )
    parser.add_argument(
        "--search",
        choices=SEARCHES,
        default="grid",
        help="grid: all combinations on the notebook's CNN; residual: sampled and pruned on ours (default %(default)s)",
    )
    parser.add_argument("--trials", type=int, metavar="N", help="stop when N trials are done (default: the whole plan)")
    parser.add_argument("--epochs", type=int, metavar="N", help="of each trial instead of the plan's")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the tables (default artifacts/search)")


def run(arguments: argparse.Namespace) -> Document:
    """Run the remaining trials of a search, or read the stored ones; return all trials, best first."""
    for name in ("trials", "epochs"):
        value = getattr(arguments, name)
        if value is not None and value < 1:
            raise InputError(f"--{name} {value}: at least 1 is needed.")
    out = arguments.out or artifacts_dir() / "search"
    if arguments.data:
        _search(arguments, out)
    trials = [row for row in read_trial_rows(out / TRIALS_FILE) if row.search == arguments.search]
    if not trials:
        raise ArtifactError(f"{out}: holds no trials of this search; run: python -m core search --data DIR")
    trials.sort(key=lambda row: -(row.mean or 0.0))
    rows = [_known(row) for row in trials]
    return {"search": arguments.search, "folder": str(out), "trials": rows, "best": rows[0]}


def _search(arguments: argparse.Namespace, out: Path) -> None:
    dataset = read_dataset(arguments.data)  # report a wrong folder before the slow import of TensorFlow
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from core.training.search import PLANS, run_search  # TensorFlow takes seconds

    plan = PLANS[arguments.search]
    plan = replace(plan, trials=arguments.trials or plan.trials, epochs=arguments.epochs or plan.epochs)
    run_search(plan, dataset, out)
    if out.is_relative_to(artifacts_dir()):
        write_manifest()


def _known(row: TrialRow) -> Document:
    """Return what is known of a trial, and its mean in any case."""
    return {name: value for name, value in row.to_dict().items() if value is not None or name == "mean"}


def text(document: Document) -> str:
    """Return the best trials as a table, and how many were pruned."""
    best = document["trials"][:_SHOWN]
    columns = [key for key in best[0] if key not in ("search", "state", "validation_auroc", "stress_validation_auroc")]
    pruned = sum(row["state"] == "pruned" for row in document["trials"])
    lines = [
        f"{len(document['trials'])} trials, {pruned} of them pruned; the best {len(best)} by the mean of the AUROCs "
        "on plain and on stress validation:",
        "",
        table(columns, [[row.get(key, "") for key in columns] for row in best]),
        "",
        f"All trials: {document['folder']}/trials.csv",
    ]
    return "\n".join(lines)
