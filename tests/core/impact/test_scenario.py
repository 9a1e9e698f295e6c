"""Scenarios as files: what is shipped can be read, and what is wrong is named."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.impact.draws import draw
from core.impact.inputs import INPUTS, moved
from core.impact.scenario import FOLDER, LARGEST, LOSING, PRESETS, Scenario, parse_scenario, preset, read_scenario


def write(folder: Path, text: str, name: str = "lab.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_every_shipped_file_is_listed_and_can_be_simulated() -> None:
    assert {path.stem for path in FOLDER.glob("*")} == {*PRESETS, *LOSING}
    for name in PRESETS + LOSING:
        scenario = preset(name)
        assert scenario.title
        assert scenario.note
        assert scenario.simulate(scenario.rates()).figures["net"].method


@pytest.mark.parametrize("name", LOSING)
def test_losing_scenarios_lose_money_or_children(name: str) -> None:
    scenario = preset(name)
    simulation = scenario.simulate(scenario.rates())
    assert simulation.figures["net"].value < 0 or simulation.figures["extra_missed"].low > 0


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    toml = """
        title = "Ours"
        use = "rule_out"
        [model]
        name = "dense"
        operating_point = "sensitivity_99"
        [inputs]
        volume = 2500
        [inputs.hourly]
        low = 80
        base = 90
        high = 110
        unit = "USD"
        source = "Our payroll"
        evidence = "measured here"
    """
    data = {
        "title": "Ours",
        "use": "rule_out",
        "model": {"name": "dense", "operating_point": "sensitivity_99"},
        "inputs": {
            "volume": 2500,
            "hourly": {
                "low": 80, "base": 90, "high": 110,
                "unit": "USD", "source": "Our payroll", "evidence": "measured here",
            },
        },
    }  # fmt: skip
    first = read_scenario(write(tmp_path, toml))
    assert first == read_scenario(write(tmp_path, json.dumps(data), "lab.json"))
    assert first.inputs["hourly"].unit == "USD"
    assert first.inputs["hourly"].source == "Our payroll"
    assert first.inputs["volume"].base == 2500
    assert first.inputs["prevalence"] == INPUTS["prevalence"]
    assert first.rates().title == "Dense baseline"


@pytest.mark.parametrize("name", PRESETS + LOSING)
def test_a_scenario_survives_writing_and_reading(name: str) -> None:
    scenario = preset(name)
    again = parse_scenario(json.loads(json.dumps(scenario.to_dict())))
    assert again.to_dict() == scenario.to_dict()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("titel = 'x'", "'titel' is unknown"),
        ("use = 'magic'", "none of triage, second_reader, rule_out"),
        ("inputs = 3", "inputs: must be a table"),
        ("[inputs]\nprevalance = 0.1", "'prevalance' is unknown"),
        ("[inputs]\nprevalence = 16", "prevalence: low is 16; it must lie between 0.001 and 0.999"),
        ("[inputs]\nprevalence = true", "must be a number, not 'True'"),
        ("[inputs]\nvolume = nan", "volume: low is nan"),
        ("[inputs]\nvolume = inf", "volume: low is inf"),
        ("[inputs]\nvolume = '10'", "volume: must be a number"),
        ("[inputs.volume]\nlow = 9\nbase = 5\nhigh = 10", "must rise"),
        ("[inputs.hourly]\nunit = 'GBP'", "must be EUR or USD, not 'GBP'"),
        ("[inputs.read_time]\nunit = 'min'", "must be s, not 'min'"),
        ("[inputs.miss_cost]\nbase = 10238\naccounting = 'charge'", "never added to costs"),
        ("[inputs.read_time]\naccounting = 'cost'", "money is counted by it"),
        ("[inputs.hourly]\nevidence = 'rumour'", "hourly.evidence: must be one of"),
        ("[inputs.hourly]\nworth = 3", "'worth' is unknown"),
        ("[model]\noperating_point = 'best'", "'best' is none of frozen"),
        ("[model]\nsensitivity = 0.9", "give both"),
        ("[model]\nsensitivity = 0.9\nspecificity = 0.9\nname = 'dense'", "give both"),
        ("title = 3", "title: must be a line"),
        ("title = '" + "x" * 300 + "'", "title: must be a line of at most 200"),
        ("title =", "lab.toml: Invalid value"),
    ],
)
def test_a_mistake_is_named_with_its_file(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read_scenario(write(tmp_path, text))
    assert said in str(error.value)
    assert "lab.toml" in str(error.value)


def test_files_that_are_no_scenarios_are_refused(tmp_path: Path) -> None:
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    large = write(tmp_path, "#" * (LARGEST + 1), "large.toml")
    deep = write(tmp_path, "[" * 50_000, "deep.json")
    for path in (binary, large, deep, tmp_path / "none.toml", tmp_path, write(tmp_path, "", "lab.yaml")):
        with pytest.raises(InputError, match=path.name):
            read_scenario(path)
    endless = tmp_path / "endless.toml"
    endless.symlink_to("/dev/zero")
    with pytest.raises(InputError, match="larger than"):
        read_scenario(endless)
    assert read_scenario(write(tmp_path, "")).inputs == INPUTS  # an empty scenario is the base case


def test_a_number_moves_its_range_along() -> None:
    scenario = parse_scenario({"inputs": {"read_time": 30, "prevalence": 0.3, "read_time_change": 0.05}})
    time, share, change = (scenario.inputs[key] for key in ("read_time", "prevalence", "read_time_change"))
    assert (time.low, time.base, time.high) == pytest.approx((7.5, 30, 75))
    odds = [value / (1 - value) for value in (share.low, share.base, share.high)]
    known = [value / (1 - value) for value in (0.085, 0.16, 0.222)]
    assert odds[0] / odds[1] == pytest.approx(known[0] / known[1])
    assert odds[2] / odds[1] == pytest.approx(known[2] / known[1])
    assert (change.low, change.high) == pytest.approx((-0.05, 0.15))
    assert share.evidence == "assumption"
    assert share.source == "Given in the scenario"


def test_a_price_of_one_dollar_is_no_share_and_keeps_its_range() -> None:
    price = moved(INPUTS["ai_price"], 2.5)
    assert (price.low, price.high) == pytest.approx((0.19 * 2.5, 2.78 * 2.5))
    alarm = moved(INPUTS["alarm_cost"], 1.0)
    assert (alarm.low, alarm.high) == pytest.approx((0, 97 / 56))


def test_an_end_without_odds_moves_smoothly() -> None:
    one = INPUTS["dependence"]  # 0.4 to 1, base 0.7
    assert moved(one, 0.7001).high == pytest.approx(one.high, abs=1e-3)
    assert moved(one, 0.01).high == pytest.approx(0.01 + 0.3 * 0.0099 / 0.21)
    given_up = INPUTS["drop_right"]  # 0 to 0.15, base 0.05
    assert moved(given_up, 0.0501).low == pytest.approx(0, abs=1e-3)
    assert moved(given_up, 0.99).low == pytest.approx(0.99 - 0.05 * 0.0099 / 0.0475)


@given(key=st.sampled_from(sorted(INPUTS)), place=st.floats(0, 1))
@settings(max_examples=200, deadline=None)
def test_wherever_a_value_is_moved_its_range_stays_in_bounds_and_can_be_drawn(key: str, place: float) -> None:
    one = INPUTS[key]
    base = one.least + place * (min(one.most, 1e6) - one.least)
    found = moved(one, base)
    assert one.least <= found.low <= found.base <= found.high <= one.most
    assert np.isfinite(draw({key: found}, 10, 0)[key]).all()


def test_given_rates_replace_the_model() -> None:
    scenario = parse_scenario({"model": {"sensitivity": 0.95, "specificity": {"low": 0.8, "base": 0.9, "high": 0.95}}})
    rates = scenario.rates()
    assert rates.sensitivity.value == 0.95
    assert rates.evidence == "assumption"
    assert rates.threshold is None


def test_values_of_a_page_give_a_scenario_or_a_reason() -> None:
    scenario = Scenario(title="Page").with_values({"volume": 123.0})
    assert scenario.inputs["volume"].base == 123
    with pytest.raises(InputError, match="volume"):
        Scenario(title="Page").with_values({"volume": -5.0})
    with pytest.raises(InputError, match="prevalence"):
        Scenario(title="Page").with_values({"prevalence": float("nan")})
