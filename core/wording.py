"""Numbers and fixed sentences as people read them, the same on pages, command line and exports."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.evaluation.metrics import METRICS
from core.evaluation.types import Estimate
from core.evaluation.verdict import Verdict

if TYPE_CHECKING:  # the tests between models import more than a start of the app needs
    from core.evaluation.paired_tests import Finding

BANNER = (
    "Research and education demonstrator. Estimates similarity to images labelled pneumonia in one paediatric centre, "
    "ages 1-5. Every image must be read by a qualified clinician. Not a medical device; not for diagnosis, treatment "
    "or ruling out disease. A low score does not mean a normal film. Business figures are scenarios."
)
UNCHECKED = "Nobody has checked that this is a chest film: the models answer for any picture, also for a plain colour."
MINUS, UNDEFINED = "−", "–"
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


def format_decimal(value: float, digits: int = 3, sign: str = "") -> str:
    """Return ``0.987`` or ``−1,234.5``: a true minus sign, a comma in thousands, a dash where undefined.

    ``sign`` is ``+`` for a change: then what rises has its plus sign. What rounds to zero has no sign.
    """
    if math.isnan(value):
        return UNDEFINED
    text = f"{value:{sign},.{digits}f}"
    return (text.lstrip("+-") if not text.strip("+-0.,") else text).replace("-", MINUS)


def format_percent(value: float, digits: int = 1) -> str:
    """Return ``94.9 %`` of a share in [0, 1]; a dash where the figure is undefined."""
    return UNDEFINED if math.isnan(value) else f"{format_decimal(100 * value, digits)} %"


def format_rate(estimate: Estimate) -> str:
    """Return ``94.9 % (92.8 to 96.4)``: a rate in [0, 1] with its 95 % interval."""
    return _with_interval(estimate, digits=1, scale=100, unit=" %")


def format_figure(estimate: Estimate, digits: int = 3) -> str:
    """Return ``0.968 (0.955 to 0.979)``: AUROC, Brier score and the like, with the 95 % interval."""
    return _with_interval(estimate, digits=digits)


def _with_interval(estimate: Estimate, *, digits: int, scale: float = 1, unit: str = "", sign: str = "") -> str:
    """Return a figure with its unit and the ends of its interval, as far as they are defined."""
    value, low, high = (format_decimal(scale * end, digits, sign) for end in _ends(estimate))
    if value == UNDEFINED:
        return UNDEFINED
    return f"{value}{unit}" if low == UNDEFINED else f"{value}{unit} ({low} to {high})"


def _ends(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


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
    """Return the labels of a conformal set: one of them, ``both labels fit`` or ``neither label fits``."""
    return labels[0] if len(labels) == 1 else "both labels fit" if labels else "neither label fits"


def format_probability(value: float) -> str:
    """Return ``0.83``; never 0 or 1, which no model can know."""
    return "below 0.01" if value < 0.01 else "above 0.99" if value > 0.99 else f"{value:.2f}"


def format_score(value: float) -> str:
    """Return ``0.834``; never 0 or 1, which a score only rounds to."""
    return "below 0.001" if value < 0.001 else "above 0.999" if value > 0.999 else f"{value:.3f}"


def format_metric(estimate: Estimate, metric: str) -> str:
    """Return a figure named in `METRICS` as its kind is written: `format_rate` or `format_figure`."""
    return format_rate(estimate) if METRICS[metric].is_rate else format_figure(estimate)


def format_spread(values: Sequence[float], metric: str) -> str:
    """Return ``94.9 % (92.8 to 96.4)``: mean of several runs with the lowest and the highest, which is no interval."""
    mean = sum(values) / len(values)
    return format_metric(Estimate(value=mean, low=min(values), high=max(values), method="range over seeds"), metric)


def format_count(estimate: Estimate, digits: int | None = None) -> str:
    """Return ``123 (114 to 130)``: children, minutes or hours with their interval; below ten with one decimal place."""
    if digits is None:
        digits = 1 if abs(estimate.value) < 10 else 0
    return _with_interval(estimate, digits=digits)


def format_points(change: Estimate) -> str:
    """Return ``−23.1 points (−27.0 to −19.2)``: a change of a rate in [0, 1] with its 95 % interval."""
    return _with_interval(change, digits=1, scale=100, unit=" points", sign="+")


def format_difference(difference: Estimate, metric: str) -> str:
    """Return a difference of a figure named in `METRICS`: `format_points`, or ``+0.002 (−0.002 to +0.006)``."""
    return format_points(difference) if METRICS[metric].is_rate else _with_interval(difference, digits=3, sign="+")


def format_prevalence(share: float) -> str:
    """Return ``16 %`` or ``8.5 %``: a share that somebody chose, as they wrote it."""
    return f"{100 * share:.3g} %"


def format_duration(seconds: float) -> str:
    """Return ``40 s``, ``7 min``, ``1 h 20 min``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def shorten(text: str, most: int) -> str:
    """Return a text of at most ``most`` characters, cut in the middle."""
    if len(text) <= most:
        return text
    head = (most - 1) // 2
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"


def safe_cell(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: an apostrophe goes before what one could begin with.

    Source: OWASP, CSV injection. What cannot be printed becomes ``?``.
    """
    cleaned = "".join(letter if letter.isprintable() else "?" for letter in text)
    return f"'{cleaned}" if text.lstrip(" ").startswith(_FORMULA) else cleaned


def describe_finding(finding: "Finding") -> str:
    """Return ``AUROC: no clear difference (+0.002; 95 % CI −0.002 to +0.006).`` where the two models are known."""
    outcome = _lead(finding) if finding.distinguishable else f"{_tie(finding)} ({_size(finding)})"
    return f"{_topic(finding.metric)}: {outcome}."


def finding_sentence(finding: "Finding") -> str:
    """Return a finding as `describe_finding` does, with the names of both models and the p of a tie."""
    if finding.distinguishable:
        return describe_finding(finding)
    p = "" if math.isnan(finding.p_adjusted) else f"; p {finding.p_adjusted:.2g} after Holm"
    return f"{_topic(finding.metric)}: {_tie(finding)} between {finding.a} and {finding.b} ({_size(finding)}{p})."


def summarise_findings(findings: Sequence["Finding"], metric: str) -> str:
    """Return how many pairs of models differ clearly in a figure, and the pair that differs most."""
    pairs = [finding for finding in findings if finding.metric == metric]
    apart = [finding for finding in pairs if finding.distinguishable]
    if not pairs:
        return "There is only one model: nothing to compare."
    if len(pairs) == 1:
        return finding_sentence(pairs[0])
    if not apart:
        return f"{_topic(metric)}: no clear difference in any of {len(pairs)} pairs of models."
    widest = max(apart, key=lambda finding: abs(finding.difference.value))
    differ = "differs" if len(apart) == 1 else "differ"
    return f"{_topic(metric)}: {len(apart)} of {len(pairs)} pairs of models {differ} clearly. Most: {_lead(widest)}."


def _topic(metric: str) -> str:
    return METRICS[metric].title + ("" if METRICS[metric].better == "higher" else " (lower is better)")


def _lead(finding: "Finding") -> str:
    """Return which of two models that differ is better, and by how much: the better less the other."""
    a_is_better = (finding.difference.value > 0) == (METRICS[finding.metric].better == "higher")
    better = finding if a_is_better else finding.swapped()
    return f"{better.a} is clearly better than {better.b} ({_size(better)})"


def _tie(finding: "Finding") -> str:
    """Return why a finding is no claim."""
    if math.isnan(finding.p_adjusted):
        return "too few images for a test"
    if finding.difference.low > 0 or finding.difference.high < 0:
        return "no clear difference after correction for the number of comparisons"
    return "no clear difference"


def _size(finding: "Finding") -> str:
    """Return ``+0.002; 95 % CI −0.002 to +0.006``: the first model less the second."""
    scale, digits, unit = (100, 1, " points") if METRICS[finding.metric].is_rate else (1, 3, "")
    value, low, high = (format_decimal(scale * end, digits, "+") for end in _ends(finding.difference))
    return f"{value}{unit}; 95 % CI {low} to {high}"
