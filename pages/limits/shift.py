"""Findings of Limits that come from films which look different: shift, shortcuts, stress."""

import math
from collections.abc import Mapping
from dataclasses import asdict

import pandas as pd
import streamlit as st

from core.charts.limits import Group, Line, Point, grouped_dots, lines
from core.evaluation.types import LABELS, Estimate
from core.evidence.measures import MEASURES
from core.evidence.read import evidence_of, read_evidence
from core.evidence.types import ShortcutScores, StressCurve
from core.results.store import read_shifts
from core.runs.record import Run
from core.wording import format_decimal, format_figure, format_percent, format_points, format_rate
from pages.limits.parts import CLASSES, Words, finding, measured, point, result, without_interval
from pages.shared.chart_cache import cached_figure
from pages.shared.run_figures import SPLIT_TITLES, nulls, series_style

FIGURES = {"sensitivity": "Sensitivity", "specificity": "Specificity", "auroc": "AUROC"}
VIEWS = {"whole": "Whole film", "lungs_masked": "Lungs masked", "lungs_only": "Lungs only"}
BROKEN = 0.2  # loss of sensitivity and specificity together that counts as more than a little
CONDITIONS = {"Crop": "Tight cropping"}  # how a factor is called in a claim where its title is too short
CHANCE = 0.5
CONTROL, SHIFTED = ("train", "validation"), ("train", "test")


def specificity(chosen: Run, runs: list[Run]) -> None:
    """Specificity on validation and test at the same threshold."""
    change = read_shifts()[chosen.run_id]["specificity"]
    before, after = (result(chosen, split, "specificity") for split in ("validation", "test"))
    chart = cached_figure(
        grouped_dots,
        [
            Group(
                title=SPLIT_TITLES[split],
                symbol=symbol,
                points=[point(run, result(run, split, "specificity")) for run in runs],
            )
            for split, symbol in (("validation", "circle-open"), ("test", "circle"))
        ],
        "Specificity, %",
    )
    finding(
        specificity_in_words(chosen.title, before, after, change),
        chart,
        "specificity",
        "Specificity of every model on validation and test",
    )


def specificity_in_words(title: str, before: Estimate, after: Estimate, change: Estimate) -> Words:
    """Return what specificity on validation, on test and their difference say."""
    return Words(
        claim="More false alarms on a different set of normals"
        if change.high < 0
        else "No more false alarms are shown on a different set of normals",
        figures=f"*{title}* leaves {format_rate(after)} of the normal test images unflagged, {format_rate(before)} of "
        f"those of "
        f"validation: {format_points(change)}.",
        consequence="Count false alarms on a few hundred normal images of your own before you trust any threshold.",
    )


def films(chosen: Run, runs: list[Run]) -> None:
    """Show the shift between the splits, and how well a simple classifier detects it."""
    shift = read_evidence().image_shift
    moved = {
        (row.label, row.measure): row.difference
        for row in shift.differences
        if (row.before, row.after) == SHIFTED and not math.isnan(row.difference)
    }
    order = sorted(MEASURES, key=lambda name: -abs(moved.get(("normal", name), 0)))
    groups = [
        Group(
            title=f"{label.capitalize()} films",
            symbol=symbol,
            colour=colour,
            points=[
                Point(row=MEASURES[name].title, estimate=without_interval(moved[label, name]))
                for name in order
                if (label, name) in moved
            ],
        )
        for label, colour, symbol in CLASSES
    ]
    finding(
        films_in_words(
            *(shift.split_auroc(label, *SHIFTED) for label in LABELS),
            shift.split_auroc("normal", *CONTROL),
            MEASURES[order[0]].title,
            moved["normal", order[0]],
        ),
        cached_figure(
            grouped_dots, groups, "Test less train,<br>in standard deviations", is_rate=False, line=0.0, slim=True
        ),
        "films",
        "How far framing, exposure, sharpness and file size of the test films lie from those of train, by class",
    )


def films_in_words(normal: Estimate, pneumonia: Estimate, control: Estimate, measure: str, moved: float) -> Words:
    """Return what AUROCs of test against train, of train against validation, and the largest difference say."""
    return Words(
        claim="The normal images differ most"
        if normal.low > pneumonia.high
        else "How far the test images differ from those of train",
        figures="Without medical knowledge, a simple classifier tells normal test images from normal training images "
        f"with AUROC {format_figure(normal)}, those labelled pneumonia with {format_figure(pneumonia)}; chance is "
        f"0.500, and normal "
        f"images of train against validation give {format_figure(control)}.",
        consequence=f"What moved most is *{measure.lower()}*, by {format_decimal(moved, 2, '+')} standard deviations. "
        f"Expect other "
        "results on images that differ from the training images in this way.",
    )


def shortcut(chosen: Run, runs: list[Run]) -> None:
    """AUROC with the lungs masked and with only the lungs left, beside the null baselines."""
    evidence_of(chosen)
    scores = {run_id: evidence.shortcut["test"] for run_id, evidence in measured(runs).items()}
    groups = [
        Group(
            title=title,
            symbol=symbol,
            points=[point(run, getattr(scores[run.run_id], view).by_patient) for run in runs if run.run_id in scores],
        )
        for (view, title), symbol in zip(VIEWS.items(), ("circle", "x", "diamond-open"), strict=True)
    ]
    beside = {null.name: null.metrics["auroc"] for null in nulls("test")[1:]}
    groups.append(
        Group(
            title="Null baseline",
            symbol="circle-open",
            points=[Point(row=name, estimate=auroc) for name, auroc in beside.items()],
        )
    )
    finding(
        shortcut_in_words(chosen.title, scores[chosen.run_id], beside),
        cached_figure(grouped_dots, groups, "AUROC on test", is_rate=False, line=0.5),
        "shortcut",
        "AUROC of whole films, lungs masked and lungs only, beside null baselines",
    )
    st.caption(
        "One rounded rectangle for all films; a strip of lung may stay outside it. Masked films resemble nothing that "
        "a model was trained on, so a low figure can also mean that it is confused."
    )


def shortcut_in_words(title: str, scores: ShortcutScores, nulls: Mapping[str, Estimate]) -> Words:
    """Return what AUROCs with and without the lungs say, beside those of null baselines by name."""
    masked, only, whole = (view.by_patient for view in (scores.lungs_masked, scores.lungs_only, scores.whole))
    beside = ", ".join(f"{name.lower()} {format_figure(auroc)}" for name, auroc in nulls.items())
    return Words(
        claim="Part of its score comes from outside the lungs"
        if masked.low > CHANCE
        else "Nothing outside the lungs is shown to move its score",
        figures=f"*{title}* ranks the test images with AUROC {format_figure(masked)} with the lungs masked, "
        f"{format_figure(only)} "
        f"with only the lungs left, {format_figure(whole)} on the whole image.",
        consequence="A high score can come from framing and position, so it does not prove an opacity: look at the "
        "image." + (f" AUROC of trivial baselines: {beside}." if beside else ""),
    )


def stress(chosen: Run, runs: list[Run]) -> None:
    """Show the effect of one changed property of the film, level by level."""
    evidence_of(chosen)
    curves = {run_id: evidence.stress_curves for run_id, evidence in measured(runs).items()}
    ours = curves[chosen.run_id]
    top = st.container()
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        name = st.selectbox(
            "Changed",
            list(ours.factors),
            index=list(ours.factors).index(max(ours.factors, key=lambda factor: ours.factors[factor].loss)),
            format_func=lambda factor: ours.factors[factor].title,
            key="limits_factor",
            width=220,
        )
        metric = st.segmented_control(
            "Figure",
            list(FIGURES),
            default="specificity",
            required=True,
            format_func=FIGURES.__getitem__,
            key="limits_stress_figure",
        )
    factor = ours.factors[name]
    scale = 1 if metric == "auroc" else 100
    finding(
        stress_in_words(chosen.title, factor),
        cached_figure(
            lines,
            [
                Line(
                    style=series_style(run),
                    frame=scale
                    * pd.DataFrame(asdict(curves[run.run_id].factors[name].values(metric)), dtype=float).assign(
                        x=[level / scale for level in factor.levels]
                    ),
                    is_chosen=run is chosen,
                )
                for run in runs
                if run.run_id in curves
            ],
            f"{factor.title} ({factor.unit})",
            f"{FIGURES[metric]}{'' if metric == 'auroc' else ', %'}",
            neutral=factor.neutral,
        ),
        "stress",
        f"{FIGURES[metric]} of every model by {factor.title.lower()}",
        top,
    )
    st.caption(
        f"{ours.films} images of validation, {ours.positives} of them labelled pneumonia, changed alike in both "
        "classes; the dotted line is the image as it is, the band a 95 % interval. The text quotes the level "
        "at which sensitivity and specificity together are lowest."
    )


def stress_in_words(title: str, factor: StressCurve) -> Words:
    """Return what a factor does at its worst level, beside the image as it is."""
    (caught, cleared), (caught_before, cleared_before) = (
        [curve.at(level) for curve in (factor.sensitivity, factor.specificity)]
        for level in (factor.worst, factor.unchanged)
    )
    condition = CONDITIONS.get(factor.title, f"{factor.title} alone")
    return Words(
        claim=f"{condition} {'breaks it' if factor.loss > BROKEN else 'changes little'}",
        figures=f"At {factor.levels[factor.worst]:g} ({factor.unit}) *{title}* finds {format_rate(caught)} of the "
        f"pneumonias "
        f"instead of {format_percent(caught_before.value)}, and leaves {format_rate(cleared)} of the normal images "
        f"unflagged instead "
        f"of {format_percent(cleared_before.value)}.",
        consequence="If your detector, crop or compression differs from the hospital's, so will these figures. Nothing "
        "will warn you unless the image is clearly not a chest X-ray.",
    )
