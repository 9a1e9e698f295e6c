"""Compare's operating point: the threshold of each model, its figures there, and which differences are real there.

At the frozen point committed results are read. Elsewhere rates and tests are computed from the stored scores, with the
draws of patients that all models share, and kept for everyone: nothing of it comes from a reader's upload.
"""

from dataclasses import replace

import streamlit as st

from core.errors import LungLensError
from core.evaluation.operating_points import MOVED, Draws, RatesAt, findings_at, make_draws, moved, rates_at
from core.evaluation.paired_tests import Candidate, Finding, compare_all
from core.evaluation.threshold import PROTOCOL_RULE, ThresholdRule, choose_threshold
from core.evaluation.types import Scores
from core.impact.rates import CHOSEN_ON
from core.results.store import read_findings
from core.runs.record import Run, ScoredSplit
from core.runs.store import representative
from pages.shared import cache as cached
from pages.shared.cache import HASH_FUNCS
from pages.shared.run_figures import Shown


def in_words(rule: ThresholdRule | None) -> str:
    """Where the threshold of each model comes from, as the end of a sentence."""
    if rule is None:
        return (
            "each model at its frozen threshold, chosen on stress validation for a "
            f"{_lower(PROTOCOL_RULE.title)} before the test"
        )
    if rule.kind == "fixed":
        return f"all models at {rule.value:.2f}, your choice, which is no test if you chose it by these films"
    return f"each model at the threshold that gives it on stress validation: {_lower(rule.title)}"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def scores(run: Run, split: ScoredSplit) -> Scores:
    """Return stored scores of a run; raises `ArtifactError` if they are missing or damaged."""
    return run.scores(split)


def threshold(run: Run, rule: ThresholdRule | None) -> float:
    """Threshold of a run at a point, chosen on stress validation where a rule chooses, never on test."""
    if rule is None:
        return run.record.threshold
    if rule.kind == "fixed":
        return rule.value
    return choose_threshold(rule, scores(run, CHOSEN_ON))


def at(rows: list[Shown], split: ScoredSplit, rule: ThresholdRule | None) -> list[Shown]:
    """Return the rows at a point; one line names those that cannot be moved there, and why."""
    if rule is None:
        return rows
    moved_rows, problems = [], []
    for row in rows:
        try:
            rates = _rates(row.run, split, rule)
            moved_rows.append(replace(row, evaluation=moved(row.evaluation, rates)))
        except LungLensError as error:
            problems.append(str(error))
    for problem in dict.fromkeys(problems):
        st.warning(problem, icon=":material/warning:")
    return moved_rows


def findings(runs: list[Run], split: ScoredSplit, rule: ThresholdRule | None) -> list[Finding]:
    """Comparisons of all pairs among these runs of ours; p stays adjusted for all pairs of our models."""
    stored = read_findings(split)
    if rule is not None:
        everyone = tuple(run for run in representative(cached.runs()[0]) if not run.own and run.has_scores(split))
        stored = [pair for pair in stored if pair.metric not in MOVED] + _findings(everyone, split, rule)
    titles = {run.title for run in representative(runs) if not run.own}
    return [pair for pair in stored if {pair.a, pair.b} <= titles]


def rates(run: Run, split: ScoredSplit, rule: ThresholdRule | None) -> RatesAt:
    """Rates of a run at a point with the draws that all models on these films share."""
    return _rates(run, split, rule)


def rates_of_table(table: Scores, threshold: float, split: ScoredSplit) -> RatesAt:
    """Rates of a reader's table of the films of a split, under our names, with the same draws."""
    ours = next(run for run in cached.runs()[0] if not run.own and run.has_scores(split))
    return rates_at(table, threshold, _draws(ours, split))


def user_trained_findings(
    user_trained: Run, other: Run, split: ScoredSplit, rule: ThresholdRule | None
) -> list[Finding]:
    """Return a user-trained run against one of ours, compared when it is asked for."""
    return _compare(user_trained, other, split, rule)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=HASH_FUNCS)
def _draws(run: Run, split: ScoredSplit) -> Draws:
    return make_draws(run.scores(split))


@st.cache_resource(max_entries=256, show_spinner=False, hash_funcs=HASH_FUNCS)
def _rates(run: Run, split: ScoredSplit, rule: ThresholdRule | None) -> RatesAt:
    # ours share their films
    drawn_for = run if run.own else next(other for other in cached.runs()[0] if other.has_scores(split))
    return rates_at(run.scores(split), threshold(run, rule), _draws(drawn_for, split))


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=HASH_FUNCS)
def _findings(runs: tuple[Run, ...], split: ScoredSplit, rule: ThresholdRule) -> list[Finding]:
    if len(runs) < 2:
        return []
    return findings_at([run.scores(split) for run in runs], [_rates(run, split, rule) for run in runs])


@st.cache_data(max_entries=64, show_spinner="Comparing on the same films", hash_funcs=HASH_FUNCS)
def _compare(first: Run, second: Run, split: ScoredSplit, rule: ThresholdRule | None) -> list[Finding]:
    return compare_all([Candidate(scores=run.scores(split), threshold=threshold(run, rule)) for run in (first, second)])
