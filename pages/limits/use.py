"""Findings of Limits about use: sets, probabilities, shared failures, subgroups, seeds, the ledger."""

from collections import Counter

import pandas as pd
import streamlit as st

from core.charts.comparison import DotRow, dots
from core.charts.limits import Group, Line, Point, bars, grouped_dots, lines
from core.charts.style import NORMAL, PNEUMONIA
from core.errors import ArtifactError
from core.evaluation.metrics import METRICS
from core.evaluation.types import Estimate
from core.evidence.failures import SharedErrors, shared_films
from core.evidence.prevalence import is_too_high
from core.evidence.read import evidence_of, read_evidence
from core.impact.inputs import PREVALENCE
from core.paths import artifacts_dir
from core.results.store import mean_probability_of, shared_errors_of
from core.runs.ledger import LOOK_TITLES, LookKind, count_looks, in_words, read_ledger
from core.runs.record import Run
from core.runs.store import seeds_of
from core.wording import format_percent, format_rate
from pages.limits.parts import alone, finding, measured, point, result, these_films
from pages.shared import cache as cached
from pages.shared import run_figures as compare_data
from pages.shared.cache import key
from pages.shared.chart_cache import drawn
from pages.shared.layout import errors_shown
from pages.shared.run_figures import series_style
from pages.shared.thumbnails import PICTURES, pictures

CLASSES = (("normal", NORMAL, "circle"), ("pneumonia", PNEUMONIA, "diamond"))


def sets(chosen: Run, shown: list[Run]) -> None:
    """Coverage of the conformal sets on test."""
    found = {run.run_id: compare_data.sets(run, "test") for run in shown}
    ours = found[chosen.run_id]
    promise = ours.promise
    groups = [
        Group(
            title=f"{label.capitalize()} films",
            symbol=symbol,
            colour=colour,
            points=[Point(row=run.title, estimate=found[run.run_id].of(label).coverage) for run in shown],
        )
        for label, colour, symbol in CLASSES
    ]
    normal, pneumonia = ours.of("normal"), ours.of("pneumonia")
    finding(
        f"Its promise of {format_percent(promise, 0)} {'breaks' if ours.breaks_promise else 'holds'}.",
        "For each film a model names a set: the labels that its score does not exclude. The right one should be in "
        f"{format_percent(promise, 0)} of the sets of each class. On test *{chosen.title}* has it in "
        f"{format_rate(normal.coverage)} of those of normal films and {format_rate(pneumonia.coverage)} of those of "
        "films labelled pneumonia.",
        "Both labels or none, which leaves the film to the reader, come out for "
        f"{format_rate(ours.of('all').abstained)}; still, for {format_percent(normal.wrong)} of the normal ones its "
        "only answer is pneumonia. Fit the limits anew on labelled films of your own.",
        drawn(grouped_dots, groups, "Sets with the right label, %", line=promise),
        "sets",
        "Coverage of the conformal sets on test by class; the dotted line is what they promise",
    )


def prevalence(chosen: Run, shown: list[Run]) -> None:
    """What probabilities add up to where pneumonia is rarer."""
    said = {run.run_id: _said(key(run), run.record.weights_hash) for run in shown}
    one = said[chosen.run_id][PREVALENCE.base]
    finding(
        f"Its probabilities are {'' if is_too_high(one, PREVALENCE.base) else 'not shown to be '}too high where "
        "pneumonia is rare.",
        f"At {format_percent(PREVALENCE.base, 0)} pneumonia those of *{chosen.title}* average {format_rate(one)}.",
        "Read a probability as a rank, not as a risk, until it is calibrated on films of your own.",
        drawn(
            lines,
            [
                Line(
                    style=series_style(run),
                    frame=100
                    * pd.DataFrame(
                        {"x": share, "value": at.value, "low": at.low, "high": at.high}
                        for share, at in said[run.run_id].items()
                    ),
                    is_chosen=run is chosen,
                )
                for run in shown
            ],
            "Children with pneumonia, %",
            "Mean probability, %",
            diagonal=True,
        ),
        "prevalence",
        "Mean calibrated probability of every model by prevalence, beside the diagonal",
    )
    st.caption(
        "Test films, their classes weighted to each share; probabilities were calibrated on validation and moved to "
        "the share as on Read. The band is a 95 % interval."
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _said(name: str, weights_hash: str) -> dict[float, Estimate]:
    return mean_probability_of(cached.find(name, weights_hash))


def failures(chosen: Run, shown: list[Run]) -> None:
    """Films that all models get wrong."""
    names = tuple((key(run), run.record.weights_hash) for run in shown)
    errors = _shared(names)
    rows = {one.label: f"{one.label.capitalize()}, {one.wrong} of {one.films}" for one in errors}
    colours = {label: colour for label, colour, _ in CLASSES}
    groups = [
        Group(
            title="All models wrong",
            symbol="circle",
            points=[Point(row=rows[one.label], estimate=one.share, colour=colours[one.label]) for one in errors],
        ),
        Group(
            title="If they erred independently",
            symbol="circle-open",
            points=[Point(row=rows[one.label], estimate=alone(one.by_chance)) for one in errors],
        ),
    ]
    normal, pneumonia = errors
    finding(
        "Asking more models is no second opinion."
        if normal.share.low > normal.by_chance
        else "No more errors are shared than chance alone would give.",
        f"All {len(shown)} alarm falsely on {normal.wrong} of {normal.films} normal test films, "
        f"{format_rate(normal.share)}, where independent errors would give {format_percent(normal.by_chance)}; all "
        "miss "
        f"{pneumonia.wrong} of {pneumonia.films} pneumonias, {format_rate(pneumonia.share)}.",
        "Where the models agree they may be wrong together; agreement adds less than it seems to.",
        drawn(grouped_dots, groups, "Test films of the class, %"),
        "failures",
        "Share of test films that all models get wrong, beside what independent errors would give",
    )
    wrong = normal.wrong + pneumonia.wrong
    box = st.expander(f"{these_films(wrong)} by name", on_change="rerun", key="limits_names")
    if box.open:
        with box:
            films = _shared_films(names)
            st.dataframe(
                films.rename(columns={"sample_id": "Film", "label": "Label"}),
                hide_index=True,
                column_config={
                    run.title: st.column_config.NumberColumn(
                        format="%.3f", help=f"Score; threshold {run.record.threshold:.3f}"
                    )
                    for run in shown
                },
                alt="Films that all models get wrong, with the score of each",
            )
            if len(films):
                pictures(films.groupby("label").head(PICTURES), "label", key="limits_pictures")


@st.cache_data(max_entries=8, show_spinner=False)
def _shared(names: tuple[tuple[str, str], ...]) -> list[SharedErrors]:
    return shared_errors_of([cached.find(*name) for name in names])


@st.cache_data(max_entries=8, show_spinner=False)
def _shared_films(names: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    return shared_films([cached.find(*name) for name in names])


def subgroups(chosen: Run, shown: list[Run]) -> None:
    """Sensitivity for bacterial and viral pneumonia."""
    evidence_of(chosen)
    of_runs = {run_id: one["subgroups"] for run_id, one in measured(shown).items()}
    found = {
        name: {run_id: Estimate.from_dict(one[name]["metrics"]["sensitivity"]) for run_id, one in of_runs.items()}
        for name in ("bacteria", "virus")
    }
    counts = {name: of_runs[chosen.run_id][name]["positives"] for name in found}
    groups = [
        Group(
            title=f"{title}, {counts[name]} films",
            symbol=symbol,
            points=[point(run, found[name][run.run_id]) for run in shown if run.run_id in of_runs],
        )
        for name, title, symbol in (("bacteria", "Bacterial", "circle"), ("virus", "Viral", "diamond-open"))
    ]
    bacterial, viral = (found[name][chosen.run_id] for name in ("bacteria", "virus"))
    finding(
        "Of the children only the germ is known.",
        f"*{chosen.title}* finds {format_rate(bacterial)} of the bacterial pneumonias "
        f"and {format_rate(viral)} of the viral ones; age, sex and device stand in no file.",
        "Whether it serves infants, girls or your machine worse than others, nobody can tell from this data.",
        drawn(grouped_dots, groups, "Sensitivity on test, %"),
        "subgroups",
        "Sensitivity of every model for bacterial and viral pneumonia",
    )


def seeds(chosen: Run, shown: list[Run]) -> None:
    """Specificity of every seed."""
    everyone = cached.runs()[0]
    values = {
        run.run_id: [result(one, "test", "specificity").value for one in seeds_of(run, everyone)] for run in shown
    }
    rows = [
        DotRow(
            style=series_style(run), estimate=result(run, "test", "specificity"), seeds=tuple(values[run.run_id][1:])
        )
        for run in shown
    ]
    ours = values[chosen.run_id]
    finding(
        "Luck is part of it.",
        f"Trained {len(ours)} times with other random numbers, *{chosen.title}* leaves "
        f"{100 * min(ours):.1f} to {100 * max(ours):.1f} % of the normal test films unflagged; the seed that stands "
        f"for it {format_rate(result(chosen, 'test', 'specificity'))}.",
        "A difference between two models that is smaller than the spread of one model's seeds may be luck.",
        drawn(dots, rows, METRICS["specificity"]),
        "seeds",
        "Specificity on test of every model and of its further seeds",
    )
    st.caption("A mark is the seed that stands for its model, with its interval; strokes are the model's other seeds.")


def ledger(chosen: Run, shown: list[Run]) -> None:
    """How often the test films have been used."""
    looks = read_ledger(artifacts_dir())
    if not looks:
        raise ArtifactError(in_words(looks))
    full, further = count_looks(looks)
    kinds = Counter(LOOK_TITLES[look.kind] for look in looks if look.kind is not LookKind.EARLIER)
    finding(
        "The test films are no longer unseen.",
        f"{full} full evaluations and {further} further looks are on record.",
        "With each look it is easier to choose what happens to suit these films, and their figures flatter a little "
        "more; only films of another hospital would show what they are worth.",
        drawn(bars, dict(kinds.most_common()), "Looks at the test films"),
        "ledger",
        "Looks at the test films by kind",
    )
    st.caption(in_words(looks))


def unmeasured() -> None:
    """What nobody has measured, and whether films could not be read."""
    st.markdown(
        "**Nobody has measured** these models at another hospital (others' models trained on the same films reached "
        "AUROC [0.54](https://doi.org/10.1007/s10140-021-01954-x) and "
        "[0.65](https://doi.org/10.1371/journal.pdig.0000713) elsewhere), beside a reader, "
        "or against an outcome instead of a label."
    )
    st.markdown(
        "**Measured on small copies.** Every figure here comes from copies of the films that were squashed to "
        "224 x 224 pixels, whatever their shape. 48 full-size originals of training films were compared with their "
        "copies and score nearly alike; the originals of the test films were not compared."
    )
    with errors_shown():
        unreadable = read_evidence()["unreadable"]
        if unreadable:
            st.caption(f"Files of the data set that could not be opened are left out: {', '.join(unreadable)}.")
