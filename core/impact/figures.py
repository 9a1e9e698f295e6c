"""The figures of a scenario in words: their names and units, and three sentences."""

import math
from dataclasses import dataclass

from core.evaluation.types import Estimate
from core.impact.inputs import INPUTS, SHARE, Assumption
from core.impact.scenario import Scenario
from core.impact.simulate import MODEL, Simulation, Swing
from core.impact.waiting import CHILDREN
from core.wording import format_percent

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
    "given_up": ("Found by the reader, given up where the model is silent", "per 1,000"),
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
    """``4,030``: three significant digits, or a number of decimal places; ``never`` for infinity."""
    if math.isinf(value):
        return NEVER
    if digits is None:
        value = float(f"{value:.3g}")
        digits = 0 if abs(value) >= 10 or value == 0 else 1
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text


def format_input(value: float) -> str:
    """``15,000`` or ``0.8252``: an input as it is, at four significant digits at most."""
    return f"{float(f'{value:.4g}'):,.12g}"


def format_amount(one: Estimate, unit: str) -> str:
    """``4,030 EUR (-29,300 to 58,700)``: a figure with the range of its draws."""
    if unit == SHARE:
        texts = [format_percent(value) for value in (one.value, one.low, one.high)]
        texts[1:] = [text.removesuffix(" %") for text in texts[1:]]
        word = ""
    else:
        digits = 2 if unit.endswith("cents") else None
        texts = [format_number(value, digits) for value in (one.value, one.low, one.high)]
        word = f" {unit.partition(',')[0]}" if unit in ("EUR", "h", "min", "EUR, cents") else ""
    value = texts[0] if texts[0] == NEVER else f"{texts[0]}{word}"
    if math.isnan(one.low):
        return value
    return value if texts[1] == texts[2] == NEVER else f"{value} ({texts[1]} to {texts[2]})"


def format_result(simulation: Simulation, name: str) -> str:
    """A figure of `FIGURES` in words."""
    return format_amount(simulation.figures[name], FIGURES[name][1])


def format_chance(share: float) -> str:
    """``49 %``; never 0 or 100, which draws cannot show."""
    return "below 1 %" if share < 0.01 else "above 99 %" if share > 0.99 else f"{share:.0%}".replace("%", " %")


def verdict(simulation: Simulation) -> str:
    """What the draws say of money, and that more children are missed where that is so."""
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
    paid = -(figures["price"].value + figures["fixed"].value)
    care = figures["fewer_misses"].value + figures["fewer_alarms"].value
    spread = "" if math.isnan(net.low) else f" ({format_number(net.low)} to {format_number(net.high)})"
    words = [
        f"A year brings **{format_number(net.value)} EUR** net{spread}; the chance that it pays is "
        f"**{format_chance(simulation.p_positive)}**. The system takes {format_number(paid)} EUR."
    ]
    if abs(care) >= 1:
        words.append(
            f"Care costs {format_number(abs(care))} EUR {'less' if care > 0 else 'more'}, which concerns whoever pays "
            "for it."
        )
    if abs(time) >= 1:
        words.append(
            f"Readers' time worth {format_number(abs(time))} EUR is {'freed' if time > 0 else 'taken'}: capacity, not "
            "cash."
        )
    if figures["break_even_price"].value > 0:
        price = to_euro(scenario.inputs["ai_price"], scenario)
        words.append(
            f"It breaks even at {format_number(figures['break_even_price'].value, 2)} EUR a film; the price is "
            f"{price:.2f}."
        )
    else:
        words.append("It would not pay if a film cost nothing.")
    return " ".join(words)


def to_euro(one: Assumption, scenario: Scenario, value: float | None = None) -> float:
    """An amount of money in euros, the base if no value is given."""
    rate = scenario.inputs["euro"].base if one.unit.startswith("USD") else 1.0
    return (one.base if value is None else value) / rate


def _time(scenario: Scenario, simulation: Simulation) -> str:
    figures = simulation.figures
    if scenario.use == "triage":
        return (
            "With flagged films first, a child with pneumonia waits "
            f"**{format_result(simulation, 'wait_pneumonia')}** on "
            f"average instead of {format_number(figures['wait_in_order'].value, 1)}, one without "
            f"{format_result(simulation, 'wait_normal')}, and one whose pneumonia the model misses "
            f"{format_result(simulation, 'wait_missed')} (1 in 20 of them more than "
            f"{format_result(simulation, 'wait_missed_p95')}). "
            f"A year moves **{format_result(simulation, 'hours_moved')}** of waiting from children with pneumonia to "
            "the "
            "others. Reader minutes saved: **none**; every film is still read."
        )
    work = f"Readers work {_change(figures['reader_hours'], ' hours')} a year."
    if scenario.use == "rule_out":
        return (
            f"{work} {format_result(simulation, 'removed')} of 1,000 films are read by nobody, "
            f"{format_result(simulation, 'removed_with_pneumonia')} of them with pneumonia."
        )
    if scenario.inputs["second_look"].base == 0:
        return work
    return f"{work} {format_result(simulation, 'second_looks')} of 1,000 films need a second look."


def _children(scenario: Scenario, simulation: Simulation) -> str:
    figures = simulation.figures
    pneumonias = CHILDREN * scenario.inputs["prevalence"].base
    opening = (
        f"Of 1,000 imaged children, {format_number(pneumonias)} have pneumonia. One reader alone misses "
        f"{format_number(figures['missed_alone'].value)} and calls {format_number(figures['alarms_alone'].value)} of "
        "the others "
        "pneumonia."
    )
    flags = (
        f"The model flags {format_result(simulation, 'flagged')} films, "
        f"{format_result(simulation, 'false_flags')} of them normal."
    )
    if max(abs(figures[name].value) for name in ("extra_missed", "extra_alarms")) < UNCHANGED:
        return f"{opening} With the model **neither changes**. {flags}"
    return (
        f"{opening} With the model {_change(figures['extra_missed'])} are missed, and "
        f"{_change(figures['extra_alarms'])} are called pneumonia falsely."
    )


def _change(one: Estimate, unit: str = "") -> str:
    """``**12 fewer** (25 fewer to 4.0 fewer)``: a number that rises or falls."""

    def told(value: float) -> str:
        return f"{format_number(abs(value))}{unit} {'more' if value > 0 else 'fewer'}"

    spread = "" if math.isnan(one.low) else f" ({told(one.low)} to {told(one.high)})"
    return f"**{told(one.value)}**{spread}"


LONGEST = 46  # letters of an input's name in a sentence or a table


def shorten_title(title: str) -> str:
    """An input's name, cut at a word."""
    title = title.split(" (")[0]
    return title if len(title) <= LONGEST else title[:LONGEST].rsplit(" ", 1)[0] + " …"


def format_end(swing: Swing, value: float) -> str:
    """An end of an input's range with its unit: shares in per cent."""
    if swing.key in MODEL or INPUTS[swing.key].unit == SHARE:
        return f"{format_input(round(100 * value, 1))} %"
    return f"{format_input(value)} {INPUTS[swing.key].unit}"
