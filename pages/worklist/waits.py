"""What the order would do to waiting in a lab of the reader's description, by simulation."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from core.charts.worklist import FIGURES, GROUP_TITLES, ORDER_TITLES, wait_chart
from core.evaluation.types import Estimate
from core.impact.inputs import PREVALENCE
from core.runs.store import choose_run
from core.wording import format_count, format_percent, format_rate
from core.worklist.simulation import (
    DAY_PROFILE,
    ROSTERS,
    Group,
    Lab,
    Order,
    WaitingSimulation,
    days_for,
    replicate,
    roster,
)
from pages.shared.layout import ask_prevalence, errors_shown
from pages.shared.run_figures import Shown, shown

ASKED = "worklist_lab"
FILMS, REPLICATIONS = 40_000, 10  # about three seconds of simulation in all orders
LEAST_FILMS = 30  # of a group, below which its waits say nothing


@st.fragment
def waits() -> None:
    """Show a lab's inputs and, once asked for, its waits in three orders."""
    with errors_shown():  # within the fragment, which keeps its errors to itself
        for row in shown([choose_run(None)], "test"):
            _waits(row)


def _waits(row: Shown) -> None:
    st.markdown(
        "A stack that is there at the start is the simple case. Here films come by the hour, readers work in shifts, "
        "and a cap can pull forward what has waited too long. Days are simulated film by film, in three orders."
    )
    with st.form("worklist_form"):
        lab = _inputs(row)
        if st.form_submit_button("Simulate", icon=":material/play_arrow:", key="worklist_simulate"):
            st.session_state[ASKED] = True
    if not st.session_state.get(ASKED):
        return
    with st.spinner("Simulating about 40,000 films in each order"):
        simulation = _simulate(lab())
    _answer(simulation)
    with st.grid(3, min_column_width=300):
        for figure, title in FIGURES.items():
            st.plotly_chart(
                wait_chart(simulation, figure),
                key=f"worklist_waits_{figure}",
                config={"displayModeBar": False},
                alt=f"{title} of each group in three orders of reading",
            )
    _basis(simulation, row)


def _inputs(row: Shown) -> Callable[[], Lab]:
    with st.grid(3, min_column_width=200):
        films = st.number_input(
            "Films a day",
            min_value=1,
            max_value=5000,
            value=360,
            step=10,
            key="worklist_films",
            persist_state="session",
        )
        readers = st.number_input(
            "Readers at work at a time",
            min_value=1,
            max_value=20,
            value=1,
            step=1,
            key="worklist_readers",
            persist_state="session",
        )
        name = st.selectbox(
            "Hours",
            list(ROSTERS),
            index=1,
            key="worklist_roster",
            help="Every day of the week",
            persist_state="session",
        )
        minutes = st.number_input(
            "Minutes for a film",
            min_value=0.1,
            max_value=60.0,
            value=2.0,
            step=0.5,
            format="%.1f",
            key="worklist_read_minutes",
            help="A reader's time to read and write down, on average; single films vary exponentially.",
            persist_state="session",
        )
        cap = st.number_input(
            "Cap on the wait, minutes",
            min_value=1,
            max_value=10_000,
            value=120,
            step=10,
            key="worklist_cap",
            help="In the capped order, a film that has waited so long is opened next, whatever the model said of it.",
            persist_state="session",
        )
        share = ask_prevalence(
            "Pneumonia among imaged children",
            key="worklist_share",
            help=f"The more films are flagged, the less their order brings. {PREVALENCE.source}.",
        )

    def lab() -> Lab:  # made only when asked for: a lab that cannot keep up is an error
        return Lab(
            films_a_day=float(films),
            read_minutes=float(minutes),
            shifts=roster(name, int(readers)),
            prevalence=round(share, 6),
            sensitivity=row.estimate("sensitivity").value,
            specificity=row.estimate("specificity").value,
            cap_minutes=float(cap),
            profile=DAY_PROFILE,
        )

    return lab


@st.cache_data(max_entries=32, show_spinner=False)
def _simulate(lab: Lab) -> WaitingSimulation:
    """Numbers alone, nothing of an upload: one answer for all sessions."""
    return replicate(lab, days=days_for(lab, FILMS, REPLICATIONS), replications=REPLICATIONS)


def _answer(simulation: WaitingSimulation) -> None:
    """Who gains and who pays, in sentences."""
    flagged, capped = "flagged first", "flagged first, capped"

    def wait(order: Order, group: Group) -> str:
        return f"{format_count(_plain(simulation.waits(order, group).mean), 0)} min"

    night = "" if simulation.lab.covered else " No cap shortens the hours in which nobody reads."

    def longest(order: Order) -> str:
        return f"{simulation.waits(order, 'all').longest.value:,.0f} min"

    st.markdown(
        "With flagged films first, on average:\n"
        f"- **Children with pneumonia** wait **{wait(flagged, 'pneumonia')}**, "
        f"{_change(simulation, flagged, 'pneumonia')} than as they came.\n"
        f"- **Children without** wait {wait(flagged, 'normal')}, {_change(simulation, flagged, 'normal')}.\n"
        f"- **Children whose pneumonia the model misses** wait **{wait(flagged, 'missed')}**, "
        f"{_change(simulation, flagged, 'missed')}.\n"
        f"- **The longest wait** in {simulation.days} days is {longest(flagged)} instead of {longest('arrival')}; with "
        f"a cap of {simulation.lab.cap_minutes:,.0f} min {longest(capped)}. The cap leaves children with pneumonia "
        f"{_change(simulation, capped, 'pneumonia')} than as they came, and missed ones "
        f"{_change(simulation, capped, 'missed')}.{night}\n"
        "- **Reading time saved: none.**"
    )


def _change(simulation: WaitingSimulation, order: Order, group: Group) -> str:
    return change_in_words(simulation.waits(order, group).change)


def change_in_words(change: Estimate) -> str:
    """Return ``17.0 (10.0 to 25.0) min more``: a change against the order of arrival, on the same films."""
    if change.value >= 0:
        return f"{format_count(change, 1)} min more"
    less = Estimate(value=-change.value, low=-change.high, high=-change.low, method=change.method)
    return f"{format_count(less, 1)} min less"


def _plain(estimate: Estimate) -> Estimate:
    """Return it without its interval, where the interval of a difference is shown beside it."""
    return Estimate(value=estimate.value, low=float("nan"), high=float("nan"), method=estimate.method)


def _basis(simulation: WaitingSimulation, row: Shown) -> None:
    """Show what the figures rest on, and all of them as a table."""
    lab = simulation.lab
    published = lab.prevalence == PREVALENCE.base
    share = f"{format_percent(lab.prevalence, 0 if published else 1)} of imaged children have pneumonia"
    few = [
        GROUP_TITLES[group].lower() for group in GROUP_TITLES if simulation.waits("arrival", group).films < LEAST_FILMS
    ]
    warning = f" Too few films for a figure: {', '.join(few)}." if few else ""
    st.caption(
        f"Readers are busy {format_percent(lab.utilisation, 0)} of their hours. Mean of {simulation.replications} "
        f"replications of {simulation.days} days, {simulation.waits('arrival', 'all').films:,} films, the same in "
        "every order; lines are 95 % intervals of the simulation alone. Measured here: sensitivity "
        f"{format_rate(row.estimate('sensitivity'))}, specificity {format_rate(row.estimate('specificity'))}, used "
        "without their "
        f"intervals. {'Published' if published else 'Yours'}: {share}. Assumptions: your other inputs, "
        "arrivals by the hour (few at night, most by day), and that flags are as often right at any hour. Waits "
        "run until a film is opened, nights included; a small group has a shorter longest wait by its size "
        "alone. Nobody has tried this in a hospital." + warning
    )
    with st.expander("All figures"):
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "Order": ORDER_TITLES[assumption_row.order],
                        "Children": GROUP_TITLES[assumption_row.group],
                        "Films": assumption_row.films,
                        "Mean, min": format_count(assumption_row.mean, 1),
                        "Than as they came, min": format_count(assumption_row.change, 1),
                        "95 of 100 wait at most, min": format_count(assumption_row.p95, 1),
                        "Longest, min": format_count(assumption_row.longest, 0),
                    }
                    for assumption_row in simulation.rows
                ]
            ),
            hide_index=True,
            height="content",
            alt="Simulated waits for every order and group",
        )
