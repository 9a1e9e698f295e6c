"""Findings of Limits about models and tests: conformal sets, seeds, the ledger of looks at the test films."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from core.charts.comparison import Row, dots
from core.charts.limits import Group, Point, bars, grouped_dots
from core.errors import ArtifactError
from core.evaluation.metrics import METRICS
from core.evaluation.types import Estimate
from core.paths import artifacts_dir
from core.runs.ledger import LOOK_TITLES, LookKind, count_looks, in_words, read_ledger
from core.runs.record import Run
from core.runs.store import seeds_of
from core.wording import format_percent, format_rate
from pages.limits.parts import CLASSES, Words, finding, result
from pages.shared import cache as cached
from pages.shared import run_figures as compare_data
from pages.shared.chart_cache import drawn
from pages.shared.run_figures import abstained_of, coverage, mark


def sets(chosen: Run, shown: list[Run]) -> None:
    """Coverage of the conformal sets on test."""
    found = {run.run_id: compare_data.sets(run, "test") for run in shown}
    rows = {run_id: {row["row"]: row for row in one["rows"]} for run_id, one in found.items()}
    promise = 1 - found[chosen.run_id]["alpha"]
    groups = [
        Group(
            title=f"{label.capitalize()} films",
            symbol=symbol,
            colour=colour,
            points=[Point(row=run.title, estimate=coverage(rows[run.run_id][label])) for run in shown],
        )
        for label, colour, symbol in CLASSES
    ]
    ours = rows[chosen.run_id]
    finding(
        sets_in_words(
            chosen.title,
            promise,
            coverage(ours["normal"]),
            coverage(ours["pneumonia"]),
            no_call=abstained_of(ours["all"]),
            wrong=ours["normal"]["wrong"],
        ),
        drawn(grouped_dots, groups, "Sets with the right label, %", line=promise),
        "sets",
        "Coverage of the conformal sets on test by class; the dotted line is what they promise",
    )


def sets_in_words(
    title: str, promise: float, normal: Estimate, pneumonia: Estimate, *, no_call: str, wrong: float
) -> Words:
    """Return what coverage by class, the share without a call, and that of normals called pneumonia alone say."""
    breaks = min(normal.high, pneumonia.high) < promise
    return Words(
        claim=f"Its promise of {format_percent(promise, 0)} {'breaks' if breaks else 'holds'}",
        figures="For each image a model names a set: the labels that its score does not exclude. The right label "
        f"should be in {format_percent(promise, 0)} of the sets of each class. On test *{title}* has it in "
        f"{format_rate(normal)} of "
        f"those of normal images and {format_rate(pneumonia)} of those of images labelled pneumonia.",
        consequence=f"It makes no call on {no_call}; still, for {format_percent(wrong)} of the normal ones its only "
        f"answer is "
        "pneumonia. Fit the limits again on labelled images of your own.",
    )


def seeds(chosen: Run, shown: list[Run]) -> None:
    """Specificity of every seed."""
    everyone = cached.runs()[0]
    values = {
        run.run_id: [result(seed, "test", "specificity").value for seed in seeds_of(run, everyone)] for run in shown
    }
    rows = [
        Row(mark=mark(run), estimate=result(run, "test", "specificity"), seeds=tuple(values[run.run_id][1:]))
        for run in shown
    ]
    finding(
        seeds_in_words(chosen.title, values[chosen.run_id], result(chosen, "test", "specificity")),
        drawn(dots, rows, METRICS["specificity"]),
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


def ledger(chosen: Run, shown: list[Run]) -> None:
    """How often the test films have been used."""
    looks = read_ledger(artifacts_dir())
    if not looks:
        raise ArtifactError(in_words(looks))
    full, further = count_looks(looks)
    kinds = Counter(LOOK_TITLES[look.kind] for look in looks if look.kind is not LookKind.EARLIER)
    finding(
        ledger_in_words(full, further),
        drawn(bars, dict(kinds.most_common()), "Looks at the test images"),
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
