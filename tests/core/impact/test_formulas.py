"""The three uses of a model against the worked values of the sources, and against counting by hand."""

import numpy as np
import pytest

from core.impact.formulas import USES, TeamOutcomes, Use, flagged_share, money, team_outcomes
from core.impact.inputs import INPUTS
from core.impact.simulate import outcomes

WORKED = {
    "prevalence": 0.15,
    "sensitivity": 0.95,
    "specificity": 0.90,
    "reader_sensitivity": 0.77,
    "reader_specificity": 0.95,
    "dependence": 0.7,
    "accept_right": 0.5,
    "accept_wrong": 0.2,
    "drop_right": 0.05,
    "volume": 1_000,
    "ai_price": 1,
    "alarm_cost": 56,
    "miss_cost": 255,
    "fixed_cost": 0,
    "second_look": 0,
    "read_time": 120,
    "read_time_change": 0,
    "hourly": 127,
    "utilisation": 0.8,
}


def at(use: Use, **changes: float) -> dict[str, float]:
    values = {key: np.asarray(value, dtype=float) for key, value in (WORKED | changes).items()}
    return {name: float(value) for name, value in outcomes(use, values).items()}


def rates(use: Use, **changes: float) -> tuple[float, float]:
    both = team_outcomes(use, {key: np.asarray(value, dtype=float) for key, value in (WORKED | changes).items()})
    return float(both.sensitivity), float(both.specificity)


def test_worked_values_of_triage() -> None:
    found = at("triage")
    assert found["wait_in_order"] == pytest.approx(8.00)
    assert found["wait_pneumonia"] == pytest.approx(2.35, abs=0.005)
    assert found["wait_normal"] == pytest.approx(9.00, abs=0.005)
    assert found["wait_missed"] == pytest.approx(9.78, abs=0.005)
    share = found["flagged"] / 1000
    high = 0.8 * 2 / (1 - share * 0.8)
    assert share * high + (1 - share) * found["wait_missed"] == pytest.approx(8.00)


def test_triage_finds_nobody_and_pays_nothing_back() -> None:
    found = at("triage", fixed_cost=500)
    assert rates("triage") == (0.77, 0.95)
    assert found["extra_missed"] == found["extra_alarms"] == found["reader_hours"] == 0
    assert found["net"] == -1_000 - 500


def test_worked_values_of_a_second_reader() -> None:
    sensitivity, specificity = rates("second_reader")
    assert sensitivity == pytest.approx(0.84455, abs=5e-6)
    assert specificity == pytest.approx(0.93325, abs=5e-6)
    found = at("second_reader")
    assert -found["extra_missed"] == pytest.approx(11.18, abs=0.005)
    assert found["extra_alarms"] == pytest.approx(14.24, abs=0.005)
    assert found["cost_per_case"] == pytest.approx(160.72, abs=0.005)
    assert found["break_even_price"] == pytest.approx(2.05, abs=0.005)
    assert found["given_up"] == pytest.approx(1_000 * 0.15 * 0.77 * 0.05 * 0.05)


def test_a_second_reader_counted_child_by_child() -> None:
    """Reader, model and reaction drawn one after another agree with the formula (independent errors: k = 1)."""
    rng = np.random.default_rng(4)
    n = 400_000
    sick, reader_right = rng.random(n) < 0.15, rng.random(n)
    reader_right = np.where(sick, reader_right < 0.77, reader_right < 0.95)
    model_right = np.where(sick, rng.random(n) < 0.95, rng.random(n) < 0.90)
    reader, flag, chance = reader_right == sick, model_right == sick, rng.random(n)
    accepts = ~reader & flag & np.where(sick, chance < 0.5, chance < 0.2)
    gives_up = reader & ~flag & (chance < 0.05)
    final = (reader | accepts) & ~gives_up
    sensitivity, specificity = rates("second_reader", dependence=1.0)
    assert final[sick].mean() == pytest.approx(sensitivity, abs=0.005)
    assert (~final[~sick]).mean() == pytest.approx(specificity, abs=0.002)
    looks = team_outcomes(
        "second_reader", {key: np.asarray(value, dtype=float) for key, value in (WORKED | {"dependence": 1.0}).items()}
    ).disagreements
    assert (reader != flag).mean() == pytest.approx(float(looks), abs=0.003)


def test_worked_values_of_ruling_out() -> None:
    found = at("rule_out", sensitivity=0.99, specificity=0.50)
    assert found["removed"] == pytest.approx(426.5)
    assert found["removed_with_pneumonia"] == pytest.approx(1.5)
    assert found["extra_missed"] == pytest.approx(1.155)
    assert -found["extra_alarms"] == pytest.approx(21.25)
    assert found["reader_hours"] == pytest.approx(-0.4265 * 1_000 * 120 / 3600)


@pytest.mark.parametrize("use", USES)
def test_the_parts_of_money_add_up(use: Use) -> None:
    found = at(use, fixed_cost=700, second_look=45, read_time_change=0.1)
    parts = ("fewer_misses", "fewer_alarms", "price", "fixed")
    assert found["own_books"] == pytest.approx(found["price"] + found["fixed"])
    assert found["cash"] == pytest.approx(sum(found[name] for name in parts))
    assert found["net"] == pytest.approx(found["cash"] + found["reader_time"])


@pytest.mark.parametrize("use", USES)
def test_nothing_is_won_at_the_break_even_price_or_volume(use: Use) -> None:
    settings = {"fixed_cost": 700, "second_look": 45, "sensitivity": 0.99, "specificity": 0.80}
    found = at(use, **settings)
    assert at(use, **settings | {"ai_price": found["break_even_price"]})["net"] == pytest.approx(0, abs=1e-6)
    if np.isfinite(found["break_even_volume"]):
        settings |= {"volume": found["break_even_volume"]}
        assert at(use, **settings)["net"] == pytest.approx(0, abs=1e-6)
    else:
        assert found["net"] + settings["fixed_cost"] <= 0  # each film loses


def test_every_input_of_the_formulas_has_a_range_and_a_source() -> None:
    assert set(WORKED) - {"sensitivity", "specificity"} == set(INPUTS) - {"euro"}


def test_disagreement_costs_time_and_a_slower_reader_more() -> None:
    plain, looked, slower = (
        at("second_reader", second_look=seconds, read_time_change=change)["reader_hours"]
        for seconds, change in ((0, 0), (60, 0), (60, 0.1))
    )
    assert plain == 0
    assert 0 < looked < slower
    assert slower - looked == pytest.approx(1_000 * 12 / 3600)


def shared(use: Use, **changes: float) -> TeamOutcomes:
    return team_outcomes(use, {key: np.full(3, value, dtype=float) for key, value in (WORKED | changes).items()})


@pytest.mark.parametrize("use", USES)
def test_every_part_of_a_use_is_an_array_of_one_shape(use: Use) -> None:
    for values in vars(shared(use)).values():
        assert values.shape == (3,)
        assert values.dtype == np.float64


@pytest.mark.parametrize(
    ("use", "changes", "seconds", "disagreements", "removed"),
    [
        ("triage", {"read_time_change": 0.1, "second_look": 60}, 0, 0, 0),
        # 0.15 (0.23 x 0.7 x 0.95 + 0.77 x 0.05) + 0.85 (0.95 x 0.1 + 0.05 x 0.9); 120 x 0.1 + 60 of these
        ("second_reader", {"read_time_change": 0.1, "second_look": 60}, 20.86305, 0.1477175, 0),
        # 0.15 x 0.01 + 0.85 x 0.5; 120 (0.5735 x 0.1 - 0.4265)
        ("rule_out", {"read_time_change": 0.1, "sensitivity": 0.99, "specificity": 0.5}, -44.298, 0, 0.4265),
    ],
)
def test_a_readers_time_by_hand(
    use: Use, changes: dict[str, float], seconds: float, disagreements: float, removed: float
) -> None:
    both = shared(use, **changes)
    assert both.seconds == pytest.approx(seconds)
    assert both.disagreements == pytest.approx(disagreements)
    assert both.removed == pytest.approx(removed)


def test_the_money_of_a_year_by_hand() -> None:
    """1,000 films at 15 %: 150 with pneumonia, 850 without; 36 s more each are 10 hours."""
    both = TeamOutcomes(
        sensitivity=np.array(0.80),
        specificity=np.array(0.93),
        seconds=np.array(36.0),
        disagreements=np.array(0.0),
        removed=np.array(0.0),
    )
    values = {
        key: np.asarray(value, dtype=float) for key, value in (WORKED | {"fixed_cost": 700, "ai_price": 2}).items()
    }
    assert {name: float(value) for name, value in money(values, both).items()} == pytest.approx(
        {
            "fewer_misses": 150 * 0.03 * 255,
            "fewer_alarms": 850 * -0.02 * 56,
            "price": -2_000,
            "fixed": -700,
            "reader_time": -10 * 127,
            "own_books": -2_700,
            "cash": 150 * 0.03 * 255 - 850 * 0.02 * 56 - 2_700,
            "net": 150 * 0.03 * 255 - 850 * 0.02 * 56 - 2_700 - 1_270,
        }
    )


def test_the_model_flags_what_it_finds_and_its_false_alarms() -> None:
    values = {key: np.asarray(value, dtype=float) for key, value in WORKED.items()}
    assert float(flagged_share(values)) == pytest.approx(0.15 * 0.95 + 0.85 * 0.10)
