"""Findings of Limits about the gate before a model and about suspect labels."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.charts.limits import Group, Point, bars, grouped_dots
from core.errors import ArtifactError
from core.evaluation.types import Estimate
from core.evidence.suspects import LIMIT, suspects
from core.gate import GateRates, gate_rates
from core.results.store import read_numbers
from core.runs.record import Run
from core.wording import format_figure, format_percent, format_rate
from pages.limits.parts import Words, finding, point, these_images
from pages.shared import cache as cached
from pages.shared.chart_cache import cached_figure
from pages.shared.thumbnails import PICTURES, pictures


def gate(_: Run, __: list[Run]) -> None:
    """Show how often the gate refuses chest films and accepts other images."""
    rates = gate_rates()
    films = {
        f"Children, validation, {rates.validation.n:,}": rates.validation,
        f"The same, changed, {rates.stress.n:,}": rates.stress,
        f"Adults, {rates.adults.n:,}": rates.adults,
    }
    if rates.test is not None:
        films[f"Children, test, {rates.test.n:,}"] = rates.test
    finding(
        gate_in_words(rates),
        cached_figure(
            grouped_dots,
            [
                Group(
                    title="Refused",
                    symbol="circle",
                    points=[Point(row=name, estimate=share.refused) for name, share in films.items()],
                ),
                Group(
                    title="Refused or warned of",
                    symbol="circle-open",
                    points=[Point(row=name, estimate=share.not_accepted) for name, share in films.items()],
                ),
            ],
            "Chest films that the gate stops, %",
        ),
        "gate",
        "Share of chest films that the gate refuses or warns of, by group",
    )


def gate_in_words(rates: GateRates) -> Words:
    """Return what the gate refuses of chest films and of other pictures."""
    worst = rates.left_out[rates.worst_kind]
    return Words(
        claim="The gate knows children's images best"
        if rates.validation.refused.high < rates.adults.refused.low
        else "What the gate refuses",
        figures=f"It refuses {format_rate(rates.validation.refused)} of children's chest X-rays (validation) and "
        f"{format_rate(rates.adults.refused)} of adults'. Of kinds of pictures that it was not fitted on it refuses "
        f"{format_percent(rates.caught_mean)} on average, of the worst ({rates.worst_kind}) "
        f"{format_rate(worst.refused)}.",
        consequence="An image that passes may still be one that the models cannot judge. Lateral X-rays and other body "
        "parts were not tried.",
    )


def patients(chosen: Run, runs: list[Run]) -> None:
    """Test films whose patient number is also among the training films, beside the others."""
    numbers = {run.run_id: read_numbers(run) for run in runs}
    ours = numbers[chosen.run_id]
    if set(ours) != {"shared", "new"}:
        raise ArtifactError(f"results.json knows nothing of {chosen.run_id} by patient number; run: make results")
    metrics = ("sensitivity", "specificity", "auroc")
    shared, new = ({metric: ours[side].metrics[metric] for metric in metrics} for side in ("shared", "new"))
    films, of = ours["shared"].n, sum(side.n for side in ours.values())
    finding(
        patients_in_words(chosen.title, films, of, shared, new),
        cached_figure(
            grouped_dots,
            [
                Group(
                    title=title,
                    symbol=symbol,
                    points=[
                        point(run, sides[side].metrics["sensitivity"])
                        for run in runs
                        if side in (sides := numbers[run.run_id])
                    ],
                )
                for side, title, symbol in (
                    ("shared", "Number also in train", "circle"),
                    ("new", "Number not in train", "diamond-open"),
                )
            ],
            "Sensitivity on test, %",
        ),
        "patients",
        "Sensitivity of every model on test films whose patient number the training folder holds, and on the others",
    )


def patients_in_words(
    title: str, films: int, of: int, shared: Mapping[str, Estimate], new: Mapping[str, Estimate]
) -> Words:
    """Return what sensitivity, specificity and AUROC say on test films whose number train holds, and on the others."""
    ranking = "no worse" if new["auroc"].value >= shared["auroc"].value else "worse"
    return Words(
        claim="Patients may overlap",
        figures=f"Up to {films} of {of} test images may show children who are also in the training set: they share a "
        "patient number, and only the hospital knows whether it is the same child. On those "
        f"*{title}* has a sensitivity of {format_rate(shared['sensitivity'])} and a specificity of "
        f"{format_rate(shared['specificity'])}; on images with new numbers {format_rate(new['sensitivity'])} and "
        f"{format_rate(new['specificity'])}.",
        consequence="If numbers are children, a hospital that is new to the model should expect the second pair of "
        f"figures. The model ranks images with new numbers {ranking} than the others: AUROC "
        f"{format_figure(new['auroc'])} "
        f"against {format_figure(shared['auroc'])}.",
    )


def labels(_: Run, runs: list[Run]) -> None:
    """Films whose label all models contradict with confidence."""
    films = _suspects(runs)
    counts = films["label"].value_counts()
    normal, pneumonia = (int(counts.get(label, 0)) for label in ("normal", "pneumonia"))
    finding(
        labels_in_words(normal, pneumonia),
        cached_figure(bars, {"Labelled normal": normal, "Labelled pneumonia": pneumonia}, "Validation images"),
        "labels",
        "Validation images whose label every model contradicts, by label",
    )
    box = st.expander(f"{these_images(len(films))} by name", on_change="rerun", key="limits_suspects")
    if box.open:
        with box:
            st.dataframe(
                films.rename(columns={"sample_id": "Film", "label": "Label", "highest": "Most for its label"}),
                hide_index=True,
                column_config={
                    "Most for its label": st.column_config.NumberColumn(
                        format="%.3f", help="The highest calibrated probability of its own label among all models."
                    )
                },
                alt="Validation films whose label every model contradicts",
            )
            if len(films):
                pictures(films.groupby("label").head(PICTURES), "label", key="limits_suspect_pictures")


def labels_in_words(normal: int, pneumonia: int) -> Words:
    """Return what the numbers of films whose label every model contradicts say, by label."""
    films = normal + pneumonia
    under = f"every model gives {'its' if films == 1 else 'their'} label under {format_percent(LIMIT, 0)}"
    subject = "One validation image is" if films == 1 else f"{films or 'No'} validation images are"
    return Words(
        claim="Some labels may be wrong",
        figures=f"{subject} probably mislabelled: {under}, with both labels taken as equally frequent ({normal} "
        f"labelled normal, {pneumonia} labelled pneumonia). Labels are opinions of two physicians on the image, not "
        "confirmed diagnoses; readers of such images agree with a kappa of 0.4 to 0.6 (10.1002/ppul.22806).",
        consequence="A doctor should look at these images again; until then no figure here can be better than its "
        "labels. A hard image and a wrong label look the same from here.",
    )


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=cached.HASH_FUNCS)
def _suspects(runs: list[Run]) -> pd.DataFrame:
    return suspects(runs)
