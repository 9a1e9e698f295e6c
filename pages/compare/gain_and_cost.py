"""Compare's ladder: from the dense baseline step by step to ours, what each step gains and what it costs."""

import math

import pandas as pd
import streamlit as st

from core.charts.comparison import SeriesStyle
from core.charts.ladder import CostGainPoint, pareto_chart
from core.evaluation.paired_tests import Finding
from core.models.registry import MODELS
from core.runs.record import Run
from core.runs.timing import film_milliseconds, training_seconds
from core.training.search_tables import Configuration, configurations, read_experiments
from core.wording import format_figure
from pages.compare.controls import LINK
from pages.compare.tables import difference_in_words
from pages.shared.chart_cache import cached_figure
from pages.shared.run_figures import SPLIT_TITLES, Shown, picture, title_in_tables

COSTS = {
    "seconds": "Training on one core, s",
    "parameters": "Parameters",
    "milliseconds": "Per film on one core, ms",
}
SELECTION, AUROC = "selection", "auroc"
BEFORE = {"cnn_grid": "cnn_adam", "cnn_adam_128": "cnn_adam", "cnn_adam_224": "cnn_adam_128", "residual": "cnn_adam"}


def ladder(rows: list[Shown], findings: list[Finding], split: str) -> None:
    """Show the Pareto plot and the table of steps.

    Parameters
    ----------
    rows : list of Shown
        One run for each model of ours, in the registry's order.
    findings : list of Finding
        All pairs of them on the films shown.
    split : str
    """
    rows = [row for row in rows if not row.run.own and not row.style.dashed]
    if not rows:
        st.info("Choose at least one model of ours above.", icon=":material/touch_app:")
        return
    with st.container(horizontal=True, gap="medium"):
        gain = st.segmented_control(
            "Gain",
            [SELECTION, AUROC],
            default=SELECTION,
            required=True,
            format_func={SELECTION: "Selection figure", AUROC: "AUROC on the films shown"}.__getitem__,
            help="Selection figure: mean AUROC on plain and stress validation, by which the served model was chosen.",
            key="compare_gain",
            bind=LINK,
        )
        cost = st.segmented_control(
            "Cost",
            list(COSTS),
            default="seconds",
            required=True,
            format_func=COSTS.__getitem__,
            key="compare_cost_axis",
            bind=LINK,
        )
    steps = [step for row in rows if (step := _step(row, gain, cost)) is not None]
    if gain == SELECTION and cost == "parameters":
        steps += _searched()
    if steps:
        title = "Selection figure" if gain == SELECTION else f"AUROC, {SPLIT_TITLES[split].lower()} films"
        chart = cached_figure(pareto_chart, steps, COSTS[cost], title)
        st.plotly_chart(chart, key="compare_pareto", alt=f"{title} over {COSTS[cost]}", config=picture(f"gain-{cost}"))
    st.dataframe(
        steps_table(rows, findings),
        hide_index=True,
        height="content",
        column_config={
            "Model": st.column_config.TextColumn(pinned=True),
            "Parameters": st.column_config.NumberColumn(format="localized"),
            COSTS["seconds"]: st.column_config.NumberColumn(format="%.0f"),
            COSTS["milliseconds"]: st.column_config.NumberColumn(format="%.2f"),
        },
        placeholder="–",
        alt="What each step gains and costs",
    )
    st.caption(
        "The dotted line joins the models that no other beats in both gain and cost. Each step is one change of the "
        "notebook's path: another network, another optimiser, dropout, searched settings, more pixels, then the "
        "residual network, longer training and pretraining. The gain in AUROC is over the model that the step changes, "
        "with its interval by patient; *no clear difference* means it may be chance."
        f" {_search_in_words()}"
    )


def _cost(run: Run, cost: str) -> float | None:
    if cost == "parameters":
        return float(run.record.parameters)
    return training_seconds(run) if cost == "seconds" else film_milliseconds(run)


def _step(row: Shown, gain: str, cost: str) -> CostGainPoint | None:
    paid = _cost(row.run, cost)
    if not paid or math.isnan(row.estimate("auroc").value):
        return None
    value = row.run.record.selection["mean"] if gain == SELECTION else row.estimate("auroc").value
    return CostGainPoint(style=row.style, cost=paid, gain=value, words=f"{value:.3f}, {COSTS[cost]}: {paid:,.4g}")


def steps_table(rows: list[Shown], findings: list[Finding]) -> pd.DataFrame:
    """Return a row for each model: selection figure, AUROC, its gain over the model that it changes, three costs.

    That model is the one of `BEFORE`, where it is shown, else the row before.
    """
    auroc = {frozenset((pair.a, pair.b)): pair for pair in findings if pair.metric == AUROC}
    row_of_model = {row.run.record.model: row for row in rows}
    table: list[dict[str, object]] = []
    for last, row in zip([None, *rows], rows, strict=False):
        before = row_of_model.get(BEFORE.get(row.run.record.model, ""), last)
        pair = auroc.get(frozenset((before.run.title, row.run.title))) if before else None
        table.append(
            {
                "Model": title_in_tables(row.run),
                "Selection figure": f"{row.run.record.selection['mean']:.3f}",
                "AUROC": format_figure(row.estimate(AUROC)),
                "Step from": title_in_tables(before.run) if before else None,
                "Gain in AUROC": gain_in_words(pair, row.run.title) if pair else None,
                **{title: _cost(row.run, cost) for cost, title in COSTS.items()},
            }
        )
    return pd.DataFrame(table)


def gain_in_words(pair: Finding, title: str) -> str:
    """Return how much the model of a title gains over the other of a pair, and whether it may be chance."""
    words = difference_in_words(pair, turned=pair.a != title)
    if pair.distinguishable:
        return words
    # Without it an interval that leaves out zero would contradict the verdict.
    correction = " after Holm's correction" if pair.difference.low > 0 or pair.difference.high < 0 else ""
    return f"{words}, no clear difference{correction}"


def _tried() -> list[Configuration]:
    """Return the configurations of the list of experiments that are no model of their own."""
    return [tried for tried in configurations(read_experiments()) if tried.name not in MODELS]


def _searched() -> list[CostGainPoint]:
    """Return the median seed of each configuration that was tried, over its parameters."""
    return [
        CostGainPoint(
            style=SeriesStyle(title=f"tried: {tried.name.replace('_', ' ')}", model=None, hollow=True),
            cost=tried.parameters,
            gain=tried.mean,
            words=tried_in_words(tried),
        )
        for tried in _tried()
    ]


def tried_in_words(tried: Configuration) -> str:
    """Return a configuration's selection figure, number of seeds and parameters, as its mark shows them."""
    seeds = "1 seed" if tried.seeds == 1 else f"{tried.seeds} seeds"
    return f"{tried.mean:.3f}, {seeds}, parameters: {tried.parameters:,}"


def _search_in_words() -> str:
    tried = _tried()
    if not tried:
        return ""
    return (
        f"Over parameters, hollow marks are {len(tried)} further configurations that were tried on validation; their "
        "seconds are of another kind of clock and not shown beside these."
    )
