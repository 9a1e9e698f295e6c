"""What Business case computes once for each scenario and model."""

import json
from dataclasses import replace

import streamlit as st

from core.impact.rates import FROZEN, ModelRates, measured_rates
from core.impact.scenario import LOSING, PRESETS, Scenario, parse_scenario, preset
from core.impact.simulate import Simulation
from core.runs.record import Run
from pages.shared import cache as cached
from pages.shared.cache import key


def rates(run: Run, point: str) -> ModelRates:
    """A model's rates at an operating point, with their draws."""
    return _rates(key(run), run.record.weights_hash, point)


@st.cache_data(max_entries=64, show_spinner=False)
def _rates(name: str, weights_hash: str, point: str) -> ModelRates:
    return measured_rates(cached.find(name, weights_hash), point)


def simulation(scenario: Scenario, run: Run, point: str) -> Simulation:
    """Draws of a scenario with a model; one that brings its own rates keeps them."""
    return _simulation(json.dumps(scenario.to_dict()), key(run), run.record.weights_hash, point)


@st.cache_data(max_entries=128, show_spinner=False)
def _simulation(scenario: str, name: str, weights_hash: str, point: str) -> Simulation:
    found = parse_scenario(json.loads(scenario))
    return found.simulate(found.rates() if found.given else _rates(name, weights_hash, point))


def shipped(run: Run, point: str) -> list[tuple[Scenario, Simulation]]:
    """All shipped scenarios with a model; the one that loses by its operating point keeps the frozen one."""
    found = []
    for name in PRESETS + LOSING:
        at = FROZEN if name == "rule_out_at_threshold" else point
        scenario = replace(preset(name), model=run.run_id, point=at)
        found.append((scenario, simulation(scenario, run, at)))
    return found
