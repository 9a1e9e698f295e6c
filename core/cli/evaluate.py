"""``python -m core evaluate``: metrics with intervals for a data set's split, a labelled folder or a score table."""

import argparse
from pathlib import Path

import numpy as np

from core.cli.document import Document
from core.cli.format import format_ends, table
from core.cli.labelled import SPLIT_CHOICES, score_data
from core.cli.threshold import FALLBACK, Threshold, frozen_threshold, run_beside, table_threshold
from core.data.patients import patient_key
from core.errors import InputError
from core.evaluation.evaluate import evaluate
from core.evaluation.metrics import METRICS
from core.evaluation.subgroups import evaluate_subgroups
from core.evaluation.tables import read_scores
from core.evaluation.types import Scores
from core.runs.ledger import record_test
from core.runs.record import SPLITS, Run
from core.runs.store import choose_run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add data or score table, model, split, threshold and whether to record."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--data", type=Path, metavar="DIR", help="data set (train/, test/) or labelled folder (<LABEL>/*)"
    )
    source.add_argument("--scores", type=Path, metavar="CSV", help="table with sample_id,y_true,y_score[,cluster_id]")
    parser.add_argument(
        "--model", metavar="M", help="model name, run id or own:RUN_ID; with --data the served one by default"
    )
    parser.add_argument(
        "--split", choices=SPLIT_CHOICES, default="validation", help="of a data set (default %(default)s)"
    )
    parser.add_argument("--threshold", type=float, help=f"for --scores; without it or --model {FALLBACK}")
    parser.add_argument("--record", action="store_true", help="enter an evaluation on test into the ledger")


def run(arguments: argparse.Namespace) -> Document:
    """Return the evaluation at the frozen threshold, and for known films the difference from the stored scores."""
    if arguments.record and (arguments.scores or arguments.split != "test"):
        raise InputError("--record: only for --data with --split test.")
    if arguments.scores:
        return _evaluate_table(arguments)
    if arguments.threshold is not None:
        raise InputError("--threshold: only for --scores; a model is evaluated at its frozen threshold.")
    model_run = choose_run(arguments.model)
    split, scores, data_hash, unreadable = score_data(arguments.data, arguments.split, model_run)
    difference, without_stored = _difference(model_run, split, scores, data_hash)
    document = {
        "run_id": model_run.run_id,
        "weights_hash": model_run.record.weights_hash,
        "split": split,
        "data_hash": data_hash,
        "unreadable": unreadable,
        "difference_from_stored_scores": difference,
        "without_stored_score": without_stored,
        "recorded": bool(arguments.record) and record_test(model_run, scores, data_hash),
    }
    return {**document, **_figures(scores, frozen_threshold(model_run))}


def _evaluate_table(arguments: argparse.Namespace) -> Document:
    scores = read_scores(arguments.scores)
    if arguments.threshold is not None and arguments.model:
        raise InputError("--threshold and --model: give one of them.")
    run = run_beside(arguments.scores)
    threshold = table_threshold(run, given=arguments.threshold, model=arguments.model)
    return {"scores": str(arguments.scores), **_figures(scores, threshold)}


def _figures(scores: Scores, threshold: Threshold) -> Document:
    """Return the evaluation, and one for each pathogen named in the file names, against all normals."""
    pathogen = np.array([patient_key(Path(name).name).pathogen for name in scores.sample_id])
    group = np.where(scores.y_true == 0, "", np.where(pathogen == "", "unknown pathogen", pathogen))
    subgroups = evaluate_subgroups(scores, threshold.value, group) if (pathogen != "").any() else {}
    return {
        **evaluate(scores, threshold.value).to_dict(),
        "threshold_source": threshold.source,
        "subgroups": {name: evaluation.to_dict() for name, evaluation in subgroups.items()},
    }


def _difference(run: Run, split: str, scores: Scores, data_hash: str) -> tuple[float | None, list[str]]:
    """Return the largest difference from the run's stored scores, None without any, and films without a stored one."""
    stored_split = next((name for name in SPLITS if name == split), None)
    if stored_split is None or data_hash != run.record.data_hash:
        return None, []
    stored = run.scores(stored_split)
    stored_scores = dict(zip(stored.sample_id.tolist(), stored.y_score.tolist(), strict=True))
    new_scores = dict(zip(scores.sample_id.tolist(), scores.y_score.tolist(), strict=True))
    differences = [
        float(abs(new_scores[sample_id] - stored_scores[sample_id]))
        for sample_id in new_scores.keys() & stored_scores.keys()
    ]
    return max(differences, default=None), [sample_id for sample_id in new_scores if sample_id not in stored_scores]


def text(document: Document) -> str:
    """Return counts, then a table of figures with intervals."""
    counts = document["confusion"]
    lines = [
        f"{document['name']}: {document['n']} films of {document['clusters']} patients, "
        f"{document['positives']} pneumonia (prevalence {document['prevalence']:.1%}); "
        f"threshold {document['threshold']:.4f} ({document['threshold_source']}).",
        f"True positives {counts['tp']}, false negatives {counts['fn']}, "
        f"false positives {counts['fp']}, true negatives {counts['tn']}.",
        "",
    ]
    rows = [(METRICS[name].title, *_cells(figure)) for name, figure in document["metrics"].items()]
    lines.append(table(("figure", "value", "95 % interval", "method"), rows))
    if document["subgroups"]:
        by_pathogen = [
            (name, subgroup["positives"], METRICS[metric].title, *_cells(subgroup["metrics"][metric]))
            for name, subgroup in document["subgroups"].items()
            for metric in ("sensitivity", "auroc")
        ]
        lines += ["", "By pathogen, each against all normals (read from the file names)"]
        lines.append(table(("pathogen", "films", "figure", "value", "95 % interval", "method"), by_pathogen))
    difference = document.get("difference_from_stored_scores")
    if difference is not None:
        lines += ["", f"Largest difference from the stored scores of {document['run_id']}: {difference:.2g}."]
    if missing := document.get("without_stored_score"):
        lines.append(f"No stored score, since unreadable at training: {', '.join(missing)}.")
    if document.get("split") == "test":
        recorded = "Entered into" if document["recorded"] else "Not entered into"
        lines.append(f"{recorded} the test ledger.")
    lines += [f"Left out {line}" for line in document.get("unreadable", [])]
    return "\n".join(lines)


def _cells(figure: Document) -> tuple[str, str, str]:
    value = "-" if figure["value"] is None else f"{figure['value']:.4f}"
    return value, format_ends(figure), figure["method"]
