"""Numbers and fixed sentences as people read them, the same on pages, command line and exports."""

import math
from collections import Counter
from collections.abc import Sequence

from core.evaluation.metrics import METRICS
from core.evaluation.types import Estimate
from core.evaluation.verdict import Verdict

BANNER = (
    "Research and education demonstrator. Estimates similarity to images labelled pneumonia in one paediatric centre, "
    "ages 1-5. Every image must be read by a qualified clinician. Not a medical device; not for diagnosis, treatment "
    "or ruling out disease. A low score does not mean a normal film. Business figures are scenarios."
)
UNCHECKED = "Nobody has checked that this is a chest film: the models answer for any picture, also for a plain colour."
VERDICT_WORDS: dict[Verdict | None, str] = {  # None: no model has judged the film
    Verdict.FLAGGED: "Flagged",
    Verdict.NOT_FLAGGED: "Not flagged",
    Verdict.NO_CALL: "No call",
    None: "Not judged",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LICENCE = (
    "Data: Kermany, Zhang and Goldbaum, Labeled Optical Coherence Tomography (OCT) and Chest X-Ray Images for "
    "Classification, Mendeley Data v2 (2018), doi:10.17632/rscbjbr9sj.2, CC BY 4.0. Paper: Kermany et al., Cell "
    "172(5):1122-1131 (2018), doi:10.1016/j.cell.2018.02.010."
)


def format_percent(value: float, digits: int = 1) -> str:
    """``94.9 %``; a dash where the figure is undefined."""
    return "–" if math.isnan(value) else f"{100 * value:.{digits}f} %"


def format_rate(estimate: Estimate) -> str:
    """``94.9 % (92.8-96.4)``: a rate in [0, 1] with its 95 % interval."""
    if math.isnan(estimate.low):
        return format_percent(estimate.value)
    return f"{format_percent(estimate.value)} ({100 * estimate.low:.1f}-{100 * estimate.high:.1f})"


def format_figure(estimate: Estimate, digits: int = 3) -> str:
    """``.968 (.955-.979)``: AUROC, Brier score and the like, with the 95 % interval."""
    if math.isnan(estimate.value):
        return "–"
    if math.isnan(estimate.low):
        return _plain(estimate.value, digits)
    return f"{_plain(estimate.value, digits)} ({_plain(estimate.low, digits)}-{_plain(estimate.high, digits)})"


def no_call_reason(positive: bool, conformal_set: Sequence[str]) -> str:
    """Return why threshold and conformal set give no verdict together."""
    if len(conformal_set) > 1:
        return "Too close to call: the score fits normals and pneumonias alike."
    if not conformal_set:
        high, like = ("high", "pneumonias") if positive else ("low", "normals")
        return f"The score is {high}, but unlike the {like} it was tuned on."
    side, like = ("above", "normals") if positive else ("below", "pneumonias")
    return f"The score is {side} the cut-off, but like the {like} it was tuned on."


def cut_off(threshold: float, score: float) -> str:
    """Return a threshold in two decimal places, or three where the score lies within 0.01 of it."""
    return f"{threshold:.3f}" if abs(score - threshold) < 0.01 else f"{threshold:.2f}"


def agreement(verdicts: Sequence[Verdict]) -> str:
    """Return how far models agree: ``All 11 models agree.`` or ``Of 11 models, 8 flag it and 3 make no call.``"""
    counts = Counter(verdicts)
    if len(counts) == 1:
        return "Both models agree." if len(verdicts) == 2 else f"All {len(verdicts)} models agree."
    words = {
        Verdict.FLAGGED: ("flags it", "flag it"),
        Verdict.NOT_FLAGGED: ("does not flag it", "do not flag it"),
        Verdict.NO_CALL: ("makes no call", "make no call"),
    }
    parts = [f"{counts[kind]} {words[kind][counts[kind] > 1]}" for kind in words if counts[kind]]
    return f"Of {len(verdicts)} models, {', '.join(parts[:-1])} and {parts[-1]}."


def set_in_words(labels: Sequence[str]) -> str:
    """The labels of a conformal set: one of them, ``both labels fit`` or ``neither label fits``."""
    return labels[0] if len(labels) == 1 else "both labels fit" if labels else "neither label fits"


def format_probability(value: float) -> str:
    """``0.83``; never 0 or 1, which no model can know."""
    return "below 0.01" if value < 0.01 else "above 0.99" if value > 0.99 else f"{value:.2f}"


def format_score(value: float) -> str:
    """``0.834``; never 0 or 1, which a score only rounds to."""
    return "below 0.001" if value < 0.001 else "above 0.999" if value > 0.999 else f"{value:.3f}"


def format_metric(estimate: Estimate, metric: str) -> str:
    """A figure named in `METRICS` as its kind is written: `format_rate` or `format_figure`."""
    return format_rate(estimate) if METRICS[metric].is_rate else format_figure(estimate)


def format_spread(values: Sequence[float], metric: str) -> str:
    """``94.9 % (92.8-96.4)``: mean of several runs with the lowest and the highest, which is no interval."""
    mean = sum(values) / len(values)
    return format_metric(Estimate(value=mean, low=min(values), high=max(values), method="range over seeds"), metric)


def format_count(estimate: Estimate, digits: int | None = None) -> str:
    """``123 (114-130)``: a number of children, minutes or hours with its interval; below ten with one decimal place."""
    if digits is None:
        digits = 1 if abs(estimate.value) < 10 else 0
    if math.isnan(estimate.low):
        return f"{estimate.value:,.{digits}f}"
    return f"{estimate.value:,.{digits}f} ({estimate.low:,.{digits}f}-{estimate.high:,.{digits}f})"


def format_points(change: Estimate) -> str:
    """``-23.1 points (-27.0 to -19.2)``: a change of a rate in [0, 1] with its 95 % interval."""
    return f"{100 * change.value:+.1f} points ({100 * change.low:+.1f} to {100 * change.high:+.1f})"


def format_prevalence(share: float) -> str:
    """``16 %`` or ``8.5 %``: a share that somebody chose, as they wrote it."""
    return f"{100 * share:.3g} %"


def format_duration(seconds: float) -> str:
    """``40 s``, ``7 min``, ``1 h 20 min``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def shorten(text: str, most: int) -> str:
    """Text of at most ``most`` signs, cut in the middle."""
    if len(text) <= most:
        return text
    head = (most - 1) // 2
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before what one could begin with.

    Source: OWASP, CSV injection. What cannot be printed becomes ``?``.
    """
    shown = "".join(letter if letter.isprintable() else "?" for letter in text)
    return f"'{shown}" if text.lstrip(" ").startswith(_FORMULA) else shown


def _plain(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text[1:] if text.startswith("0.") else text
