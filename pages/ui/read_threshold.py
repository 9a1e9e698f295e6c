"""What if the threshold were another one: rates on validation, and this film's verdict."""

import streamlit as st

from core.runs import Run, ScoredSplit
from core.serving import Prediction
from core.text import rate, score_in_words, verdict
from core.whatif import OperatingPoint, operating_point, threshold_steps
from pages.ui import cached
from pages.ui.film import Choice
from pages.ui.parts import errors_shown
from pages.ui.read_cached import predict
from pages.ui.read_film import pick_run

SPLITS: dict[ScoredSplit, str] = {"validation": "Validation", "stress_validation": "Stress validation"}


def threshold_fold(choice: Choice, runs: list[Run]) -> None:
    """The slider in a fold that computes nothing while it is closed."""
    fold = st.expander(
        "What if the threshold were another one?", icon=":material/tune:", key="read_whatif", on_change="rerun"
    )
    if fold.open:
        with fold:
            _whatif(choice, runs)


@st.fragment
def _whatif(choice: Choice, runs: list[Run]) -> None:
    with errors_shown():
        run = pick_run("Model", runs, "read_whatif_model", cached.served_run())
        frozen = run.record.threshold
        threshold = st.select_slider(
            "What-if threshold, not the frozen one",
            threshold_steps(frozen),
            value=frozen,
            format_func=lambda step: f"{step:.3f}, frozen" if step == frozen else f"{step:.3f}",
            key=f"read_whatif_{cached.key(run)}",
        )
        st.markdown(film_sentence(predict(choice, run, 0.5), threshold))
        st.markdown(_table(run, threshold))
        st.caption(
            "What if, not the frozen one: nothing here moves the verdict above. Rates are of this model's validation "
            "films as they are and under the stress changes, with 95 % intervals by patient; the frozen threshold was "
            "chosen on the latter. On other children's films they can be far worse, see Compare. A threshold chosen "
            "to please one film is no threshold."
        )


def film_sentence(prediction: Prediction, threshold: float) -> str:
    """What this film's verdict would be at a threshold, beside the one at the frozen threshold; Markdown."""
    score = score_in_words(prediction.score)
    labels = prediction.conformal_set
    frozen = verdict(prediction.positive, labels)
    if threshold == prediction.threshold:
        return f"At the frozen threshold this film, score {score}, is **{frozen}**."
    changed = verdict(prediction.score >= threshold, labels)
    lead = f"What if the threshold were {threshold:.3f}: this film, score {score}, "
    if changed == frozen:
        return f"{lead}would stay **{frozen}**."
    return f"{lead}would be **{changed}** instead of **{frozen}**."


def _table(run: Run, threshold: float) -> str:
    head = f"| | What if {threshold:.3f} | Frozen {run.record.threshold:.3f} |\n| :--- | :--- | :--- |\n"
    return head + "".join(_rows(run, split, threshold) for split in SPLITS)


def _rows(run: Run, split: ScoredSplit, threshold: float) -> str:
    tried, frozen = (
        _point(cached.key(run), run.record.weights_hash, split, at) for at in (threshold, run.record.threshold)
    )
    return (
        f"| {SPLITS[split]}: sensitivity, of {tried.positives} pneumonia films | {rate(tried.sensitivity)} | "
        f"{rate(frozen.sensitivity)} |\n"
        f"| {SPLITS[split]}: specificity, of {tried.negatives} normal films | {rate(tried.specificity)} | "
        f"{rate(frozen.specificity)} |\n"
    )


@st.cache_data(max_entries=256, show_spinner=False)
def _point(name: str, weights_hash: str, split: ScoredSplit, threshold: float) -> OperatingPoint:
    return operating_point(cached.find(name, weights_hash).scores(split), threshold)
