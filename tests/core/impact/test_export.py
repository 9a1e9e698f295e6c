"""A scenario and its figures as a table and as nested data."""

import csv
import io

import pytest

from core.impact.export import to_csv, to_dict, used_inputs
from core.impact.figures import FIGURES
from core.impact.inputs import INPUTS
from core.impact.rates import ModelRates
from core.impact.scenario import Scenario, parse_scenario, preset
from core.impact.simulate import Simulation


def simulated(name: str) -> tuple[Scenario, ModelRates, Simulation]:
    scenario = preset(name)
    rates = scenario.rates()
    return scenario, rates, scenario.simulate(rates)


@pytest.mark.parametrize("name", ["imaging_lab", "triage_for_money", "rule_out_at_threshold"])
def test_the_table_holds_every_input_and_output(name: str) -> None:
    scenario, rates, simulation = simulated(name)
    rows = list(csv.DictReader(io.StringIO(to_csv(scenario, rates, simulation))))
    inputs = {row["name"]: row for row in rows if row["kind"] == "input"}
    assert set(inputs) == {*INPUTS, "model_sensitivity", "model_specificity"}
    assert all(row["source"] and row["evidence"] for row in inputs.values())
    assert float(inputs["model_sensitivity"]["base"]) == rates.sensitivity.value
    outputs = {row["name"]: row for row in rows if row["kind"] == "output"}
    assert set(outputs) == {*simulation.figures, "p_positive", "p_more_missed"}
    assert float(outputs["net"]["base"]) == pytest.approx(simulation.figures["net"].value, rel=1e-5)
    assert sum(row["kind"].startswith("net at") for row in rows) == len(simulation.tornado)


def test_a_source_cannot_become_a_formula_in_a_spreadsheet() -> None:
    scenario = parse_scenario({"title": "=1+1", "inputs": {"hourly": {"base": 90, "source": "=HYPERLINK(1)"}}})
    rates = scenario.rates()
    text = to_csv(scenario, rates, scenario.simulate(rates))
    assert ",=" not in text
    assert "'=HYPERLINK(1)" in text


def test_the_document_restores_its_scenario() -> None:
    scenario, rates, simulation = simulated("small_clinic")
    document = to_dict(scenario, rates, simulation)
    assert parse_scenario(document["scenario"]) == scenario
    assert list(document["figures"]) == [name for name in FIGURES if name in simulation.figures]


def test_the_models_rates_stand_among_the_inputs() -> None:
    scenario, rates, _ = simulated("model_elsewhere")
    found = dict(used_inputs(scenario, rates))
    assert found["model_sensitivity"].base == 0.61
    assert found["model_sensitivity"].evidence == "assumption"
