"""ROC, precision-recall, calibration and decision curves of the chosen runs."""

from dataclasses import replace

import plotly.graph_objects as go
import streamlit as st

from core.charts.curves import Curve, decision, precision_recall, reliability, roc
from core.evaluation.calibration import reliability as reliability_frame
from core.evaluation.calibration import shift_prevalence
from core.evaluation.decision import decision_curve
from core.evaluation.intervals import wilson
from core.evaluation.metrics import precision_recall_curve, roc_curve
from core.evaluation.types import Scores
from core.runs.record import Run, ScoredSplit
from core.wording import format_percent, format_rate
from pages.compare import operating_point as compare_point
from pages.compare.controls import LINK
from pages.compare.downloads import save_charts
from pages.compare.uploads import UploadedTable
from pages.shared.cache import run_identity
from pages.shared.layout import errors_shown
from pages.shared.run_figures import SPLIT_TITLES, Shown, is_served, picture

AROUND = (0.7, 0.9)  # probabilities that count as the 80 % of the question


def curves(rows: list[Shown], uploaded: list[UploadedTable], split: ScoredSplit, prevalence: float, where: str) -> None:
    """Four charts, two by two; a marker shows each model's threshold.

    Parameters
    ----------
    rows : list of Shown
    uploaded : list of UploadedTable
        A reader's tables of the same films; they have ROC and precision-recall curves alone.
    split : str
    prevalence : float
        Of the children for whom the decision curve asks.
    where : str
        The operating point in words.
    """
    readable = []
    for row in rows:
        with errors_shown():
            compare_point.scores(row.run, split)
            readable.append(row)
    if not readable:
        return
    of_films = readable[0].evaluation.prevalence
    grid = st.grid(2, min_column_width=360, gap="medium")
    with grid.cell():
        st.markdown("**ROC: pneumonias found against false alarms**")
        charts = {"ROC": (chart := _chart("roc", readable, uploaded, split, of_films))}
        st.plotly_chart(chart, key="roc", alt="ROC", config=picture("roc"))
    with grid.cell():
        st.markdown(f"**Precision and recall, at the {format_percent(of_films)} pneumonia of these films**")
        charts["precision and recall"] = chart = _chart("precision_recall", readable, uploaded, split, of_films)
        st.plotly_chart(
            chart, key="precision_recall", alt="Precision against recall", config=picture("precision-recall")
        )
    with grid.cell():
        st.markdown(
            f"**Calibration, at the {format_percent(of_films)} pneumonia of these films: does 80 % mean 80 %?**"
        )
        kind = st.segmented_control(
            "Calibration of",
            ["probability", "score"],
            default="probability",
            required=True,
            format_func={"probability": "Calibrated probability", "score": "Raw score"}.__getitem__,
            label_visibility="collapsed",
            key="compare_calibration",
            bind=LINK,
        )
        first = _first_drawn(readable)
        scores = _judged(first.run, compare_point.scores(first.run, split), kind, of_films)
        st.markdown(does_it_hold(scores, first.style.title, kind, SPLIT_TITLES[split].lower()))
        charts["calibration"] = chart = _chart(kind, readable, [], split, of_films)
        st.plotly_chart(chart, key="reliability", alt="Calibration", config=picture("calibration"))
        others = "; click another name in the legend to draw it too" if len(readable) > 1 else ""
        films = ", ".join(f"{n:,}" for n in reliability_frame(scores)["n"])
        st.caption(f"*{first.style.title}* is drawn{others}. Films in its bins, from the left: {films}.")
    with grid.cell():
        st.markdown(f"**Decision curve, at {format_percent(prevalence, 0)} pneumonia**")
        st.caption("Net benefit at each risk threshold. The model helps where its line is above both dotted lines.")
        charts["decision curve"] = chart = _chart("decision", readable, [], split, prevalence)
        st.plotly_chart(chart, key="decision", alt="Decision curve", config=picture("decision-curve"))
    save_charts("These four charts as CSV", charts, "curves")
    flattered = " These are the very films that they were calibrated on." if split == "validation" else ""
    st.caption(
        f"Markers: {where}. Probabilities were calibrated on validation and moved to the share of "
        f"pneumonia that each chart names.{flattered} Where a calibration line leaves the diagonal, what is said "
        "differs from what is observed; its intervals, 95 %, take films as independent."
    )


def does_it_hold(scores: Scores, title: str, kind: str, films: str) -> str:
    """How many of the films said to be about 80 % are labelled pneumonia, beside what was said of them."""
    low, high = AROUND
    there = (scores.y_score >= low) & (scores.y_score < high)
    claim = f"{'a raw score' if kind == 'score' else 'a probability'} of {100 * low:.0f} to {100 * high:.0f} %"
    if not there.any():
        return f"*{title}* gives {claim} to none of these {films} films."
    n, mean = int(there.sum()), float(scores.y_score[there].mean())
    share = wilson(int(scores.y_true[there].sum()), n)
    answer = "No, too high" if mean > share.high else "No, too low" if mean < share.low else "Not contradicted"
    return (
        f"**{answer}:** of the {films} films to which *{title}* gives {claim}, {format_percent(mean)} on average, "
        f"{format_rate(share)} are labelled pneumonia ({n:,} film{'' if n == 1 else 's'})."
    )


def _first_drawn(rows: list[Shown]) -> Shown:
    """Return the served run, or the best by AUROC where it is not among them."""
    return next((row for row in rows if is_served(row.run)), max(rows, key=lambda row: row.estimate("auroc").value))


def _chart(
    name: str, rows: list[Shown], uploaded: list[UploadedTable], split: ScoredSplit, prevalence: float
) -> go.Figure:
    """One of the charts; kept for everyone where it holds nothing of a reader's."""
    if uploaded:
        return _drawn(name, rows, uploaded, split, prevalence)
    return _stored(name, rows, split, prevalence)


def _identity(row: Shown) -> str:
    """Return what a chart of a run depends on."""
    return f"{run_identity(row.run)} {row.style} {row.evaluation.threshold}"


@st.cache_resource(max_entries=128, show_spinner=False, hash_funcs={Shown: _identity})
def _stored(name: str, rows: list[Shown], split: ScoredSplit, prevalence: float) -> go.Figure:
    return _drawn(name, rows, [], split, prevalence)


def _drawn(
    name: str, rows: list[Shown], uploaded: list[UploadedTable], split: ScoredSplit, prevalence: float
) -> go.Figure:
    scored: list[tuple[Shown | UploadedTable, Scores]] = [(row, compare_point.scores(row.run, split)) for row in rows]
    scored += [(table, table.scores) for table in uploaded]
    if name == "roc":
        return roc([_roc(row, scores) for row, scores in scored])
    if name == "precision_recall":
        return precision_recall([_precision_recall(row, scores) for row, scores in scored], prevalence)
    judged = [
        (row, _judged(row.run, compare_point.scores(row.run, split), "score" if name == "score" else "", prevalence))
        for row in rows
    ]
    if name == "decision":
        frames = [(row, decision_curve(scores, prevalence=prevalence)) for row, scores in judged]
        return decision([Curve(style=row.style, frame=frame) for row, frame in frames], prevalence)
    first = _first_drawn(rows)
    return reliability(
        [Curve(style=row.style, frame=reliability_frame(scores), folded=row is not first) for row, scores in judged],
        f"Mean {'raw score' if name == 'score' else 'calibrated probability'} in ten bins, %",
    )


def _roc(row: Shown | UploadedTable, scores: Scores) -> Curve:
    point = (1 - row.estimate("specificity").value, row.estimate("sensitivity").value)
    return Curve(style=row.style, frame=roc_curve(scores), point=point)


def _precision_recall(row: Shown | UploadedTable, scores: Scores) -> Curve:
    point = (row.estimate("sensitivity").value, row.estimate("ppv").value)
    return Curve(style=row.style, frame=precision_recall_curve(scores), point=point)


def _judged(run: Run, scores: Scores, kind: str, prevalence: float) -> Scores:
    """Return the scores unchanged, or as probabilities at a prevalence."""
    if kind == "score":
        return scores
    probability = run.calibration.apply(scores.y_score)
    return replace(scores, y_score=shift_prevalence(probability, old=run.calibration.prevalence, new=prevalence))
