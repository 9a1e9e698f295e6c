"""Business case: what would a model change for my lab, per year and per 1,000 children, and when does it lose money?"""

from dataclasses import replace

import streamlit as st

from core.impact.formulas import USES
from core.runs.store import served
from pages.business import cache as business_cached
from pages.business import inputs as business_inputs
from pages.business import parts as business_parts
from pages.shared import cache as cached
from pages.shared.layout import banner, errors_shown, footer, header
from pages.shared.navigation import COMPARE, READ, WORKLIST
from pages.shared.run_figures import shown

header(
    "What would a model change for my lab, and when does it lose money?",
    "Describe your lab in five inputs. Money, time and children follow, each with its range; what nobody has measured "
    "is an input with a source.",
)
runs = cached.shown_runs()
rows = [row for row in shown(runs, "test") if row.run.has_scores("test")]
headline = st.container()
controls, answers = st.columns([1, 3], gap="large")
below = st.container()
if rows:
    default = next((row for row in rows if cached.key(row.run) == cached.key(served(runs))), rows[0])
    with controls:
        lab = business_inputs.choose_preset()
        values = business_inputs.ask_inputs(lab, business_inputs.PROFILE)
        use, row, point = business_inputs.choose_offer(rows, default, lab)
    assumptions = st.expander("Assumptions and sources", icon=":material/tune:")
    with assumptions, st.grid(3, min_column_width=260):
        values |= business_inputs.ask_inputs(lab, business_inputs.OTHERS)
    with errors_shown():
        scenario = business_inputs.build_scenario(lab, values, use, row, point)
        rates = business_cached.rates(row.run, point)
        simulation = business_cached.simulation(scenario, row.run, point)
        with headline:
            business_parts.headline(scenario, simulation)
        with answers:
            business_parts.answers(scenario, rates, simulation)
            business_parts.curve(scenario, simulation)
        with below:
            business_parts.swings(simulation)
            shipped = business_cached.shipped_simulations(row.run, point)
            own_scenarios = [
                (
                    replace(scenario, use=use_case, title=f"Yours: {name.lower()}"),
                    business_cached.simulation(replace(scenario, use=use_case), row.run, point),
                )
                for use_case, name in USES.items()
            ]
            business_parts.scenarios(own_scenarios, shipped)
            business_parts.show_objections(scenario, row, rates, simulation)
            business_parts.exports(scenario, rates, simulation, [*own_scenarios, *shipped])
            business_parts.models(scenario, rows)
        with assumptions:
            business_parts.sources(scenario, rates)
else:
    st.error("No evaluated model was found; fetch artifacts/ again or train one.", icon=":material/error:")

banner()
footer(
    "**Next:** see a morning's list in either order, which differences between the models are real, or how one film is "
    "answered.",
    WORKLIST,
    COMPARE,
    READ,
)
