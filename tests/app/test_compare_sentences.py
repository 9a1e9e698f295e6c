"""What Compare says, as functions: who leads, what errors cost, whether a probability holds, what tables print."""

import numpy as np
import pytest

from core.evaluation.conformal import ConformalSets, SetRates
from core.evaluation.evaluate import Evaluation
from core.evaluation.operating_points import Costs
from core.evaluation.paired_tests import Finding
from core.evaluation.types import Estimate, Scores
from core.results.published import PublishedResult
from core.training.search_tables import Configuration
from core.wording import format_count, format_percent, format_rate
from pages.compare.costs import cheapest_in_words
from pages.compare.curves import does_it_hold
from pages.compare.findings import Lead, lead_in_words, lead_of, listed, pair_cells
from pages.compare.gain_and_cost import gain_in_words, tried_in_words
from pages.compare.tables import COLUMNS, difference_in_words, models_table, sets_table
from tests.support.scores import evaluation_with


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, low=low, high=high, method="m")


def finding(a: str, b: str, difference: Estimate, p: float = 0.001, metric: str = "auroc") -> Finding:
    return Finding(a=a, b=b, metric=metric, difference=difference, test="t", p=p, p_adjusted=p, only_a=5, only_b=2)


REAL, CHANCE = estimate(0.02, 0.011, 0.025), estimate(0.02, -0.001, 0.025)


@pytest.mark.parametrize(
    ("others", "alike", "expected"),
    [
        (1, (), "Clearly better than the other."),
        (4, (), "Clearly better than all 4 others."),
        (1, ("B",), "No clear difference from the other."),
        (2, ("B", "C"), "No clear difference from the others."),
        (4, ("B",), "Clearly better than 3 of the 4 others."),
    ],
)
def test_the_lead_is_real_over_those_that_chance_does_not_level(others, alike, expected) -> None:
    assert lead_in_words(Lead(best="A", runner_up="B", others=others, alike=alike)) == expected


def test_the_best_leads_by_auroc_whichever_way_round_a_pair_is_stored() -> None:
    findings = [
        finding("C", "A", CHANCE),
        finding("A", "B", REAL),
        finding("B", "C", CHANCE),  # not of the best
        finding("A", "B", CHANCE, metric="sensitivity"),  # not of this figure
    ]
    lead = lead_of({"B": 0.95, "A": 0.98, "C": 0.97}, findings)
    assert lead == Lead(best="A", runner_up="C", others=2, alike=("C",))


@pytest.mark.parametrize(
    ("titles", "expected"), [(["a"], "*a*"), (["a", "b"], "*a* and *b*"), (["a", "b", "c"], "*a*, *b* and *c*")]
)
def test_titles_are_listed(titles, expected) -> None:
    assert listed(titles) == expected


def test_a_pair_read_the_other_way_has_its_interval_turned() -> None:
    cells, apart = pair_cells([finding("A", "B", REAL), finding("A", "C", CHANCE)])
    assert cells["A", "B"] == REAL
    turned = cells["B", "A"]
    assert (turned.value, turned.low, turned.high) == (-0.02, -0.025, -0.011)
    assert apart == {("A", "B"), ("B", "A")}
    assert list(cells) == [("A", "B"), ("A", "C"), ("B", "A"), ("C", "A")]


@pytest.mark.parametrize("metric", ["sensitivity", "auroc"])
def test_a_difference_names_first_less_second_or_the_reverse(metric) -> None:
    straight, turned = finding("A", "B", REAL, metric=metric), finding("B", "A", estimate(-0.02, -0.025, -0.011))
    as_said = difference_in_words(straight)
    assert difference_in_words(straight, turned=True) == difference_in_words(
        finding("B", "A", turned.difference, metric=metric)
    )
    scale, digits = (100, 1) if metric == "sensitivity" else (1, 3)
    places = [as_said.index(f"+{scale * end:.{digits}f}") for end in (REAL.value, REAL.low, REAL.high)]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("pair", "title", "ends_with_doubt"),
    [
        (finding("A", "B", REAL), "A", False),
        (finding("A", "B", REAL), "B", False),
        (finding("A", "B", CHANCE), "A", True),
        (finding("A", "B", REAL, p=0.2), "A", True),
    ],
)
def test_a_gain_is_of_the_model_named_and_doubted_where_it_may_be_chance(pair, title, ends_with_doubt) -> None:
    words, plain = gain_in_words(pair, title), difference_in_words(pair, turned=title == "B")
    assert words.startswith(plain)
    assert (words != plain) == ends_with_doubt


@pytest.mark.parametrize(
    ("difference", "p", "tail"),
    [
        (REAL, 0.001, ""),
        (CHANCE, 0.2, ", no clear difference"),
        (REAL, 0.2, ", no clear difference after Holm's correction"),
        (estimate(-0.014, -0.025, -0.004), 0.2, ", no clear difference after Holm's correction"),
    ],
)
def test_a_gain_that_only_the_correction_makes_unclear_says_so(difference, p, tail) -> None:
    pair = finding("B", "A", difference, p)
    assert gain_in_words(pair, "B") == difference_in_words(pair) + tail


LOW, MIDDLE, HIGH = estimate(300, 280, 350), estimate(320, 290, 370), estimate(900, 850, 910)


@pytest.mark.parametrize(
    ("each", "dearer", "expected"),
    [
        ((LOW,), (False,), ""),
        ((HIGH, LOW), (True, False), " Clearly cheaper than the other."),
        ((LOW, MIDDLE, HIGH), (False, True, True), " Clearly cheaper than each of the 2 others."),
        ((LOW, MIDDLE, HIGH), (False, False, True), " No clear difference from *B*."),
        ((MIDDLE, LOW, HIGH), (False, False, False), " No clear difference from *A* and *C*."),
    ],
)
def test_the_cheapest_is_named_with_its_cost_and_those_that_chance_levels(each, dearer, expected) -> None:
    titles = ["A", "B", "C"][: len(each)]
    text = cheapest_in_words(titles, Costs(each=each, dearer=dearer, nobody=2000, everybody=3000))
    best = titles[each.index(LOW)]
    assert text == f"**Cheapest: {best}**, {format_count(LOW)} per 1,000 children.{expected}"


@pytest.mark.parametrize(
    ("nobody", "everybody", "expected"),
    [
        (900, 1200, "raising no alarm at all would cost no more than *C*"),
        (1200, 310, "an alarm for every child would cost no more than *B*, *C*"),
    ],
)
def test_a_model_that_costs_as_much_as_doing_nothing_is_named(nobody, everybody, expected) -> None:
    costs = Costs(each=(LOW, MIDDLE, HIGH), dearer=(False, True, True), nobody=nobody, everybody=everybody)
    assert expected in cheapest_in_words(["A", "B", "C"], costs)


def scored_alike(score: float, positives: int, total: int) -> Scores:
    names = np.array([f"film{number}" for number in range(total)])
    return Scores(
        sample_id=names,
        cluster_id=names,
        y_true=np.array([1] * positives + [0] * (total - positives)),
        y_score=np.full(total, score),
    )


@pytest.mark.parametrize(
    ("positives", "total", "answer", "films"),
    [
        (10, 40, "No, too high", "40 films"),  # Wilson's interval: 14.2 % to 40.2 %
        (39, 40, "No, too low", "40 films"),  # 87.1 % to 99.6 %
        (28, 40, "Not contradicted", "40 films"),  # 54.6 % to 81.9 %
        (1, 1, "Not contradicted", "1 film)"),
    ],
)
def test_what_is_said_of_films_is_judged_by_the_end_of_the_interval_that_it_passes(
    positives, total, answer, films
) -> None:
    text = does_it_hold(scored_alike(0.8, positives, total), "Dense", "probability", "test")
    assert text.startswith(f"**{answer}:** of the test films to which *Dense* gives a probability of 70 to 90 %")
    assert format_percent(0.8) in text
    assert films in text


def test_a_table_of_sets_has_each_share_in_its_column() -> None:
    def rates(films, coverage, abstained, wrong):
        return SetRates(films=films, n=9, coverage=coverage, abstained=abstained, decided=0.8, wrong=wrong)

    normal = rates("normal", estimate(0.81, 0.75, 0.84), estimate(0.31, 0.22, 0.35), 0.19)
    pneumonia = rates("pneumonia", estimate(0.92, 0.85, 0.94), estimate(0.11, 0.02, 0.15), 0.08)
    every = rates("all", estimate(0.88, 0.83, 0.9), estimate(0.2, 0.12, 0.23), 0.12)
    sets = ConformalSets(alpha=0.1, band=(0.21, 0.64), rows=(normal, pneumonia, every))
    (row,) = sets_table({("Dense", "Test"): sets}).to_dict("records")
    assert list(row.values()) == [
        "Dense",
        "Test",
        format_rate(normal.coverage),
        format_rate(pneumonia.coverage),
        format_rate(every.abstained),
        format_percent(0.12),
        "0.210 to 0.640",
    ]


def null() -> Evaluation:
    """An evaluation whose figures all differ: 0.1, 0.2 and so on in the order of the columns."""
    places = {metric: 0.1 * place for place, metric in enumerate(COLUMNS)}
    return evaluation_with(**{metric: estimate(value, value - 0.05, value + 0.01) for metric, value in places.items()})


def test_null_baselines_and_reported_results_stand_below_with_their_own_figures() -> None:
    reported = PublishedResult(
        name="Paper",
        origin="publication",
        source="s",
        metrics={"sensitivity": estimate(0.93, 0.9, 0.94)},
        honesty="No interval is quoted.",
    )
    table = models_table([], [], [null()], [reported])
    below, paper = table.to_dict("records")
    assert below["Model"] == "Null baseline: model"
    assert below[COLUMNS["specificity"]] == format_rate(estimate(0.1, 0.05, 0.11))
    assert (paper["Model"], paper["How far to trust it"]) == ("Paper", "No interval is quoted.")
    assert paper[COLUMNS["sensitivity"]] == format_rate(estimate(0.93, 0.9, 0.94))


@pytest.mark.parametrize(
    ("seeds", "words"),
    [(1, "0.957, 1 seed, parameters: 1,234,567"), (3, "0.957, 3 seeds, parameters: 1,234,567")],
)
def test_tried_configurations(seeds: int, words: str) -> None:
    tried = Configuration(
        name="a", title="A", question="?", seeds=seeds, epochs=5, parameters=1_234_567, validation_auroc=0.96,
        stress_validation_auroc=0.95, mean=0.9571, low=0.95, high=0.96,
    )  # fmt: skip
    assert tried_in_words(tried) == words
