"""Figures as people read them: rates in per cent, others without a leading zero, a range over runs likewise."""

import pytest

from core.evaluation.types import Estimate
from core.evaluation.verdict import Verdict
from core.wording import (
    VERDICT_WORDS,
    agreement,
    cut_off,
    format_duration,
    format_metric,
    format_points,
    format_prevalence,
    format_probability,
    format_score,
    format_spread,
    no_call_reason,
    safe_cell,
    set_in_words,
    shorten,
)


@pytest.mark.parametrize(
    ("metric", "low", "expected"),
    [
        ("sensitivity", 0.928, "94.9 % (92.8-96.4)"),
        ("sensitivity", float("nan"), "94.9 %"),
        ("auroc", 0.928, ".949 (.928-.964)"),
        ("auroc", float("nan"), ".949"),
    ],
)
def test_a_figure_is_written_as_its_kind(metric: str, low: float, expected: str) -> None:
    assert format_metric(Estimate(value=0.949, low=low, high=0.964, method="m"), metric) == expected


def test_spread_is_the_mean_with_the_lowest_and_the_highest() -> None:
    assert format_spread([0.9, 0.95, 0.92], "accuracy") == "92.3 % (90.0-95.0)"
    assert format_spread([0.9, 0.95, 0.92], "auroc") == ".923 (.900-.950)"


def test_every_verdict_has_its_words_and_so_has_none() -> None:
    assert [VERDICT_WORDS[verdict] for verdict in [*Verdict, None]] == [
        "Flagged",
        "Not flagged",
        "No call",
        "Not judged",
    ]


@pytest.mark.parametrize(
    ("positive", "labels", "expected"),
    [
        (True, (), "The score is high, but unlike the pneumonias it was tuned on."),
        (False, (), "The score is low, but unlike the normals it was tuned on."),
        (True, ("normal",), "The score is above the cut-off, but like the normals it was tuned on."),
        (False, ("pneumonia",), "The score is below the cut-off, but like the pneumonias it was tuned on."),
        (True, ("normal", "pneumonia"), "Too close to call: the score fits normals and pneumonias alike."),
        (False, ("normal", "pneumonia"), "Too close to call: the score fits normals and pneumonias alike."),
    ],
)
def test_why_there_is_no_call(positive: bool, labels: tuple[str, ...], expected: str) -> None:
    assert no_call_reason(positive, labels) == expected


@pytest.mark.parametrize(
    ("threshold", "score", "expected"),
    [(0.6114, 0.999, "0.61"), (0.6114, 0.6, "0.61"), (0.6114, 0.6128, "0.611"), (0.6114, 0.6114, "0.611")],
)
def test_a_cut_off_is_as_exact_as_the_score_needs(threshold: float, score: float, expected: str) -> None:
    assert cut_off(threshold, score) == expected


@pytest.mark.parametrize(
    ("flagged", "not_flagged", "no_call", "expected"),
    [
        (11, 0, 0, "All 11 models agree."),
        (0, 2, 0, "Both models agree."),
        (0, 0, 3, "All 3 models agree."),
        (8, 0, 3, "Of 11 models, 8 flag it and 3 make no call."),
        (1, 2, 0, "Of 3 models, 1 flags it and 2 do not flag it."),
        (2, 1, 1, "Of 4 models, 2 flag it, 1 does not flag it and 1 makes no call."),
        (0, 3, 2, "Of 5 models, 3 do not flag it and 2 make no call."),
    ],
)
def test_how_far_models_agree(flagged: int, not_flagged: int, no_call: int, expected: str) -> None:
    verdicts = [Verdict.NO_CALL] * no_call + [Verdict.FLAGGED] * flagged + [Verdict.NOT_FLAGGED] * not_flagged
    assert agreement(verdicts) == expected


def test_a_set_is_an_answer_only_with_one_label() -> None:
    sets = [("normal",), (), ("normal", "pneumonia")]
    assert [set_in_words(labels) for labels in sets] == ["normal", "neither label fits", "both labels fit"]


def test_probabilities_and_scores_are_never_certain() -> None:
    probabilities = [format_probability(value) for value in (0.0, 0.0004, 0.01, 0.834, 0.9996, 1.0)]
    assert probabilities == ["below 0.01", "below 0.01", "0.01", "0.83", "above 0.99", "above 0.99"]
    scores = [format_score(value) for value in (0.0, 0.001, 0.8341, 0.99996)]
    assert scores == ["below 0.001", "0.001", "0.834", "above 0.999"]


def test_shorten_keeps_both_ends() -> None:
    assert shorten("abc", 3) == "abc"
    assert shorten("person1946_bacteria_4874.jpeg", 11) == "perso….jpeg"
    assert len(shorten("x" * 500, 60)) == 60


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1.png", "'=1+1.png"),
        ("+film.png", "'+film.png"),
        ("-film.png", "'-film.png"),
        ("@SUM(A1).png", "'@SUM(A1).png"),
        ("  =1.png", "'  =1.png"),
        ("\t=1.png", "'?=1.png"),
        ("＝1.png", "'＝1.png"),
        ("a=b.png", "a=b.png"),
        ("two\nlines.png", "two?lines.png"),
        ('é, "x".png', 'é, "x".png'),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(text: str, safe: str) -> None:
    assert safe_cell(text) == safe


def test_changes_and_chosen_shares_in_words() -> None:
    assert format_points(Estimate(value=-0.231, low=-0.27, high=0.004, method="m")) == "-23.1 points (-27.0 to +0.4)"
    assert [format_prevalence(share) for share in (0.16, 0.085, 0.005)] == ["16 %", "8.5 %", "0.5 %"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (89, "89 s"), (95, "2 min"), (5000, "83 min"), (5700, "1 h 35 min")]
)
def test_durations_as_people_say_them(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text
