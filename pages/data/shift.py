"""Parts of Data that hold the committed figures: what is wrong with the data, and how test differs from train."""

import plotly.graph_objects as go
import streamlit as st

from core.charts.data import LABEL_TITLES, difference_films, distributions, mean_films
from core.data.findings import DATA_SPLITS, Audit
from core.data.patients import LABEL_FOLDERS
from core.evaluation.types import LABELS, Estimate
from core.evidence.data_card import EDGES, TITLES, read_data_card, read_means
from core.evidence.read import read_evidence
from core.evidence.types import ImageShift
from core.impact.inputs import PREVALENCE
from core.manifest import MANIFEST
from core.paths import artifacts_dir
from core.wording import format_figure, format_percent
from pages.data.parts import BAR, copies_in_words

DIGITS = {"gray_level": ("{:.0f}", "gray levels"), "gray_mean": ("{:.0f}", "gray levels")}


def source() -> None:
    """Where the films come from, who labelled them, under which licence."""
    st.markdown(
        "Frontal chest X-rays of children aged one to five, taken at the Guangzhou Women and "
        "Children's Medical Center. Two physicians graded each film, a third checked the evaluation set. "
        "Labels are opinions on the image, not confirmed diagnoses, and physicians agree only moderately on what they "
        "see on such films (kappa 0.4 to 0.6 for consolidation, "
        "[10.1002/ppul.22806](https://doi.org/10.1002/ppul.22806)). Age, sex, date and device of a film are not given."
    )
    st.markdown(
        "Published under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/): free to use and to change if the "
        "source is named. Cite the [data](https://doi.org/10.17632/rscbjbr9sj.2) and the "
        "[paper](https://doi.org/10.1016/j.cell.2018.02.010), as at the foot of this page."
    )


def findings(audit: Audit) -> None:
    """List what is wrong with the data, a line each, with its figure."""
    st.markdown("\n".join(f"- {line}" for line in findings_in_words(audit, read_evidence().image_shift)))


def findings_in_words(audit: Audit, shift: ImageShift) -> list[str]:
    """Return what is wrong with the data, in sentences; Markdown."""
    crossing = [audit.crossed(label, "wide") for label in LABEL_FOLDERS]
    films, of = sum(row.films[1] for row in crossing), sum(row.films_of[1] for row in crossing)
    normal, pneumonia = (shift.split_auroc(label, "train", "test") for label in LABELS)
    return [
        f"**{_prevalence_claim(audit)}.** {format_percent(audit.prevalence('train'))} of the training images and "
        f"{format_percent(audit.prevalence('test'))} of the test images are labelled pneumonia; of children who are "
        f"imaged "
        f"about {format_percent(PREVALENCE.base, 0)} have it ({100 * PREVALENCE.low:.1f} to "
        f"{100 * PREVALENCE.high:.1f} % in "
        "publications).",
        f"**Patients may overlap.** Up to {films:,} of {of:,} test images may show children who are also in the "
        "training set (Limits has the figures of either kind)."
        if films
        else f"**No patient is known to overlap.** No number of the {of:,} test images is in the training set.",
        f"**{_shift_claim(normal, pneumonia)}.** A classifier without medical knowledge tells them from normal "
        f"training images with AUROC {format_figure(normal)}, images labelled pneumonia with "
        f"{format_figure(pneumonia)}; chance is "
        "0.500.",
        f"**{copies_in_words(audit)}.**",
        "**One hospital, one age group, small copies.** Every figure here comes from copies squashed to 224 × 224 "
        "pixels; age, sex and device are unknown, so no figure can be given by them.",
    ]


def _prevalence_claim(audit: Audit) -> str:
    shares = [audit.prevalence(split) for split in ("train", "test")]
    return "Far more pneumonia than in practice" if min(shares) > PREVALENCE.high else "How frequent pneumonia is"


def _shift_claim(normal: Estimate, pneumonia: Estimate) -> str:
    return "Normal test images look different" if normal.low > pneumonia.high else "Test images look different"


def means() -> None:
    """Mean films of each class and split, and their differences."""
    counts = read_data_card().distributions["gray_level"]
    films, differences, distances = _mean_figures(_stamp())
    n = {label: [counts[split][label].n for split in DATA_SPLITS] for label in LABEL_FOLDERS}
    with st.grid(2, min_column_width=340, gap="medium"):
        with st.container():
            st.plotly_chart(films, key="data_means", config=BAR, alt="Mean films of each class in every split")
            st.caption(
                "Mean gray level of each pixel over all films of a class and split, so no child is shown: "
                + "; ".join(
                    f"{LABEL_TITLES[label].lower()} {n[label][0]:,}, {n[label][1]:,} and {n[label][2]:,} films"
                    for label in LABEL_FOLDERS
                )
                + "."
            )
        with st.container():
            st.plotly_chart(differences, key="data_differences", config=BAR, alt="Differences of the mean films")
            st.caption(
                "Orange and violet: where the films of a split are darker or brighter on average than those of train. "
                "Validation was drawn from the same folder, so its difference is what chance alone makes. Mean "
                f"distance over all pixels, test against validation: {distances} gray levels."
            )


def _stamp() -> str:
    """Return the cache key of the committed figures: path and time of the manifest, which holds their hashes."""
    path = artifacts_dir() / MANIFEST
    return f"{path} {path.stat().st_mtime_ns}" if path.exists() else ""


@st.cache_resource(max_entries=2, show_spinner=False)
def _mean_figures(stamp: str) -> tuple[go.Figure, go.Figure, str]:
    """Mean films, their differences, and the mean distances in words; nobody changes a figure once it is made."""
    films = read_means()
    by_label = {
        label: {split.capitalize(): films[i, j] for i, split in enumerate(DATA_SPLITS)}
        for j, label in enumerate(LABEL_FOLDERS)
    }
    changes = {
        label: {
            "Test less train": image["Test"] - image["Train"],
            "Validation less train": image["Validation"] - image["Train"],
        }
        for label, image in by_label.items()
    }
    distances = "; ".join(
        f"{LABEL_TITLES[label].lower()} "
        + " against ".join(f"{float(abs(change).mean()):.1f}" for change in image.values())
        for label, image in changes.items()
    )
    return mean_films(by_label), difference_films(changes), distances


def spreads() -> None:
    """Distributions of gray level and aspect ratio by class and split."""
    name = st.segmented_control(
        "Distribution", list(TITLES), default="aspect_estimate", required=True, format_func=TITLES.__getitem__,
        key="data_distribution",
    )  # fmt: skip
    stored = read_data_card().distributions[name]
    st.plotly_chart(
        _spread_figure(name, _stamp()),
        key="data_spread",
        config=BAR,
        alt=f"{TITLES[name]} by class and split",
    )
    form, unit = DIGITS.get(name, ("{:.2f}", ""))
    means = "; ".join(
        f"{LABEL_TITLES[label].lower()} "
        + ", ".join(f"{form.format(stored[split][label].mean)} in {split}" for split in DATA_SPLITS)
        for label in LABEL_FOLDERS
    )
    alone = read_evidence().baselines["aspect_ratio"].evaluations["test"].metrics["auroc"]
    notes = {
        "aspect_estimate": " The copies are all square, so the shape of the original film is estimated from its "
        "detail: the higher, the wider it was before it was squashed. Knowing nothing else, this number alone "
        f"tells the classes of test apart with AUROC {format_figure(alone)}.",
        "gray_level": " From 0, black, to 255, white, over all pixels of all films.",
        "gray_mean": " One value for each film, from 0, black, to 255, white.",
    }
    st.caption(f"Means: {means}{f' {unit}' if unit else ''}.{notes[name]}")


@st.cache_resource(max_entries=6, show_spinner=False)
def _spread_figure(name: str, stamp: str) -> go.Figure:
    stored = read_data_card().distributions[name]
    counts = {split: {label: stored[split][label].counts for label in LABEL_FOLDERS} for split in DATA_SPLITS}
    return distributions(EDGES[name], counts, TITLES[name], list(LABEL_FOLDERS))
