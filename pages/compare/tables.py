"""Tables of Compare: all models, their seeds, what others reported, all pairs."""

from collections.abc import Sequence

import pandas as pd

from core.evaluation.conformal import SET_FILMS, ConformalSets
from core.evaluation.evaluate import Evaluation
from core.evaluation.paired_tests import Finding
from core.results.notebook import notebook_rows
from core.results.published import PUBLISHED, PublishedResult
from core.results.store import null_title
from core.runs.timing import film_milliseconds, training_seconds
from core.wording import format_difference, format_metric, format_percent, format_rate, format_spread
from pages.compare.uploads import UploadedTable
from pages.shared.run_figures import Shown, title_in_tables

COLUMNS = {
    "sensitivity": "Sensitivity (recall, pneumonia)",
    "specificity": "Specificity (recall, normal)",
    "auroc": "AUROC",
    "accuracy": "Accuracy",
    "ppv": "Precision, pneumonia",
    "npv": "Precision, normal",
    "f1_pneumonia": "F1, pneumonia",
    "f1_normal": "F1, normal",
    "brier": "Brier",
    "ece": "ECE",
}

Cells = dict[str, object]  # a row of a table, by the column's title

OURS = "Frozen before the test; patients kept apart; every use of the test films is on record."
YOURS = "Your own; nothing is known here of how it was made."
NULL = "Knows nothing of lungs: what it reaches, a model must beat."


def models_table(
    rows: list[Shown],
    uploaded: Sequence[UploadedTable],
    baselines: list[Evaluation],
    reported: Sequence[PublishedResult],
) -> pd.DataFrame:
    """All figures with intervals as text, size and cost, and how far to trust them: ours, then all others.

    Parameters
    ----------
    rows : list of Shown
    uploaded : sequence of UploadedTable
        A reader's own tables.
    baselines : list of Evaluation
        Of the null baselines.
    reported : sequence of PublishedResult
        What the notebook and publications report of the same films.
    """
    table: list[Cells] = []
    for row in rows:
        record = row.run.record
        table.append(
            {
                "Model": title_in_tables(row.run),
                **{title: format_metric(row.estimate(metric), metric) for metric, title in COLUMNS.items()},
                "Parameters": record.parameters,
                "Multiply-adds": record.multiply_adds,
                "Training on one core, s": _rounded(training_seconds(row.run), 0),
                "Per film on one core, ms": _rounded(film_milliseconds(row.run), 2),
                "How far to trust it": YOURS if row.run.own else OURS,
            }
        )
    for given in uploaded:
        figures = {title: format_metric(given.estimate(metric), metric) for metric, title in COLUMNS.items()}
        table.append({"Model": given.style.title, **figures, "How far to trust it": YOURS})
    for null in baselines:
        figures = {title: format_metric(null.metrics[metric], metric) for metric, title in COLUMNS.items()}
        table.append({"Model": null_title(null), **figures, "How far to trust it": NULL})
    for result in reported:
        figures = {
            title: format_metric(result.metrics[metric], metric)
            for metric, title in COLUMNS.items()
            if metric in result.metrics
        }
        table.append({"Model": result.name, **figures, "How far to trust it": result.honesty})
    return pd.DataFrame(table)


def _rounded(measured: float | None, digits: int) -> float | None:
    return None if measured is None else round(measured, digits)


def seeds_table(groups: dict[str, list[Shown]]) -> pd.DataFrame:
    """For each model the shown seed with its interval, then mean, lowest and highest of all its seeds.

    Parameters
    ----------
    groups : dict of str to list of Shown
        All seeds of each model, the shown one first.
    """
    table: list[Cells] = []
    for title, seeds in groups.items():
        first = seeds[0]
        table.append(
            {
                "Model": title,
                "What": f"Shown: seed {first.run.record.seed} (95 % interval)",
                **{name: format_metric(first.estimate(metric), metric) for metric, name in COLUMNS.items()},
            }
        )
        table.append(
            {
                "Model": title,
                "What": f"Mean of {len(seeds)} seeds (lowest-highest)",
                **{
                    name: format_spread([seed.estimate(metric).value for seed in seeds], metric)
                    for metric, name in COLUMNS.items()
                },
            }
        )
    return pd.DataFrame(table)


def sets_table(sets: dict[tuple[str, str], ConformalSets]) -> pd.DataFrame:
    """Return coverage and workload of conformal sets, a row for each title and name of the films.

    Parameters
    ----------
    sets : dict of (str, str) to ConformalSets
        By title and films.
    """
    table: list[Cells] = []
    for (title, films), of_run in sets.items():
        normal, pneumonia, every = map(of_run.of, SET_FILMS)
        low, high = of_run.band
        table.append(
            {
                "Model": title,
                "Films": films,
                "Coverage (normal)": format_rate(normal.coverage),
                "Coverage (pneumonia)": format_rate(pneumonia.coverage),
                "No call": format_rate(every.abstained),
                "Confidently wrong": format_percent(every.wrong),
                "Abstains at scores": f"{low:.3f} to {high:.3f}",
            }
        )
    return pd.DataFrame(table)


def published_table() -> pd.DataFrame:
    """Return published figures on the same test films; `sources` names the publications."""
    return pd.DataFrame(
        [
            {
                "Result": result.name,
                **{
                    COLUMNS[metric]: format_metric(result.metrics[metric], metric) if metric in result.metrics else "–"
                    for metric in ("accuracy", "auroc", "sensitivity", "specificity")
                },
            }
            for result in PUBLISHED
        ]
    )


def sources() -> list[str]:
    """One line for each source of published figures: its results, what is known of how they came about, the source."""
    groups: dict[tuple[str, str], list[str]] = {}
    for result in PUBLISHED:
        groups.setdefault((result.honesty, result.source), []).append(result.name)
    return [f"*{'; '.join(names)}*: {line} {source}." for (line, source), names in groups.items()]


def notebook_table(rows: list[Shown], at_half: dict[str, Evaluation]) -> pd.DataFrame:
    """Return what the original notebook printed beside what our run of the same model reaches on test.

    Parameters
    ----------
    rows : list of Shown
        Evaluated on test.
    at_half : dict of str to Evaluation
        At the notebook's threshold of 0.5, by run id.
    """
    ours = [row for row in rows if not row.run.own]
    half = {row.run.record.model: at_half[row.run.run_id] for row in ours if row.run.run_id in at_half}
    return pd.DataFrame(notebook_rows(half, {row.run.record.model: row.evaluation for row in ours}))


def pairs_table(findings: list[Finding]) -> pd.DataFrame:
    """All findings of one figure: the difference with its interval, whether it is clear, the test, p and Holm's p."""
    return pd.DataFrame(
        [
            {
                "First": finding.a,
                "Second": finding.b,
                "First less second": difference_in_words(finding),
                "Clear difference": "yes" if finding.distinguishable else "no",
                "Only first right": finding.only_a,
                "Only second right": finding.only_b,
                "Test": finding.test,
                "p": finding.p,
                "p after Holm": finding.p_adjusted,
            }
            for finding in findings
        ]
    ).dropna(axis="columns", how="all")


def difference_in_words(finding: Finding, *, turned: bool = False) -> str:
    """First less second with its interval; turned, second less first."""
    return format_difference((finding.swapped() if turned else finding).difference, finding.metric)
