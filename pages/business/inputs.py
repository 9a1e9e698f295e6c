"""The inputs of Business case: a lab's profile, the offer, and everything else; all are part of the page's link."""

from dataclasses import dataclass, replace

import streamlit as st

from core.impact.figures import format_input
from core.impact.formulas import USES
from core.impact.inputs import INPUTS, SHARE, Assumption
from core.impact.rates import FROZEN, POINTS, point_title
from core.impact.scenario import PRESETS, Scenario, preset
from core.wording import format_percent
from pages.shared.cache import key
from pages.shared.run_figures import Shown

LINK = "query-params"
PROFILE = ("volume", "prevalence", "read_time", "hourly", "ai_price")
OTHERS = tuple(name for name in INPUTS if name not in PROFILE)


@dataclass(frozen=True, kw_only=True)
class Control:
    """A widget of an input, in the widget's own unit (per cent for shares); sliders where the range is natural."""

    low: float
    high: float
    step: float
    slider: bool = False


CONTROLS = {
    "volume": Control(low=100.0, high=1_000_000.0, step=500.0),
    "prevalence": Control(low=1.0, high=60.0, step=1.0, slider=True),
    "read_time": Control(low=5.0, high=300.0, step=5.0, slider=True),
    "hourly": Control(low=10.0, high=500.0, step=1.0),
    "ai_price": Control(low=0.0, high=20.0, step=0.05),
    "fixed_cost": Control(low=0.0, high=1_000_000.0, step=500.0),
    "miss_cost": Control(low=0.0, high=20_000.0, step=5.0),
    "alarm_cost": Control(low=0.0, high=20_000.0, step=1.0),
    "reader_sensitivity": Control(low=50.0, high=99.0, step=1.0, slider=True),
    "reader_specificity": Control(low=50.0, high=99.0, step=1.0, slider=True),
    "utilisation": Control(low=10.0, high=99.0, step=1.0, slider=True),
    "read_time_change": Control(low=-50.0, high=50.0, step=1.0, slider=True),
    "dependence": Control(low=0.0, high=100.0, step=1.0, slider=True),
    "accept_right": Control(low=0.0, high=100.0, step=1.0, slider=True),
    "accept_wrong": Control(low=0.0, high=100.0, step=1.0, slider=True),
    "drop_right": Control(low=0.0, high=100.0, step=1.0, slider=True),
    "second_look": Control(low=0.0, high=600.0, step=5.0, slider=True),
    "euro": Control(low=0.5, high=2.0, step=0.01),
}


def choose_preset() -> Scenario:
    """Ask for the lab to start from; a change sets every input to that lab's."""
    name = st.selectbox(
        "Start from",
        PRESETS,
        format_func=lambda name: preset(name).title,
        key="business_lab",
        bind=LINK,
        on_change=_restore,
        help="Sets all inputs; change any of them afterwards.",
    )
    return preset(name if name in PRESETS else PRESETS[0])


def _restore() -> None:
    for name, assumption in preset(st.session_state["business_lab"]).inputs.items():
        st.session_state[f"business_{name}"] = _widget_value(name, assumption.base)


def ask_inputs(lab: Scenario, names: tuple[str, ...]) -> dict[str, float]:
    """Show widgets of some inputs, at first with the lab's values, and return their values."""
    return {name: _field(name, lab.inputs[name]) for name in names}


def _field(name: str, assumption: Assumption) -> float:
    control_spec = control(name, assumption)
    unit = "%" if assumption.unit == SHARE else assumption.unit
    value = (st.slider if control_spec.slider else st.number_input)(
        f"{assumption.title}, {unit}",
        min_value=control_spec.low,
        max_value=control_spec.high,
        value=_widget_value(name, assumption.base),
        step=control_spec.step,
        format="%.2f" if control_spec.step < 1 else "%.0f",
        key=f"business_{name}",
        bind=LINK,
        help=f"{span(assumption)} ({assumption.evidence}). {assumption.source}.",
    )
    return value / 100 if assumption.unit == SHARE else value


def control(name: str, assumption: Assumption) -> Control:
    """Return an input's widget of `CONTROLS`, or one over all that the model accepts."""
    if name in CONTROLS:
        return CONTROLS[name]
    if assumption.unit == SHARE:
        return Control(low=100 * assumption.least, high=100 * assumption.most, step=1.0, slider=True)
    return Control(low=float(assumption.least), high=float(assumption.most), step=1.0)


def _widget_value(name: str, base: float) -> float:
    """Return a base value in the unit of its widget.

    All are floating point: Streamlit stops at an infinite value in a link for a widget of whole numbers.
    """
    return round(100 * base, 6) if INPUTS[name].unit == SHARE else float(base)


def span(assumption: Assumption) -> str:
    """Format a range: ``8.5 % to 22.2 %, base 16.0 %``."""
    if not assumption.varies:
        return f"{format_input(assumption.base)} {assumption.unit}, exact"
    ends = (assumption.low, assumption.high, assumption.base)
    if assumption.unit == SHARE:
        low, high, base = map(format_percent, ends)
        return f"{low} to {high}, base {base}"
    low, high, base = map(format_input, ends)
    return f"{low} to {high} {assumption.unit}, base {base}"


def choose_offer(rows: list[Shown], default: Shown, lab: Scenario) -> tuple[str, Shown, str]:
    """Ask how a model is used, which, and at which operating point."""
    by_key = {key(row.run): row for row in rows}
    use = st.selectbox(
        "How it is used",
        list(USES),
        index=list(USES).index(lab.use),
        format_func=USES.__getitem__,
        key="business_use",
        bind=LINK,
        help="Triage: flagged films are read first. Second reader: the doctor reads, then sees the flag. Rule out: "
        "nobody reads what is not flagged, which no model that knows two labels can justify.",
    )
    name = st.selectbox(
        "Model",
        list(by_key),
        index=list(by_key).index(key(default.run)),
        format_func=lambda name: by_key[name].style.title,
        key="business_model",
        bind=LINK,
    )
    point = st.selectbox(
        "Operating point",
        list(POINTS),
        format_func=point_title,
        key="business_point",
        bind=LINK,
        help="Where the model raises a flag. No threshold was chosen on test: all come from validation, but for 0.5.",
    )
    return (
        use if use in USES else lab.use,
        by_key.get(name, default),
        point if point in POINTS else FROZEN,
    )


def build_scenario(lab: Scenario, values: dict[str, float], use: str, row: Shown, point: str) -> Scenario:
    """Return the scenario on the page; raises `InputError` for a value that no widget would give."""
    changed = any(values[name] != assumption.base for name, assumption in lab.inputs.items())
    title = f"{lab.title}, changed" if changed else lab.title
    model = f"own:{row.run.run_id}" if row.run.own else row.run.run_id
    return replace(lab.with_values(values), title=title, use=use, model=model, point=point)
