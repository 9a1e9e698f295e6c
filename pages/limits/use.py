"""Findings of Limits about use: probabilities, shared failures, subgroups, and what nobody has measured."""

import pandas as pd
import streamlit as st

from core.charts.limits import Group, Line, Point, grouped_dots, lines
from core.evaluation.types import Estimate
from core.evidence.failures import SharedErrors, shared_films
from core.evidence.prevalence import is_too_high
from core.evidence.read import evidence_of, read_evidence
from core.impact.inputs import PREVALENCE
from core.results.store import mean_probability_of, shared_errors_of
from core.runs.record import Run
from core.wording import format_percent, format_rate
from pages.limits.parts import CLASSES, Words, finding, measured, point, these_images, without_interval
from pages.shared import cache as cached
from pages.shared.chart_cache import cached_figure
from pages.shared.layout import errors_shown
from pages.shared.run_figures import series_style
from pages.shared.thumbnails import PICTURES, pictures


def prevalence(chosen: Run, runs: list[Run]) -> None:
    """Show the mean probability where pneumonia is rarer."""
    means = {run.run_id: _mean_probability(run) for run in runs}
    finding(
        prevalence_in_words(chosen.title, means[chosen.run_id][PREVALENCE.base], PREVALENCE.base),
        cached_figure(
            lines,
            [
                Line(
                    style=series_style(run),
                    frame=prevalence_frame(means[run.run_id]),
                    is_chosen=run is chosen,
                )
                for run in runs
            ],
            "Children with pneumonia, %",
            "Mean probability, %",
            diagonal=True,
        ),
        "prevalence",
        "Mean calibrated probability of every model by prevalence, beside the diagonal",
    )
    st.caption(
        "Test images, their classes weighted to each share; probabilities were calibrated on validation and moved to "
        "the share as on Read. The band is a 95 % interval."
    )


def prevalence_frame(means: dict[float, Estimate]) -> pd.DataFrame:
    """Return mean probabilities in per cent by share of pneumonia: columns ``x``, ``value``, ``low`` and ``high``."""
    rows = [{"x": share, "value": mean.value, "low": mean.low, "high": mean.high} for share, mean in means.items()]
    return 100 * pd.DataFrame(rows)


def prevalence_in_words(title: str, mean: Estimate, share: float) -> Words:
    """Return what the mean probability at a share of pneumonia says."""
    return Words(
        claim="The probability is overstated"
        if is_too_high(mean, share)
        else "The probability is not shown to be overstated",
        figures=f"Where {format_percent(share, 0)} of the children have pneumonia, those of *{title}* average "
        f"{format_rate(mean)}.",
        consequence="Use a probability to sort, not as a child's risk, until it is calibrated on images of your own.",
    )


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=cached.HASH_FUNCS)
def _mean_probability(run: Run) -> dict[float, Estimate]:
    return mean_probability_of(run)


def failures(chosen: Run, runs: list[Run]) -> None:
    """Films that all models get wrong."""
    errors = _shared(runs)
    rows = {group.label: f"{group.label.capitalize()}, {group.wrong} of {group.films}" for group in errors}
    colours = {label: colour for label, colour, _ in CLASSES}
    groups = [
        Group(
            title="All models wrong",
            symbol="circle",
            points=[
                Point(row=rows[group.label], estimate=group.share, colour=colours[group.label]) for group in errors
            ],
        ),
        Group(
            title="If they erred independently",
            symbol="circle-open",
            points=[Point(row=rows[group.label], estimate=without_interval(group.by_chance)) for group in errors],
        ),
    ]
    normal, pneumonia = errors
    finding(
        failures_in_words(len(runs), normal, pneumonia),
        cached_figure(grouped_dots, groups, "Test images of the class, %"),
        "failures",
        "Share of test images that all models get wrong, beside what independent errors would give",
    )
    wrong = normal.wrong + pneumonia.wrong
    box = st.expander(f"{these_images(wrong)} by name", on_change="rerun", key="limits_names")
    if box.open:
        with box:
            films = _shared_films(runs)
            st.dataframe(
                films.rename(columns={"sample_id": "Film", "label": "Label"}),
                hide_index=True,
                column_config={
                    run.title: st.column_config.NumberColumn(
                        format="%.3f", help=f"Score; threshold {run.record.threshold:.3f}"
                    )
                    for run in runs
                },
                alt="Films that all models get wrong, with the score of each",
            )
            if len(films):
                pictures(films.groupby("label").head(PICTURES), "label", key="limits_pictures")


def failures_in_words(models: int, normal: SharedErrors, pneumonia: SharedErrors) -> Words:
    """Return what the errors that all models share say."""
    return Words(
        claim="Agreement between models is not a second opinion"
        if normal.share.low > normal.by_chance
        else "No more errors are shared than chance alone would give",
        figures=f"All {models} models raise a false alarm on {normal.wrong} of {normal.films} normal test images, "
        f"{format_rate(normal.share)}, where independent errors would give {format_percent(normal.by_chance)}; all "
        f"miss "
        f"{pneumonia.wrong} of {pneumonia.films} pneumonias, {format_rate(pneumonia.share)}.",
        consequence="Models that agree may be wrong together; agreement adds less than it seems to.",
    )


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=cached.HASH_FUNCS)
def _shared(runs: list[Run]) -> list[SharedErrors]:
    return shared_errors_of(runs)


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=cached.HASH_FUNCS)
def _shared_films(runs: list[Run]) -> pd.DataFrame:
    return shared_films(runs)


def subgroups(chosen: Run, runs: list[Run]) -> None:
    """Sensitivity for bacterial and viral pneumonia."""
    evidence_of(chosen)
    of_runs = {run_id: evidence.subgroups for run_id, evidence in measured(runs).items()}
    ours = of_runs[chosen.run_id]
    groups = [
        Group(
            title=f"{title}, {ours[name].positives} images",
            symbol=symbol,
            points=[
                point(run, of_runs[run.run_id][name].metrics["sensitivity"]) for run in runs if run.run_id in of_runs
            ],
        )
        for name, title, symbol in (("bacteria", "Bacterial", "circle"), ("virus", "Viral", "diamond-open"))
    ]
    finding(
        subgroups_in_words(chosen.title, *(ours[name].metrics["sensitivity"] for name in ("bacteria", "virus"))),
        cached_figure(grouped_dots, groups, "Sensitivity on test, %"),
        "subgroups",
        "Sensitivity of every model for bacterial and viral pneumonia",
    )


def subgroups_in_words(title: str, bacterial: Estimate, viral: Estimate) -> Words:
    """Return what sensitivity for bacterial and viral pneumonia says."""
    return Words(
        claim="We know the pathogen, but not age, sex or equipment",
        figures=f"*{title}* finds {format_rate(bacterial)} of the bacterial pneumonias and {format_rate(viral)} of "
        f"the viral "
        "ones; no file gives age, sex or equipment.",
        consequence="This data cannot show whether it serves infants, girls or your equipment worse than others.",
    )


def unmeasured() -> None:
    """List what nobody has measured, and whether films could not be read."""
    st.markdown(
        "**Nobody has measured** these models at another hospital (others' models trained on the same films reached "
        "AUROC [0.54](https://doi.org/10.1007/s10140-021-01954-x) and "
        "[0.65](https://doi.org/10.1371/journal.pdig.0000713) elsewhere), beside a reader, "
        "or against an outcome instead of a label."
    )
    st.markdown(
        "**Measured on small copies.** Every figure here comes from copies of the films that were squashed to "
        "224 × 224 pixels, whatever their shape. 48 full-size originals of training films were compared with their "
        "copies and score nearly alike; the originals of the test films were not compared."
    )
    with errors_shown():
        if unreadable := read_evidence().unreadable:
            st.caption(f"Files of the data set that could not be opened are left out: {', '.join(unreadable)}.")
