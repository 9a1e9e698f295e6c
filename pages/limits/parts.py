"""Parts of Limits: the choice of a model, the frame of a finding, what several findings read."""

from contextlib import suppress
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.limits import Point
from core.charts.style import model_colour
from core.errors import ArtifactError
from core.evaluation.types import Estimate
from core.evidence.read import evidence_of
from core.results.store import evaluation_of
from core.runs.record import Run, ScoredSplit
from core.runs.store import served
from core.wording import format_points
from pages.shared.cache import key


def choose(shown: list[Run]) -> Run:
    """The model that the sentences are about; the served one at first."""
    name = st.pills(
        "Sentences are about",
        [key(run) for run in shown],
        default=key(served(shown)),
        required=True,
        format_func={key(run): run.title for run in shown}.__getitem__,
        key="limits_model",
        help="Charts show all models; one seed of each, the one with the median selection figure.",
    )
    return next(run for run in shown if key(run) == name)


def finding(
    claim: str, figures: str, consequence: str, chart: go.Figure, name: str, alt: str, top: DeltaGenerator | None = None
) -> None:
    """A claim, its figures, one chart, one consequence; claim and figures stand at the ``top``, above controls."""
    (top or st).markdown(f"**{claim}**\n\n{figures}")
    st.plotly_chart(chart, key=f"limits_{name}", alt=alt, config={"displayModeBar": False})
    st.markdown(f":material/arrow_forward: {consequence}")


def measured(shown: list[Run]) -> dict[str, dict[str, Any]]:
    """The evidence by run id of those that have any; the others are missing from the charts."""
    found = {}
    for run in shown:
        with suppress(ArtifactError):
            found[run.run_id] = evidence_of(run)
    return found


def result(run: Run, split: ScoredSplit, metric: str) -> Estimate:
    """A committed figure of a run."""
    return evaluation_of(run, split).metrics[metric]


def point(run: Run, one: Estimate) -> Point:
    """A model's figure in its row and colour."""
    return Point(row=run.title, estimate=one, colour=model_colour(run.record.model))


def points(value: float) -> str:
    """A difference of rates in points, without its sign: ``22.6``."""
    return f"{abs(100 * value):.1f}"


def signed(one: Estimate) -> str:
    """A difference of rates in points with its interval: ``−1.3 (−4.0 to +1.4)``."""
    return format_points(one).replace(" points", "")


def these_films(number: int) -> str:
    """``These 14 films``."""
    return "This 1 film" if number == 1 else f"These {number} films"


def alone(value: float) -> Estimate:
    """A figure without an interval."""
    return Estimate(value=value, low=float("nan"), high=float("nan"), method="none")
