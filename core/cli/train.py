"""``python -m core train``: trains a model and writes its run."""

import argparse
import os
from pathlib import Path

from core.cli.document import Document
from core.data.dataset import read_dataset
from core.errors import InputError
from core.evaluation.evaluate import evaluate
from core.evaluation.types import Estimate
from core.models.registry import get_model
from core.paths import runs_dir
from core.training.jobs import MOST_SEED
from core.wording import format_metric


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add model, data, seed, epochs, output and resume."""
    parser.add_argument("model", metavar="MODEL", help="name in the registry; see python -m core models")
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="folder with train/ and test/")
    parser.add_argument("--seed", type=int, default=0, help="of weights, order and augmentation (default 0)")
    parser.add_argument("--epochs", type=int, help="upper limit instead of the model's own")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of runs (default runs/)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint of an interrupted training")


def run(arguments: argparse.Namespace) -> Document:
    """Train, evaluate on validation and export; return the run's record without its layers."""
    spec = get_model(arguments.model)
    if arguments.epochs is not None and arguments.epochs < 1:
        raise InputError(f"--epochs {arguments.epochs}: at least 1 is needed.")
    if not 0 <= arguments.seed <= MOST_SEED:
        raise InputError(f"--seed {arguments.seed}: must lie between 0 and {MOST_SEED:,}.")
    read_dataset(arguments.data)  # report a wrong folder before the slow import of TensorFlow
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from core.training.run import train_run  # TensorFlow takes seconds

    out = arguments.out or runs_dir()
    trained = train_run(
        spec, arguments.data, out, seed=arguments.seed, epochs=arguments.epochs, resume=arguments.resume
    )
    record = trained.record
    validation = {
        split: evaluate(trained.scores(split), record.threshold).to_dict()
        for split in ("validation", "stress_validation")
    }
    return {
        "run_id": trained.run_id,
        "folder": str(trained.folder),
        "epochs": record.epochs,
        "best_epoch": record.best_epoch,
        "seconds": record.seconds,
        "parameters": record.parameters,
        "threshold": record.threshold,
        "threshold_rule": record.threshold_rule,
        "selection": record.selection,
        "weights_hash": record.weights_hash,
        "data_hash": record.data_hash,
        "evaluations": validation,
    }


def text(document: Document) -> str:
    """Return what was trained, how well it does on validation and where the run was written."""
    lines = [
        f"Trained {document['run_id']}: {document['epochs']} epochs in {document['seconds']:.0f} s, "
        f"best epoch {document['best_epoch']}.",
        f"Threshold {document['threshold']:.4f}, frozen: the highest with a sensitivity of 95 % on stress validation.",
    ]
    for split, evaluation in document["evaluations"].items():
        parts = [
            f"{key} {format_metric(Estimate.from_dict(evaluation['metrics'][key]), key)}"
            for key in ("auroc", "sensitivity", "specificity")
        ]
        lines.append(f"{split.replace('_', ' ').capitalize()}, {evaluation['n']} films: {', '.join(parts)}.")
    lines.append(f"Written to {document['folder']}; the app shows it beside ours.")
    return "\n".join(lines)
