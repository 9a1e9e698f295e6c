"""The sections of Business case."""

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.charts.comparison import Mark, Row, count_dots
from core.evaluation.calibration import ppv_at
from core.evaluation.types import Estimate
from core.impact import (
    ASSUMPTIONS,
    CHILDREN,
    EURO,
    PREVALENCE,
    PRICE,
    RADIOLOGIST,
    READ_TIME,
    READER_SENSITIVITY,
    READER_SPECIFICITY,
    TIME_SAVED,
    UTILISATION,
    Assumption,
    PerThousand,
    TriageEstimate,
    per_thousand,
    triage_estimate,
    worth_of_time,
)
from core.text import count, percent
from pages.ui.cached import key
from pages.ui.compare_data import Shown

MEASURED = ":green-badge[:material/straighten: measured here]"
PUBLISHED = ":blue-badge[:material/menu_book: published elsewhere]"
ASSUMED = ":orange-badge[:material/edit: assumption]"
WAITS = ("Wait, pneumonia", "Wait, others", "Wait, missed")  # minutes
HOURS = "Hours moved a year"
CHOSEN = "chosen here"
READER = Mark(title="One reader, other films", model=None, hollow=True)


@dataclass(frozen=True, kw_only=True)
class Lab:
    """The lab that the reader describes; shares in [0, 1], times in minutes."""

    prevalence: float
    films_a_year: int
    sensitivity: float
    specificity: float
    utilisation: float
    read_minutes: float


def inputs() -> Lab:
    """The controls; every one starts at its base value."""
    st.markdown("**Your lab**")
    prevalence = _share(PREVALENCE, 1, 60, "business_prevalence")
    films = st.number_input(
        "Children imaged a year", min_value=100, max_value=1_000_000, value=10_000, step=500, key="business_volume",
        persist_state="session", help="Yours; 10,000 is a round number to begin with.",
    )  # fmt: skip
    st.markdown("**Reading without a model**")
    sensitivity = _share(READER_SENSITIVITY, 50, 100, "business_sensitivity")
    specificity = _share(READER_SPECIFICITY, 50, 100, "business_specificity")
    read_time = st.slider(
        "Seconds to read one film", 5, 300, int(READ_TIME.base), 5, key="business_read_time", help=_help(READ_TIME),
        persist_state="session",
    )  # fmt: skip
    utilisation = _share(UTILISATION, 10, 99, "business_utilisation")
    return Lab(
        prevalence=prevalence,
        films_a_year=films,
        sensitivity=sensitivity,
        specificity=specificity,
        utilisation=utilisation,
        read_minutes=read_time / 60,
    )


def _share(one: Assumption, low: int, high: int, name: str) -> float:
    """A slider in per cent; returns a share."""
    start = round(100 * one.base)
    chosen = st.slider(f"{one.title}, %", low, high, start, 1, key=name, help=_help(one), persist_state="session")
    return chosen / 100


def _help(one: Assumption) -> str:
    return f"{_range(one)} ({one.evidence}). {one.source}."


def _range(one: Assumption) -> str:
    if one.unit == "share":
        return f"{percent(one.low)} to {percent(one.high)}, base {percent(one.base)}"
    return f"{one.low:g} to {one.high:g} {one.unit}, base {one.base:g} {one.unit}"


def reader_rates(lab: Lab) -> tuple[Estimate, Estimate]:
    """Sensitivity and specificity of the reader; the published range where the base value stands."""

    def rate(chosen: float, one: Assumption) -> Estimate:
        if round(chosen, 4) == one.base:
            return Estimate(value=chosen, low=one.low, high=one.high, method="published range")
        return Estimate(value=chosen, low=float("nan"), high=float("nan"), method=CHOSEN)

    return rate(lab.sensitivity, READER_SENSITIVITY), rate(lab.specificity, READER_SPECIFICITY)


def of_a_thousand(row: Shown, lab: Lab) -> PerThousand:
    """A model's counts at the lab's share of pneumonia."""
    return per_thousand(row.estimate("sensitivity"), row.estimate("specificity"), lab.prevalence)


def waiting(row: Shown, lab: Lab) -> TriageEstimate:
    """What reading a model's flags first does to waiting."""
    return triage_estimate(
        row.estimate("sensitivity"),
        row.estimate("specificity"),
        prevalence=lab.prevalence,
        utilisation=lab.utilisation,
        read_minutes=lab.read_minutes,
        films_a_year=lab.films_a_year,
    )


def answer(row: Shown, lab: Lab) -> None:
    """Children, time and money in three sentences, each with its interval and where it comes from."""
    model, wait = of_a_thousand(row, lab), waiting(row, lab)
    rates = reader_rates(lab)
    reader = per_thousand(*rates, lab.prevalence)
    own = [one.method for one in rates].count(CHOSEN)
    evidence = f"{ASSUMED} reader, as you set it" if own else f"{PUBLISHED} reader, published range"
    n = row.evaluation["n"]
    with st.container(border=True):
        st.markdown(
            f":material/child_care: **Children.** Of {CHILDREN:,} imaged children, {model.pneumonias:.0f} have "
            f"pneumonia. *{row.mark.title}* flags **{count(model.found)}** of them, misses **{count(model.missed)}**, "
            f"and flags **{count(model.false_alarms)}** of the {model.normals:.0f} others falsely. One reader alone "
            f"finds {count(reader.found)}, misses {count(reader.missed)} and alarms falsely on "
            f"{count(reader.false_alarms)}, on other films: the two were never compared.  \n"
            f"{MEASURED} model, 95 % interval, {n} test films of one hospital · {evidence}"
        )
    with st.container(border=True):
        st.markdown(
            f":material/schedule: **Time.** If flagged films are read first, a child with pneumonia waits "
            f"**{count(wait.pneumonia, 1)} min** on average instead of {wait.in_order:.1f}, a child without "
            f"{count(wait.normal, 1)} min, and a child whose pneumonia the model misses {count(wait.missed, 1)} min. "
            f"Over {lab.films_a_year:,} films a year that moves **{count(wait.hours_moved)} hours** of waiting from "
            f"children with pneumonia to the others. Reader minutes saved: **none**; every film is still read.  \n"
            f"{ASSUMED} queue with random arrivals, how busy the reader is · {MEASURED} who is flagged; ranges hold "
            "for all rates within both 95 % intervals"
        )
    with st.container(border=True):
        st.markdown(
            f":material/payments: **Money.** Saved reading time is worth about **{_saved() * EURO.base:.2f} USD** a "
            f"film even where a radiologist is dearest; AI is sold for {PRICE.low:.2f} to {PRICE.high:.2f} USD a film. "
            f"It does not pay by time alone.  \n{PUBLISHED} sources and exchange rates under *What this rests on*"
        )


def _saved() -> float:
    """EUR a film that the published saving of reading time is worth at the dearest published hour."""
    return worth_of_time(TIME_SAVED.base, RADIOLOGIST.high)


def charts(rows: list[Shown], lab: Lab) -> None:
    """Found and falsely flagged per 1,000 children, every model beside one reader."""
    reader = per_thousand(*reader_rates(lab), lab.prevalence)
    counts = [(row.mark, of_a_thousand(row, lab)) for row in rows] + [(READER, reader)]
    with st.grid(2, min_column_width=340):
        st.plotly_chart(
            _dots(
                [Row(mark=mark, estimate=one.missed) for mark, one in counts],
                f"Missed, of {reader.pneumonias:.0f} children with pneumonia",
            ),
            key="business_missed",
            alt="Missed pneumonias per 1,000 children of every model and of one reader",
            config={"displayModeBar": False},
        )
        st.plotly_chart(
            _dots(
                [Row(mark=mark, estimate=one.false_alarms) for mark, one in counts],
                f"Falsely flagged, of {reader.normals:.0f} children without",
            ),
            key="business_alarms",
            alt="False alarms per 1,000 children of every model and of one reader",
            config={"displayModeBar": False},
        )
    st.caption(
        "Lines are 95 % intervals by patient for the models, the published range for the reader. The reader, below the "
        "dotted line, saw other children and other films: the two were never compared on the same films."
    )


def _dots(rows: list[Row], title: str) -> go.Figure:
    """A titled chart of counts whose last row, the reader, stands below a line."""
    chart = count_dots(rows, f"Children per {CHILDREN:,} imaged")
    chart.add_hline(y=len(rows) - 1.5, line={"dash": "dot", "width": 1, "color": READER.colour})
    chart.update_layout(title={"text": title, "x": 0, "font": {"size": 15}}, margin={"t": 40})
    return chart


def table(rows: list[Shown], lab: Lab) -> None:
    """The same in figures, with what an alarm is worth and the waits."""
    reader = reader_rates(lab)
    lines = [_line(READER.title, *reader, lab)]
    for row in rows:
        wait = waiting(row, lab)
        waits = dict(zip(WAITS, (wait.pneumonia, wait.normal, wait.missed), strict=True))
        lines.append(
            _line(row.mark.title, row.estimate("sensitivity"), row.estimate("specificity"), lab)
            | {name: count(one, 1) for name, one in waits.items()}
            | {HOURS: count(wait.hours_moved)}
        )
        lines[0] |= dict.fromkeys(WAITS, f"{wait.in_order:.1f}") | {HOURS: "0"}
    st.dataframe(
        pd.DataFrame(lines),
        hide_index=True,
        height="content",
        column_config={"Per 1,000 children": st.column_config.TextColumn(pinned=True)},
        alt="Found, missed, false alarms and waits for every model and for one reader",
    )
    st.caption(
        "Models as if nobody else looked: that is how they are measured, not how they may be used. True alarms: share "
        "of alarms that are pneumonia. Waits: minutes on average if flagged films are read first."
    )


def _line(title: str, sensitivity: Estimate, specificity: Estimate, lab: Lab) -> dict[str, str]:
    counts = per_thousand(sensitivity, specificity, lab.prevalence)
    worth = ppv_at(lab.prevalence, sensitivity=sensitivity.value, specificity=specificity.value)
    return {
        "Per 1,000 children": title,
        "Found": count(counts.found),
        "Missed": count(counts.missed),
        "False alarms": count(counts.false_alarms),
        "True alarms": percent(float(worth), 0),
    }


def assumptions() -> None:
    """Every input with its range, its source and how it is known."""
    worth = _saved()
    with st.expander("What this rests on"):
        st.dataframe(
            pd.DataFrame(
                [
                    {"Input": one.title, "Range": _range(one), "Evidence": one.evidence, "Source": one.source}
                    for one in ASSUMPTIONS
                ]
            ),
            hide_index=True,
            column_config={"Source": st.column_config.TextColumn(width="large")},
            alt="Assumptions with sources",
        )
        st.markdown(
            "- The model's rates come from test films of one hospital, where it flags far more normal films than on "
            "films kept aside from training. Another hospital may differ more.\n"
            f"- Money: a published study found {TIME_SAVED.base:g} s less reading time a film with AI. At "
            f"{RADIOLOGIST.high:g} EUR an hour, the dearest published radiologist, that is {worth:.2f} EUR a film, or "
            f"{worth * EURO.base:.2f} USD at {EURO.base:g} USD a euro (an assumption for 2022). It stays below the "
            f"lowest price of AI at any rate below {PRICE.low / worth:.2f} USD a euro; since 1999 it was "
            f"{EURO.low:.2f} to {EURO.high:.2f}. No saving is claimed.\n"
            "- The prevalence is taken as exact, and the model as equally good at every prevalence.\n"
            "- Waits are those of one reader with random arrivals and two priorities (10.1007/s11134-024-09927-w). "
            "The longest waits grow: in a simulated service (PMC8128725) the mean fell from 80.1 to 35.6 min while the "
            "longest rose from 890 to 1,293 min, or 979 with a cap. Cap the wait.\n"
            "- The cost of a miss, of a false alarm and of the system itself is not in these figures."
        )


def choose(rows: list[Shown], default: Shown) -> Shown:
    """The model that the sentences are about."""
    by_key = {key(row.run): row for row in rows}
    chosen = st.selectbox(
        "Model",
        list(by_key),
        index=list(by_key).index(key(default.run)),
        format_func=lambda name: by_key[name].mark.title,
        key="business_model",
        persist_state="session",
    )
    return by_key[chosen]
