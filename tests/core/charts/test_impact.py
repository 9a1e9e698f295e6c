"""Charts of the business case say what the simulation says."""

from dataclasses import replace

import pytest

from core.charts.impact import net_at, price_axis, price_curve, tornado, wrap_title
from core.impact.figures import format_end
from core.impact.formulas import USES, Use
from core.impact.objections import describe_swing
from core.impact.scenario import LOSING, PRESETS, Scenario, preset
from core.impact.simulate import Simulation, Swing


def simulated(name: str, use: Use | None = None) -> tuple[Scenario, Simulation]:
    scenario = preset(name) if use is None else replace(preset(name), use=use)
    return scenario, scenario.simulate(scenario.rates())


@pytest.mark.parametrize("name", PRESETS + LOSING)
def test_net_falls_with_the_price_and_meets_zero_at_the_break_even(name: str) -> None:
    scenario, simulation = simulated(name)
    even = simulation.figures["break_even_price"].value
    asked = scenario.inputs["ai_price"].base / scenario.inputs["euro"].base
    assert net_at(scenario, even, asked) == pytest.approx(simulation.figures["net"].value)
    assert net_at(scenario, even, even) == 0
    chart = price_curve(scenario, simulation)
    line = next(trace for trace in chart.data if trace.name == "Base case")
    assert list(line.y) == sorted(line.y, reverse=True)
    assert line.x[-1] == price_axis(scenario, simulation) >= asked


def test_the_band_holds_the_range_of_the_net() -> None:
    scenario, simulation = simulated("imaging_lab")
    net, even = simulation.figures["net"], simulation.figures["break_even_price"]
    asked = scenario.inputs["ai_price"].base / scenario.inputs["euro"].base
    assert net_at(scenario, even.low, asked) == pytest.approx(net.low)
    assert net_at(scenario, even.high, asked) == pytest.approx(net.high)


def test_a_break_even_below_zero_is_not_marked() -> None:
    chart = price_curve(*simulated("triage_for_money"))
    assert not any("breaks even" in note.text for note in chart.layout.annotations)
    assert any("breaks even" in note.text for note in price_curve(*simulated("imaging_lab")).layout.annotations)


@pytest.mark.parametrize("use", USES)
def test_bars_end_at_the_net_of_either_end(use: Use) -> None:
    _, simulation = simulated("imaging_lab", use)
    low, high, *_ = tornado(simulation).data
    for place, swing in enumerate([one for one in simulation.tornado if one.width > 0][:10]):
        assert low.base + low.x[place] == pytest.approx(swing.net_at_low)
        assert high.base + high.x[place] == pytest.approx(swing.net_at_high)
        assert low.y[place] == high.y[place] == wrap_title(swing.title)


@pytest.mark.parametrize("name", PRESETS + LOSING)
def test_each_end_of_a_range_stands_beside_its_bar_and_inside_the_axis(name: str) -> None:
    _, simulation = simulated(name)
    chart = tornado(simulation)
    *_, left, right = chart.data
    start, stop = chart.layout.xaxis.range
    for place, swing in enumerate([one for one in simulation.tornado if one.width > 0][:10]):
        ends = {swing.net_at_low: format_end(swing, swing.low), swing.net_at_high: format_end(swing, swing.high)}
        for side, net in ((left, min(ends)), (right, max(ends))):
            assert side.text[place].strip() == ends[net]
            assert side.x[place] == net
        assert start < left.x[place] <= right.x[place] < stop


def test_the_longest_words_leave_room_for_the_bars() -> None:
    _, simulation = simulated("imaging_lab")
    costs = {"low": 33_330_000.0, "high": 99_990_000.0}
    nets = {"net_at_low": -33_330_000.0, "net_at_high": -99_990_000.0}
    dear = Swing(key="fixed_cost", title="Fixed cost of a system", **costs, **nets)
    start, stop = tornado(replace(simulation, tornado=[dear])).layout.xaxis.range
    base = simulation.figures["net"].value
    assert base + 99_990_000 >= 0.15 * (stop - start)
    nothing = replace(simulation, tornado=[replace(dear, net_at_high=dear.net_at_low)])
    assert tornado(nothing).layout.xaxis.range is None


def test_names_of_inputs_are_whole_and_in_short_lines() -> None:
    _, simulation = simulated("imaging_lab")
    names = [wrap_title(swing.title) for swing in simulation.tornado]
    assert len(set(names)) == len(names)
    assert "Share of missed cases<br>the model would catch" in names
    assert not any("…" in name for name in names)
    assert max(len(line) for name in names for line in name.split("<br>")) <= 24
    said = {swing.key: describe_swing(swing) for swing in simulation.tornado}
    assert said["prevalence"].startswith("Pneumonia among imaged children: 8.5 % to 22.2 % moves the net from ")
    assert said["fixed_cost"].startswith("Fixed cost of a system: 2,000 to 15,000 EUR moves the net from ")
