"""The figures of a scenario in words: their names and units, and three sentences."""

import math
from dataclasses import dataclass

from core.evaluation.types import Estimate
from core.impact.inputs import INPUTS, SHARE, Assumption
from core.impact.scenario import Scenario
from core.impact.simulate import MODEL, Simulation, Swing
from core.impact.waiting import CHILDREN
from core.wording import MINUS, format_decimal, format_rate

NEVER = "never"
UNCHANGED = 0.05  # of 1,000 children
FIGURES = {
    "net": ("Net a year", "EUR"),
    "own_books": ("In a lab's own books: price and fixed cost alone", "EUR"),
    "cash": ("of it cash, for whoever pays for care and system", "EUR"),
    "price": ("Price of all films", "EUR"),
    "fixed": ("Fixed cost", "EUR"),
    "fewer_misses": ("Care: fewer missed pneumonias", "EUR"),
    "fewer_alarms": ("Care: fewer false positives", "EUR"),
    "reader_time": ("Freed capacity: reader's time, no cash by itself", "EUR"),
    "reader_hours": ("Reader's work, more or fewer hours a year", "h"),
    "break_even_price": ("Break-even price of a film", "EUR, cents"),
    "break_even_volume": ("Break-even volume", "films"),
    "cost_per_case": ("Cost of one more pneumonia found", "EUR"),
    "missed_alone": ("Missed by one reader alone", "per 1,000"),
    "missed": ("Missed by reader and model", "per 1,000"),
    "extra_missed": ("More missed with the model", "per 1,000"),
    "alarms_alone": ("False positives of one reader alone", "per 1,000"),
    "alarms": ("False positives of reader and model", "per 1,000"),
    "extra_alarms": ("More false positives with the model", "per 1,000"),
    "found_alone": ("Found by one reader alone", "per 1,000"),
    "found": ("Found by reader and model", "per 1,000"),
    "net_benefit": ("Net benefit over one reader alone, in found pneumonias", "per 1,000"),
    "npv_alone": ("Negative predictive value, one reader alone", SHARE),
    "npv": ("Negative predictive value, reader and model", SHARE),
    "npv_model": ("Negative predictive value, the model's silence alone", SHARE),
    "ppv_alone": ("Positive predictive value, one reader alone", SHARE),
    "ppv": ("Positive predictive value, reader and model", SHARE),
    "flagged": ("Alert burden: films flagged", "per 1,000"),
    "false_flags": ("of them normal", "per 1,000"),
    "second_looks": ("Second looks at disagreements", "per 1,000"),
    "given_up": ("Correct readings that the radiologist reverses", "per 1,000"),
    "removed": ("Films that nobody reads", "per 1,000"),
    "removed_with_pneumonia": ("of them with pneumonia", "per 1,000"),
    "wait_in_order": ("Mean wait in order of arrival", "min"),
    "wait_pneumonia": ("Mean wait with pneumonia, flagged first", "min"),
    "wait_normal": ("Mean wait without pneumonia, flagged first", "min"),
    "wait_missed": ("Mean wait of children whom the model misses", "min"),
    "wait_missed_p95": ("Wait that 1 in 20 of them exceeds", "min"),
    "hours_moved": ("Hours of waiting moved a year", "h"),
}


def format_number(value: float, digits: int | None = None) -> str:
    """Return ``4,030``: three significant digits, or a number of decimal places; ``never`` for infinity."""
    if math.isinf(value):
        return NEVER
    if digits is None:
        value = float(f"{value:.3g}")
        digits = 0 if abs(value) >= 10 or value == 0 else 1
    return format_decimal(value, digits)


def format_input(value: float) -> str:
    """Return ``15,000`` or ``0.8252``: an input as it is, at four significant digits at most."""
    return f"{float(f'{value:.4g}'):,.12g}".replace("-", MINUS)


def format_amount(amount: Estimate, unit: str) -> str:
    """Return ``4,030 EUR (−29,300 to 58,700)``: a figure with the range of its draws."""
    if unit == SHARE:
        return format_rate(amount)
    digits = 2 if unit.endswith("cents") else None
    value, low, high = (format_number(end, digits) for end in (amount.value, amount.low, amount.high))
    if unit in ("EUR", "h", "min", "EUR, cents") and value != NEVER:
        value = f"{value} {unit.partition(',')[0]}"
    if math.isnan(amount.low) or low == high == NEVER:
        return value
    return f"{value} ({low} to {high})"


def format_result(simulation: Simulation, name: str) -> str:
    """Return a figure of `FIGURES` as `format_amount` writes it."""
    return format_amount(simulation.figures[name], FIGURES[name][1])


def format_chance(share: float) -> str:
    """Return ``49 %``; never 0 or 100, which draws cannot show."""
    return "below 1 %" if share < 0.01 else "above 99 %" if share > 0.99 else f"{100 * share:.0f} %"


def format_odds(share: float) -> str:
    """Return ``49 of 100``; never 0 or 100, which draws cannot show."""
    if share < 0.01:
        return "fewer than 1 of 100"
    return "more than 99 of 100" if share > 0.99 else f"{100 * share:.0f} of 100"


def verdict(simulation: Simulation) -> str:
    """Return what the simulation says of money, and that more children are missed where that is so."""
    p = simulation.p_positive
    odds = ((0.1, "Loses money"), (0.4, "More likely loses"), (0.6, "Even odds"), (0.9, "More likely wins"))
    net = next((word for limit, word in odds if p < limit), "Wins money")
    missed = simulation.figures["extra_missed"].value
    return f"{net}, misses more children" if missed > UNCHANGED else net


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Three sentences on a scenario."""

    money: str
    time: str
    children: str


def answer(scenario: Scenario, simulation: Simulation) -> Answer:
    """Money, time and children in plain words, each figure with the range of 95 % of the draws."""
    return Answer(
        money=_money(scenario, simulation), time=_time(scenario, simulation), children=_children(scenario, simulation)
    )


def _money(scenario: Scenario, simulation: Simulation) -> str:
    figures = simulation.figures
    net, time = figures["net"], figures["reader_time"].value
    paid = -figures["own_books"].value
    care = figures["fewer_misses"].value + figures["fewer_alarms"].value
    spread = "" if math.isnan(net.low) else f" ({format_number(net.low)} to {format_number(net.high)})"
    sentences = [
        f"It costs your lab about {format_number(paid)} EUR a year. Counting patients' care and readers' time, the net "
        f"is **{format_number(net.value)} EUR** a year{spread}; it pays in **{format_odds(simulation.p_positive)}** "
        "simulations."
    ]
    if abs(care) >= 1:
        outcome = "saves" if care > 0 else "adds"
        sentences.append(f"Care {outcome} {format_number(abs(care))} EUR a year, for whoever pays for treatment.")
    if abs(time) >= 1:
        hours = f"{format_number(abs(figures['reader_hours'].value))} hours"
        change = f"save {hours} a year" if time > 0 else f"spend {hours} a year more"
        sentences.append(f"Readers {change} (worth {format_number(abs(time))} EUR in time, not cash).")
    if figures["break_even_price"].value > 0:
        price = to_euro(scenario.inputs["ai_price"], scenario)
        sentences.append(
            f"It breaks even at {format_number(figures['break_even_price'].value, 2)} EUR per X-ray; the price is "
            f"{price:.2f}."
        )
    else:
        sentences.append("It would not pay even at a price of zero.")
    return " ".join(sentences)


def to_euro(money: Assumption, scenario: Scenario, value: float | None = None) -> float:
    """Return an amount of money in euros, the base if no value is given."""
    rate = scenario.inputs["euro"].base if money.unit.startswith("USD") else 1.0
    return (money.base if value is None else value) / rate


def _time(scenario: Scenario, simulation: Simulation) -> str:
    figures = simulation.figures
    if scenario.use == "triage":
        return (
            "With flagged X-rays first, a child with pneumonia waits "
            f"**{format_result(simulation, 'wait_pneumonia')}** "
            f"on average instead of {format_number(figures['wait_in_order'].value, 1)}, a child without pneumonia "
            f"{format_result(simulation, 'wait_normal')}, and a child whose pneumonia the model misses "
            f"{format_result(simulation, 'wait_missed')} (1 in 20 of them more than "
            f"{format_result(simulation, 'wait_missed_p95')}). **{format_result(simulation, 'hours_moved')}** of "
            "waiting a year move from children with pneumonia to the others. Readers save **no time**: every X-ray is "
            "still read."
        )
    work = f"Readers work {_change(figures['reader_hours'], 'hours')} a year."
    if scenario.use == "rule_out":
        return (
            f"{work} Nobody reads {format_result(simulation, 'removed')} of 1,000 X-rays, "
            f"{format_result(simulation, 'removed_with_pneumonia')} of them with pneumonia."
        )
    if scenario.inputs["second_look"].base == 0:
        return work
    return f"{work} {format_result(simulation, 'second_looks')} of 1,000 X-rays need a second look."


def _children(scenario: Scenario, simulation: Simulation) -> str:
    figures = simulation.figures
    opening = (
        f"Of 1,000 imaged children, {format_number(CHILDREN * scenario.inputs['prevalence'].base)} have pneumonia. One "
        f"reader alone misses {format_number(figures['missed_alone'].value)} of them and raises "
        f"{format_number(figures['alarms_alone'].value)} false alarms."
    )
    if max(abs(figures[name].value) for name in ("extra_missed", "extra_alarms")) < UNCHANGED:
        return (
            f"{opening} With the model **neither changes**. It flags {format_result(simulation, 'flagged')} X-rays, "
            f"{format_result(simulation, 'false_flags')} of them normal."
        )
    return (
        f"{opening} With the model, per 1,000 children: {_change(figures['extra_missed'], 'missed')}, "
        f"{_change(figures['extra_alarms'], 'false alarms')}."
    )


def _change(amount: Estimate, noun: str) -> str:
    """Return ``**12 fewer missed** (4.0 to 25)``; each end says ``more`` or ``fewer`` where the two differ."""

    def signed(value: float) -> str:
        return f"{format_number(abs(value))} {'more' if value > 0 else 'fewer'}"

    change = f"**{signed(amount.value)} {noun}**"
    if math.isnan(amount.low):
        return change
    if amount.low < 0 < amount.high:
        return f"{change} ({signed(amount.low)} to {signed(amount.high)})"
    least, most = sorted((abs(amount.low), abs(amount.high)))
    return f"{change} ({format_number(least)} to {format_number(most)})"


LONGEST = 46  # letters of an input's name in a sentence or a table


def shorten_title(title: str) -> str:
    """Return an input's name, cut at a word."""
    title = title.split(" (")[0]
    return title if len(title) <= LONGEST else title[:LONGEST].rsplit(" ", 1)[0] + " …"


def format_end(swing: Swing, value: float) -> str:
    """Return an end of an input's range with its unit; shares in per cent."""
    if swing.key in MODEL or INPUTS[swing.key].unit == SHARE:
        return f"{format_input(round(100 * value, 1))} %"
    return f"{format_input(value)} {INPUTS[swing.key].unit}"
