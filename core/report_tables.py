"""The Markdown tables that README and docs quote, made from the committed results alone.

A text names a table in a comment; what stands between the two lines is replaced by `refresh`:

    <!-- table: results -->
    <!-- end -->

``results``: each model's representative run on test, size and cost; ``seeds``: mean and range over seeds; ``notebook``:
what the notebook reported beside what its networks reach here; ``findings``: which models can be told apart;
``ledger``: how often the test films have been used.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from core.comparison import sentence, summary
from core.errors import ArtifactError, InputError
from core.evaluation.metrics import METRICS
from core.evaluation.types import Estimate
from core.ledger import read_ledger
from core.paths import ROOT, artifacts_dir
from core.published import NOTEBOOK
from core.results import estimate, read_at_half, read_baselines, read_findings, read_results
from core.runs import Run, ScoredSplit, list_runs, representative, served
from core.speed import film_milliseconds, training_seconds
from core.text import figure, percent, rate

VALIDATION: tuple[ScoredSplit, ...] = ("validation", "stress_validation")
QUOTED = ("sensitivity", "specificity", "accuracy", "auroc")
_BLOCK = re.compile(r"(<!-- table: ([\w-]+) -->\n)(?:(?!<!-- table:).)*?(<!-- end -->)", re.DOTALL)
_START = "<!-- table:"


def documents(root: Path = ROOT) -> list[Path]:
    """README and every page of docs, where marked tables are kept fresh."""
    return [path for path in (root / "README.md", *sorted((root / "docs").rglob("*.md"))) if path.is_file()]


def refresh(text: str) -> str:
    """The text with every marked table made anew.

    Raises
    ------
    InputError
        A table of that name is unknown, or a start has no end.
    ArtifactError
        The results are missing, damaged, or older than the runs.
    """
    if len(_BLOCK.findall(text)) != text.count(_START):
        raise InputError(f"A line '{_START} NAME -->' wants a line '<!-- end -->' below it.")
    return _BLOCK.sub(lambda block: f"{block[1]}{make_table(block[2])}\n{block[3]}", text)


def make_table(name: str) -> str:
    """One of `TABLES` as Markdown; raises `InputError` for another name."""
    if name not in TABLES:
        raise InputError(f"There is no table named {name!r}; there are {', '.join(TABLES)}.")
    return TABLES[name]()


def results_table() -> str:
    """Each model's representative run on test at its frozen threshold, then the null baseline."""
    runs = _committed()
    served_id = served(runs).run_id
    rows = [_result_row(run, run.run_id == served_id) for run in representative(runs)]
    if null := read_baselines():
        other = [_text(estimate(null[split], "auroc"), "auroc") for split in VALIDATION]
        rows.append([f"Null baseline: {null['test']['name'].lower()}", *_figures(null["test"]), *other, "–", "–", "–"])
    header = [
        "model",
        *(METRICS[metric].title for metric in QUOTED),
        "AUROC, validation",
        "AUROC, stress validation",
        "parameters",
        "training on one core, s",
        "per film on one core, ms",
    ]
    return _markdown(header, rows)


def _result_row(run: Run, is_served: bool) -> list[str]:
    record = run.record
    return [
        f"{run.title}, seed {record.seed}{' (served)' if is_served else ''}",
        *_figures(_evaluation(run, "test")),
        *(_text(estimate(_evaluation(run, split), "auroc"), "auroc") for split in VALIDATION),
        f"{record.parameters:,}",
        f"{training_seconds(run):.0f}",
        f"{film_milliseconds(run):.2f}",
    ]


def _figures(evaluation: dict[str, Any]) -> list[str]:
    return [_text(estimate(evaluation, metric), metric) for metric in QUOTED]


def seeds_table() -> str:
    """Mean, lowest and highest of the seeds of each model, on test and of the selection figure."""
    groups: dict[str, list[Run]] = {}
    for run in _committed():
        groups.setdefault(run.title, []).append(run)
    rows = []
    for title, runs in groups.items():
        figures = [[estimate(_evaluation(run, "test"), metric).value for run in runs] for metric in QUOTED]
        figures.append([run.record.selection["mean"] for run in runs])
        names = (*QUOTED, "auroc")
        rows.append([title, len(runs), *(_range(values, name) for values, name in zip(figures, names, strict=True))])
    titles = [f"{METRICS[metric].title}, mean (lowest-highest)" for metric in QUOTED]
    return _markdown(["model", "seeds", *titles, "selection figure, mean (lowest-highest)"], rows)


def notebook_table() -> str:
    """What the notebook reported, and the same networks here at its threshold and at the frozen one, on test."""
    ours = {run.record.model: run for run in representative(_committed())}
    at_half = read_at_half()
    rows = []
    for result in NOTEBOOK:
        run = ours.get(result.model or "")
        for metric, reported in result.metrics.items():
            here = [at_half[run.run_id], _evaluation(run, "test")] if run else []
            again = [_text(estimate(one, metric), metric) for one in here] or ["not trained"] * 2
            name = result.name.removeprefix("Notebook, ")
            rows.append([name, METRICS[metric].title, _text(reported, metric), *again])
    return _markdown(["network", "figure", "notebook", "here, threshold 0.5", "here, frozen threshold"], rows)


def findings_list() -> str:
    """How many pairs of models differ on test, and the served model against every other, for three figures."""
    findings, name = read_findings("test"), served(_committed()).title
    lines = []
    for metric in ("auroc", "sensitivity", "specificity"):
        lines.append(f"- {summary(findings, metric)}")
        of_served = [sentence(one) for one in findings if one.metric == metric and name in (one.a, one.b)]
        lines += [f"    - {said}" for said in of_served if said not in lines[-1]]
    return "\n".join(lines)


def ledger_line() -> str:
    """How often the test films have been used, in one or two sentences."""
    lines = read_ledger(artifacts_dir())
    recorded = sum(line.auroc != "" for line in lines)
    before = [line.note for line in lines if line.auroc == "" and line.note]
    count = f"The test films have been used for {recorded} evaluations on record (`artifacts/test_ledger.csv`)."
    return " ".join([count, *before])


TABLES = {
    "results": results_table,
    "seeds": seeds_table,
    "notebook": notebook_table,
    "findings": findings_list,
    "ledger": ledger_line,
}


def _committed() -> list[Run]:
    runs, problems = list_runs()
    if problems:
        raise ArtifactError(problems[0])
    return [run for run in runs if not run.own]


def _evaluation(run: Run, split: ScoredSplit) -> dict[str, Any]:
    try:
        return read_results()[run.run_id][split]
    except KeyError:
        raise ArtifactError(f"{run.run_id} is not in results.json for {split}; run: make results") from None


def _text(one: Estimate, metric: str) -> str:
    return rate(one) if METRICS[metric].is_rate else figure(one)


def _range(values: Sequence[float], metric: str) -> str:
    mean, low, high = sum(values) / len(values), min(values), max(values)
    if METRICS[metric].is_rate:
        return f"{percent(mean)} ({100 * low:.1f}-{100 * high:.1f})"
    return figure(Estimate(value=mean, low=low, high=high, method="range over seeds"))


def _markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)
