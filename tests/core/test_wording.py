"""Figures, differences and fixed sentences as people read them."""

from collections.abc import Callable

import pytest

from core.evaluation.metrics import METRICS
from core.evaluation.paired_tests import Finding
from core.evaluation.types import Estimate
from core.evaluation.verdict import Verdict
from core.wording import (
    VERDICT_WORDS,
    agreement,
    cut_off,
    describe_finding,
    finding_sentence,
    format_count,
    format_decimal,
    format_difference,
    format_duration,
    format_figure,
    format_metric,
    format_percent,
    format_points,
    format_prevalence,
    format_probability,
    format_rate,
    format_score,
    format_spread,
    no_call_reason,
    safe_cell,
    set_in_words,
    shorten,
    summarise_findings,
)

NAN = float("nan")


def of(value: float, low: float = NAN, high: float = NAN) -> Estimate:
    return Estimate(value=value, low=low, high=high, method="m")


@pytest.mark.parametrize(
    ("value", "digits", "sign", "text"),
    [
        (0.9874, 3, "", "0.987"),
        (-0.0021, 3, "", "−0.002"),
        (0.0021, 3, "+", "+0.002"),
        (-0.0021, 3, "+", "−0.002"),
        (-0.0004, 3, "", "0.000"),
        (0.0004, 3, "+", "0.000"),
        (-1234.56, 1, "", "−1,234.6"),
        (0.4, 0, "+", "0"),
        (NAN, 3, "+", "–"),
    ],
)
def test_a_number_has_a_true_minus_and_zero_no_sign(value: float, digits: int, sign: str, text: str) -> None:
    assert format_decimal(value, digits, sign) == text


def test_a_number_has_three_decimal_places_and_no_plus_sign_by_itself() -> None:
    assert format_decimal(0.98749) == "0.987"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.9494, 1, "94.9 %"), (0.16, 0, "16 %"), (1.0, 1, "100.0 %"), (-0.02, 1, "−2.0 %"), (NAN, 1, "–")],
)
def test_shares_in_per_cent(value: float, digits: int, text: str) -> None:
    assert format_percent(value, digits) == text


def test_a_share_has_one_decimal_place_by_itself() -> None:
    assert format_percent(0.9494) == "94.9 %"


@pytest.mark.parametrize(
    ("metric", "low", "high", "expected"),
    [
        ("sensitivity", 0.928, 0.964, "94.9 % (92.8 to 96.4)"),
        ("sensitivity", NAN, NAN, "94.9 %"),
        ("auroc", 0.928, 0.964, "0.949 (0.928 to 0.964)"),
        ("auroc", NAN, NAN, "0.949"),
        ("brier", 0.928, 0.964, "0.949 (0.928 to 0.964)"),
    ],
)
def test_a_figure_is_written_as_its_kind(metric: str, low: float, high: float, expected: str) -> None:
    estimate = of(0.949, low, high)
    assert format_metric(estimate, metric) == expected
    assert (format_rate if metric == "sensitivity" else format_figure)(estimate) == expected


@pytest.mark.parametrize("form", [format_rate, format_figure, format_count, format_points])
def test_what_is_undefined_is_a_dash(form: Callable[[Estimate], str]) -> None:
    assert form(of(NAN)) == "–"


def test_a_figure_with_other_digits() -> None:
    assert format_figure(of(1.25, 0.75, 12.0), 1) == "1.2 (0.8 to 12.0)"


def test_spread_is_the_mean_with_the_lowest_and_the_highest() -> None:
    assert format_spread([0.9, 0.95, 0.92], "accuracy") == "92.3 % (90.0 to 95.0)"
    assert format_spread([0.9, 0.95, 0.92], "auroc") == "0.923 (0.900 to 0.950)"


@pytest.mark.parametrize(
    ("estimate", "digits", "text"),
    [
        (of(1234, 1100, 1500), None, "1,234 (1,100 to 1,500)"),
        (of(10, 9, 12), None, "10 (9 to 12)"),
        (of(-10, -12, -9), None, "−10 (−12 to −9)"),
        (of(9.99, 9, 12), None, "10.0 (9.0 to 12.0)"),
        (of(-9.99, -12, -9), None, "−10.0 (−12.0 to −9.0)"),
        (of(4.14, 3.2, 4.9), 0, "4 (3 to 5)"),
        (of(123), None, "123"),
    ],
)
def test_counts_below_ten_have_a_decimal_place(estimate: Estimate, digits: int | None, text: str) -> None:
    assert format_count(estimate, digits) == text


@pytest.mark.parametrize(
    ("difference", "metric", "text"),
    [
        (of(-0.231, -0.27, 0.004), "specificity", "−23.1 points (−27.0 to +0.4)"),
        (of(0.231, 0.19, 0.27), "sensitivity", "+23.1 points (+19.0 to +27.0)"),
        (of(0.231), "accuracy", "+23.1 points"),
        (of(0.002, -0.002, 0.006), "auroc", "+0.002 (−0.002 to +0.006)"),
        (of(-0.002, -0.006, 0.001), "brier", "−0.002 (−0.006 to +0.001)"),
    ],
)
def test_differences_have_their_sign(difference: Estimate, metric: str, text: str) -> None:
    assert format_difference(difference, metric) == text
    if METRICS[metric].is_rate:
        assert format_points(difference) == text


def finding(metric: str, value: float, low: float, high: float, p: float = 0.001) -> Finding:
    return Finding(a="A", b="B", metric=metric, difference=of(value, low, high), test="t", p=p, p_adjusted=p)


@pytest.mark.parametrize(
    ("given", "text", "named"),
    [
        (
            finding("sensitivity", 0.021, 0.005, 0.04),
            "Sensitivity: A is clearly better than B (+2.1 points; 95 % CI +0.5 to +4.0).",
            "Sensitivity: A is clearly better than B (+2.1 points; 95 % CI +0.5 to +4.0).",
        ),
        (
            finding("specificity", 0.231, 0.19, 0.297),
            "Specificity: A is clearly better than B (+23.1 points; 95 % CI +19.0 to +29.7).",
            "Specificity: A is clearly better than B (+23.1 points; 95 % CI +19.0 to +29.7).",
        ),
        (
            finding("auroc", -0.012, -0.03, -0.001),
            "AUROC: B is clearly better than A (+0.012; 95 % CI +0.001 to +0.030).",
            "AUROC: B is clearly better than A (+0.012; 95 % CI +0.001 to +0.030).",
        ),
        (
            finding("brier", -0.012, -0.02, -0.001),
            "Brier score (lower is better): A is clearly better than B (−0.012; 95 % CI −0.020 to −0.001).",
            "Brier score (lower is better): A is clearly better than B (−0.012; 95 % CI −0.020 to −0.001).",
        ),
        (
            finding("brier", 0.012, 0.001, 0.02),
            "Brier score (lower is better): B is clearly better than A (−0.012; 95 % CI −0.020 to −0.001).",
            "Brier score (lower is better): B is clearly better than A (−0.012; 95 % CI −0.020 to −0.001).",
        ),
        (
            finding("auroc", 0.002, -0.002, 0.006, p=0.5),
            "AUROC: no clear difference (+0.002; 95 % CI −0.002 to +0.006).",
            "AUROC: no clear difference between A and B (+0.002; 95 % CI −0.002 to +0.006; p 0.5 after Holm).",
        ),
        (
            finding("accuracy", 0.0, -0.01, 0.02, p=1.0),
            "Accuracy: no clear difference (0.0 points; 95 % CI −1.0 to +2.0).",
            "Accuracy: no clear difference between A and B (0.0 points; 95 % CI −1.0 to +2.0; p 1 after Holm).",
        ),
        (
            finding("auroc", 0.012, 0.001, 0.021, p=0.06),
            "AUROC: no clear difference after correction for the number of comparisons "
            "(+0.012; 95 % CI +0.001 to +0.021).",
            "AUROC: no clear difference after correction for the number of comparisons between A and B "
            "(+0.012; 95 % CI +0.001 to +0.021; p 0.06 after Holm).",
        ),
        (
            finding("auroc", -0.012, -0.021, -0.001, p=0.06),
            "AUROC: no clear difference after correction for the number of comparisons "
            "(−0.012; 95 % CI −0.021 to −0.001).",
            "AUROC: no clear difference after correction for the number of comparisons between A and B "
            "(−0.012; 95 % CI −0.021 to −0.001; p 0.06 after Holm).",
        ),
        (
            finding("auroc", 0.012, 0.0, 0.021, p=0.01),
            "AUROC: no clear difference (+0.012; 95 % CI 0.000 to +0.021).",
            "AUROC: no clear difference between A and B (+0.012; 95 % CI 0.000 to +0.021; p 0.01 after Holm).",
        ),
        (
            finding("auroc", -0.012, -0.021, 0.0, p=0.01),
            "AUROC: no clear difference (−0.012; 95 % CI −0.021 to 0.000).",
            "AUROC: no clear difference between A and B (−0.012; 95 % CI −0.021 to 0.000; p 0.01 after Holm).",
        ),
        (
            finding("auroc", 0.1, 0.1, 0.12, p=NAN),
            "AUROC: too few images for a test (+0.100; 95 % CI +0.100 to +0.120).",
            "AUROC: too few images for a test between A and B (+0.100; 95 % CI +0.100 to +0.120).",
        ),
    ],
)
def test_findings_in_words(given: Finding, text: str, named: str) -> None:
    assert describe_finding(given) == text
    assert finding_sentence(given) == named


CLEAR = finding("auroc", 0.02, 0.01, 0.03)
CLEARER = finding("auroc", -0.05, -0.07, -0.01)
TIE = finding("auroc", 0.09, -0.01, 0.13, p=0.3)
MOST = "Most: B is clearly better than A (+0.050; 95 % CI +0.010 to +0.070)."


@pytest.mark.parametrize(
    ("findings", "text"),
    [
        ([], "There is only one model: nothing to compare."),
        ([finding("brier", 0.02, 0.01, 0.03)], "There is only one model: nothing to compare."),
        ([TIE], finding_sentence(TIE)),
        ([CLEAR], finding_sentence(CLEAR)),
        ([TIE, TIE], "AUROC: no clear difference in any of 2 pairs of models."),
        ([CLEARER, TIE], f"AUROC: 1 of 2 pairs of models differs clearly. {MOST}"),
        ([CLEAR, CLEARER, TIE], f"AUROC: 2 of 3 pairs of models differ clearly. {MOST}"),
    ],
)
def test_a_summary_counts_the_pairs_that_differ_and_names_the_widest(findings: list[Finding], text: str) -> None:
    assert summarise_findings(findings, "auroc") == text


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
    [
        (0.6114, 0.999, "0.61"),
        (0.6114, 0.6, "0.61"),
        (0.6114, 0.6128, "0.611"),
        (0.6114, 0.6114, "0.611"),
        (0.0, 0.01, "0.00"),
    ],
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
    probabilities = [format_probability(value) for value in (0.0, 0.0004, 0.01, 0.834, 0.99, 0.9996, 1.0)]
    assert probabilities == ["below 0.01", "below 0.01", "0.01", "0.83", "0.99", "above 0.99", "above 0.99"]
    scores = [format_score(value) for value in (0.0, 0.001, 0.8341, 0.999, 0.99996)]
    assert scores == ["below 0.001", "0.001", "0.834", "0.999", "above 0.999"]


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
        ("X=1.png", "X=1.png"),
        ("\u00a0=1.png", "?=1.png"),
        ("two\nlines.png", "two?lines.png"),
        ('é, "x".png', 'é, "x".png'),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(text: str, safe: str) -> None:
    assert safe_cell(text) == safe


def test_chosen_shares_in_words() -> None:
    assert [format_prevalence(share) for share in (0.16, 0.085, 0.005)] == ["16 %", "8.5 %", "0.5 %"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (89, "89 s"),
        (90, "2 min"),
        (5000, "83 min"),
        (5400, "1 h 30 min"),
        (7200, "2 h 0 min"),
        (7320, "2 h 2 min"),
    ],
)
def test_durations_as_people_say_them(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text
