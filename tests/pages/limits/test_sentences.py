"""What the findings of Limits say, for figures on either side of each bound; no interval is symmetric."""

from dataclasses import replace

import pytest

from core.evaluation.conformal import ConformalSets, SetFilms, SetRates
from core.evaluation.types import Estimate
from core.evidence.failures import SharedErrors
from core.evidence.types import BothIntervals, CurveValues, ShortcutScores, StressCurve
from core.gate.rates import GateRates, Share
from core.wording import format_figure, format_points, format_rate
from pages.limits.checks import gate_in_words, labels_in_words, patients_in_words
from pages.limits.models import ledger_in_words, seeds_in_words, sets_in_words
from pages.limits.shift import films_in_words, shortcut_in_words, specificity_in_words, stress_in_words
from pages.limits.use import failures_in_words, prevalence_frame, prevalence_in_words, subgroups_in_words


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, low=low, high=high, method="made up")


def rate(value: float, low: float, high: float) -> str:
    return format_rate(estimate(value, low, high))


def figure(value: float, low: float, high: float) -> str:
    return format_figure(estimate(value, low, high))


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        (estimate(-0.231, -0.27, -0.002), "More false alarms on a different set of normals"),
        (estimate(-0.231, -0.27, 0.004), "No more false alarms are shown on a different set of normals"),
        (estimate(0.05, 0.01, 0.12), "No more false alarms are shown on a different set of normals"),
    ],
)
def test_specificity(change: Estimate, claim: str) -> None:
    words = specificity_in_words("M", estimate(0.932, 0.91, 0.949), estimate(0.701, 0.652, 0.724), change)
    assert words.claim == claim
    assert words.figures == (
        f"*M* leaves {rate(0.701, 0.652, 0.724)} of the normal test images unflagged, {rate(0.932, 0.91, 0.949)} of "
        f"those of validation: {format_points(change)}."
    )


@pytest.mark.parametrize(
    ("normal", "claim"),
    [
        (estimate(0.8, 0.71, 0.83), "The normal images differ most"),
        (estimate(0.8, 0.69, 0.83), "How far the test images differ from those of train"),  # overlaps with 0.70
        (estimate(0.5, 0.45, 0.62), "How far the test images differ from those of train"),
    ],
)
def test_films(normal: Estimate, claim: str) -> None:
    pneumonia, control = estimate(0.66, 0.64, 0.7), estimate(0.52, 0.49, 0.57)
    words = films_in_words(normal, pneumonia, control, "Mean gray level", -1.234)
    assert words.claim == claim
    assert f"those labelled pneumonia with {figure(0.660, 0.640, 0.700)}" in words.figures
    assert words.figures.endswith(f"images of train against validation give {figure(0.520, 0.490, 0.570)}.")
    assert "What moved most is *mean gray level*, by −1.23 standard deviations." in words.consequence


@pytest.mark.parametrize(
    ("low", "claim"),
    [
        (0.51, "Part of its score comes from outside the lungs"),
        (0.49, "Nothing outside the lungs is shown to move its score"),
    ],
)
def test_shortcut(low: float, claim: str) -> None:
    def both(value: float, low: float, high: float) -> BothIntervals:
        return BothIntervals(by_patient=estimate(value, low, high), by_film=estimate(0.1, 0.05, 0.2))

    scores = ShortcutScores(
        whole=both(0.97, 0.95, 0.98), lungs_masked=both(0.6, low, 0.63), lungs_only=both(0.9, 0.83, 0.92)
    )
    words = shortcut_in_words("M", scores, {"File size alone": estimate(0.7, 0.66, 0.71)})
    assert words.claim == claim
    assert words.figures == (
        f"*M* ranks the test images with AUROC {figure(0.6, low, 0.63)} with the lungs masked, "
        f"{figure(0.9, 0.83, 0.92)} "
        f"with only the lungs left, {figure(0.970, 0.950, 0.980)} on the whole image."
    )
    assert words.consequence.endswith(f"AUROC of trivial baselines: file size alone {figure(0.700, 0.660, 0.710)}.")
    assert "trivial" not in shortcut_in_words("M", scores, {}).consequence


def factor(title: str, worst: float) -> StressCurve:
    """Three levels of a factor: unchanged first, then one at which the sum of both rates is `worst` lower."""
    sensitivity = CurveValues(value=(0.9, 0.9 - worst, 0.9), low=(0.8, 0.1, 0.8), high=(0.92, 0.95, 0.92))
    specificity = CurveValues(value=(0.8, 0.8, 0.85), low=(0.7, 0.7, 0.75), high=(0.83, 0.83, 0.88))
    return StressCurve(
        title=title,
        unit="share",
        neutral=1.0,
        levels=(1.0, 0.6, 0.8),
        auroc=sensitivity,
        sensitivity=sensitivity,
        specificity=specificity,
    )


@pytest.mark.parametrize(
    ("title", "worst", "claim"),
    [
        ("Crop", 0.25, "Tight cropping breaks it"),
        ("Crop", 0.15, "Tight cropping changes little"),
        ("Blur", 0.25, "Blur alone breaks it"),
        ("Blur", 0.15, "Blur alone changes little"),
    ],
)
def test_stress(title: str, worst: float, claim: str) -> None:
    words = stress_in_words("M", factor(title, worst))
    assert words.claim == claim
    assert words.figures == (
        f"At 0.6 (share) *M* finds {rate(0.9 - worst, 0.1, 0.95)} of the pneumonias instead of 90.0 %, and "
        f"leaves {rate(0.8, 0.7, 0.83)} of the normal images unflagged instead of 80.0 %."
    )


def set_rates(films: SetFilms, coverage: Estimate) -> SetRates:
    abstained = estimate(0.12, 0.1, 0.17)
    return SetRates(films=films, n=100, coverage=coverage, abstained=abstained, decided=0.88, wrong=0.031)


@pytest.mark.parametrize(
    ("normal", "pneumonia", "claim"),
    [
        (estimate(0.93, 0.9, 0.96), estimate(0.96, 0.91, 0.97), "Its promise of 95 % holds"),
        (estimate(0.93, 0.9, 0.94), estimate(0.96, 0.91, 0.97), "Its promise of 95 % breaks"),
        (estimate(0.97, 0.96, 0.99), estimate(0.9, 0.8, 0.94), "Its promise of 95 % breaks"),
    ],
)
def test_sets(normal: Estimate, pneumonia: Estimate, claim: str) -> None:
    rows = (set_rates("normal", normal), set_rates("pneumonia", pneumonia), set_rates("all", normal))
    words = sets_in_words("M", ConformalSets(alpha=0.05, band=(0.2, 0.7), rows=rows))
    assert words.claim == claim
    no_call = format_rate(estimate(0.12, 0.1, 0.17))
    assert f"It makes no call on {no_call}; still, for 3.1 % of the normal ones" in words.consequence


@pytest.mark.parametrize(
    ("mean", "claim"),
    [
        (estimate(0.244, 0.161, 0.271), "The probability is overstated"),
        (estimate(0.244, 0.159, 0.271), "The probability is not shown to be overstated"),  # the high end is far above
        (estimate(0.12, 0.05, 0.15), "The probability is not shown to be overstated"),
    ],
)
def test_prevalence(mean: Estimate, claim: str) -> None:
    words = prevalence_in_words("M", mean, 0.16)
    assert words.claim == claim
    assert words.figures == f"Where 16 % of the children have pneumonia, those of *M* average {format_rate(mean)}."


@pytest.mark.parametrize(
    ("low", "claim"),
    [
        (0.021, "Agreement between models is not a second opinion"),
        (0.019, "No more errors are shared than chance alone would give"),
    ],
)
def test_failures(low: float, claim: str) -> None:
    normal = SharedErrors(label="normal", films=234, wrong=9, share=estimate(0.038, low, 0.09), by_chance=0.02)
    pneumonia = SharedErrors(label="pneumonia", films=390, wrong=1, share=estimate(0.003, 0, 0.014), by_chance=0.0)
    words = failures_in_words(11, normal, pneumonia)
    assert words.claim == claim
    assert words.figures == (
        f"All 11 models raise a false alarm on 9 of 234 normal test images, {rate(0.038, low, 0.09)}, where "
        f"independent errors would give 2.0 %; all miss 1 of 390 pneumonias, {rate(0.003, 0.0, 0.014)}."
    )


def test_subgroups() -> None:
    words = subgroups_in_words("M", estimate(0.99, 0.97, 0.995), estimate(0.93, 0.88, 0.95))
    assert words.figures.startswith(
        f"*M* finds {rate(0.99, 0.97, 0.995)} of the bacterial pneumonias and {rate(0.93, 0.88, 0.95)} of the viral "
        f"ones;"
    )


@pytest.mark.parametrize(
    ("values", "figures"),
    [
        ([0.8], f"*M* was trained once: it leaves {rate(0.81, 0.7, 0.83)} of the normal test images unflagged."),
        (
            [0.81, 0.7, 0.9],
            "Trained 3 times with other random numbers, *M* leaves 70.0 to 90.0 % of the normal test images unflagged; "
            f"the median seed {rate(0.81, 0.7, 0.83)}.",
        ),
    ],
)
def test_seeds(values: list[float], figures: str) -> None:
    assert seeds_in_words("M", values, estimate(0.81, 0.7, 0.83)).figures == figures


@pytest.mark.parametrize(
    ("full", "further", "figures"),
    [
        (37, 112, "37 full evaluations and 112 further looks are on record."),
        (1, 1, "1 full evaluation and 1 further look are on record."),
    ],
)
def test_ledger(full: int, further: int, figures: str) -> None:
    assert ledger_in_words(full, further).figures == figures


@pytest.mark.parametrize(
    ("normal", "pneumonia", "start"),
    [
        (0, 0, "No validation images are probably mislabelled: every model gives their label under 10 %"),
        (0, 1, "One validation image is probably mislabelled: every model gives its label under 10 %"),
        (3, 4, "7 validation images are probably mislabelled: every model gives their label under 10 %"),
    ],
)
def test_labels(normal: int, pneumonia: int, start: str) -> None:
    figures = labels_in_words(normal, pneumonia).figures
    assert figures.startswith(start)
    assert f"({normal} labelled normal, {pneumonia} labelled pneumonia)" in figures


@pytest.mark.parametrize(("new", "ranking"), [(0.98, "no worse"), (0.97, "no worse"), (0.96, "worse")])
def test_patients(new: float, ranking: str) -> None:
    rates = {name: estimate(0.97, 0.9, 0.98) for name in ("sensitivity", "specificity", "auroc")}
    words = patients_in_words("M", 416, 624, rates, {**rates, "auroc": estimate(new, 0.91, 0.985)})
    assert words.figures.startswith("Up to 416 of 624 test images may show children who are also in the training set")
    assert f"The model ranks images with new numbers {ranking} than the others" in words.consequence


@pytest.mark.parametrize(
    ("adults", "claim"),
    [
        (estimate(0.05, 0.03, 0.1), "The gate knows children's images best"),
        (estimate(0.05, 0.015, 0.1), "What the gate refuses"),
    ],
)
def test_gate(adults: Estimate, claim: str) -> None:
    children = Share(n=1000, refused=estimate(0.01, 0.004, 0.02), not_accepted=estimate(0.05, 0.04, 0.07))
    rates = GateRates(
        validation=children,
        stress=children,
        adults=replace(children, refused=adults),
        native=None,
        test=None,
        left_out={"photographs": replace(children, refused=estimate(0.9, 0.8, 0.93))},
        caught_mean=0.97,
        caught_worst=0.9,
        worst_kind="photographs",
    )
    words = gate_in_words(rates)
    assert words.claim == claim
    assert f"97.0 % on average, of the worst (photographs) {rate(0.9, 0.8, 0.93)}." in words.figures


def test_mean_probabilities_are_drawn_with_their_own_ends() -> None:
    frame = prevalence_frame({0.05: estimate(0.2, 0.15, 0.22), 0.16: estimate(0.3, 0.29, 0.4)})
    assert frame.round(9).to_dict("list") == {
        "x": [5.0, 16.0], "value": [20.0, 30.0], "low": [15.0, 29.0], "high": [22.0, 40.0]
    }  # fmt: skip


def test_a_stress_curve_gives_each_level_its_own_ends() -> None:
    values = CurveValues(value=(0.9, 0.7), low=(0.8, 0.5), high=(0.92, 0.95))
    assert [(values.at(level).value, values.at(level).low, values.at(level).high) for level in (0, 1)] == [
        (0.9, 0.8, 0.92),
        (0.7, 0.5, 0.95),
    ]
