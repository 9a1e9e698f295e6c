"""Charts of the business case: net a year against the price of a film, and what changes the net most."""

import math
import textwrap

import plotly.graph_objects as go

from core.charts.intervals import band
from core.charts.style import UNDECIDED, tidy
from core.impact.figures import format_end, format_number, shorten_title, to_euro
from core.impact.scenario import Scenario
from core.impact.simulate import Simulation, Swing

LINE, BAND = "#4A7A9C", "rgba(74, 122, 156, 0.22)"  # neutral: neither a class nor a model
LOW_END, HIGH_END = "#A9BBC9", "#4A7A9C"
MOST_BARS = 10
LINE_LENGTH = 24  # letters of a line of a name beside its bar: on a phone the bars need room
PLOT, LETTER, GAP = 210, 6.4, 6  # px on a phone: width of the plot, of a letter at a bar's end, and beside it
MOST_ROOM = 0.4  # of the plot for the words on one side


def price_axis(scenario: Scenario, simulation: Simulation) -> float:
    """Return the highest price shown, EUR a film: above the price asked, the published range and the break-even."""
    price, break_even = scenario.inputs["ai_price"], simulation.figures["break_even_price"].value
    return 1.08 * max(to_euro(price, scenario, price.high), to_euro(price, scenario), min(break_even, 10 * price.most))


def net_at(scenario: Scenario, break_even: float, price: float) -> float:
    """Return the net a year in EUR at a price of a film, where ``break_even`` is the price at which it is zero."""
    return scenario.inputs["volume"].base * (break_even - price)


def price_curve(scenario: Scenario, simulation: Simulation) -> go.Figure:
    """Draw net per year against the price of a film, with 95 % of the draws, the break-even and the price asked."""
    break_even = simulation.figures["break_even_price"]
    price = scenario.inputs["ai_price"]
    ends = [0.0, price_axis(scenario, simulation)]
    chart = go.Figure()
    if not math.isnan(break_even.low):
        chart.add_scatter(
            **band(ends, *([net_at(scenario, end, x) for x in ends] for end in (break_even.low, break_even.high))),
            mode="lines",
            fill="toself",
            fillcolor=BAND,
            line={"width": 0},
            hoverinfo="skip",
            name="95 % of draws",
        )
    steps = [ends[1] * step / 60 for step in range(61)]
    chart.add_scatter(
        x=steps,
        y=[net_at(scenario, break_even.value, x) for x in steps],
        mode="lines",
        line={"color": LINE, "width": 3},
        name="Base case",
        hovertemplate="%{x:.2f} EUR a film: %{y:,.0f} EUR a year<extra></extra>",
    )
    price_asked = to_euro(price, scenario)
    chart.add_scatter(
        x=[price_asked],
        y=[net_at(scenario, break_even.value, price_asked)],
        mode="markers",
        marker={"size": 12, "color": LINE, "symbol": "diamond", "line": {"width": 2, "color": "#FFFFFF"}},
        name=f"Price asked, {price_asked:.2f} EUR",
        hovertemplate=f"asked: {price_asked:.2f} EUR a film: %{{y:,.0f}} EUR a year<extra></extra>",
    )
    chart.add_hline(y=0, line={"color": UNDECIDED, "width": 1.5})
    if 0 < break_even.value <= ends[1]:
        chart.add_vline(x=break_even.value, line={"color": UNDECIDED, "width": 1.5, "dash": "dash"})
        right = break_even.value > 0.6 * ends[1]
        chart.add_annotation(
            x=break_even.value, y=1, yref="paper", yanchor="top", showarrow=False, xshift=-4 if right else 4,
            xanchor="right" if right else "left", text=f"breaks even at {break_even.value:.2f} EUR",
        )  # fmt: skip
    chart.update_xaxes(title="Price of AI for one film, EUR", range=ends)
    chart.update_yaxes(title="Net a year, EUR", tickformat="~s")
    chart.update_layout(tidy(height=340))
    return _titled(chart, "What a film may cost")


def tornado(simulation: Simulation) -> go.Figure:
    """Draw net per year with one input at a time at either end of its range, widest on top, each end in words."""
    swings = [swing for swing in simulation.tornado if swing.width > 0][:MOST_BARS]
    base = simulation.figures["net"].value
    names = [wrap_title(swing.title) for swing in swings]
    chart = go.Figure()
    for name, colour, nets, ends in (
        (
            "at its low end",
            LOW_END,
            [swing.net_at_low for swing in swings],
            [format_end(swing, swing.low) for swing in swings],
        ),
        (
            "at its high end",
            HIGH_END,
            [swing.net_at_high for swing in swings],
            [format_end(swing, swing.high) for swing in swings],
        ),
    ):
        chart.add_bar(
            y=names,
            x=[net - base for net in nets],
            base=base,
            orientation="h",
            marker={"color": colour},
            name=name,
            customdata=[[end, format_number(net)] for end, net in zip(ends, nets, strict=True)],
            hovertemplate="%{y} at %{customdata[0]}: net %{customdata[1]} EUR<extra></extra>",
        )
    lefts, rights = _ends(swings, base)
    for side, stops in (("left", lefts), ("right", rights)):
        chart.add_scatter(
            y=names,
            x=[net for net, _ in stops],
            text=[f"\u00a0{end}\u00a0" for _, end in stops],
            mode="text",
            textposition=f"middle {side}",
            textfont={"size": 11},
            cliponaxis=False,
            hoverinfo="skip",
            showlegend=False,
        )
    chart.add_vline(x=0, line={"color": UNDECIDED, "width": 1.5}, layer="below")  # words cross it
    chart.update_layout(barmode="overlay", bargap=0.35)
    chart.update_xaxes(title="Net a year, EUR", tickformat="~s", range=_room(lefts, rights))
    chart.update_yaxes(autorange="reversed", ticklabelstandoff=6)
    chart.update_layout(tidy(height=max(220, 110 + 36 * len(swings))))
    return _titled(chart, "What moves it most, one input at a time")


def wrap_title(title: str) -> str:
    """Return an input's name in lines, for beside its bar."""
    return "<br>".join(textwrap.wrap(shorten_title(title), LINE_LENGTH))


def _ends(swings: list[Swing], base: float) -> tuple[list[tuple[float, str]], list[tuple[float, str]]]:
    """Return where the bars of an input stop on the left and on the right, and which end of its range it is."""
    lefts, rights = [], []
    for swing in swings:
        low, high = sorted([(swing.net_at_low, swing.low), (swing.net_at_high, swing.high)])
        lefts.append((min(low[0], base), format_end(swing, low[1])))
        rights.append((max(high[0], base), format_end(swing, high[1])))
    return lefts, rights


def _room(lefts: list[tuple[float, str]], rights: list[tuple[float, str]]) -> list[float] | None:
    """Return the range of the axis that leaves room for bars and the words at their ends on a phone."""
    if not lefts:
        return None
    left, right = min(net for net, _ in lefts), max(net for net, _ in rights)
    for _ in range(30):  # a wider axis makes the words wider too, so it takes some rounds
        each = (right - left) / PLOT
        left = min(net - each * _width(end) for net, end in lefts)
        right = max(net + each * _width(end) for net, end in rights)
    return [left, right]


def _width(words: str) -> float:
    """Return the width of words at a bar's end, px."""
    return min(GAP + LETTER * len(words), MOST_ROOM * PLOT)


def _titled(chart: go.Figure, title: str) -> go.Figure:
    chart.update_layout(
        title={"text": title, "x": 0, "y": 0.98, "yanchor": "top", "font": {"size": 15}}, margin={"t": 72}
    )
    return chart
