"""Findings of Limits about models and tests: conformal sets, seeds, the ledger of looks at the test films."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from core.charts.comparison import DotRow, dots
from core.charts.limits import Group, Point, bars, grouped_dots
from core.errors import ArtifactError
from core.evaluation.conformal import ConformalSets
from core.evaluation.metrics import METRICS
from core.evaluation.types import Estimate
from core.paths import artifacts_dir
from core.runs.ledger import LOOK_TITLES, LookKind, count_looks, in_words, read_ledger
from core.runs.record import Run
from core.runs.store import seeds_of
from core.wording import format_percent, format_rate
from pages.limits.parts import CLASSES, Words, finding, result
from pages.shared import cache as cached
from pages.shared import run_figures
from pages.shared.chart_cache import cached_figure
from pages.shared.run_figures import series_style


def sets(chosen: Run, runs: list[Run]) -> None:
    """Coverage of the conformal sets on test."""
    of_runs = {run.run_id: run_figures.sets(run, "test") for run in runs}
    ours = of_runs[chosen.run_id]
    groups = [
        Group(
            title=f"{label.capitalize()} films",
            symbol=symbol,
            colour=colour,
            points=[Point(row=run.title, estimate=of_runs[run.run_id].of(label).coverage) for run in runs],
        )
        for label, colour, symbol in CLASSES
    ]
    finding(
        sets_in_words(chosen.title, ours),
        cached_figure(grouped_dots, groups, "Sets with the right label, %", line=ours.promise),
        "sets",
        "Coverage of the conformal sets on test by class; the dotted line is what they promise",
    )


def sets_in_words(title: str, sets: ConformalSets) -> Words:
    """Return what coverage by class, the share without a call, and that of normals called pneumonia alone say."""
    promise, normal, pneumonia = format_percent(sets.promise, 0), sets.of("normal"), sets.of("pneumonia")
    return Words(
        claim=f"Its promise of {promise} {'breaks' if sets.breaks_promise else 'holds'}",
        figures="For each image a model names a set: the labels that its score does not exclude. The right label "
        f"should be in {promise} of the sets of each class. On test *{title}* has it in "
        f"{format_rate(normal.coverage)} of those of normal images and {format_rate(pneumonia.coverage)} of those of "
        "images labelled pneumonia.",
        consequence=f"It makes no call on {format_rate(sets.of('all').abstained)}; still, for "
        f"{format_percent(normal.wrong)} of the normal ones its only answer is pneumonia. Fit the limits again on "
        "labelled images of your own.",
    )


def seeds(chosen: Run, runs: list[Run]) -> None:
    """Specificity of every seed."""
    everyone = cached.runs()[0]
    values = {
        run.run_id: [result(seed, "test", "specificity").value for seed in seeds_of(run, everyone)] for run in runs
    }
    rows = [
        DotRow(
            style=series_style(run), estimate=result(run, "test", "specificity"), seeds=tuple(values[run.run_id][1:])
        )
        for run in runs
    ]
    finding(
        seeds_in_words(chosen.title, values[chosen.run_id], result(chosen, "test", "specificity")),
        cached_figure(dots, rows, METRICS["specificity"]),
        "seeds",
        "Specificity on test of every model and of its further seeds",
    )
    st.caption("A mark is the median seed of a model, with its interval; strokes are the model's other seeds.")


def seeds_in_words(title: str, values: Sequence[float], median: Estimate) -> Words:
    """Return what the specificities of a model's seeds say, beside the interval of the median seed."""
    if len(values) == 1:
        figures = f"*{title}* was trained once: it leaves {format_rate(median)} of the normal test images unflagged."
    else:
        figures = (
            f"Trained {len(values)} times with other random numbers, *{title}* leaves {100 * min(values):.1f} to "
            f"{100 * max(values):.1f} % of the normal test images unflagged; the median seed {format_rate(median)}."
        )
    return Words(
        claim="Luck is part of it",
        figures=figures,
        consequence="A difference between two models that is smaller than the spread of one model's seeds may be luck.",
    )


def ledger(chosen: Run, runs: list[Run]) -> None:
    """How often the test films have been used."""
    looks = read_ledger(artifacts_dir())
    if not looks:
        raise ArtifactError(in_words(looks))
    full, further = count_looks(looks)
    kinds = Counter(LOOK_TITLES[look.kind] for look in looks if look.kind is not LookKind.EARLIER)
    finding(
        ledger_in_words(full, further),
        cached_figure(bars, dict(kinds.most_common()), "Looks at the test images"),
        "ledger",
        "Looks at the test images by kind",
    )
    st.caption(in_words(looks))


def ledger_in_words(full: int, further: int) -> Words:
    """Return what the counts of full evaluations and of further looks at the test films say."""
    return Words(
        claim="The test images are no longer unseen",
        figures=f"{_count(full, 'full evaluation')} and {_count(further, 'further look')} are on record.",
        consequence="With each look it is easier to choose what happens to suit these images, so the figures may be "
        "slightly optimistic; only images of another hospital would show by how much.",
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
