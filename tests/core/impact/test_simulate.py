"""Draws of a year: reproducible, quick, centred on the base case, and honest about what never pays."""

import math
import time
from dataclasses import asdict, replace

import numpy as np
import pytest

from core.impact.figures import FIGURES
from core.impact.formulas import USES, Use
from core.impact.inputs import INPUTS
from core.impact.rates import measured_rates
from core.impact.scenario import PRESETS, Scenario, preset
from core.impact.simulate import DRAWS, base_values, drawn_values, in_euros, outcomes, simulate, tornado
from core.runs.store import list_runs, served


def exact_scenario(**changes: float) -> Scenario:
    bases = {key: changes.get(key, one.base) for key, one in INPUTS.items()}
    exact = {key: replace(one, low=bases[key], base=bases[key], high=bases[key]) for key, one in INPUTS.items()}
    return Scenario(title="All exact", inputs=exact)


@pytest.fixture(scope="module")
def rates():
    return measured_rates(served(list_runs()[0]))


def test_ten_thousand_draws_with_their_bootstrap_take_less_than_two_seconds() -> None:
    scenario = preset(PRESETS[0])
    started = time.process_time()
    simulation = scenario.simulate(scenario.rates())
    assert time.process_time() - started < 2
    assert DRAWS == 10_000
    assert simulation.figures["net"].low < simulation.figures["net"].high


def test_the_same_seed_gives_the_same_year(rates) -> None:
    first, second, other = (simulate("second_reader", INPUTS, rates, seed=seed) for seed in (1, 1, 2))
    figures = [{name: asdict(one) for name, one in simulation.figures.items()} for simulation in (first, second)]
    np.testing.assert_equal(*figures)  # some are NaN
    assert first.p_positive == second.p_positive
    assert first.figures["net"].low != other.figures["net"].low


@pytest.mark.parametrize("use", USES)
def test_the_base_case_lies_inside_its_range_and_every_figure_has_a_name(use: Use, rates) -> None:
    simulation = simulate(use, INPUTS, rates)
    assert set(simulation.figures) <= set(FIGURES)
    for name, one in simulation.figures.items():
        if not math.isnan(one.low):
            assert one.low <= one.value <= one.high, name
    assert 0 <= simulation.p_positive <= 1


def test_the_chance_that_it_pays_is_the_share_of_draws_above_zero(rates) -> None:
    drawn = outcomes("second_reader", in_euros(drawn_values(INPUTS, rates, 4_000, 5), INPUTS))
    simulation = simulate("second_reader", INPUTS, rates, draws=4_000, seed=5)
    assert simulation.p_positive == np.mean(drawn["net"] > 0)
    assert simulation.p_more_missed == np.mean(drawn["found"] < drawn["found_alone"])


def test_the_models_draws_are_pairs_of_the_same_patients(rates) -> None:
    drawn = drawn_values(INPUTS, rates, DRAWS, 1)
    pairs = set(zip(rates.drawn_sensitivity, rates.drawn_specificity, strict=True))
    assert set(zip(drawn["sensitivity"], drawn["specificity"], strict=True)) <= pairs
    counts = np.unique(np.stack([drawn["sensitivity"], drawn["specificity"]]), axis=1, return_counts=True)[1]
    assert counts.sum() == DRAWS


def test_dollars_become_euros_once() -> None:
    values = {key: np.asarray(one.base, dtype=float) for key, one in INPUTS.items()}
    found = in_euros(values, INPUTS)
    assert found["ai_price"] == pytest.approx(1.00 / 1.05)
    assert found["miss_cost"] == pytest.approx(255 / 1.05)
    assert found["hourly"] == 127
    assert found["euro"] == 1.05


def test_a_tornado_moves_one_input_at_a_time(rates) -> None:
    swings = {swing.key: swing for swing in tornado("second_reader", INPUTS, rates)}
    assert list(swings.values()) == sorted(swings.values(), key=lambda swing: -swing.width)
    assert {"sensitivity", "specificity"} <= set(swings)
    assert "volume" not in swings  # exact
    price = swings["ai_price"]
    expected = 10_000 * (INPUTS["ai_price"].high - INPUTS["ai_price"].low) / 1.05
    assert price.net_at_low - price.net_at_high == pytest.approx(expected)
    at_high = base_values(INPUTS, rates) | {"miss_cost": INPUTS["miss_cost"].high}
    values = {key: np.asarray(value, dtype=float) for key, value in at_high.items()}
    assert swings["miss_cost"].net_at_high == pytest.approx(
        float(outcomes("second_reader", in_euros(values, INPUTS))["net"])
    )


def test_what_never_pays_is_infinite_and_not_a_number(rates) -> None:
    simulation = simulate("triage", INPUTS, rates)
    assert math.isinf(simulation.figures["break_even_volume"].value)
    assert math.isinf(simulation.figures["cost_per_case"].value)
    assert simulation.p_positive == 0


def test_with_exact_inputs_only_the_model_varies(rates) -> None:
    scenario = exact_scenario()
    figures = simulate("second_reader", scenario.inputs, rates).figures
    assert math.isnan(figures["missed_alone"].low)
    assert figures["missed"].low < figures["missed"].high


def test_false_positives_that_cost_nothing_do_not_divide_by_zero(rates) -> None:
    for free in ({"alarm_cost": 0.0}, {"miss_cost": 0.0}, {"alarm_cost": 0.0, "miss_cost": 0.0}):
        figures = simulate("second_reader", exact_scenario(**free).inputs, rates).figures
        assert math.isfinite(figures["net"].value)
        assert not math.isnan(figures["net_benefit"].value)
