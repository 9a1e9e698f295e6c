"""Parts of Limits: the choice of a model, the frame of a finding, what several findings read."""

from contextlib import suppress
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.limits import Point
from core.charts.style import NORMAL, PNEUMONIA, model_colour
from core.errors import ArtifactError
from core.evaluation.types import Estimate
from core.evidence.read import evidence_of
from core.evidence.types import RunEvidence
from core.results.store import evaluation_of
from core.runs.record import Run, ScoredSplit
from core.runs.store import served
from pages.shared.cache import key

CLASSES = (("normal", NORMAL, "circle"), ("pneumonia", PNEUMONIA, "diamond"))  # label, colour, symbol


def choose(runs: list[Run]) -> Run:
    """Ask for the model that the sentences are about; the served one at first."""
    name = st.pills(
        "Model",
        [key(run) for run in runs],
        default=key(served(runs)),
        required=True,
        format_func={key(run): run.title for run in runs}.__getitem__,
        key="limits_model",
        help="Charts show all models; one seed of each, the one with the median selection figure.",
    )
    return next(run for run in runs if key(run) == name)


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a finding says: a claim without its full stop, its figures, and what follows for use; Markdown."""

    claim: str
    figures: str
    consequence: str


def finding(words: Words, chart: go.Figure, name: str, alt: str, top: DeltaGenerator | None = None) -> None:
    """Show claim and figures, one chart and the consequence; claim and figures at the ``top``, above controls."""
    (top or st).markdown(f"**{words.claim}**\n\n{words.figures}")
    st.plotly_chart(chart, key=f"limits_{name}", alt=alt, config={"displayModeBar": False})
    st.markdown(f":material/arrow_forward: {words.consequence}")


def measured(runs: list[Run]) -> dict[str, RunEvidence]:
    """Return the evidence by run id of those that have any; the others are missing from the charts."""
    evidence = {}
    for run in runs:
        with suppress(ArtifactError):
            evidence[run.run_id] = evidence_of(run)
    return evidence


def result(run: Run, split: ScoredSplit, metric: str) -> Estimate:
    """Return a committed figure of a run."""
    return evaluation_of(run, split).metrics[metric]


def point(run: Run, estimate: Estimate) -> Point:
    """Return a model's figure in its row and colour."""
    return Point(row=run.title, estimate=estimate, colour=model_colour(run.record.model))


def these_images(number: int) -> str:
    """Return a count of images, such as ``These 14 images``."""
    return "This 1 image" if number == 1 else f"These {number} images"


def without_interval(value: float) -> Estimate:
    """Return a figure without an interval."""
    return Estimate(value=value, low=float("nan"), high=float("nan"), method="none")
