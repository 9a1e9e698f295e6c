"""Compare's leaderboard: one figure of all models as dots with intervals, then the table of all figures."""

import streamlit as st

from core.charts.comparison import DotRow, SeriesStyle, dots
from core.evaluation.evaluate import Evaluation
from core.evaluation.metrics import METRICS
from core.results.published import NOTEBOOK, PUBLISHED
from core.results.store import null_title
from core.runs.store import seeds_of
from core.runs.timing import film_milliseconds, training_seconds
from core.wording import format_percent
from pages.compare import operating_point as compare_point
from pages.compare.controls import LINK, CompareChoice
from pages.compare.tables import models_table
from pages.compare.uploads import UploadedTable
from pages.shared import cache as cached
from pages.shared.chart_cache import cached_figure
from pages.shared.run_figures import Shown, picture

CHARTED = [name for name in METRICS if name != "ece"]
COSTS = {
    "parameters": "Parameters",
    "seconds": "Training time",
    "milliseconds": "Time per film",
}
BY_FIGURE = "figure"


def leaderboard(
    rows: list[Shown], uploaded: list[UploadedTable], baselines: list[Evaluation], choice: CompareChoice
) -> None:
    """Show the chart and the table, in the order that the user chooses."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        name = st.selectbox(
            "Figure",
            CHARTED,
            index=CHARTED.index("auroc"),
            format_func=lambda name: METRICS[name].title,
            key="compare_metric",
            bind=LINK,
            width=260,
        )
        metric = METRICS[name if name in CHARTED else "auroc"]
        order = st.selectbox(
            "Best first by",
            [BY_FIGURE, *COSTS],
            format_func={BY_FIGURE: "this figure", **COSTS}.__getitem__,
            key="compare_order",
            bind=LINK,
            width=200,
        )
        published = choice.split == "test" and st.toggle(
            "Beside published results and the notebook's", value=True, key="compare_published", bind=LINK
        )
    ranked = sorted(rows, key=lambda row: _rank(row, metric.name, order))
    dot_rows = _dot_rows(ranked, uploaded, metric.name, baselines, published, choice)
    st.plotly_chart(
        dots(dot_rows, metric) if uploaded else cached_figure(dots, dot_rows, metric),
        key="compare_dots",
        alt=f"{metric.title} of every model with its 95 % interval",
        config=picture(f"leaderboard-{metric.name}"),
    )
    st.caption(
        f"{metric.meaning} Lines are 95 % intervals by patient, small bars other seeds. "
        "Hollow markers: results from elsewhere, trivial baselines, and your own runs and tables; with an interval "
        "where one is known."
    )
    others = (*NOTEBOOK, *PUBLISHED) if published else ()
    st.dataframe(
        models_table(ranked, uploaded, baselines, others),
        hide_index=True,
        height="content",
        column_config={
            "Model": st.column_config.TextColumn(pinned=True, width="medium"),
            "Parameters": st.column_config.NumberColumn(format="localized", help="Trained numbers."),
            "Multiply-adds": st.column_config.NumberColumn(format="compact", help="Products for one film."),
            "Training on one core, s": st.column_config.NumberColumn(
                format="localized",
                help="Processor seconds of an epoch times epochs, those without labels included; each model alone, all "
                "on machines of one kind.",
            ),
            "Per film on one core, ms": st.column_config.NumberColumn(
                format="%.2f", help="Processor time of one film's score in the serving graph."
            ),
            "How far to trust it": st.column_config.TextColumn(width="large"),
        },
        placeholder="–",
        alt="Figures of all models with 95 % intervals",
    )
    where = compare_point.in_words(choice.rule)
    stay = "" if choice.rule is None else " Null baselines and what others reported stay at their own thresholds."
    st.caption(
        f"{where[0].upper()}{where[1:]}.{stay} Precision, F1 and accuracy hold at the share of pneumonia among these "
        f"films alone ({format_percent(rows[0].evaluation.prevalence)}). Brier and ECE judge the raw score; they and "
        "AUROC need no threshold. The button on a table saves it as CSV, the one on a chart as PNG."
    )


def _rank(row: Shown, metric: str, order: str) -> float:
    """Return the key that rows are sorted by, ascending; what was not measured comes last."""
    cost = {
        "parameters": lambda: row.run.record.parameters,
        "seconds": lambda: training_seconds(row.run),
        "milliseconds": lambda: film_milliseconds(row.run),
    }
    if order in cost:
        cost_of_run = cost[order]()
        return float("inf") if cost_of_run is None else float(cost_of_run)
    value = row.estimate(metric).value
    return value if METRICS[metric].better == "lower" else -value


def _dot_rows(
    rows: list[Shown],
    uploaded: list[UploadedTable],
    metric: str,
    baselines: list[Evaluation],
    published: bool,
    choice: CompareChoice,
) -> list[DotRow]:
    """Our models in the order given, then the reader's tables, the null baselines, and what others reported."""
    everyone, stored = cached.runs()[0], cached.results()
    group = []
    for row in rows:
        others = [] if choice.all_seeds else seeds_of(row.run, everyone)[1:]
        known = [
            Shown(run=run, style=row.style, evaluation=stored[run.run_id][choice.split])
            for run in others
            if choice.split in stored.get(run.run_id, {})
        ]
        values = [seed.estimate(metric).value for seed in compare_point.at(known, choice.split, choice.rule)]
        group.append(DotRow(style=row.style, estimate=row.estimate(metric), seeds=tuple(values)))
    group += [DotRow(style=table.style, estimate=table.estimate(metric)) for table in uploaded]
    for null in baselines:
        style = SeriesStyle(title=null_title(null), model=None, hollow=True)
        group.append(DotRow(style=style, estimate=null.metrics[metric], may_lie_outside=True))
    if published:
        reported = [
            DotRow(
                style=SeriesStyle(title=result.name, model=result.model, hollow=True), estimate=result.metrics[metric]
            )
            for result in (*NOTEBOOK, *PUBLISHED)
            if metric in result.metrics
        ]
        sign = -1 if METRICS[metric].better == "higher" else 1
        group += sorted(reported, key=lambda row: sign * row.estimate.value)
    return group
