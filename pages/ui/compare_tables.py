"""Tables of Compare: all models, their seeds, what others reported, all pairs."""

import math
from typing import Any

import pandas as pd

from core.comparison import Finding
from core.evaluation.metrics import METRICS
from core.evaluation.types import Estimate
from core.published import NOTEBOOK, PUBLISHED
from core.results import estimate
from core.speed import film_milliseconds, training_seconds
from core.text import figure, percent, rate
from pages.ui.compare_data import Shown

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


def text_of(one: Estimate, metric: str) -> str:
    """A figure as its kind is written."""
    return rate(one) if METRICS[metric].is_rate else figure(one)


def models_table(rows: list[Shown], baseline: dict[str, Any] | None) -> pd.DataFrame:
    """All figures of all rows with intervals as text, then size and cost; the null baseline stands last."""
    table = []
    for row in rows:
        record = row.run.record
        table.append(
            {
                "Model": row.mark.title,
                **{title: text_of(row.estimate(metric), metric) for metric, title in COLUMNS.items()},
                "Parameters": record.parameters,
                "Multiply-adds": record.multiply_adds,
                "Training on one core, s": round(training_seconds(row.run)),
                "Per film on one core, ms": round(film_milliseconds(row.run), 2),
            }
        )
    if baseline:
        figures = {title: text_of(estimate(baseline, metric), metric) for metric, title in COLUMNS.items()}
        table.append({"Model": f"Null baseline: {baseline['name'].lower()}", **figures})
    return pd.DataFrame(table)


def seeds_table(groups: dict[str, list[Shown]]) -> pd.DataFrame:
    """For each model the shown seed with its interval, then mean, lowest and highest of all its seeds.

    Parameters
    ----------
    groups : dict of str to list of Shown
        All seeds of each model, the shown one first.
    """
    table = []
    for title, seeds in groups.items():
        first = seeds[0]
        table.append(
            {
                "Model": title,
                "What": f"Shown: seed {first.run.record.seed} (95 % interval)",
                **{name: text_of(first.estimate(metric), metric) for metric, name in COLUMNS.items()},
            }
        )
        table.append(
            {
                "Model": title,
                "What": f"Mean of {len(seeds)} seeds, lowest to highest",
                **{
                    name: _range([one.estimate(metric).value for one in seeds], metric)
                    for metric, name in COLUMNS.items()
                },
            }
        )
    return pd.DataFrame(table)


def _range(values: list[float], metric: str) -> str:
    mean = sum(values) / len(values)
    if METRICS[metric].is_rate:
        return f"{percent(mean)}, {100 * min(values):.1f} to {100 * max(values):.1f}"
    mean, low, high = (
        figure(Estimate(value=v, low=v, high=float("nan"), method="")) for v in (mean, min(values), max(values))
    )
    return f"{mean}, {low} to {high}"


def published_table() -> pd.DataFrame:
    """What publications report of the same test films."""
    return pd.DataFrame(
        [
            {
                "Result": result.name,
                **{
                    COLUMNS[metric]: text_of(result.metrics[metric], metric) if metric in result.metrics else "–"
                    for metric in ("accuracy", "auroc", "sensitivity", "specificity")
                },
                "Source": result.source,
            }
            for result in PUBLISHED
        ]
    )


def honesty() -> list[str]:
    """One line for each thing that is known of how published figures came about, with the results it holds for."""
    groups: dict[str, list[str]] = {}
    for result in PUBLISHED:
        groups.setdefault(result.honesty, []).append(result.name)
    return [f"*{'; '.join(names)}*: {line}" for line, names in groups.items()]


def notebook_table(rows: list[Shown], at_half: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """What the original notebook printed beside what our run of the same model reaches on test.

    Parameters
    ----------
    rows : list of Shown
        Evaluated on test.
    at_half : dict
        The evaluation at the notebook's threshold of 0.5, by run id.
    """
    ours = {row.run.record.model: row for row in rows if not row.run.own}
    table = []
    for result in NOTEBOOK:
        row = ours.get(result.model or "")
        half = at_half.get(row.run.run_id) if row else None
        for metric, one in result.metrics.items():
            again = estimate(half, metric) if half else None
            table.append(
                {
                    "Model": result.name.removeprefix("Notebook, "),
                    "Figure": COLUMNS[metric],
                    "Notebook": text_of(one, metric),
                    "Here, threshold 0.5": text_of(again, metric) if again else "not trained",
                    "Notebook lies": place(one.value, again) if again else "–",
                    "Here, frozen threshold": text_of(row.estimate(metric), metric) if row else "not trained",
                }
            )
    return pd.DataFrame(table)


def place(value: float, interval: Estimate) -> str:
    """Where a reported figure lies beside our interval; a dash where we have none."""
    if math.isnan(interval.low):
        return "–"
    if value < interval.low:
        return "below our interval"
    return "above our interval" if value > interval.high else "within our interval"


def pairs_table(findings: list[Finding]) -> pd.DataFrame:
    """All findings of one figure: the difference with its interval, the verdict, the test, p before and after Holm."""
    return pd.DataFrame(
        [
            {
                "First": finding.a,
                "Second": finding.b,
                "First less second": _difference(finding),
                "Verdict": "real" if finding.distinguishable else "cannot tell",
                "Only first right": finding.only_a,
                "Only second right": finding.only_b,
                "Test": finding.test,
                "p": finding.p,
                "p after Holm": finding.p_adjusted,
            }
            for finding in findings
        ]
    ).dropna(axis="columns", how="all")


def _difference(finding: Finding) -> str:
    one = finding.difference
    if METRICS[finding.metric].is_rate:
        return f"{100 * one.value:+.1f} points ({100 * one.low:+.1f} to {100 * one.high:+.1f})"
    return f"{one.value:+.3f} ({one.low:+.3f} to {one.high:+.3f})"
