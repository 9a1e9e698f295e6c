"""Write the business case for a board on one page: figures, assumptions and losing scenarios."""

import math
from collections.abc import Sequence
from datetime import datetime

from reportlab.platypus import Flowable

from core.charts.impact import LINE, net_at, price_axis
from core.charts.style import UNDECIDED
from core.evaluation.types import Estimate
from core.impact.export import used_inputs
from core.impact.figures import (
    answer,
    format_chance,
    format_input,
    format_number,
    format_result,
    shorten_title,
    verdict,
)
from core.impact.formulas import USES
from core.impact.inputs import SHARE, Assumption
from core.impact.objections import time_alone
from core.impact.rates import ModelRates
from core.impact.scenario import Scenario
from core.impact.simulate import DRAWS, SEED, Simulation
from core.reports.drawings import Series, line_chart
from core.reports.pdf import build, columns, key_figures, paragraph, table
from core.wording import format_percent, format_rate

TITLE = "Business case of a model for a year"
HALF = 250.0  # points: about half of a page's width


def board_pdf(
    scenario: Scenario,
    rates: ModelRates,
    simulation: Simulation,
    others: Sequence[tuple[Scenario, Simulation]],
    *,
    created: datetime,
) -> bytes:
    """Return the page as PDF.

    Parameters
    ----------
    others : sequence of (Scenario, Simulation)
        Scenarios for comparison, losing ones included.
    created : datetime
        With time zone.
    """
    answers = answer(scenario, simulation)
    inputs = [_input(assumption) for _, assumption in used_inputs(scenario, rates)]
    half = round(0.6 * len(inputs))  # the later ones have longer names
    point = f"{rates.point[0].lower()}{rates.point[1:]}"
    threshold = "" if rates.threshold is None else f", threshold {rates.threshold:.3f}"
    blocks: list[Flowable] = [
        paragraph(f"{scenario.title}: {USES[scenario.use].lower()}. {verdict(simulation)}.", "lead"),
        paragraph(
            f"{rates.title}, {point}{threshold}: sensitivity {format_rate(rates.sensitivity)}, "
            f"specificity {format_rate(rates.specificity)}; {rates.evidence}, {rates.source}. In brackets: 95 % of "
            f"{DRAWS:,} "
            f"draws (seed {SEED}). Money in euros at {scenario.inputs['euro'].base:g} USD a euro.",
            "small",
        ),
        key_figures(_key_figures(simulation)),
        *(
            paragraph(f"{name}. {sentence}".replace("**", ""))
            for name, sentence in (("Money", answers.money), ("Time", answers.time), ("Children", answers.children))
        ),
        paragraph(time_alone(scenario)),
        columns([_curve(scenario, simulation)], [_swings(simulation)], shares=[1, 1]),
        paragraph("Held against other scenarios", "heading"),
        table(
            ["Scenario", "Verdict", "Net a year, EUR", "Chance it pays", "More missed, of 1,000"],
            [_row(*other) for other in others],
            shares=[3.1, 2.2, 2.4, 0.95, 1.4],
            style="small",
        ),
        paragraph("What it rests on", "heading"),
        columns([_inputs(inputs[:half])], [_inputs(inputs[half:])], shares=[1, 1]),
    ]
    return build(TITLE, blocks, created=created, one_page=True)


def _key_figures(simulation: Simulation) -> list[tuple[str, str, str]]:
    figures = simulation.figures
    net, missed, even = figures["net"], figures["extra_missed"], figures["break_even_price"]
    return [
        ("Net a year", f"{format_number(net.value)} EUR", _spread(net)),
        ("Chance that it pays", format_chance(simulation.p_positive), "care and readers' time counted"),
        (
            "Missed of 1,000 children",
            f"{format_number(abs(missed.value))} {'more' if missed.value > 0 else 'fewer'}"
            if missed.value
            else "as many",
            f"{format_result(simulation, 'missed')} against {format_number(figures['missed_alone'].value)}",
        ),
        ("Break-even price of a film", f"{format_number(even.value, 2)} EUR", _spread(even, 2)),
    ]


def _spread(estimate: Estimate, digits: int | None = None) -> str:
    return (
        "exact"
        if math.isnan(estimate.low)
        else f"{format_number(estimate.low, digits)} to {format_number(estimate.high, digits)}"
    )


def _curve(scenario: Scenario, simulation: Simulation) -> Flowable:
    even = simulation.figures["break_even_price"]
    ends = [0.0, price_axis(scenario, simulation)]
    lines = [("base case", even.value, LINE)]
    if not math.isnan(even.low):
        lines += [("low end of 95 %", even.low, UNDECIDED), ("high end", even.high, UNDECIDED)]
    marks = [(even.value, f"breaks even at {even.value:.2f}")] if 0 < even.value < ends[1] else []
    return line_chart(
        [
            Series(name=n, x=ends, y=[net_at(scenario, price, x) for x in ends], colour=colour)
            for n, price, colour in lines
        ],
        title="Net a year by price of a film",
        x_title="EUR a film",
        y_title="EUR a year",
        marks=marks,
        width=HALF,
        height=112,
    )


def _swings(simulation: Simulation) -> Flowable:
    return table(
        ["Net in EUR with one input at", "low", "high"],
        [
            [shorten_title(swing.title), format_number(swing.net_at_low), format_number(swing.net_at_high)]
            for swing in [swing for swing in simulation.tornado if swing.width > 0][:7]
        ],
        shares=[3, 1, 1],
        numeric=(1, 2),
        width=HALF,
        style="small",
    )


def _row(scenario: Scenario, simulation: Simulation) -> list[str]:
    return [
        scenario.title,
        verdict(simulation),
        format_result(simulation, "net").replace(" EUR", ""),
        format_chance(simulation.p_positive),
        format_result(simulation, "extra_missed"),
    ]


def _inputs(rows: list[list[str]]) -> Flowable:
    return table(["Input", "Base and range", "Known from"], rows, shares=[2.25, 1.85, 1.3], width=HALF, style="small")


def _input(assumption: Assumption) -> list[str]:
    if assumption.unit == SHARE:
        base, ends = format_percent(assumption.base), f"{100 * assumption.low:.1f} to {100 * assumption.high:.1f}"
    else:
        base, ends = (
            f"{format_input(assumption.base)} {assumption.unit}",
            f"{format_input(assumption.low)} to {format_input(assumption.high)}",
        )
    return [
        assumption.title,
        f"{base} ({ends})" if assumption.varies else base,
        assumption.evidence.removesuffix(" elsewhere"),
    ]
