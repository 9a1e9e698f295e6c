"""What Compare says of its models: the finding in a few sentences, every pair, a reader's own films."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.charts.comparison import pairs_matrix
from core.evaluation.metrics import METRICS
from core.evaluation.paired_tests import COMPARED, Finding
from core.evaluation.types import Estimate
from core.runs.store import served
from core.wording import describe_finding, finding_sentence, format_metric, summarise_findings
from pages.compare.controls import LINK, CompareChoice
from pages.compare.operating_point import in_words, user_trained_findings
from pages.compare.tables import COLUMNS, pairs_table
from pages.compare.uploads import Upload, UploadedTable, films_evaluated, films_scored, uploaded_findings
from pages.shared import cache as cached
from pages.shared.cache import key
from pages.shared.chart_cache import cached_figure
from pages.shared.run_figures import SPLIT_TITLES, Shown, picture

HEADLINED = ("auroc", "sensitivity", "specificity")


def finding(rows: list[Shown], findings: list[Finding]) -> None:
    """Write the differences on these films in a few sentences.

    Parameters
    ----------
    rows : list of Shown
        One run for each model.
    findings : list of Finding
        All pairs of ours.
    """
    if not findings:
        st.markdown(
            "Choose two or more models of ours to see whether they clearly differ; your own runs are "
            "compared under *All pairs*."
        )
        return
    aurocs = {row.run.title: row.estimate("auroc").value for row in rows if not row.run.own}
    lead = lead_of(aurocs, findings)
    st.subheader(f"Best of our {len(aurocs)} by AUROC: {lead.best}. {lead_in_words(lead)}", anchor=False)
    of_pair = {pair.metric: pair for pair in findings if {pair.a, pair.b} == {lead.best, lead.runner_up}}
    of_best_first = {metric: pair if pair.a == lead.best else pair.swapped() for metric, pair in of_pair.items()}
    lines = [f"- {describe_finding(of_best_first[metric])}" for metric in HEADLINED if metric in of_best_first]
    if lead.alike:
        lines.append(f"- AUROC: no clear difference from {listed(lead.alike)}.")
    st.markdown(
        f"{METRICS['auroc'].title}: {METRICS['auroc'].meaning[0].lower()}{METRICS['auroc'].meaning[1:]} Beside the "
        f"runner-up, *{lead.runner_up}*:\n" + "\n".join(lines)
    )


@dataclass(frozen=True, kw_only=True)
class Lead:
    """The best model by AUROC, and from which of the others the films tell it apart.

    Parameters
    ----------
    best, runner_up : str
    others : int
        Models that the best was compared with.
    alike : tuple of str
        Those of them that chance alone could put level.
    """

    best: str
    runner_up: str
    others: int
    alike: tuple[str, ...]


def lead_of(aurocs: Mapping[str, float], findings: Sequence[Finding]) -> Lead:
    """Return the lead of the best model, given the AUROC of at least two models by title."""
    best, runner_up = sorted(aurocs, key=aurocs.__getitem__, reverse=True)[:2]
    of_best = [pair for pair in findings if pair.metric == "auroc" and best in (pair.a, pair.b)]
    alike = tuple(pair.b if pair.a == best else pair.a for pair in of_best if not pair.distinguishable)
    return Lead(best=best, runner_up=runner_up, others=len(of_best), alike=alike)


def lead_in_words(lead: Lead) -> str:
    """Return how many of the others the best is clearly better than."""
    others, alike = lead.others, len(lead.alike)
    everyone = "the other" if others == 1 else f"all {others} others"
    if not alike:
        return f"Clearly better than {everyone}."
    if alike == others:
        return f"No clear difference from {everyone if others == 1 else 'the others'}."
    return f"Clearly better than {others - alike} of the {others} others."


def listed(titles: Sequence[str]) -> str:
    """Return ``*a*, *b* and *c*``."""
    *others, last = [f"*{title}*" for title in titles]
    return f"{', '.join(others)} and {last}" if others else last


def pairs(findings: list[Finding], choice: CompareChoice, uploaded: list[UploadedTable]) -> None:
    """Every pair on one figure, as a matrix and a table; a reader's own are compared when this opens."""
    box = st.expander("All pairs, with their tests", on_change="rerun", key="compare_pairs", bind=LINK)
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
            bind=LINK,
        )
        ours = [run for run in choice.runs if not run.own]
        of_metric = [pair for pair in findings if pair.metric == metric]
        for table in uploaded:
            of_metric += [
                pair for pair in uploaded_findings(table, ours, choice.split, choice.rule) if pair.metric == metric
            ]
        if of_metric:
            st.markdown(summarise_findings(of_metric, metric))
            st.plotly_chart(
                pairs_matrix(*pair_cells(of_metric), METRICS[metric])
                if uploaded
                else cached_figure(pairs_matrix, *pair_cells(of_metric), METRICS[metric]),
                key="compare_matrix",
                alt=f"Differences in {METRICS[metric].title} between all pairs of models",
                config=picture(f"pairs-{metric}"),
            )
            st.dataframe(
                pairs_table(of_metric),
                hide_index=True,
                column_config={
                    "p": st.column_config.NumberColumn(format="%.2g"),
                    "p after Holm": st.column_config.NumberColumn(format="%.2g"),
                },
                alt="Paired comparison of all pairs of models",
            )
        unit = "points" if METRICS[metric].is_rate else "the figure itself"
        st.caption(
            f"The matrix holds row less column, in {unit}: blue where the row is better, orange where it is worse. A "
            "difference counts as clear if its 95 % interval from 2,000 draws of patients leaves out zero and the "
            "paired test stays below 0.05 after Holm's correction for all pairs of our models (with a table of yours: "
            "for all pairs with it and the chosen ones). AUROC and Brier score need no threshold: they stay as they "
            "are when the operating point moves."
        )
        best = served([run for run in cached.runs()[0] if not run.own])
        for run in choice.runs:
            if run.own:
                for pair in user_trained_findings(run, best, choice.split, choice.rule):
                    if pair.metric == metric:
                        st.markdown(finding_sentence(pair))


def pair_cells(findings: Sequence[Finding]) -> tuple[dict[tuple[str, str], Estimate], set[tuple[str, str]]]:
    """Return differences both ways round, and the pairs that can be told apart."""
    either_way = [way for pair in findings for way in (pair, pair.swapped())]
    differences = {(way.a, way.b): way.difference for way in either_way}
    names = list(dict.fromkeys(name for pair in findings for name in (pair.a, pair.b)))
    pairs_in_order = [(row, column) for row in names for column in names if (row, column) in differences]
    apart = {(way.a, way.b) for way in either_way if way.distinguishable}
    return {pair: differences[pair] for pair in pairs_in_order}, apart


def uploaded_tables(uploaded: list[UploadedTable], choice: CompareChoice) -> None:
    """Compare uploaded score tables with our best model; show them alone if the images differ."""
    ours = [run for run in choice.runs if not run.own]
    for table in uploaded:
        st.markdown(f"**{table.style.title}**")
        if table.paired and ours:
            best = served(ours)
            lines = [describe_finding(pair) for pair in uploaded_findings(table, [best], choice.split, choice.rule)]
            st.markdown(f"On the same {table.evaluation.n:,} films as *{best.title}*:\n- " + "\n- ".join(lines))
            st.caption("Against all chosen models: open *All pairs, with their tests*.")
        elif not table.paired:
            films, patients = table.evaluation.n, table.evaluation.clusters
            figures = [f"{METRICS[name].title} {format_metric(table.estimate(name), name)}" for name in HEADLINED]
            st.markdown(
                f"{films:,} films of {patients:,} patients that are not the {SPLIT_TITLES[choice.split].lower()} films "
                f"chosen above, so nothing is paired: {', '.join(figures)}. Drop the films as a zip of `NORMAL/` and "
                "`PNEUMONIA/` to have our models score them too."
            )


def uploaded_films(files: list[Upload], choice: CompareChoice) -> None:
    """Show a leaderboard of the user's labelled films, scored by the chosen models at the chosen point."""
    if not files:
        return
    scored, notes = films_scored(files)
    st.markdown("**Your labelled films, scored by our models**")
    runs = [run for run in choice.runs if key(run) in scored]
    if runs:
        tables = [scored[key(run)] for run in runs]
        evaluations, findings = films_evaluated([file.file_id for file in files], runs, tables, choice.rule)
        first = evaluations[0]
        st.dataframe(
            pd.DataFrame(
                {
                    "Model": run.title,
                    **{title: format_metric(evaluation.metrics[name], name) for name, title in COLUMNS.items()},
                }
                for run, evaluation in zip(runs, evaluations, strict=True)
            ),
            hide_index=True,
            height="content",
            alt="Figures of our models on your films",
        )
        for metric in HEADLINED:
            if findings:
                st.markdown(f"- {summarise_findings(findings, metric)}")
        st.caption(
            f"{first.n:,} films of {first.clusters:,} patients ({first.positives:,} labelled pneumonia); "
            f"{in_words(choice.rule)}. Patients are read from file names where these look like the data set's; any "
            "other film counts as a patient of its own."
        )
    if notes:
        with st.expander(f"{len(notes)} file{'s' if len(notes) > 1 else ''} left out"):
            st.text("\n".join(notes[:100]))
