"""The business case drawn: net a year against the price of a film, and what moves the net."""

import math

import plotly.graph_objects as go

from core.charts.style import UNDECIDED, tidy
from core.impact.figures import in_euro, number, plain
from core.impact.inputs import INPUTS, SHARE
from core.impact.scenario import Scenario
from core.impact.simulate import MODEL, Simulation, Swing

LINE, BAND = "#4A7A9C", "rgba(74, 122, 156, 0.22)"  # neutral: neither a class nor a model
LOW_END, HIGH_END = "#A9BBC9", "#4A7A9C"
MOST_BARS = 10
LONGEST = 44  # letters of an input's name beside its bar


def price_axis(scenario: Scenario, simulation: Simulation) -> float:
    """The highest price shown, EUR a film: holds what is asked, the published range and the break-even."""
    price, even = scenario.inputs["ai_price"], simulation.figures["break_even_price"].value
    return 1.08 * max(in_euro(price, scenario, price.high), in_euro(price, scenario), min(even, 10 * price.most))


def net_at(scenario: Scenario, even: float, price: float) -> float:
    """Net a year in EUR at a price of a film, where ``even`` is the price at which a year breaks even."""
    return scenario.inputs["volume"].base * (even - price)


def price_curve(scenario: Scenario, simulation: Simulation) -> go.Figure:
    """Net per year against the price of a film, with 95 % of the draws, the break-even and the price asked."""
    even = simulation.figures["break_even_price"]
    price = scenario.inputs["ai_price"]
    ends = [0.0, price_axis(scenario, simulation)]
    chart = go.Figure()
    if not math.isnan(even.low):
        chart.add_scatter(
            x=[*ends, *ends[::-1]],
            y=[*(net_at(scenario, even.high, x) for x in ends), *(net_at(scenario, even.low, x) for x in ends[::-1])],
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
        y=[net_at(scenario, even.value, x) for x in steps],
        mode="lines",
        line={"color": LINE, "width": 3},
        name="Base case",
        hovertemplate="%{x:.2f} EUR a film: %{y:,.0f} EUR a year<extra></extra>",
    )
    asked = in_euro(price, scenario)
    chart.add_scatter(
        x=[asked],
        y=[net_at(scenario, even.value, asked)],
        mode="markers",
        marker={"size": 12, "color": LINE, "symbol": "diamond", "line": {"width": 2, "color": "#FFFFFF"}},
        name=f"Price asked, {asked:.2f} EUR",
        hovertemplate=f"asked: {asked:.2f} EUR a film: %{{y:,.0f}} EUR a year<extra></extra>",
    )
    chart.add_hline(y=0, line={"color": UNDECIDED, "width": 1.5})
    if 0 < even.value <= ends[1]:
        chart.add_vline(x=even.value, line={"color": UNDECIDED, "width": 1.5, "dash": "dash"})
        right = even.value > 0.6 * ends[1]
        chart.add_annotation(
            x=even.value, y=1, yref="paper", yanchor="top", showarrow=False, xshift=-4 if right else 4,
            xanchor="right" if right else "left", text=f"breaks even at {even.value:.2f} EUR",
        )  # fmt: skip
    chart.update_xaxes(title="Price of AI for one film, EUR", range=ends)
    chart.update_yaxes(title="Net a year, EUR", tickformat="~s")
    tidy(chart, height=340)
    return _titled(chart, "What a film may cost")


def tornado(simulation: Simulation) -> go.Figure:
    """Net per year with one input at a time at either end of its range, widest on top."""
    swings = [swing for swing in simulation.tornado if swing.width > 0][:MOST_BARS]
    base = simulation.figures["net"].value
    names = [shortened(swing.title) for swing in swings]
    chart = go.Figure()
    for name, colour, nets, ends in (
        (
            "at its low end",
            LOW_END,
            [swing.net_at_low for swing in swings],
            [end_in_words(swing, swing.low) for swing in swings],
        ),
        (
            "at its high end",
            HIGH_END,
            [swing.net_at_high for swing in swings],
            [end_in_words(swing, swing.high) for swing in swings],
        ),
    ):
        chart.add_bar(
            y=names,
            x=[net - base for net in nets],
            base=base,
            orientation="h",
            marker={"color": colour},
            name=name,
            customdata=[[end, number(net)] for end, net in zip(ends, nets, strict=True)],
            hovertemplate="%{y} at %{customdata[0]}: net %{customdata[1]} EUR<extra></extra>",
        )
    chart.add_vline(x=0, line={"color": UNDECIDED, "width": 1.5})
    chart.update_layout(barmode="overlay", bargap=0.35)
    chart.update_xaxes(title="Net a year, EUR", tickformat="~s")
    chart.update_yaxes(autorange="reversed", ticklabelstandoff=6)
    tidy(chart, height=max(220, 110 + 25 * len(swings)))
    return _titled(chart, "What moves it most, one input at a time")


def shortened(title: str) -> str:
    """An input's name, cut at a word."""
    title = title.split(" (")[0]
    return title if len(title) <= LONGEST else title[:LONGEST].rsplit(" ", 1)[0] + " …"


def end_in_words(swing: Swing, value: float) -> str:
    """An end of an input's range: shares in per cent."""
    is_share = swing.key in MODEL or INPUTS[swing.key].unit == SHARE
    return f"{plain(100 * value)} %" if is_share else plain(value)


def swing_in_words(swing: Swing) -> str:
    """``Price of AI for one film: 0.19 to 2.78 moves the net from 11,700 to -12,900 EUR``."""
    ends = f"{end_in_words(swing, swing.low)} to {end_in_words(swing, swing.high)}"
    nets = f"{number(swing.net_at_low)} to {number(swing.net_at_high)}"
    return f"{shortened(swing.title)}: {ends} moves the net from {nets} EUR"


def _titled(chart: go.Figure, title: str) -> go.Figure:
    chart.update_layout(
        title={"text": title, "x": 0, "y": 0.98, "yanchor": "top", "font": {"size": 15}}, margin={"t": 72}
    )
    return chart
