"""Parts of Data that hold the committed figures: what is wrong with the data, and how test differs from train."""

import plotly.graph_objects as go
import streamlit as st

from core.charts.data import LABEL_TITLES, difference_films, distributions, mean_films
from core.data.patients import LABELS
from core.evaluation.types import Estimate
from core.evidence.data_card import EDGES, SPLITS, TITLES, read_data_card, read_means
from core.evidence.read import read_evidence
from core.impact.inputs import PREVALENCE
from core.manifest import MANIFEST
from core.paths import artifacts_dir
from core.wording import format_figure, format_percent
from pages.data.parts import BAR, Audited, crossing, prevalence

DIGITS = {"gray_level": ("{:.0f}", "gray levels"), "gray_mean": ("{:.0f}", "gray levels")}


def source() -> None:
    """Where the films come from, who labelled them, under which licence."""
    st.markdown(
        "Frontal chest X-rays of children aged one to five, taken at the Guangzhou Women and "
        "Children's Medical Center. Two physicians graded each film, a third checked the evaluation set; "
        "no outcome of the illness stands behind a label, and physicians agree only moderately on what they "
        "see on such films (kappa 0.4 to 0.6 for consolidation, "
        "[10.1002/ppul.22806](https://doi.org/10.1002/ppul.22806)). Age, sex, date and device of a film are not given."
    )
    st.markdown(
        "Published under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/): free to use and to change if the "
        "source is named. Cite the [data](https://doi.org/10.17632/rscbjbr9sj.2) and the "
        "[paper](https://doi.org/10.1016/j.cell.2018.02.010), as at the foot of this page."
    )


def findings(found: Audited) -> None:
    """What is wrong with the data, a line each, with its figure."""
    ill = crossing(found, "PNEUMONIA", "wide")
    normal = _tell_apart()
    same = found["identical_pixels"]
    st.markdown(
        "\n".join(
            [
                f"- **More are ill than in practice.** {format_percent(prevalence(found, 'train'))} of the training "
                "films and "
                f"{format_percent(prevalence(found, 'test'))} of the test films are labelled pneumonia; of children "
                "who are "
                f"imaged it is about {format_percent(PREVALENCE.base, 0)} "
                f"({100 * PREVALENCE.low:.1f} to {100 * PREVALENCE.high:.1f} in publications).",
                f"- **Nobody knows who is who.** Read by the number alone, {ill['keys']:,} patients of pneumonia films "
                f"stand in train and test: {ill['films'][1]:,} of {ill['films_of'][1]:,} pneumonia test films may "
                "come from children who are also in training (Limits has the figures of either kind).",
                f"- **Normal test films look different.** {normal}",
                f"- **Some films stand there twice.** {same['groups']:,} films are there more than once, with "
                f"{same['extra_films']:,} copies that are too many.",
                "- **One hospital, one age group, small copies.** Every figure here comes from copies that were "
                "squashed to 224 × 224 pixels; age, sex and device are unknown, so no figure can be given by them.",
            ]
        )
    )


def _tell_apart() -> str:
    apart = {
        row["label"]: Estimate.from_dict(row["auroc"])
        for row in read_evidence()["image_shift"]["tell_apart"]
        if (row["before"], row["after"], row["looks_at"]) == ("train", "test", "both")
    }
    return (
        f"A classifier without medical knowledge tells them from normal training films with AUROC "
        f"{format_figure(apart['normal'])}; films labelled pneumonia with {format_figure(apart['pneumonia'])}; chance "
        "is 0.500."
    )


def means() -> None:
    """Mean films of each class and split, and their differences."""
    counts = read_data_card()["distributions"]["gray_level"]
    films, differences, said = _mean_figures(_stamp())
    n = {label: [counts[split][label]["n"] for split in SPLITS] for label in LABELS}
    with st.grid(2, min_column_width=340, gap="medium"):
        with st.container():
            st.plotly_chart(films, key="data_means", config=BAR, alt="Mean films of each class in every split")
            st.caption(
                "Mean gray level of each pixel over all films of a class and split, so no child is shown: "
                + "; ".join(
                    f"{LABEL_TITLES[label].lower()} {n[label][0]:,}, {n[label][1]:,} and {n[label][2]:,} films"
                    for label in LABELS
                )
                + "."
            )
        with st.container():
            st.plotly_chart(differences, key="data_differences", config=BAR, alt="Differences of the mean films")
            st.caption(
                "Orange and violet: where the films of a split are darker or brighter on average than those of train. "
                "Validation was drawn from the same folder, so its difference is what chance alone makes. Mean "
                f"distance over all pixels, test against validation: {said} gray levels."
            )


def _stamp() -> str:
    """What the committed figures depend on: the manifest, which holds their hashes."""
    path = artifacts_dir() / MANIFEST
    return f"{path} {path.stat().st_mtime_ns}" if path.exists() else ""


@st.cache_resource(max_entries=2, show_spinner=False)
def _mean_figures(stamp: str) -> tuple[go.Figure, go.Figure, str]:
    """Mean films, their differences, and the mean distances in words; nobody changes a figure once it is made."""
    films = read_means()
    by_label = {
        label: {split.capitalize(): films[i, j] for i, split in enumerate(SPLITS)} for j, label in enumerate(LABELS)
    }
    changes = {
        label: {
            "Test less train": one["Test"] - one["Train"],
            "Validation less train": one["Validation"] - one["Train"],
        }
        for label, one in by_label.items()
    }
    said = "; ".join(
        f"{LABEL_TITLES[label].lower()} "
        + " against ".join(f"{float(abs(change).mean()):.1f}" for change in one.values())
        for label, one in changes.items()
    )
    return mean_films(by_label), difference_films(changes), said


def spreads() -> None:
    """Distributions of gray level and aspect ratio by class and split."""
    name = st.segmented_control(
        "Distribution", list(TITLES), default="aspect_estimate", required=True, format_func=TITLES.__getitem__,
        key="data_distribution",
    )  # fmt: skip
    stored = read_data_card()["distributions"][name]
    st.plotly_chart(
        _spread_figure(name, _stamp()),
        key="data_spread",
        config=BAR,
        alt=f"{TITLES[name]} by class and split",
    )
    form, unit = DIGITS.get(name, ("{:.2f}", ""))
    said = "; ".join(
        f"{LABEL_TITLES[label].lower()} "
        + ", ".join(f"{form.format(stored[split][label]['mean'])} in {split}" for split in SPLITS)
        for label in LABELS
    )
    alone = Estimate.from_dict(read_evidence()["baselines"]["aspect_ratio"]["evaluations"]["test"]["metrics"]["auroc"])
    notes = {
        "aspect_estimate": " The copies are all square, so the shape of the original film is estimated from its "
        "detail: the higher, the wider it was before it was squashed. Knowing nothing else, this number alone "
        f"tells the classes of test apart with AUROC {format_figure(alone)}.",
        "gray_level": " From 0, black, to 255, white, over all pixels of all films.",
        "gray_mean": " One value for each film, from 0, black, to 255, white.",
    }
    st.caption(f"Means: {said}{f' {unit}' if unit else ''}.{notes[name]}")


@st.cache_resource(max_entries=6, show_spinner=False)
def _spread_figure(name: str, stamp: str) -> go.Figure:
    stored = read_data_card()["distributions"][name]
    counts = {split: {label: stored[split][label]["counts"] for label in LABELS} for split in SPLITS}
    return distributions(EDGES[name], counts, TITLES[name], list(LABELS))
