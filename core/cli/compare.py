"""``python -m core compare``: score tables, or models on labelled films, every pair with a test."""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from core.cli.document import Document
from core.cli.format import format_ends, table
from core.cli.labelled import SPLIT_CHOICES, score_data
from core.cli.threshold import FALLBACK, HALF, Threshold, frozen_threshold, run_beside, table_threshold
from core.errors import InputError
from core.evaluation.bootstrap import DRAWS
from core.evaluation.evaluate import evaluate, without_nan
from core.evaluation.metrics import METRICS
from core.evaluation.paired_tests import COMPARED, Candidate, compare_all
from core.evaluation.tables import check_same_samples, read_scores
from core.evaluation.types import Scores
from core.runs.record import Run
from core.runs.store import find_run, list_runs
from core.wording import finding_sentence

SEED = 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tables or models, and thresholds or models for the first two tables."""
    parser.add_argument("a", type=Path, metavar="A", help="table with sample_id,y_true,y_score[,cluster_id]")
    parser.add_argument("b", type=Path, metavar="B", help="table of the same films")
    parser.add_argument("more", type=Path, nargs="*", metavar="C", help="further tables; all pairs are compared")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="compare models (A, B, ... are names or run ids) on labelled films"
    )
    parser.add_argument(
        "--split", choices=SPLIT_CHOICES, default="validation", help="of a data set (default %(default)s)"
    )
    for letter in "ab":
        group = parser.add_mutually_exclusive_group()
        group.add_argument(
            f"--threshold-{letter}", type=float, metavar="T", help=f"positive if score >= T, for {letter}"
        )
        group.add_argument(
            f"--model-{letter}", metavar="M", help=f"take the frozen threshold of this model for {letter}"
        )
    parser.epilog = f"Without these {FALLBACK}."


def run(arguments: argparse.Namespace) -> Document:
    """Return figures of every table with intervals, and a finding for each pair and figure."""
    paths = [arguments.a, arguments.b, *arguments.more]
    tables, runs, thresholds = _score_models(arguments) if arguments.data else _read_tables(arguments)
    candidates = [
        Candidate(scores=replace(scores, name=name), threshold=threshold.value)
        for scores, name, threshold in zip(tables, _names(paths, runs), thresholds, strict=True)
    ]
    first = evaluate(tables[0], HALF, draws=1)
    return {
        "n": first.n,
        "positives": first.positives,
        "clusters": first.clusters,
        "prevalence": first.prevalence,
        "draws": DRAWS,
        "seed": SEED,
        "tables": [
            {
                "name": candidate.scores.name,
                "file": str(path),
                "threshold": threshold.value,
                "threshold_source": threshold.source,
                "metrics": _figures(candidate.scores, threshold.value),
            }
            for candidate, path, threshold in zip(candidates, paths, thresholds, strict=True)
        ],
        "findings": [
            finding.to_dict() | {"sentence": finding_sentence(finding)}
            for finding in compare_all(candidates, draws=DRAWS, seed=SEED)
        ],
    }


def _read_tables(arguments: argparse.Namespace) -> tuple[list[Scores], list[Run | None], list[Threshold]]:
    paths = [arguments.a, arguments.b, *arguments.more]
    tables = [read_scores(path, str(path)) for path in paths]
    check_same_samples(tables)  # while they still carry their paths, for the message
    runs = [run_beside(path) for path in paths]
    thresholds = [
        table_threshold(runs[0], given=arguments.threshold_a, model=arguments.model_a, option="--threshold-a"),
        table_threshold(runs[1], given=arguments.threshold_b, model=arguments.model_b, option="--threshold-b"),
        *(table_threshold(other) for other in runs[2:]),
    ]
    return tables, runs, thresholds


def _score_models(arguments: argparse.Namespace) -> tuple[list[Scores], list[Run | None], list[Threshold]]:
    options = (arguments.threshold_a, arguments.threshold_b, arguments.model_a, arguments.model_b)
    if any(option is not None for option in options):
        raise InputError("--data: models are compared at their frozen thresholds; leave out --threshold and --model.")
    runs_on_disk = list_runs()[0]
    runs = [find_run(str(name), runs_on_disk) for name in (arguments.a, arguments.b, *arguments.more)]
    tables = [score_data(arguments.data, arguments.split, run)[1] for run in runs]
    return tables, list(runs), [frozen_threshold(run) for run in runs]


def _names(paths: Sequence[Path], runs: Sequence[Run | None]) -> list[str]:
    """Return run id or file name where that tells the tables apart, else the path, else the path with its number."""
    names = [run.run_id if run else path.name for path, run in zip(paths, runs, strict=True)]
    if max(Counter(names).values()) > 1:
        names = [str(path) for path in paths]
    if max(Counter(names).values()) > 1:
        names = [f"{name} ({number})" for number, name in enumerate(names, 1)]
    return names


def _figures(scores: Scores, threshold: float) -> Document:
    figures = evaluate(scores, threshold, draws=DRAWS, seed=SEED).metrics
    return {name: without_nan(asdict(figures[name])) for name in COMPARED}


def text(document: Document) -> str:
    """Return where the thresholds come from, figures, tests, and the findings in sentences."""
    tables, findings = document["tables"], document["findings"]
    lines = [
        f"{document['n']} films of {document['clusters']} patients, {document['positives']} pneumonia "
        f"(prevalence {document['prevalence']:.1%}); cluster bootstrap by patient, {document['draws']:,} draws.",
        *(f"{entry['name']}: threshold {entry['threshold']:.4f} ({entry['threshold_source']})" for entry in tables),
        "",
        table(
            ("figure", *(f"{entry['name']} (95 % interval)" for entry in tables)),
            [(METRICS[name].title, *(_interval(entry["metrics"][name]) for entry in tables)) for name in COMPARED],
        ),
        "",
        table(
            ("figure", "a", "b", "a less b (95 % interval)", "a alone right", "b alone right", "test", "p", "Holm"),
            [_finding_row(finding) for finding in findings],
        ),
        "McNemar and DeLong take films as independent; models count as different only if p after Holm is below 0.05 "
        "and the interval by patient leaves out zero.",
        "",
        *(finding["sentence"] for finding in findings),
    ]
    return "\n".join(lines)


def _finding_row(finding: Document) -> tuple[object, ...]:
    alone = ["" if finding[key] is None else finding[key] for key in ("only_a", "only_b")]
    p_values = ["-" if finding[key] is None else f"{finding[key]:.3g}" for key in ("p", "p_adjusted")]
    title, difference = METRICS[finding["metric"]].title, _interval(finding["difference"])
    return (title, finding["a"], finding["b"], difference, *alone, finding["test"], *p_values)


def _interval(figure: Document) -> str:
    if figure["value"] is None:
        return "-"
    ends = format_ends(figure)
    return f"{figure['value']:.4f} ({ends})" if ends else f"{figure['value']:.4f}"
