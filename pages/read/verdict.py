"""The verdict: a sentence for the served model, the scale of scores, and a table of every model."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.film import score_scale
from core.errors import LungLensError
from core.inference.model import Prediction
from core.inference.sentences import prediction_sentences
from core.results.store import too_high
from core.runs.record import Run
from core.runs.store import served
from core.wording import (
    VERDICT_WORDS,
    format_prevalence,
    format_probability,
    format_rate,
    format_score,
    set_in_words,
)
from pages.read.cache import predict_all
from pages.read.own_reading import compare_reading
from pages.read.threshold import threshold_fold
from pages.shared import cache as cached
from pages.shared.film_state import CurrentFilm
from pages.shared.layout import ask_prevalence, banner, errors_shown, prevalence_under
from pages.shared.run_figures import sets
from pages.shared.verdict import headline

PREVALENCE = "read_prevalence"
VERDICT, CLOSER = "read_verdict", "read_closer"  # the fragments that a prevalence changes


@st.fragment(key=VERDICT)
def verdict(current: CurrentFilm, runs: list[Run], below: DeltaGenerator) -> None:
    """Show the models' verdicts on the film at a prevalence that the user sets; the wide table goes ``below``."""
    share = prevalence()
    models = []
    with st.skeleton(height=320):  # seen on a cold server alone, which loads the models first
        for run in runs:
            with errors_shown():
                models.append(cached.model(run))
        predictions = predict_all(current, models, share)
    judging = [model.run for model in models]
    with errors_shown():
        _headline(current, served(runs), judging, predictions)
    if predictions:
        _scale(judging, predictions)
    ask_prevalence(
        "Pneumonia among the children who are imaged where you work",
        key=PREVALENCE,
        help="Moves the probability, not the score or the threshold. 16 % of imaged children: Hirsch, J Pediatr.",
        on_change=lambda: st.rerun([VERDICT, CLOSER]),
    )
    if predictions:
        threshold_fold(current, judging)
    banner()
    with below.container():
        if predictions:
            _table(judging, predictions)


def prevalence() -> float:
    """Return the share that the reader gave, known before its widget is drawn, so that nothing moves afterwards."""
    return prevalence_under(PREVALENCE)


def _headline(current: CurrentFilm, first: Run, runs: list[Run], predictions: list[Prediction]) -> None:
    if first not in runs:
        compare_reading(current, None)
        st.warning(
            f"{first.title}, the model that is served by default, cannot answer, so there is no verdict.",
            icon=":material/warning:",
        )
        return
    prediction = predictions[runs.index(first)]
    st.subheader(headline(prediction), anchor=False)
    st.markdown(prediction_sentences(prediction, [other.verdict for other in predictions]))
    if doubt := too_high(first):
        st.caption(doubt)
    compare_reading(current, prediction.verdict)


def _scale(runs: list[Run], predictions: list[Prediction]) -> None:
    st.plotly_chart(
        score_scale(runs, predictions),
        key="read_scale",
        config={"displayModeBar": False},
        alt="Score of each model between 0 and 1 beside its threshold",
    )
    st.caption("Marker: score. Line: cut-off; to the right (orange) it flags. Grey: no call.")


def _table(runs: list[Run], predictions: list[Prediction]) -> None:
    st.dataframe(
        model_table(predictions),
        hide_index=True,
        height="content",
        column_config={
            "Model": st.column_config.TextColumn(pinned=True),
            "Verdict": st.column_config.TextColumn(width=104),  # of its own accord a phone's clips "Not flagged"
            "Cut-off": st.column_config.NumberColumn(format="%.3f", width="small"),
        },
        alt="Score, cut-off, verdict, probability and conformal set of every model",
    )
    alpha = runs[0].conformal.alpha
    st.caption(
        "Set: the labels that the score does not exclude, built so that it holds the right label for "
        f"{100 * (1 - alpha):.0f} % of films of either class that are like those of validation. "
        f"{coverage_in_words(runs)}"
    )
    with st.expander("Why cut-off, set and probability can disagree", icon=":material/help:"):
        st.markdown(
            "- **Verdict**: flagged from the cut-off on if the set is pneumonia alone, not flagged below it if the "
            "set is normal alone; otherwise no call.\n"
            "- **Cut-off**: the threshold, frozen on validation.\n"
            "- **Set**: leaves out a label only where it was seldom right on validation.\n"
            "- **Probability**: calibrated on validation, moved to your prevalence; cut-off and set stay."
        )


def model_table(predictions: list[Prediction]) -> pd.DataFrame:
    """Return a row for each model: verdict, score, threshold, side, probability and set, in words but the threshold."""
    likely = f"Probability at {format_prevalence(predictions[0].prevalence)}"
    return pd.DataFrame(
        {
            "Model": [prediction.title for prediction in predictions],
            "Verdict": [VERDICT_WORDS[prediction.verdict] for prediction in predictions],
            "Score": [format_score(prediction.score) for prediction in predictions],
            "Cut-off": [prediction.threshold for prediction in predictions],
            "Above cut-off": ["yes" if prediction.positive else "no" for prediction in predictions],
            likely: [format_probability(prediction.probability) for prediction in predictions],
            "Set": [set_in_words(prediction.conformal_set) for prediction in predictions],
        }
    )


def coverage_in_words(runs: list[Run]) -> str:
    """How often the set of the served run, or of the first, held the right label on test; a reason where not known."""
    try:
        run = served(runs) if any(not run.own for run in runs) else runs[0]
        on_test = sets(run, "test")
    except LungLensError as error:
        return f"How often it did on test is not known: {error}"
    return (
        f"On test, the set of *{run.title}* held it for {format_rate(on_test.of('normal').coverage)} of the normal "
        f"films and for {format_rate(on_test.of('pneumonia').coverage)} of those labelled pneumonia."
    )
