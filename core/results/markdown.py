"""The Markdown tables that README and docs quote, made from the committed results alone.

A text names a table in a comment; what is between the two lines is replaced by `refresh`:

    <!-- table: results -->
    <!-- end -->

``results``: each model's representative run on test, size and cost; ``seeds``: mean and range over seeds; ``notebook``:
what the notebook reported beside what its networks reach here; ``findings``: which models can be told apart;
``resolution``: what more pixels gain the notebook's network, and cost; ``ledger``: how often the test films have been
used; ``experiments``: what was tried on validation; ``goals``: what was aimed at, and what the served model reaches.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from core.errors import InputError
from core.evaluation.evaluate import Evaluation
from core.evaluation.metrics import METRICS
from core.evidence.read import evidence_of
from core.gate import gate_rates
from core.manifest import check_file
from core.paths import ROOT, artifacts_dir
from core.results.notebook import notebook_rows
from core.results.store import (
    evaluation_of,
    null_baselines,
    null_title,
    read_at_half,
    read_findings,
)
from core.runs.ledger import in_words, read_ledger
from core.runs.record import SPLITS, Run, ScoredSplit
from core.runs.selection import median_seed
from core.runs.store import committed_runs, representative, served
from core.runs.timing import film_milliseconds, training_seconds
from core.training.search_files import EXPERIMENTS_FILE, read_experiment_rows
from core.wording import (
    finding_sentence,
    format_decimal,
    format_difference,
    format_figure,
    format_metric,
    format_percent,
    format_rate,
    format_spread,
    summarise_findings,
)

VALIDATION: tuple[ScoredSplit, ...] = ("validation", "stress_validation")
SELECTION = {"mean": "mean of both AUROCs", "validation_auroc": "plain", "stress_validation_auroc": "stress"}
RESOLUTIONS = ("cnn_adam", "cnn_adam_128", "cnn_adam_224")
COMPARED_NETWORKS = ("cnn_adam", "cnn_adam_dropout", "cnn_grid")
QUOTED = ("sensitivity", "specificity", "accuracy", "auroc")
COSTS = ("parameters", "training on one core, s", "per film on one core, ms")
_BLOCK = re.compile(r"(<!-- table: ([\w-]+) -->\n)(?:(?!<!-- table:).)*?(<!-- end -->)", re.DOTALL)
_START = "<!-- table:"


def documents(root: Path = ROOT) -> list[Path]:
    """README and every page of docs, where marked tables are kept fresh."""
    return [path for path in (root / "README.md", *sorted((root / "docs").rglob("*.md"))) if path.is_file()]


def refresh(text: str) -> str:
    """Return the text with every marked table made anew.

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
    """Each model's representative run on test at its frozen threshold, then the null baselines."""
    runs = committed_runs()
    served_id = served(runs).run_id
    rows = [_result_row(run, run.run_id == served_id) for run in representative(runs)]
    rows += [_null_row(null) for null in null_baselines("test")]
    header = [
        "model",
        *(METRICS[metric].title for metric in QUOTED),
        "AUROC, validation",
        "AUROC, stress validation",
        *COSTS,
    ]
    return _markdown(header, rows)


def _result_row(run: Run, is_served: bool) -> list[str]:
    record = run.record
    return [
        f"{run.title}, seed {record.seed}{' (served)' if is_served else ''}",
        *_figures(evaluation_of(run, "test")),
        *(format_metric(evaluation_of(run, split).metrics["auroc"], "auroc") for split in VALIDATION),
        f"{record.parameters:,}",
        _cost(training_seconds(run), 0),
        _cost(film_milliseconds(run), 2),
    ]


def _null_row(on_test: Evaluation) -> list[str]:
    """Return a null baseline's row; a dash where it cannot be scored, as file size on stress films."""
    others = []
    for split in VALIDATION:
        aurocs = {null.name: null.metrics["auroc"] for null in null_baselines(split)}
        others.append(format_metric(aurocs[on_test.name], "auroc") if on_test.name in aurocs else "–")
    return [null_title(on_test), *_figures(on_test), *others, "–", "–", "–"]


def _cost(measured: float | None, digits: int) -> str:
    return "–" if measured is None else f"{measured:.{digits}f}"


def _figures(evaluation: Evaluation) -> list[str]:
    return [format_metric(evaluation.metrics[metric], metric) for metric in QUOTED]


def seeds_table() -> str:
    """Mean, lowest and highest of the seeds of each model, on test and of the selection figure."""
    groups: dict[str, list[Run]] = {}
    for run in committed_runs():
        groups.setdefault(run.title, []).append(run)
    rows = []
    for title, runs in groups.items():
        figures = [[evaluation_of(run, "test").metrics[metric].value for run in runs] for metric in QUOTED]
        figures.append([run.record.selection["mean"] for run in runs])
        names = (*QUOTED, "auroc")
        rows.append(
            [title, len(runs), *(format_spread(values, name) for values, name in zip(figures, names, strict=True))]
        )
    titles = [f"{METRICS[metric].title}, mean (lowest to highest)" for metric in QUOTED]
    return _markdown(["model", "seeds", *titles, "selection figure, mean (lowest to highest)"], rows)


def notebook_table() -> str:
    """Return the notebook's figures and the same networks' here, at its threshold and at the frozen one, on test."""
    ours, half = representative(committed_runs()), read_at_half()
    rows = notebook_rows(
        {run.record.model: half[run.run_id] for run in ours},
        {run.record.model: evaluation_of(run, "test") for run in ours},
    )
    return _markdown(list(rows[0]), [list(row.values()) for row in rows])


def findings_list() -> str:
    """How many pairs of models differ on test, and the served model against every other, for three figures."""
    findings, name = read_findings("test"), served(committed_runs()).title
    lines = []
    for metric in ("auroc", "sensitivity", "specificity"):
        lines.append(f"- {summarise_findings(findings, metric)}")
        of_served = [finding_sentence(pair) for pair in findings if pair.metric == metric and name in (pair.a, pair.b)]
        lines += [f"    - {sentence}" for sentence in of_served if sentence not in lines[-1]]
    return "\n".join(lines)


def resolution_table() -> str:
    """Return the notebook's network at each resolution: paired gain over 64 px on the same films, and its cost.

    The gain is of the median seeds, with its interval by patient; *no clear difference*: it may be chance
    (`core.evaluation.paired_tests`).
    """
    ours = [run for run in representative(committed_runs()) if run.record.model in RESOLUTIONS]
    compared: list[tuple[str, ScoredSplit]] = [("accuracy", "test"), *(("auroc", split) for split in SPLITS)]
    rows = []
    for run in ours:
        gains = [_gain(run, ours[0], metric, split) for metric, split in compared]
        cost = [_cost(training_seconds(run), 0), _cost(film_milliseconds(run), 2)]
        rows.append([f"{run.title}, seed {run.record.seed}", *gains, f"{run.record.parameters:,}", *cost])
    titles = [f"{METRICS[metric].title}, {split.replace('_', ' ')}" for metric, split in compared]
    return _markdown(["model", *titles, *COSTS], rows)


def _gain(run: Run, first: Run, metric: str, split: ScoredSplit) -> str:
    """Return a figure of a run minus that of the first; the first's own figure for the first."""
    if run == first:
        return format_metric(evaluation_of(run, split).metrics[metric], metric)
    pair = {run.title, first.title}
    candidate = next(
        candidate
        for candidate in read_findings(split)
        if candidate.metric == metric and {candidate.a, candidate.b} == pair
    )
    gain = candidate if candidate.a == run.title else candidate.swapped()
    words = format_difference(gain.difference, metric)
    return words if gain.distinguishable else f"{words}, no clear difference"


def ledger_line() -> str:
    """How often the test films have been used, in a few sentences."""
    return in_words(read_ledger(artifacts_dir()))


def experiments_table() -> str:
    """Every experiment that ran, seed by seed on validation, with the committed notebook networks for comparison."""
    path = check_file(artifacts_dir() / "search" / EXPERIMENTS_FILE)
    experiments = [
        (f"`{row.experiment}`", {key: getattr(row, key) for key in SELECTION}, row.precision, row.parameters)
        for row in read_experiment_rows(path)
    ]
    notebook = [
        (
            f"for comparison: `{run.record.model}`",
            run.record.selection,
            run.record.spec["train"]["precision"],
            run.record.parameters,
        )
        for run in committed_runs()
        if run.record.model in COMPARED_NETWORKS
    ]
    rows = []
    tried = experiments + notebook
    for name in dict.fromkeys(name for name, *_ in tried):
        seeds = {key: [figures[key] for model, figures, _, _ in tried if model == name] for key in SELECTION}
        cells = [", ".join(_selection_figure(value) for value in seeds[key]) for key in SELECTION]
        precisions = dict.fromkeys(
            precision.removeprefix("mixed_") for model, _, precision, _ in tried if model == name
        )
        size = next(parameters for model, _, _, parameters in tried if model == name)
        rows.append(
            [name, *cells, _selection_figure(median_seed(seeds["mean"], float)), ", ".join(precisions), f"{size:,}"]
        )
    header = [
        "configuration",
        *(f"{title}, seed by seed" for title in SELECTION.values()),
        "median",
        "arithmetic",
        "parameters",
    ]
    return _markdown(header, rows)


def goals_table() -> str:
    """Return the goals for the served model, its figures with intervals by patient, and whether each is reached."""
    runs = committed_runs()
    run = served(runs)
    shortcut, milliseconds = evidence_of(run).shortcut, film_milliseconds(run)
    rows = []
    for metric, least in {"auroc": 0.99, "accuracy": 0.95, "sensitivity": 0.97, "specificity": 0.9}.items():
        form = format_percent if METRICS[metric].is_rate else format_decimal
        estimate = evaluation_of(run, "test").metrics[metric]
        reached = _at_least(least, estimate.value, form)
        rows.append([f"{METRICS[metric].title}, test", format_metric(estimate, metric), *reached])
    mean = run.record.selection["mean"]
    seeds = sorted(
        _selection_figure(other.record.selection["mean"]) for other in runs if other.record.model == run.record.model
    )
    reported = f"{_selection_figure(mean)} (seeds {seeds[0]} to {seeds[-1]}; on the films that chose it)"
    rows.append(["mean AUROC of both validations", reported, *_at_least(0.995, mean, format_decimal)])
    for split in ("validation", "test"):
        masked, only = shortcut[split].lungs_masked.by_patient, shortcut[split].lungs_only.by_patient
        rows.append(
            [f"AUROC, lungs masked, {split}", format_figure(masked), *_at_most(0.75, masked.value, format_decimal)]
        )
        rows.append([f"AUROC, lungs only, {split}", format_figure(only), *_at_least(0.97, only.value, format_decimal)])
    parameters = run.record.parameters
    rows.append(["parameters", f"{parameters:,}", *_at_most(2_000_000, parameters, "{:,}".format)])
    if milliseconds is not None:
        rows.append(["one film on one core, ms", f"{milliseconds:.2f}", *_at_most(5, milliseconds, str)])
    return _markdown(["figure", f"{run.title}, seed {run.record.seed}", "goal", "reached"], rows)


def _at_least(bound: float, value: float, form: Callable[[float], str]) -> tuple[str, str]:
    """Return a goal's text, and whether a figure reaches it."""
    return f"at least {form(bound)}", "yes" if value >= bound else "no"


def _at_most(bound: float, value: float, form: Callable[[float], str]) -> tuple[str, str]:
    return f"at most {form(bound)}", "yes" if value <= bound else "no"


def _selection_figure(value: float) -> str:
    """Return ``0.9947``: an AUROC with the digits that the selection rule's tolerance needs."""
    return format_decimal(value, 4)


def gate_sentence() -> str:
    """Return a sentence on how often the input gate refuses chest films, and other images."""
    rates = gate_rates()
    worst = rates.left_out[rates.worst_kind]
    films = [f"{format_rate(rates.validation.refused)} of {rates.validation.n:,} validation films"]
    if rates.test is not None:
        films.append(f"{format_rate(rates.test.refused)} of the {rates.test.n:,} test films")
    adults = f"{format_rate(rates.adults.refused)} of {rates.adults.n:,} adults' chest films"
    return (
        f"The gate refuses {', '.join(films)} and {adults}. Of pictures that are no chest film it refuses "
        f"{format_percent(rates.caught_mean)}, averaged over {len(rates.left_out)} kinds, each judged by a gate that "
        "was "
        f"fitted without it; of the worst kind ({rates.worst_kind}) {format_rate(worst.refused)}."
    )


TABLES = {
    "results": results_table,
    "seeds": seeds_table,
    "notebook": notebook_table,
    "findings": findings_list,
    "resolution": resolution_table,
    "ledger": ledger_line,
    "experiments": experiments_table,
    "goals": goals_table,
    "gate": gate_sentence,
}


def _markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)
