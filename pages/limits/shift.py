"""Findings of Limits that come from films which look different: shift, shortcuts, stress."""

from typing import Any

import pandas as pd
import streamlit as st

from core.charts.limits import Group, Line, Point, grouped_dots, lines
from core.charts.style import NORMAL, PNEUMONIA
from core.evaluation.types import Estimate
from core.evidence.measures import MEASURES
from core.evidence.read import evidence_of, read_evidence
from core.results.store import read_shifts
from core.runs.record import Run
from core.wording import format_decimal, format_figure, format_percent, format_rate
from pages.limits.parts import alone, finding, measured, point, points, result, signed
from pages.shared.chart_cache import drawn
from pages.shared.run_figures import SPLIT_TITLES, nulls, series_style

FIGURES = {"sensitivity": "Sensitivity", "specificity": "Specificity", "auroc": "AUROC"}
VIEWS = {"whole": "Whole film", "lungs_masked": "Lungs masked", "lungs_only": "Lungs only"}
UNDONE = 0.2  # loss of sensitivity and specificity together that counts as more than a little
CONTROL, SHIFTED = ("train", "validation"), ("train", "test")


def specificity(chosen: Run, shown: list[Run]) -> None:
    """Specificity on validation and test at the same threshold."""
    change = read_shifts()[chosen.run_id]["specificity"]
    before, after = (result(chosen, split, "specificity") for split in ("validation", "test"))
    chart = drawn(
        grouped_dots,
        [
            Group(
                title=SPLIT_TITLES[split],
                symbol=symbol,
                points=[point(run, result(run, split, "specificity")) for run in shown],
            )
            for split, symbol in (("validation", "circle-open"), ("test", "circle"))
        ],
        "Specificity, %",
    )
    is_worse = change.high < 0
    less = f"{points(change.value)} points fewer ({points(change.high)} to {points(change.low)})"
    finding(
        f"On other normal films it {'alarms' if is_worse else 'is not shown to alarm'} more often.",
        f"*{chosen.title}* leaves {format_rate(after)} of the normal test films unflagged, {format_rate(before)} of "
        "those of "
        f"validation; {less if is_worse else f'{signed(change)} points'}.",
        "Count false alarms on some hundred normal films of your own before you believe any threshold.",
        chart,
        "specificity",
        "Specificity of every model on validation and test",
    )


def films(chosen: Run, shown: list[Run]) -> None:
    """What the shift looks like, and how well a simple classifier sees it."""
    shift = read_evidence()["image_shift"]
    apart = {
        (row["label"], row["before"], row["after"]): Estimate.from_dict(row["auroc"])
        for row in shift["tell_apart"]
        if row["looks_at"] == "both"
    }
    moved = {
        (row["label"], row["measure"]): row["difference"]
        for row in shift["differences"]
        if (row["before"], row["after"]) == SHIFTED and row["difference"] is not None
    }
    order = sorted(MEASURES, key=lambda name: -abs(moved.get(("normal", name), 0)))
    groups = [
        Group(
            title=f"{label.capitalize()} films",
            symbol=symbol,
            colour=colour,
            points=[
                Point(row=MEASURES[name].title, estimate=alone(moved[label, name]))
                for name in order
                if (label, name) in moved
            ],
        )
        for label, colour, symbol in (("normal", NORMAL, "circle"), ("pneumonia", PNEUMONIA, "diamond"))
    ]
    largest = order[0]
    normal, pneumonia = apart["normal", *SHIFTED], apart["pneumonia", *SHIFTED]
    finding(
        "It is the normal films that differ most."
        if normal.low > pneumonia.high
        else "How far the test films differ from those of train.",
        "Without knowing medicine, a simple classifier tells normal films of test from those of train with AUROC "
        f"{format_figure(normal)}, those labelled pneumonia with {format_figure(pneumonia)}; chance is 0.500, normal "
        "films of train "
        f"against validation {format_figure(apart['normal', *CONTROL])}.",
        f"What moved most is *{MEASURES[largest].title.lower()}*, by "
        f"{format_decimal(moved['normal', largest], 2, '+')} standard "
        "deviations. Films that differ from those of the training in this way are judged otherwise.",
        drawn(grouped_dots, groups, "Test less train,<br>in standard deviations", is_rate=False, line=0.0, slim=True),
        "films",
        "How far framing, exposure, sharpness and file size of the test films lie from those of train, by class",
    )


def shortcut(chosen: Run, shown: list[Run]) -> None:
    """AUROC with the lungs masked and with only the lungs left, beside the null baselines."""
    evidence_of(chosen)
    views = {
        run_id: {view: Estimate.from_dict(one["by_patient"]) for view, one in found["shortcut"]["test"].items()}
        for run_id, found in measured(shown).items()
    }
    groups = [
        Group(
            title=title,
            symbol=symbol,
            points=[point(run, views[run.run_id][view]) for run in shown if run.run_id in views],
        )
        for (view, title), symbol in zip(VIEWS.items(), ("circle", "x", "diamond-open"), strict=True)
    ]
    beside = {null.name: null.metrics["auroc"] for null in nulls("test")[1:]}
    groups.append(
        Group(
            title="Null baseline",
            symbol="circle-open",
            points=[Point(row=name, estimate=one) for name, one in beside.items()],
        )
    )
    ours = views[chosen.run_id]
    words = ", ".join(f"{name.lower()} {format_figure(one)}" for name, one in beside.items())
    finding(
        "Part of its score lies outside the lungs.",
        f"*{chosen.title}* ranks the test films with AUROC "
        f"{format_figure(ours['lungs_masked'])} when the lungs are masked, {format_figure(ours['lungs_only'])} when "
        "only they are "
        f"left, {format_figure(ours['whole'])} when the film is whole.",
        "A high score can come from framing and position and is no proof of an opacity: look at the film. AUROC of "
        f"what knows nothing of lungs: {words}.",
        drawn(grouped_dots, groups, "AUROC on test", is_rate=False, line=0.5),
        "shortcut",
        "AUROC of whole films, lungs masked and lungs only, beside null baselines",
    )
    st.caption(
        "One rounded rectangle for all films; a strip of lung may stay outside it. Masked films resemble nothing that "
        "a model was trained on, so a low figure can also mean that it is confused."
    )


def stress(chosen: Run, shown: list[Run]) -> None:
    """What one changed property of the film does, level by level."""
    evidence_of(chosen)
    curves = {run_id: found["stress_curves"] for run_id, found in measured(shown).items()}
    factors = curves[chosen.run_id]["factors"]
    top = st.container()
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        name = st.selectbox(
            "Changed",
            list(factors),
            index=list(factors).index(max(factors, key=lambda one: _loss(factors[one]))),
            format_func=lambda one: factors[one]["title"],
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
    factor = factors[name]
    scale = 1 if metric == "auroc" else 100
    worst, neutral = _worst(factor), factor["levels"].index(factor["neutral"])
    (found, cleared), (found_before, cleared_before) = (
        [_at(factor, one, level) for one in ("sensitivity", "specificity")] for level in (worst, neutral)
    )
    finding(
        f"{factor['title']} alone {'can undo it' if _loss(factor) > UNDONE else 'changes little'}.",
        f"*{chosen.title}* at {factor['levels'][worst]:g} ({factor['unit']}) finds {format_rate(found)} of the "
        "pneumonias "
        f"instead of {format_percent(found_before.value)}, and leaves {format_rate(cleared)} of the normal films "
        "unflagged instead "
        f"of {format_percent(cleared_before.value)}.",
        "If your detector, crop or compression differs from the hospital's, so will these figures. The check for "
        "chest films refuses only what is far from one; short of that, nothing on the screen need tell you.",
        drawn(
            lines,
            [
                Line(
                    style=series_style(run),
                    frame=scale
                    * pd.DataFrame(curves[run.run_id]["factors"][name][metric], dtype=float).assign(
                        x=[level / scale for level in factor["levels"]]
                    ),
                    is_chosen=run is chosen,
                )
                for run in shown
                if run.run_id in curves
            ],
            f"{factor['title']} ({factor['unit']})",
            f"{FIGURES[metric]}{'' if metric == 'auroc' else ', %'}",
            neutral=factor["neutral"],
        ),
        "stress",
        f"{FIGURES[metric]} of every model by {factor['title'].lower()}",
        top,
    )
    st.caption(
        f"{curves[chosen.run_id]['films']} films of validation, {curves[chosen.run_id]['positives']} of them labelled "
        "pneumonia, changed alike in both classes; the dotted line is the film as it is, the band a 95 % interval. The "
        "text quotes the level at which sensitivity and specificity together are lowest."
    )


def _worst(factor: dict[str, Any]) -> int:
    """Position of the level with the lowest sum of sensitivity and specificity."""
    sums = [a + b for a, b in zip(factor["sensitivity"]["value"], factor["specificity"]["value"], strict=True)]
    return sums.index(min(sums))


def _loss(factor: dict[str, Any]) -> float:
    """How much of sensitivity and specificity together is lost at the worst level."""
    worst, neutral = _worst(factor), factor["levels"].index(factor["neutral"])
    return sum(factor[one]["value"][neutral] - factor[one]["value"][worst] for one in ("sensitivity", "specificity"))


def _at(factor: dict[str, Any], metric: str, level: int) -> Estimate:
    return Estimate(**{end: factor[metric][end][level] for end in ("value", "low", "high")}, method="cluster bootstrap")
