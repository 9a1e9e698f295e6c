"""What if the threshold were another one: rates on validation, and this film's verdict."""

import streamlit as st

from core.evaluation.metrics import Confusion
from core.evaluation.operating_points import make_draws, rates_at, threshold_steps
from core.evaluation.types import Estimate
from core.evaluation.verdict import verdict_of
from core.inference.model import Prediction
from core.runs.record import Run, ScoredSplit
from core.wording import VERDICT_WORDS, format_rate, format_score
from pages.read.cache import predict
from pages.read.viewer import select_run
from pages.shared import cache as cached
from pages.shared.cache import HASH_FUNCS
from pages.shared.film_state import CurrentFilm
from pages.shared.layout import errors_shown

CONDITIONS: dict[ScoredSplit, str] = {"validation": "", "stress_validation": " under stress"}  # after a rate's name


def threshold_fold(current: CurrentFilm, runs: list[Run]) -> None:
    """Show the slider in an expander that computes nothing while it is closed."""
    fold = st.expander(
        "What if the threshold were another one?", icon=":material/tune:", key="read_whatif", on_change="rerun"
    )
    if fold.open:
        with fold:
            _whatif(current, runs)


@st.fragment
def _whatif(current: CurrentFilm, runs: list[Run]) -> None:
    with errors_shown():
        run = select_run("Model", runs, "read_whatif_model", _first(runs))
        frozen = run.record.threshold
        threshold = st.select_slider(
            "What-if threshold, not the frozen one",
            threshold_steps(frozen),
            value=frozen,
            format_func=lambda step: f"{step:.3f}, frozen" if step == frozen else f"{step:.3f}",
            key=f"read_whatif_{cached.key(run)}",
        )
        st.markdown(film_sentence(predict(current, run, 0.5), threshold))
        st.markdown(_table(run, threshold))
        st.caption(
            f"What if, not the frozen one: nothing here moves the verdict above. Of {_films(run)} on validation, as "
            "they are and under stress (changes of framing, exposure, blur, border and JPEG quality), with 95 % "
            "intervals by patient. The frozen threshold was chosen under stress. On films from elsewhere the rates "
            "can be far worse, see the page Compare. A threshold chosen to please one film is no threshold."
        )


def film_sentence(prediction: Prediction, threshold: float) -> str:
    """Return this film's verdict at a threshold, beside the one at the frozen threshold; Markdown."""
    score, words = format_score(prediction.score), VERDICT_WORDS[prediction.verdict]
    if threshold == prediction.threshold:
        return f"Score {score}, frozen threshold {threshold:.3f}: **{words}**."
    changed = verdict_of(prediction.score >= threshold, prediction.conformal_set)
    lead = f"Score {score}, what-if threshold {threshold:.3f}: "
    if changed is prediction.verdict:
        return f"{lead}still **{words}**."
    return f"{lead}**{VERDICT_WORDS[changed]}** instead of **{words}**."


def _films(run: Run) -> str:
    counts, _ = _rates(run, "validation", run.record.threshold)
    return f"{counts.positives} pneumonia and {counts.negatives} normal films"


def _first(runs: list[Run]) -> Run:
    served = cached.served_run()
    return served if served in runs else runs[0]


def _table(run: Run, threshold: float) -> str:
    """Rates at both thresholds; Markdown."""
    frozen = run.record.threshold
    lines = [f"| | What if {threshold:.3f} | Frozen {frozen:.3f} |", "| :--- | :--- | :--- |"]
    for split, words in CONDITIONS.items():
        (_, tried), (_, at_frozen) = (_rates(run, split, at) for at in (threshold, frozen))
        for metric in ("sensitivity", "specificity"):
            cells = f"{_rate(tried[metric])} | {_rate(at_frozen[metric])}"
            lines.append(f"| {metric.capitalize()}{words} | {cells} |")
    return "\n".join(lines)


def _rate(estimate: Estimate) -> str:
    """Format a rate; a line may end only before its interval, or the table is too wide for its panel."""
    return format_rate(estimate).replace(" ", "\N{NO-BREAK SPACE}").replace("\N{NO-BREAK SPACE}(", " (")


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs=HASH_FUNCS)
def _rates(run: Run, split: ScoredSplit, threshold: float) -> tuple[Confusion, dict[str, Estimate]]:
    scores = run.scores(split)
    rates = rates_at(scores, threshold, make_draws(scores))
    return rates.confusion, rates.estimates
