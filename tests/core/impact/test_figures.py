"""The figures in words: three sentences and a verdict."""

import math

import pytest

from core.evaluation.types import Estimate
from core.impact.figures import (
    answer,
    format_amount,
    format_chance,
    format_input,
    format_number,
    format_result,
    verdict,
)
from core.impact.rates import ModelRates
from core.impact.scenario import LOSING, PRESETS, Scenario, preset
from core.impact.simulate import Simulation


def simulated(name: str) -> tuple[Scenario, ModelRates, Simulation]:
    scenario = preset(name)
    rates = scenario.rates()
    return scenario, rates, scenario.simulate(rates)


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [(4032.4, None, "4,030"), (-12.34, None, "-12"), (1.234, None, "1.2"), (1.234, 2, "1.23"), (-0.001, 2, "0.00"),
     (0.0, None, "0"), (math.inf, None, "never")],
)  # fmt: skip
def test_numbers_have_three_digits_that_count(value: float, digits: int | None, said: str) -> None:
    assert format_number(value, digits) == said


def test_a_range_is_said_in_words_so_that_no_minus_is_lost() -> None:
    net = Estimate(value=4032.0, low=-29342.0, high=58722.0, method="m")
    assert format_amount(net, "EUR") == "4,030 EUR (-29,300 to 58,700)"
    assert format_amount(Estimate(value=0.956, low=0.928, high=0.976, method="m"), "share") == "95.6 % (92.8 to 97.6)"
    assert (
        format_amount(Estimate(value=5535.0, low=323.0, high=math.inf, method="m"), "films") == "5,540 (323 to never)"
    )
    assert format_amount(Estimate(value=math.inf, low=math.nan, high=math.nan, method="m"), "films") == "never"


@pytest.mark.parametrize(
    ("value", "said"), [(15_000, "15,000"), (0.8252, "0.8252"), (1.0, "1"), (10_000_000, "10,000,000"), (-0.1, "-0.1")]
)
def test_inputs_are_written_out(value: float, said: str) -> None:
    assert format_input(value) == said


def test_no_chance_is_said_to_be_none_or_certain() -> None:
    assert [format_chance(share) for share in (0, 0.494, 1)] == ["below 1 %", "49 %", "above 99 %"]


def test_money_names_who_gets_it_and_where_it_breaks_even() -> None:
    scenario, _, simulation = simulated("imaging_lab")
    said = answer(scenario, simulation)
    assert f"**{format_number(simulation.figures['net'].value)} EUR** net" in said.money
    assert f"**{format_chance(simulation.p_positive)}**" in said.money
    assert "whoever pays for it" in said.money
    assert "capacity, not cash" in said.money
    assert (
        f"breaks even at {simulation.figures['break_even_price'].value:.2f} EUR a film; the price is 0.95" in said.money
    )
    assert "160 have pneumonia" in said.children
    assert "fewer** (" in said.children


def test_triage_saves_no_minute_and_says_so() -> None:
    scenario, _, simulation = simulated("triage_for_money")
    said = answer(scenario, simulation)
    assert "Reader minutes saved: **none**" in said.time
    assert "neither changes" in said.children
    assert "would not pay if a film cost nothing" in said.money


def test_ruling_out_says_what_nobody_reads_and_who_is_missed() -> None:
    scenario, _, simulation = simulated("rule_out_at_threshold")
    said = answer(scenario, simulation)
    assert f"{format_result(simulation, 'removed')} of 1,000 films are read by nobody" in said.time
    more = format_number(simulation.figures["extra_missed"].value)
    assert f"**{more} more** (" in said.children
    assert verdict(simulation).endswith("misses more children")


@pytest.mark.parametrize("name", PRESETS + LOSING)
def test_the_verdict_follows_the_draws(name: str) -> None:
    _, _, simulation = simulated(name)
    assert verdict(simulation).startswith("Loses money") == (simulation.p_positive < 0.1)
    assert verdict(simulation).startswith("Wins money") == (simulation.p_positive >= 0.9)
