"""Three uses of a model: what each does to finding, to false alarms and to a reader's time; elementwise.

Whatever the use, a reader alone has a sensitivity and a specificity, the two together have others, and a film takes the
reader some seconds more or fewer. Money follows from these alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.types import Float64Array

Use = Literal["triage", "second_reader", "rule_out"]
USES: dict[Use, str] = {
    "triage": "Order the list (triage)",
    "second_reader": "Second reader",
    "rule_out": "Rule out normals (hypothetical)",
}
Values = Mapping[str, Float64Array]


@dataclass(frozen=True, kw_only=True, eq=False)
class TeamOutcomes:
    """Reader and model together; arrays of one shape.

    Parameters
    ----------
    sensitivity, specificity : float64 in [0, 1]
    seconds : float64
        Of reading, for one film of the list: more is positive.
    disagreements : float64 in [0, 1]
        Share of films looked at a second time.
    removed : float64 in [0, 1]
        Share of films that nobody reads.
    """

    sensitivity: Float64Array
    specificity: Float64Array
    seconds: Float64Array
    disagreements: Float64Array
    removed: Float64Array


def flagged_share(v: Values) -> Float64Array:
    """Share of films that the model flags."""
    return v["prevalence"] * v["sensitivity"] + (1 - v["prevalence"]) * (1 - v["specificity"])


def team_outcomes(use: Use, v: Values) -> TeamOutcomes:
    """Compute what a use does, for inputs by the names of `core.impact.inputs.INPUTS` and the model's two rates."""
    return {"triage": _triage, "second_reader": _second_reader, "rule_out": _rule_out}[use](v)


def _triage(v: Values) -> TeamOutcomes:
    """Order alone: every film is read as before."""
    none = np.zeros_like(v["prevalence"] + v["sensitivity"])
    return TeamOutcomes(
        sensitivity=v["reader_sensitivity"] + none,
        specificity=v["reader_specificity"] + none,
        seconds=none,
        disagreements=none,
        removed=none,
    )


def _second_reader(v: Values) -> TeamOutcomes:
    """Compute the outcomes where the radiologist reads, then sees the flag and may change the call.

    Se' = Se_R [1 - (1 - Se_A) h] + (1 - Se_R) k Se_A a; Sp' = Sp_R [1 - (1 - Sp_A) b] + (1 - Sp_R) Sp_A h.
    Every disagreement costs a second look.
    """
    pi, se_a, sp_a = v["prevalence"], v["sensitivity"], v["specificity"]
    se_r, sp_r = v["reader_sensitivity"], v["reader_specificity"]
    h, k, a, b = v["drop_right"], v["dependence"], v["accept_right"], v["accept_wrong"]
    rescued, doubted = (1 - se_r) * k * se_a, se_r * (1 - se_a)
    alarmed, cleared = sp_r * (1 - sp_a), (1 - sp_r) * sp_a
    disagreements = pi * (rescued + doubted) + (1 - pi) * (alarmed + cleared)
    return TeamOutcomes(
        sensitivity=se_r - doubted * h + rescued * a,
        specificity=sp_r - alarmed * b + cleared * h,
        seconds=v["read_time"] * v["read_time_change"] + v["second_look"] * disagreements,
        disagreements=disagreements,
        removed=np.zeros_like(disagreements),
    )


def _rule_out(v: Values) -> TeamOutcomes:
    """Nobody reads what the model does not flag.

    Removed r = pi (1 - Se_A) + (1 - pi) Sp_A; more missed pi (1 - Se_A) Se_R; false alarms avoided
    (1 - pi) Sp_A (1 - Sp_R). The rest is read as before.
    """
    pi, se_a, sp_a = v["prevalence"], v["sensitivity"], v["specificity"]
    se_r, sp_r = v["reader_sensitivity"], v["reader_specificity"]
    removed = pi * (1 - se_a) + (1 - pi) * sp_a
    return TeamOutcomes(
        sensitivity=se_r - (1 - se_a) * se_r,
        specificity=sp_r + sp_a * (1 - sp_r),
        seconds=v["read_time"] * ((1 - removed) * v["read_time_change"] - removed),
        disagreements=np.zeros_like(removed),
        removed=removed,
    )


def money(v: Values, outcomes: TeamOutcomes) -> dict[str, Float64Array]:
    """Return a year's income and costs in euros; income is positive, and the parts add up to ``net``.

    Parameters
    ----------
    v : mapping
        Money in euros.
    outcomes : TeamOutcomes

    Returns
    -------
    dict
        ``fewer_misses`` and ``fewer_alarms``: what care costs less; ``reader_time``: freed (or taken) capacity, which
        is money only where it is used; ``price`` and ``fixed``: what is paid for the system, both together
        ``own_books``, what a lab sees that bears no cost of care; ``cash``: all but the reader's time; ``net``.
    """
    films, pi = v["volume"], v["prevalence"]
    parts = {
        "fewer_misses": films * pi * (outcomes.sensitivity - v["reader_sensitivity"]) * v["miss_cost"],
        "fewer_alarms": films * (1 - pi) * (outcomes.specificity - v["reader_specificity"]) * v["alarm_cost"],
        "price": -films * v["ai_price"],
        "fixed": -v["fixed_cost"],
        "reader_time": -films * outcomes.seconds / 3600 * v["hourly"],
    }
    own_books = parts["price"] + parts["fixed"]
    cash = parts["fewer_misses"] + parts["fewer_alarms"] + own_books
    return {**parts, "own_books": own_books, "cash": cash, "net": cash + parts["reader_time"]}
