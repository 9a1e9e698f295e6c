"""The answers of Business case: three sentences, charts, losing scenarios, objections, sources, exports."""

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from core.charts.impact import price_curve, tornado
from core.errors import LungLensError
from core.evaluation.types import Estimate
from core.impact.export import to_csv, used_inputs
from core.impact.figures import answer, format_chance, format_number, format_odds, format_result, verdict
from core.impact.formulas import USES
from core.impact.inputs import EURO, NOT_SUMMED
from core.impact.objections import READERS, objections, time_alone
from core.impact.rates import FROZEN, ModelRates
from core.impact.scenario import Scenario
from core.impact.simulate import DRAWS, Simulation
from core.reports.business import board_pdf
from core.wording import format_rate
from pages.business import cache as business_cached
from pages.business.inputs import span
from pages.shared.run_figures import Shown, evaluation, ledger_in_words

MEASURED = ":green-badge[:material/straighten: measured here]"
PUBLISHED = ":blue-badge[:material/menu_book: published elsewhere]"
ASSUMED = ":orange-badge[:material/edit: assumption]"
BASIS = {  # inputs that each sentence rests on most
    "Money": {
        "prevalence": "how many have pneumonia",
        "hourly": "a reader's hour",
        "miss_cost": "a miss",
        "alarm_cost": "a false positive",
        "ai_price": "the price",
        "fixed_cost": "the fixed cost",
    },
    "Time": {"prevalence": "how many have pneumonia", "read_time": "how long a film takes"},
    "Children": {"prevalence": "how many have pneumonia", "reader_sensitivity": "the reader, on other films"},
}
Others = Sequence[tuple[Scenario, Simulation]]


def headline(scenario: Scenario, simulation: Simulation) -> None:
    """Show the lab's own money, and the net once care and readers' time count."""
    own_books, net = simulation.figures["own_books"], simulation.figures["net"]
    counted = _counted(simulation)
    st.markdown(
        f"#### {scenario.title}, {USES[scenario.use].lower()}: it costs your lab about "
        f"{format_number(-own_books.value)} EUR a year.\n"
        f"- In the lab's own books: {_a_year(own_books)}. Software cost only; savings from better care go to whoever "
        "pays for treatment.\n"
        + (f"- With {counted} counted: {_a_year(net)}. " if counted else "- Neither care nor readers' time changes. ")
        + f"It pays in **{format_odds(simulation.p_positive)}** simulations."
    )


def _counted(simulation: Simulation) -> str:
    """Return what the net includes besides the system: ``care and readers' time``."""
    parts = {"care": ("fewer_misses", "fewer_alarms"), "readers' time": ("reader_time",)}
    return " and ".join(
        part for part, names in parts.items() if any(_moves(simulation.figures[name]) for name in names)
    )


def _moves(euros: Estimate) -> bool:
    """Return whether it is a euro or more, at its base or at an end of its range (which may be NaN)."""
    return any(abs(end) >= 1 for end in (euros.value, euros.low, euros.high))


def _a_year(estimate: Estimate) -> str:
    """Format money a year: ``**4,160 EUR** a year (95 % range -29,100 to 58,500)``."""
    spread = (
        ""
        if math.isnan(estimate.low)
        else f" (95 % range {format_number(estimate.low)} to {format_number(estimate.high)})"
    )
    return f"**{format_number(estimate.value)} EUR** a year{spread}"


def answers(scenario: Scenario, rates: ModelRates, simulation: Simulation) -> None:
    """Show money, time and children, each with its range and its evidence."""
    texts = answer(scenario, simulation)
    measured = f"{MEASURED} who is flagged, {rates.source}"
    for icon, name, sentence in (
        ("payments", "Money", texts.money),
        ("schedule", "Time", texts.time),
        ("child_care", "Children", texts.children),
    ):
        basis = " · ".join([measured, *_known(scenario, BASIS[name])])
        with st.container(border=True):
            st.markdown(f":material/{icon}: **{name}.** {sentence}  \n{basis}")
    st.caption(
        f"Ranges: 95 % of {DRAWS:,} simulations. "
        f"Euros at {scenario.inputs['euro'].base:g} USD each. " + time_alone(scenario)
    )


def _known(scenario: Scenario, words: dict[str, str]) -> list[str]:
    """Return which inputs of a sentence are published and which are assumed."""
    kinds: dict[str, list[str]] = {PUBLISHED: [], ASSUMED: []}
    for name, word in words.items():
        kinds[PUBLISHED if scenario.inputs[name].evidence == "published elsewhere" else ASSUMED].append(word)
    if scenario.use == "second_reader":
        kinds[ASSUMED].append("how readers react")
    elif scenario.use == "triage" and "read_time" in words:
        kinds[ASSUMED].append("how busy the reader is")
    return [f"{kind} {', '.join(several)}" for kind, several in kinds.items() if several]


def curve(scenario: Scenario, simulation: Simulation) -> None:
    """Show the net against the price of a film."""
    st.plotly_chart(
        price_curve(scenario, simulation),
        key="business_curve",
        alt="Net a year falls with the price of a film; it breaks even at "
        f"{format_result(simulation, 'break_even_price')}",
        config={"displayModeBar": False},
    )


def swings(simulation: Simulation) -> None:
    """Show the inputs that change the net most."""
    st.plotly_chart(
        tornado(simulation),
        key="business_tornado",
        alt="Net a year with one input at a time at the ends of its range, widest first",
        config={"displayModeBar": False},
    )


def scenarios(own: Others, shipped: Others) -> None:
    """Show scenarios that win and that lose, side by side, losing ones in full."""
    st.subheader("Where it wins and where it loses", anchor=False)
    lines = [
        {
            "Scenario": scenario.title,
            "Net a year, EUR": format_result(simulation, "net").replace(" EUR", ""),
            "Chance it pays": format_chance(simulation.p_positive),
            "Verdict": verdict(simulation),
            "More missed": format_result(simulation, "extra_missed"),
            "More false alarms": format_result(simulation, "extra_alarms"),
        }
        for scenario, simulation in [*own, *shipped]
    ]
    st.dataframe(
        pd.DataFrame(lines),
        hide_index=True,
        height="content",
        row_height=66,  # above 64 px names wrap: a narrow column leaves a phone room for the money
        column_config={  # nothing pinned: on a phone the names alone would fill the screen
            "Scenario": st.column_config.TextColumn(width=150),
            "Net a year, EUR": st.column_config.TextColumn(width=190),
            "Chance it pays": st.column_config.TextColumn(width=110),
            "Verdict": st.column_config.TextColumn(width=150),
        },
        alt="Net a year, chance that it pays and children missed, scenario by scenario",
    )
    st.caption(
        "Net with care and readers' time counted. Missed and false alarms (false positives): of 1,000 children, more "
        "than by one reader alone; below zero, fewer. All scenarios take the same model and operating point, but for "
        "*Model performs worse at our site*."
    )
    with st.expander("What these scenarios are"):
        st.markdown("\n".join(f"- **{scenario.title}.** {scenario.note}" for scenario, _ in shipped))


def show_objections(scenario: Scenario, row: Shown, rates: ModelRates, simulation: Simulation) -> None:
    """Show the objections of three readers with their answers."""
    validation = {}
    if scenario.point == FROZEN:
        try:
            validation = {"specificity": evaluation(row.run, "validation").metrics["specificity"]}
        except LungLensError:
            validation = {}  # a run without validation scores: the sentence is left out
    objections_by_reader = objections(scenario, rates, simulation, validation, ledger_in_words())
    st.subheader("Objections, answered", anchor=False)
    with st.grid(3, min_column_width=280):
        for reader, icon in READERS.items():
            with st.container(border=True, height="stretch"):
                st.markdown(f"{icon} **{reader}**")
                for objection in objections_by_reader[reader]:
                    st.markdown(f"*“{objection.objection}”*  \n{objection.answer}")


def models(scenario: Scenario, rows: list[Shown]) -> None:
    """Show every model at this lab and operating point; computed when opened."""
    expander = st.expander("Other models at this lab", key="business_models", on_change="rerun")
    if not expander.open:
        return
    lines = []
    for row in rows:
        try:
            rates = business_cached.rates(row.run, str(scenario.point))
        except LungLensError:
            continue  # no scores to choose this operating point on
        simulation = business_cached.simulation(scenario, row.run, str(scenario.point))
        lines.append(
            {
                "Model": row.style.title,
                "Net a year, EUR": format_result(simulation, "net").replace(" EUR", ""),
                "Chance it pays": format_chance(simulation.p_positive),
                "More missed": format_result(simulation, "extra_missed"),
                "Flagged per 1,000": format_result(simulation, "flagged"),
                "Sensitivity": format_rate(rates.sensitivity),
                "Specificity": format_rate(rates.specificity),
            }
        )
    expander.dataframe(pd.DataFrame(lines), hide_index=True, alt="Net a year of every model at this lab")


def sources(scenario: Scenario, rates: ModelRates) -> None:
    """Show every input with its range, its source and its evidence."""
    inputs = [assumption for _, assumption in used_inputs(scenario, rates)]
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "Input": assumption.title,
                    "Range": span(assumption),
                    "Evidence": assumption.evidence,
                    "Source": assumption.source,
                }
                for assumption in [*inputs, *NOT_SUMMED]
            ]
        ),
        hide_index=True,
        row_height=72,  # three lines of text: sources are long
        column_config={
            "Input": st.column_config.TextColumn(pinned=True, width=180),
            "Range": st.column_config.TextColumn(width=170),
            "Evidence": st.column_config.TextColumn(width=110),
            "Source": st.column_config.TextColumn(width="large"),
        },
        alt="Inputs with ranges, evidence and sources",
    )
    st.markdown(
        f"- One currency: dollars become euros at {scenario.inputs['euro'].base:g} USD each. {EURO.source}.\n"
        "- Costs and prices are added up; charges, what a hospital asks for, never are.\n"
        "- Ranges are read as 95 % intervals: Beta for shares, lognormal for times, gamma for costs, independent of "
        "each other. A value that you change takes its range along. Price, volume, exchange rate and how busy the "
        "reader is stay fixed in the draws; the tornado moves them.\n"
        "- Second reader: how the doctor takes the flags is assumed; nobody measured readers with this model.\n"
        "- Waits: one reader, random arrivals, two priorities (10.1007/s11134-024-09927-w). Worklist simulates shifts, "
        "several readers and a cap on the longest wait.\n"
        "- From a file of your own, with ranges and sources: `python -m core impact --scenario FILE`."
    )


def exports(scenario: Scenario, rates: ModelRates, simulation: Simulation, others: Others) -> None:
    """Offer a page for a board, a table, and a file for the command line."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download board summary (PDF)",
            lambda: board_pdf(scenario, rates, simulation, others, created=datetime.now(UTC)),
            "business-case.pdf",
            "application/pdf",
            icon=":material/picture_as_pdf:",
            on_click="ignore",
            key="business_pdf",
        )
        st.download_button(
            "All inputs and outputs",
            to_csv(scenario, rates, simulation),
            "business-case.csv",
            "text/csv",
            icon=":material/table:",
            on_click="ignore",
            key="business_csv",
        )
        st.download_button(
            "Scenario file",
            json.dumps(scenario.to_dict(), indent=1),
            "scenario.json",
            "application/json",
            icon=":material/data_object:",
            on_click="ignore",
            key="business_json",
        )
        st.caption(":material/link: The address of this page restores the scenario: copy it from the browser.")
