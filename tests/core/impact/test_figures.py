"""The figures in words: three sentences and a verdict."""

import math
from dataclasses import replace

import pytest

from core.evaluation.types import Estimate
from core.impact.figures import (
    Answer,
    answer,
    format_amount,
    format_chance,
    format_end,
    format_input,
    format_number,
    format_odds,
    shorten_title,
    verdict,
)
from core.impact.formulas import Use
from core.impact.inputs import INPUTS
from core.impact.rates import ModelRates
from core.impact.scenario import LOSING, PRESETS, Scenario, preset
from core.impact.simulate import Simulation, Swing


def simulated(name: str) -> tuple[Scenario, ModelRates, Simulation]:
    scenario = preset(name)
    rates = scenario.rates()
    return scenario, rates, scenario.simulate(rates)


def of(value: float, low: float = math.nan, high: float = math.nan) -> Estimate:
    return Estimate(value=value, low=low, high=high, method="m")


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (4032.4, None, "4,030"),
        (-12.34, None, "−12"),
        (9.96, None, "10.0"),
        (10, None, "10"),
        (-10, None, "−10"),
        (1.234, None, "1.2"),
        (1.234, 2, "1.23"),
        (-0.001, 2, "0.00"),
        (0.0, None, "0"),
        (math.inf, None, "never"),
        (-math.inf, None, "never"),
    ],
)
def test_numbers_have_three_digits_that_count(value: float, digits: int | None, text: str) -> None:
    assert format_number(value, digits) == text


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (of(4032, -29342, 58722), "EUR", "4,030 EUR (−29,300 to 58,700)"),
        (of(4032), "EUR", "4,030 EUR"),
        (of(0.956, 0.928, 0.976), "share", "95.6 % (92.8 to 97.6)"),
        (of(math.nan, 0.9, 0.95), "share", "–"),
        (of(2.0512, 1.5, 3.25), "EUR, cents", "2.05 EUR (1.50 to 3.25)"),
        (of(12.3, 9, 17), "min", "12 min (9.0 to 17)"),
        (of(25, 12, 31), "h", "25 h (12 to 31)"),
        (of(25, 12, 31), "per 1,000", "25 (12 to 31)"),
        (of(5535, 323, math.inf), "films", "5,540 (323 to never)"),
        (of(math.inf, 323, math.inf), "EUR", "never (323 to never)"),
        (of(math.inf, math.inf, math.inf), "EUR", "never"),
        (of(math.inf), "films", "never"),
    ],
)
def test_an_amount_has_its_unit_and_its_range(amount: Estimate, unit: str, text: str) -> None:
    assert format_amount(amount, unit) == text


@pytest.mark.parametrize(
    ("value", "text"), [(15_000, "15,000"), (0.8252, "0.8252"), (1.0, "1"), (10_000_000, "10,000,000"), (-0.1, "−0.1")]
)
def test_inputs_are_written_out(value: float, text: str) -> None:
    assert format_input(value) == text


@pytest.mark.parametrize(
    ("share", "percent", "odds"),
    [
        (0, "below 1 %", "fewer than 1 of 100"),
        (0.0099, "below 1 %", "fewer than 1 of 100"),
        (0.01, "1 %", "1 of 100"),
        (0.494, "49 %", "49 of 100"),
        (0.99, "99 %", "99 of 100"),
        (0.9901, "above 99 %", "more than 99 of 100"),
    ],
)
def test_a_chance_is_never_none_and_never_certain(share: float, percent: str, odds: str) -> None:
    assert format_chance(share) == percent
    assert format_odds(share) == odds


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [("prevalence", 0.085, "8.5 %"), ("sensitivity", 0.972, "97.2 %"), ("volume", 10_000, "10,000 films"),
     ("read_time_change", -0.1, "−10 %"), ("ai_price", 0.19, "0.19 USD")],
)  # fmt: skip
def test_an_end_of_a_range_has_its_unit(key: str, value: float, text: str) -> None:
    assert format_end(Swing(key=key, title="", low=0, high=1, net_at_low=0, net_at_high=0), value) == text


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Share of missed cases the model would catch (k)", "Share of missed cases the model would catch"),
        ("x" * 46, "x" * 46),
        ("Something long that " + "is cut at a word " * 3, "Something long that is cut at a word is cut …"),
    ],
)
def test_a_long_title_is_cut_at_a_word(title: str, text: str) -> None:
    assert shorten_title(title) == text


BASE = {
    "net": of(4032, -29342, 58722),
    "own_books": of(-14_524),
    "fewer_misses": of(17_000),
    "fewer_alarms": of(-1_200),
    "reader_time": of(3_200),
    "reader_hours": of(-25, -40, -12),
    "break_even_price": of(2.0512, 1.5, 3.25),
    "missed_alone": of(36.8),
    "alarms_alone": of(42),
    "extra_missed": of(-12, -25, -4),
    "extra_alarms": of(15, 2, 35),
    "second_looks": of(61, 40, 95),
    "flagged": of(180, 170, 195),
    "false_flags": of(31, 25, 44),
    "removed": of(426, 400, 470),
    "removed_with_pneumonia": of(1.5, 0.4, 3.2),
    "wait_in_order": of(8),
    "wait_pneumonia": of(2.35, 2.1, 2.9),
    "wait_normal": of(9, 8.5, 9.7),
    "wait_missed": of(9.78, 9.1, 11),
    "wait_missed_p95": of(31),
    "hours_moved": of(15, 9, 30),
}
COSTS = (
    "It costs your lab about 14,500 EUR a year. Counting patients' care and readers' time, the net is **4,030 EUR** a "
    "year (−29,300 to 58,700); it pays in **49 of 100** simulations."
)
EVEN = "It breaks even at 2.05 EUR per X-ray; the price is 0.95."
ALONE = "Of 1,000 imaged children, 160 have pneumonia. One reader alone misses 37 of them and raises 42 false alarms."
TRIAGE = (
    "With flagged X-rays first, a child with pneumonia waits **2.4 min (2.1 to 2.9)** on average instead of 8.0, a "
    "child without pneumonia 9.0 min (8.5 to 9.7), and a child whose pneumonia the model misses 9.8 min (9.1 to 11) (1 "
    "in 20 of them more than 31 min). **15 h (9.0 to 30)** of waiting a year move from children with pneumonia to the "
    "others. Readers save **no time**: every X-ray is still read."
)


def said(use: Use = "second_reader", second_look: float = 60, **changes: Estimate) -> Answer:
    """Return the sentences on a lab whose figures are those above, but for these."""
    inputs = INPUTS | {"second_look": replace(INPUTS["second_look"], low=second_look, base=second_look)}
    return answer(
        Scenario(title="Lab", use=use, inputs=inputs),
        Simulation(figures=BASE | changes, p_positive=0.494, p_more_missed=0.1, tornado=[]),
    )


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {},
            f"{COSTS} Care saves 15,800 EUR a year, for whoever pays for treatment. Readers save 25 hours a year "
            f"(worth 3,200 EUR in time, not cash). {EVEN}",
        ),
        (
            {"fewer_misses": of(0), "reader_time": of(-3_200), "reader_hours": of(25)},
            f"{COSTS} Care adds 1,200 EUR a year, for whoever pays for treatment. Readers spend 25 hours a year more "
            f"(worth 3,200 EUR in time, not cash). {EVEN}",
        ),
        ({"fewer_misses": of(0), "fewer_alarms": of(0), "reader_time": of(0)}, f"{COSTS} {EVEN}"),
        ({"fewer_misses": of(0.9), "fewer_alarms": of(0), "reader_time": of(-0.9)}, f"{COSTS} {EVEN}"),
        (
            {"fewer_misses": of(1), "fewer_alarms": of(0), "reader_time": of(1), "reader_hours": of(0.01)},
            f"{COSTS} Care saves 1.0 EUR a year, for whoever pays for treatment. Readers save 0.0 hours a year "
            f"(worth 1.0 EUR in time, not cash). {EVEN}",
        ),
        (
            {
                "net": of(-50),
                "fewer_misses": of(0),
                "fewer_alarms": of(0),
                "reader_time": of(0),
                "break_even_price": of(0),
            },
            "It costs your lab about 14,500 EUR a year. Counting patients' care and readers' time, the net is "
            "**−50 EUR** a year; it pays in **49 of 100** simulations. It would not pay even at a price of zero.",
        ),
    ],
)
def test_money_in_words(changes: dict[str, Estimate], text: str) -> None:
    assert said(**changes).money == text


@pytest.mark.parametrize(
    ("use", "second_look", "changes", "text"),
    [
        (
            "second_reader",
            60,
            {},
            "Readers work **25 fewer hours** (12 to 40) a year. 61 (40 to 95) of 1,000 X-rays need a second look.",
        ),
        ("second_reader", 0, {"reader_hours": of(7, 3, 9)}, "Readers work **7.0 more hours** (3.0 to 9.0) a year."),
        (
            "rule_out",
            60,
            {"reader_hours": of(-25)},
            "Readers work **25 fewer hours** a year. Nobody reads 426 (400 to 470) of 1,000 X-rays, 1.5 (0.4 to 3.2) "
            "of "
            "them with pneumonia.",
        ),
        ("triage", 60, {}, TRIAGE),
    ],
)
def test_time_in_words(use: Use, second_look: float, changes: dict[str, Estimate], text: str) -> None:
    assert said(use, second_look, **changes).time == text


@pytest.mark.parametrize(
    ("missed", "alarms", "text"),
    [
        (
            of(-12, -25, -4),
            of(15, 2, 35),
            "With the model, per 1,000 children: **12 fewer missed** (4.0 to 25), **15 more false alarms** (2.0 to "
            "35).",
        ),
        (
            of(-12, -25, 4),
            of(15, -2, 35),
            "With the model, per 1,000 children: **12 fewer missed** (25 fewer to 4.0 more), "
            "**15 more false alarms** (2.0 fewer to 35 more).",
        ),
        (
            of(-12, -25, 0),
            of(0.05, 0, 35),
            "With the model, per 1,000 children: **12 fewer missed** (0 to 25), **0.1 more false alarms** (0 to 35).",
        ),
        (of(0.06), of(0), "With the model, per 1,000 children: **0.1 more missed**, **0 fewer false alarms**."),
        (
            of(0.04),
            of(-0.04),
            "With the model **neither changes**. It flags 180 (170 to 195) X-rays, 31 (25 to 44) of them normal.",
        ),
    ],
)
def test_children_in_words(missed: Estimate, alarms: Estimate, text: str) -> None:
    assert said(extra_missed=missed, extra_alarms=alarms).children == f"{ALONE} {text}"


@pytest.mark.parametrize("name", PRESETS + LOSING)
def test_every_scenario_is_answered_without_an_undefined_number(name: str) -> None:
    scenario, _, simulation = simulated(name)
    found = answer(scenario, simulation)
    for sentence in (found.money, found.time, found.children):
        assert "nan" not in sentence
        assert "–" not in sentence


@pytest.mark.parametrize(
    ("p", "missed", "text"),
    [
        (0.0999, 0, "Loses money"),
        (0.1, 0.05, "More likely loses"),
        (0.4, 0, "Even odds"),
        (0.6, 0, "More likely wins"),
        (0.9, -1, "Wins money"),
        (0.9, 0.051, "Wins money, misses more children"),
    ],
)
def test_a_verdict_changes_at_its_limits(p: float, missed: float, text: str) -> None:
    figures = {"extra_missed": of(missed)}
    assert verdict(Simulation(figures=figures, p_positive=p, p_more_missed=0, tornado=[])) == text


@pytest.mark.parametrize("name", PRESETS + LOSING)
def test_the_verdict_follows_the_draws(name: str) -> None:
    _, _, simulation = simulated(name)
    assert verdict(simulation).startswith("Loses money") == (simulation.p_positive < 0.1)
    assert verdict(simulation).startswith("Wins money") == (simulation.p_positive >= 0.9)
