"""Draws of everything that is not known exactly, and what follows for a year: money, time and children."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.evaluation.calibration import npv_at, ppv_at
from core.evaluation.decision import net_benefit
from core.evaluation.types import Estimate
from core.impact.draws import draw, stream
from core.impact.formulas import USES, Use, Values, flagged_share, money, team_outcomes
from core.impact.inputs import INPUTS, Assumption
from core.impact.rates import ModelRates
from core.impact.waiting import CHILDREN, MOST_BUSY, p95_of_missed, waits
from core.types import Float64Array

DRAWS = 10_000
SEED = 7
METHOD = f"Monte Carlo, {DRAWS:,} draws"
DEAREST_ALARM = 0.99  # threshold probability where a miss costs next to nothing
MODEL = ("sensitivity", "specificity")


def base_values(inputs: Mapping[str, Assumption], rates: ModelRates) -> dict[str, float]:
    """Every input at its base."""
    values = {key: assumption.base for key, assumption in inputs.items()}
    return values | {"sensitivity": rates.sensitivity.value, "specificity": rates.specificity.value}


def drawn_values(inputs: Mapping[str, Assumption], rates: ModelRates, draws: int, seed: int) -> dict[str, Float64Array]:
    """Every input in every draw; the model's two rates come from the same patients, so they are drawn as pairs."""
    order = stream("model", seed).permutation(np.arange(draws) % len(rates.drawn_sensitivity))
    pairs = {"sensitivity": rates.drawn_sensitivity, "specificity": rates.drawn_specificity}
    return draw(inputs, draws, seed) | {
        name: np.broadcast_to(column, len(rates.drawn_sensitivity))[order] for name, column in pairs.items()
    }


def in_euros(values: Mapping[str, Float64Array], inputs: Mapping[str, Assumption]) -> dict[str, Float64Array]:
    """Return the same values with all money in euros."""
    rate = values["euro"]
    return {
        key: value / rate if key in inputs and key != "euro" and inputs[key].unit.startswith("USD") else value
        for key, value in values.items()
    }


def outcomes(use: Use, v: Values) -> dict[str, Float64Array]:
    """Every figure of a scenario, elementwise; the names are those of `core.impact.figures.FIGURES`.

    Parameters
    ----------
    use : str
    v : mapping
        Inputs by name with all money in euros, and the model's ``sensitivity`` and ``specificity``.
    """
    with_model, pi = team_outcomes(use, v), v["prevalence"]
    parts = money(v, with_model)
    caught = {
        "alone": CHILDREN * pi * v["reader_sensitivity"],
        "together": CHILDREN * pi * with_model.sensitivity,
    }
    alarms = {
        "alone": CHILDREN * (1 - pi) * (1 - v["reader_specificity"]),
        "together": CHILDREN * (1 - pi) * (1 - with_model.specificity),
    }
    extra, extra_alarms = caught["together"] - caught["alone"], alarms["together"] - alarms["alone"]
    margin = (parts["net"] + v["fixed_cost"]) / v["volume"]
    spent = CHILDREN * -(parts["price"] + parts["fixed"] + parts["reader_time"]) / v["volume"]
    with np.errstate(divide="ignore", invalid="ignore"):
        volume = np.where(margin > 0, v["fixed_cost"] / margin, np.inf)
        per_case = np.where(extra > 0, (spent + extra_alarms * v["alarm_cost"]) / extra, np.inf)
    ratio = v["alarm_cost"] / np.maximum(v["miss_cost"], 1e-9)
    p = np.minimum(ratio / (1 + ratio), DEAREST_ALARM)  # where the two costs balance
    reader = {"sensitivity": v["reader_sensitivity"], "specificity": v["reader_specificity"]}
    team = {"sensitivity": with_model.sensitivity, "specificity": with_model.specificity}
    model = {name: v[name] for name in MODEL}
    benefit = [_net_benefit(rates, pi, p) for rates in (team, reader)]
    figures = parts | {
        "reader_hours": v["volume"] * with_model.seconds / 3600,
        "break_even_price": margin + v["ai_price"] - v["fixed_cost"] / v["volume"],
        "break_even_volume": volume,
        "cost_per_case": per_case,
        "found_alone": caught["alone"],
        "missed_alone": CHILDREN * pi - caught["alone"],
        "alarms_alone": alarms["alone"],
        "found": caught["together"],
        "missed": CHILDREN * pi - caught["together"],
        "alarms": alarms["together"],
        "extra_missed": 0 - extra,
        "extra_alarms": extra_alarms,
        "net_benefit": CHILDREN * (benefit[0] - benefit[1]),
        "npv_alone": npv_at(pi, **reader),
        "npv": npv_at(pi, **team),
        "npv_model": npv_at(pi, **model),
        "ppv_alone": ppv_at(pi, **reader),
        "ppv": ppv_at(pi, **team),
        "flagged": CHILDREN * flagged_share(v),
        "false_flags": CHILDREN * (1 - pi) * (1 - v["specificity"]),
    }
    if use == "second_reader":
        figures["second_looks"] = CHILDREN * with_model.disagreements
        figures["given_up"] = CHILDREN * pi * v["reader_sensitivity"] * (1 - v["sensitivity"]) * v["drop_right"]
    if use == "rule_out":
        figures["removed"] = CHILDREN * with_model.removed
        figures["removed_with_pneumonia"] = CHILDREN * pi * (1 - v["sensitivity"])
    return figures | (_waiting(v) if use == "triage" else {})


class _Recorded(dict[str, Float64Array]):
    """Values that remember which of them were read."""

    def __init__(self, values: Mapping[str, float]) -> None:
        super().__init__({key: np.asarray(value, dtype=float) for key, value in values.items()})
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> Float64Array:
        self.read.add(key)
        return super().__getitem__(key)


def check_inputs(inputs: Mapping[str, Assumption]) -> None:
    """Check that the formulas read every input, and no other.

    Raises
    ------
    RuntimeError
        Names the input, and the file where it is missing.
    """
    values = _Recorded({key: assumption.base for key, assumption in inputs.items()} | dict.fromkeys(MODEL, 0.9))
    try:
        for use in USES:
            outcomes(use, values)
    except KeyError as error:
        raise RuntimeError(f"The formulas read the input {error}: add it to INPUTS in core/impact/inputs.py.") from None
    if unread := inputs.keys() - values.read - {"euro"}:  # `in_euros` reads the rate
        raise RuntimeError(
            f"core/impact/inputs.py: no formula reads {', '.join(sorted(unread))}. Use it in core/impact/formulas.py "
            "or in `outcomes` of core/impact/simulate.py, or take it out of INPUTS."
        )


def _net_benefit(rates: Mapping[str, Float64Array], pi: Float64Array, p: Float64Array) -> Float64Array:
    return net_benefit(**rates, prevalence=pi, probability=p)  # type: ignore[arg-type]  # elementwise in all arguments


def _waiting(v: Values) -> dict[str, Float64Array]:
    """Mean waits in minutes, and hours of waiting that a year moves from children with pneumonia to the others."""
    busy = np.minimum(v["utilisation"], MOST_BUSY)
    waiting = waits(
        prevalence=v["prevalence"],
        sensitivity=v["sensitivity"],
        specificity=v["specificity"],
        utilisation=busy,
        read_time=v["read_time"] / 60,
    )
    moved = v["volume"] * v["prevalence"] * (waiting["in_order"] - waiting["pneumonia"]) / 60
    return {
        "wait_in_order": waiting["in_order"],
        "wait_pneumonia": waiting["pneumonia"],
        "wait_normal": waiting["normal"],
        "wait_missed": waiting["missed"],
        "hours_moved": moved,
    }


def _p95(inputs: Mapping[str, Assumption], figures: Mapping[str, Estimate]) -> Estimate:
    """Wait in minutes that 5 % of the missed children exceed, at the base of every input."""
    value = p95_of_missed(
        flagged_share=figures["flagged"].value / CHILDREN,
        utilisation=inputs["utilisation"].base,
        read_time=inputs["read_time"].base / 60,
    )
    return Estimate(value=value, low=math.nan, high=math.nan, method="M/M/1 with two classes, base case")


@dataclass(frozen=True, kw_only=True)
class Swing:
    """Net per year with one input at the low and at the high end of its range, in euros."""

    key: str
    title: str
    low: float
    high: float
    net_at_low: float
    net_at_high: float

    @property
    def width(self) -> float:
        return abs(self.net_at_high - self.net_at_low)


@dataclass(frozen=True, kw_only=True, eq=False)
class Simulation:
    """A scenario with what is not known of it.

    Parameters
    ----------
    figures : dict of Estimate
        At the base of every input, with the range of 95 % of the draws.
    p_positive : float in [0, 1]
        Share of draws in which a year brings more than it takes.
    p_more_missed : float in [0, 1]
        Share of draws in which reader and model together miss more than the reader alone.
    tornado : list of Swing
        Widest first.
    """

    figures: dict[str, Estimate]
    p_positive: float
    p_more_missed: float
    tornado: list[Swing]


def simulate(
    use: Use, inputs: Mapping[str, Assumption], rates: ModelRates, *, draws: int = DRAWS, seed: int = SEED
) -> Simulation:
    """Compute base case, draws and tornado of a scenario."""
    base = _at(use, inputs, base_values(inputs, rates))
    simulated = outcomes(use, in_euros(drawn_values(inputs, rates, draws, seed), inputs))
    figures = {name: _estimate(float(value), simulated[name]) for name, value in base.items()}
    if use == "triage":
        figures["wait_missed_p95"] = _p95(inputs, figures)
    return Simulation(
        figures=figures,
        p_positive=float(np.mean(simulated["net"] > 0)),
        p_more_missed=float(np.mean(simulated["extra_missed"] > 0)),
        tornado=tornado(use, inputs, rates),
    )


def _at(use: Use, inputs: Mapping[str, Assumption], values: Mapping[str, float]) -> dict[str, Float64Array]:
    return outcomes(use, in_euros({key: np.asarray(value, dtype=float) for key, value in values.items()}, inputs))


def _estimate(value: float, simulated: Float64Array) -> Estimate:
    """95 % of the draws; infinite ends, where something never pays, stay infinite."""
    if simulated.size == 1 or simulated.min() == simulated.max():
        return Estimate(value=value, low=math.nan, high=math.nan, method="exact")
    low, high = np.quantile(simulated, [0.025, 0.975], method="nearest")
    return Estimate(value=value, low=float(low), high=float(high), method=METHOD)


def tornado(use: Use, inputs: Mapping[str, Assumption], rates: ModelRates) -> list[Swing]:
    """Net per year with one input at a time at either end of its range, all others at their base."""
    base = base_values(inputs, rates)
    ends = {
        key: (assumption.title, assumption.low, assumption.high)
        for key, assumption in inputs.items()
        if assumption.varies
    }
    for key in MODEL:
        assumption: Estimate = getattr(rates, key)
        if not math.isnan(assumption.low):
            ends[key] = (f"{key.capitalize()} of the model", assumption.low, assumption.high)
    swings = [
        Swing(
            key=key,
            title=title,
            low=low,
            high=high,
            net_at_low=float(_at(use, inputs, base | {key: low})["net"]),
            net_at_high=float(_at(use, inputs, base | {key: high})["net"]),
        )
        for key, (title, low, high) in ends.items()
    ]
    return sorted(swings, key=lambda swing: -swing.width)


check_inputs(INPUTS)  # an input that is added in one place alone is named here, not on a page
