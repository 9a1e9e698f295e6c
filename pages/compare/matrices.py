"""The tabs of Compare below its leaderboard: matrices, reports, trainings, seeds, what others reported."""

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
import streamlit as st

from core.charts.comparison import confusion_matrix
from core.charts.curves import training
from core.evaluation.metrics import classification_report
from core.results.published import NOTEBOOK
from core.results.store import SET_SPLITS, read_at_half
from core.runs.record import Run
from core.runs.store import seeds_of
from core.training.loss_curves import saved_epoch_sentence
from core.wording import format_percent
from pages.compare.controls import CompareChoice
from pages.compare.costs import costs
from pages.compare.downloads import save_charts, save_table
from pages.compare.tables import notebook_table, published_table, seeds_table, sets_table, sources
from pages.compare.uploads import UploadedTable
from pages.shared import cache as cached
from pages.shared.cache import key
from pages.shared.chart_cache import cached_figure
from pages.shared.layout import errors_shown
from pages.shared.run_figures import SPLIT_TITLES, Shown, picture, series_style, sets, title_in_tables


def matrices(
    rows: list[Shown], uploaded: list[UploadedTable], where: str, choice: CompareChoice, prevalence: float
) -> None:
    """Show error costs, confusion matrices as small multiples with the cost of each, then the class reports.

    Parameters
    ----------
    rows : list of Shown
    uploaded : list of UploadedTable
        A reader's tables of the same films.
    where : str
        The operating point in words.
    choice : CompareChoice
    prevalence : float
        Of the children whose cost is counted.
    """
    words = costs(rows, uploaded, choice.split, choice.rule, prevalence)
    with st.grid(3, min_column_width=300) as grid:
        for row in (*rows, *uploaded):
            counts, title = row.evaluation.confusion, row.style.title
            if isinstance(row, Shown):
                chart, name, file = cached_figure(confusion_matrix, counts, title), key(row.run), row.run.run_id
            else:
                chart, name, file = confusion_matrix(counts, title), row.file_id, "yours"
            with grid.cell(), st.container(gap=None):
                st.plotly_chart(
                    chart,
                    key=f"matrix_{name}",
                    alt=f"Confusion matrix of {title}",
                    config=picture(f"confusion-{file}"),
                )
                if title in words:
                    st.caption(f"Errors cost {words[title]} per 1,000 children.")
    st.caption(
        f"Rows are labels, columns the model's verdict, {where}; shares are of the row. Costs are counted in false "
        "alarms, as above."
    )
    counts = [{"model": row.style.title, **asdict(row.evaluation.confusion)} for row in (*rows, *uploaded)]
    save_table("These matrices as CSV", pd.DataFrame(counts), "matrices")
    reports([*rows, *uploaded])


def reports(rows: Sequence[Shown | UploadedTable]) -> None:
    """Per-class classification reports, in the form that the notebook printed."""
    st.markdown("**Report by class**, as the notebook printed it")
    with st.grid(2, min_column_width=380) as grid:
        for row in rows:
            with grid.cell():
                st.markdown(f"**{row.style.title}**")
                st.dataframe(
                    classification_report(row.evaluation.confusion),
                    hide_index=True,
                    placeholder="",
                    column_config={
                        "row": st.column_config.TextColumn(""),
                        **{
                            name: st.column_config.NumberColumn(format="%.2f") for name in ("precision", "recall", "f1")
                        },
                        "support": st.column_config.NumberColumn(format="%d"),
                    },
                    alt=f"Precision, recall and F1 of each class, {row.style.title}",
                )
    st.caption("Support is the number of films. Accuracy is in the column f1, as scikit-learn prints it.")


def training_and_seeds(chosen: list[Run], runs: list[Run], rows_of_all: list[Shown]) -> None:
    """How each run learned, then how far its seeds lie apart."""
    trainings(runs)
    st.markdown("**Seeds**")
    seeds(chosen, rows_of_all)


def abstaining(rows: list[Shown]) -> None:
    """How often each model's conformal set holds the right label, and how much it leaves to the reader."""
    answered_sets = {}
    for row in rows:
        if not row.style.dashed or row.run.own:
            for split in SET_SPLITS:
                with errors_shown():
                    answered_sets[title_in_tables(row.run), SPLIT_TITLES[split]] = sets(row.run, split)
    if not answered_sets:
        return
    promised = format_percent(next(iter(answered_sets.values())).promise, 0)
    st.dataframe(
        sets_table(answered_sets),
        hide_index=True,
        height="content",
        column_config={"Model": st.column_config.TextColumn(pinned=True)},
        alt="Coverage and workload of the conformal sets on validation and test",
    )
    st.caption(
        "A set holds the labels that a score does not exclude. Its limits were fitted on validation so that it holds "
        f"the right label for {promised} of the films of either class; on test it keeps that promise as far as the "
        "films resemble those of validation. A set of both labels or of none leaves the film to the reader: the model "
        "abstains. Its limits belong to the model and do not move with the operating point. Intervals are by patient."
    )


def trainings(runs: list[Run]) -> None:
    """Loss or accuracy by epoch of every run."""
    quantity = st.segmented_control(
        "Quantity",
        ["loss", "accuracy"],
        default="loss",
        required=True,
        format_func=str.capitalize,
        key="compare_history",
    )
    histories = {}
    for run in runs:
        with errors_shown():
            histories[key(run)] = (run, run.history())
    charts = {}
    with st.grid(3, min_column_width=320):
        for name, (run, history) in histories.items():
            charts[name] = chart = cached_figure(training, history, series_style(run), run.record.best_epoch, quantity)
            st.plotly_chart(
                chart,
                key=f"training_{name}",
                alt=f"{quantity.capitalize()} of {run.title} by epoch",
                config=picture(f"training-{run.run_id}"),
            )
    save_charts("These charts as CSV", charts, "trainings")
    drawn_runs = [run for run, _ in histories.values()]
    st.caption(
        "Dotted: training films, changed at random where the model asks for it; solid: validation films. "
        f"{_before_in_words(drawn_runs)}{saved_epoch_sentence(drawn_runs)}"
    )


def _before_in_words(runs: list[Run]) -> str:
    """Describe the training before the epochs on the chart."""
    pretraining = {run.title: run.pretraining for run in runs if run.pretraining}
    return "".join(f"*{title}*: {epochs} came before these. " for title, epochs in pretraining.items())


def seeds(chosen: list[Run], rows_of_all: list[Shown]) -> None:
    """Mean and range over the seeds of each model beside the shown one."""
    everyone = cached.runs()[0]
    groups = {
        title_in_tables(run): [
            row for seed_run in seeds_of(run, everyone) for row in rows_of_all if key(row.run) == key(seed_run)
        ]
        for run in chosen
        if not run.own
    }
    table = {title: group for title, group in groups.items() if group}
    st.dataframe(
        seeds_table(table),
        hide_index=True,
        height="content",
        column_config={"Model": st.column_config.TextColumn(pinned=True)},
        alt="Figures of the shown seed, mean and range over all seeds",
    )
    st.caption("The shown seed is the median by the selection figure, not the best on these films.")


def reported(rows: list[Shown]) -> None:
    """Show the notebook's and published figures beside ours, each with what is known of how it was made."""
    st.markdown("**The notebook that started this project, and the same models trained here**")
    st.dataframe(
        notebook_table(rows, read_at_half()),
        hide_index=True,
        height="content",
        alt="What the notebook reported and what is reproduced",
    )
    known = NOTEBOOK[0].honesty
    st.caption(f"In the notebook, {known[0].lower()}{known[1:]} Ours are rescaled and split by patient.")
    st.markdown("**Published on the same 624 test films**")
    st.dataframe(
        published_table(),
        hide_index=True,
        height="content",
        column_config={"AUROC": st.column_config.TextColumn(width="medium")},
        alt="Published results on the same films",
    )
    st.markdown("How far to trust them, and where they were read:\n" + "\n".join(f"- {line}" for line in sources()))
