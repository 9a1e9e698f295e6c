"""Caches of Business case: computed once for each scenario and model."""

import json
from dataclasses import replace

import streamlit as st

from core.impact.rates import FROZEN, ModelRates, measured_rates
from core.impact.scenario import LOSING, PRESETS, Scenario, preset
from core.impact.simulate import Simulation
from core.runs.record import Run
from pages.shared.cache import HASH_FUNCS


def _scenario_identity(scenario: Scenario) -> str:
    return json.dumps(scenario.to_dict())


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=HASH_FUNCS)
def rates(run: Run, point: str) -> ModelRates:
    """Return a model's rates at an operating point, with their draws."""
    return measured_rates(run, point)


@st.cache_data(max_entries=128, show_spinner=False, hash_funcs=HASH_FUNCS | {Scenario: _scenario_identity})
def simulation(scenario: Scenario, run: Run, point: str) -> Simulation:
    """Simulate a scenario with a model; one that brings its own rates keeps them."""
    return scenario.simulate(scenario.rates() if scenario.given else rates(run, point))


def shipped_simulations(run: Run, point: str) -> list[tuple[Scenario, Simulation]]:
    """Simulate all shipped scenarios with a model; the one that loses by its operating point keeps the frozen one."""
    simulations = []
    for name in PRESETS + LOSING:
        operating_point = FROZEN if name == "rule_out_at_threshold" else point
        scenario = replace(preset(name), model=run.run_id, point=operating_point)
        simulations.append((scenario, simulation(scenario, run, operating_point)))
    return simulations
