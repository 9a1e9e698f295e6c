"""The sections of Compare."""

from typing import Any

import streamlit as st

from core.charts.comparison import Mark, Row, dots
from core.comparison import COMPARED, Finding, sentence, summary
from core.evaluation.metrics import METRICS
from core.published import NOTEBOOK, PUBLISHED
from core.results import estimate, null_title
from core.runs import Run, ScoredSplit, served
from core.text import percent
from pages.ui import cached
from pages.ui.cached import key
from pages.ui.compare_data import SPLIT_TITLES, Shown, own_findings
from pages.ui.compare_tables import models_table, pairs_table

SPLIT_HELP = (
    "Test: the official test films, which a run meets only once it is frozen; every use is on record. Validation: a "
    "fifth of the training films, by patient, on which all choices were made. Stress validation: the same films with "
    "framing, exposure, blur, border and JPEG quality changed."
)
HEADLINED = ("auroc", "sensitivity", "specificity")
CHARTED = [name for name in METRICS if name != "ece"]


def controls(representatives: list[Run]) -> tuple[list[Run], ScoredSplit, bool]:
    """The models, the split and whether all seeds are shown."""
    with st.container(border=True):
        chosen = st.pills(
            "Models",
            [key(run) for run in representatives],
            selection_mode="multi",
            default=[key(run) for run in representatives],
            format_func={key(run): run.title for run in representatives}.__getitem__,
            key="compare_models",
        )
        with st.container(horizontal=True, gap="medium"):
            split = st.segmented_control(
                "Films",
                list(SPLIT_TITLES),
                default="test",
                required=True,
                format_func=SPLIT_TITLES.__getitem__,
                help=SPLIT_HELP,
                key="compare_split",
            )
            seeds = st.segmented_control(
                "Seeds",
                ["one", "all"],
                default="one",
                required=True,
                format_func={"one": "Median seed", "all": "All seeds"}.__getitem__,
                help="Each model is trained with several random seeds; the one with the median selection figure stands "
                "for it. Small bars on the chart below are the others.",
                key="compare_seeds",
            )
    return [run for run in representatives if key(run) in chosen], split, seeds == "all"


def with_seeds(chosen: list[Run], all_seeds: bool) -> list[Run]:
    """The chosen runs, each followed by the other seeds of its model if they are asked for."""
    if not all_seeds:
        return chosen
    return [one for run in chosen for one in seeds_of(run)]


def seeds_of(run: Run) -> list[Run]:
    """A run and the other committed seeds of its model, the run first."""
    if run.own:
        return [run]
    others = [
        other
        for other in cached.runs()[0]
        if not other.own and other.record.model == run.record.model and other.run_id != run.run_id
    ]
    return [run, *others]


def finding(rows: list[Shown], found: list[Finding]) -> None:
    """What the films say of the differences, in a few sentences.

    Parameters
    ----------
    rows : list of Shown
        One run for each model.
    found : list of Finding
        All pairs of ours.
    """
    if not found:
        st.markdown(
            "Choose two or more models of ours to see whether the difference between them is real; your own runs are "
            "compared under *All pairs*."
        )
        return
    ours = {row.run.title: row.estimate("auroc").value for row in rows if not row.run.own}
    best, second = sorted(ours, key=ours.__getitem__, reverse=True)[:2]
    of_best = [one for one in found if one.metric == "auroc" and best in (one.a, one.b)]
    alike = [one.b if one.a == best else one.a for one in of_best if not one.distinguishable]
    st.subheader(f"Best of our {len(ours)} by AUROC: {best}. {_lead(len(of_best), len(alike))}", anchor=False)
    of_pair = {one.metric: one for one in found if {one.a, one.b} == {best, second}}
    lines = [f"- {sentence(of_pair[metric])}" for metric in HEADLINED if metric in of_pair]
    if alike:
        lines.append(f"- The lead in AUROC may be chance over {'; '.join(f'*{title}*' for title in alike)}.")
    st.markdown(f"Beside the runner-up, *{second}*:\n" + "\n".join(lines))


def _lead(others: int, alike: int) -> str:
    """Over how many of the others the lead of the best is real."""
    if not alike:
        return f"Its lead is real over {'all ' if others > 1 else 'the '}{others} other{'s' if others > 1 else ''}."
    if alike == others:
        return "Its lead over the others may be chance." if others > 1 else "Its lead over the other may be chance."
    return f"Its lead is real over {others - alike} of the {others} others."


def pairs(found: list[Finding], chosen: list[Run], split: ScoredSplit) -> None:
    """Every pair on one figure; a reader's own runs are compared with the served model when this opens."""
    box = st.expander("All pairs, with their tests", on_change="rerun", key="compare_pairs")
    if not box.open:
        return
    with box:
        metric = st.segmented_control(
            "Figure",
            COMPARED,
            default="auroc",
            required=True,
            format_func=lambda name: METRICS[name].title,
            key="compare_pairs_metric",
        )
        if found:
            st.markdown(summary(found, metric))
            st.dataframe(
                pairs_table([one for one in found if one.metric == metric]),
                hide_index=True,
                column_config={
                    "p": st.column_config.NumberColumn(format="%.2g"),
                    "p after Holm": st.column_config.NumberColumn(format="%.2g"),
                },
                alt="Paired comparison of all pairs of models",
            )
        st.caption(
            "A difference counts as real if its 95 % interval from 2,000 draws of patients leaves out zero and the "
            "paired test stays below .05 after Holm's correction for all pairs of our models."
        )
        ours = served([run for run in cached.runs()[0] if not run.own])
        for run in chosen:
            if run.own:
                for one in own_findings(run, ours, split):
                    if one.metric == metric:
                        st.markdown(sentence(one))


def leaderboard(rows: list[Shown], baselines: list[dict[str, Any]], split: ScoredSplit, all_seeds: bool) -> None:
    """One figure of all models as dots with intervals, then the table of all figures."""
    metric = METRICS[
        st.pills(
            "Figure",
            CHARTED,
            default="auroc",
            required=True,
            format_func=lambda name: METRICS[name].title,
            key="compare_metric",
        )
    ]
    published = split == "test" and st.toggle(
        "Beside published results and the notebook's", value=True, key="compare_published"
    )
    st.plotly_chart(
        dots(_dot_rows(rows, metric.name, split, baselines, published, all_seeds), metric),
        key="compare_dots",
        alt=f"{metric.title} of every model with its 95 % interval",
        config={"displayModeBar": False},
    )
    st.caption(
        f"{metric.meaning} Lines are 95 % intervals by patient, small bars other seeds. "
        "Hollow marks are not ours: null baselines, which know nothing of lungs, publications, the notebook, your own "
        "runs; with an interval where one is known."
    )
    st.dataframe(
        models_table(rows, baselines),
        hide_index=True,
        height="content",
        column_config={
            "Model": st.column_config.TextColumn(pinned=True, width="medium"),
            "Parameters": st.column_config.NumberColumn(format="localized", help="Trained numbers."),
            "Multiply-adds": st.column_config.NumberColumn(format="compact", help="Products for one film."),
            "Training on one core, s": st.column_config.NumberColumn(
                format="localized", help="Epochs times processor seconds per epoch, measured for all models in one go."
            ),
            "Per film on one core, ms": st.column_config.NumberColumn(
                format="%.2f", help="Processor time of one film's score in the serving graph."
            ),
        },
        placeholder="–",
        alt="Figures of all models with 95 % intervals",
    )
    st.caption(
        "At each model's frozen threshold. Precision, F1 and accuracy hold at the share of pneumonia among these films "
        f"alone ({percent(rows[0].evaluation['prevalence'])}). Brier and ECE judge the raw score."
    )


def _dot_rows(
    rows: list[Shown],
    metric: str,
    split: ScoredSplit,
    baselines: list[dict[str, Any]],
    published: bool,
    all_seeds: bool,
) -> list[Row]:
    """Our models, best first, then the null baselines, then what others reported, best first."""

    def best_first(group: list[Row]) -> list[Row]:
        sign = -1 if METRICS[metric].better == "higher" else 1
        return sorted(group, key=lambda row: sign * row.estimate.value)

    ours = []
    for row in rows:
        others = [] if all_seeds or row.run.own else seeds_of(row.run)[1:]
        stored = cached.results() if others else {}
        values = [
            estimate(stored[run.run_id][split], metric).value for run in others if split in stored.get(run.run_id, {})
        ]
        ours.append(Row(mark=row.mark, estimate=row.estimate(metric), seeds=tuple(values)))
    group = best_first(ours)
    for null in baselines:
        mark_of_null = Mark(title=null_title(null), model=None, hollow=True)
        group.append(Row(mark=mark_of_null, estimate=estimate(null, metric), may_lie_outside=True))
    if published:
        reported = [
            Row(mark=Mark(title=result.name, model=result.model, hollow=True), estimate=result.metrics[metric])
            for result in (*NOTEBOOK, *PUBLISHED)
            if metric in result.metrics
        ]
        group += best_first(reported)
    return group
