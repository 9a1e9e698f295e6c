"""What a chart draws of an interval ends where the interval ends: one property over all charts that draw one."""

import ast
import dataclasses
import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

import core.charts
from core.charts.comparison import DotRow, SeriesStyle, count_dots, dots, pairs_matrix
from core.charts.curves import Curve, reliability
from core.charts.explanations import quality_figure
from core.charts.impact import price_curve, tornado
from core.charts.intervals import band, error_bars
from core.charts.limits import Group, Line, Point, grouped_dots, lines
from core.charts.worklist import FIGURES, GROUP_TITLES, ORDER_TITLES, wait_chart
from core.evaluation.metrics import METRICS
from core.evaluation.types import Estimate
from core.explain.findings import Contest, MethodFindings, Wins, WinsByClass
from core.explain.methods import METHODS
from core.impact.scenario import preset
from core.impact.simulate import Simulation, Swing
from core.wording import format_difference
from core.worklist.simulation import AROUND_THE_CLOCK, Lab, WaitingSimulation, Waits

Ends = list[tuple[float, float]]
MARK = SeriesStyle(title="a", model="dense")


def asymmetric(seed: int, count: int = 12) -> list[Estimate]:
    """Return rates whose intervals reach further to one side than to the other; the first has none on its left."""
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.3, 0.6, count)
    below, above = rng.uniform(0.01, 0.1, count), rng.uniform(0.15, 0.3, count)
    swap = rng.random(count) < 0.5
    below, above = np.where(swap, above, below), np.where(swap, below, above)
    below[0] = 0
    return [
        Estimate(value=float(value), low=float(value - left), high=float(value + right), method="m")
        for value, left, right in zip(values, below, above, strict=True)
    ]


def ends_of(estimates: list[Estimate], scale: float = 1) -> Ends:
    return [(scale * estimate.low, scale * estimate.high) for estimate in estimates]


def drawn_ends(figure: go.Figure) -> Ends:
    """Return the lowest and the highest place of each error bar and of a band at each of its x."""
    found: Ends = []
    for trace in figure.data:
        for values, bars in ((trace.x, getattr(trace, "error_x", None)), (trace.y, getattr(trace, "error_y", None))):
            if bars is not None and bars.array is not None:
                found += [
                    (value - left, value + right)
                    for value, left, right in zip(values, bars.arrayminus, bars.array, strict=True)
                ]
        if getattr(trace, "fill", None) == "toself":
            for x in dict.fromkeys(trace.x):
                heights = [y for place, y in zip(trace.x, trace.y, strict=True) if place == x]
                found.append((min(heights), max(heights)))
    return found


def in_rows(estimates: list[Estimate]) -> list[DotRow]:
    return [
        DotRow(style=SeriesStyle(title=str(place), model="dense"), estimate=one) for place, one in enumerate(estimates)
    ]


def make_dots(estimates: list[Estimate]) -> tuple[go.Figure, Ends]:
    return dots(in_rows(estimates), METRICS["sensitivity"]), ends_of(estimates, 100)


def make_count_dots(estimates: list[Estimate]) -> tuple[go.Figure, Ends]:
    return count_dots(in_rows(estimates), "films"), ends_of(estimates)


def make_grouped_dots(estimates: list[Estimate]) -> tuple[go.Figure, Ends]:
    groups = [
        Group(title=symbol, symbol=symbol, points=[Point(row=str(place), estimate=one)])
        for place, (one, symbol) in enumerate(zip(estimates, ("circle", "x") * 6, strict=True))
    ]
    return grouped_dots(groups, "AUROC", is_rate=False), ends_of(estimates)


def wins(estimate: Estimate) -> WinsByClass:
    of_class = Wins(count=3, n=4, value=0.5, low=0.1, high=0.95, method="m")
    return WinsByClass(count=3, n=4, **dataclasses.asdict(estimate), normal=of_class, pneumonia=of_class)


def make_quality_figure(estimates: list[Estimate]) -> tuple[go.Figure, Ends]:
    measured = {}
    for name, deletion, insertion in zip(list(METHODS)[:2], estimates[:2], estimates[2:4], strict=True):
        contest = Contest(deletion=wins(deletion), insertion=wins(insertion), both=wins(estimates[4]))
        measured[name] = MethodFindings(
            n=4,
            blank=0,
            against={"random": contest},
            beats_chance=False,
            beats_other_film=False,
            areas={},
            weights={},
            depends_on_weights=True,
        )
    return quality_figure(measured), ends_of(estimates[:4], 100)


def make_lines(estimates: list[Estimate]) -> tuple[go.Figure, Ends]:
    frame = pd.DataFrame([dataclasses.asdict(one) for one in estimates]).drop(columns="method")
    frame["x"] = [float(place) for place in range(len(estimates))]
    return lines([Line(style=MARK, frame=frame, is_chosen=True)], "x", "y"), ends_of(estimates)


def make_reliability(estimates: list[Estimate]) -> tuple[go.Figure, Ends]:
    frame = pd.DataFrame(
        {
            "bin_low": np.linspace(0, 0.9, len(estimates)),
            "bin_high": np.linspace(0.1, 1, len(estimates)),
            "mean_score": np.linspace(0.05, 0.95, len(estimates)),
            "n": 5,
            "observed": [one.value for one in estimates],
            "low": [one.low for one in estimates],
            "high": [one.high for one in estimates],
        }
    )
    return reliability([Curve(style=MARK, frame=frame)], "Score"), ends_of(estimates, 100)


def make_wait_chart(estimates: list[Estimate]) -> tuple[go.Figure, Ends]:
    lab = Lab(films_a_day=9, read_minutes=5, shifts=(AROUND_THE_CLOCK,), prevalence=0.2, sensitivity=0.8, specificity=1)
    given = cycle(estimates)
    rows = []
    for order in ORDER_TITLES:
        for group in GROUP_TITLES:
            figures = {name: next(given) for name in ("mean", "p95", "longest", "change")}
            rows.append(Waits(order=order, group=group, films=3, **figures))
    simulation = WaitingSimulation(lab=lab, days=1, replications=2, seed=0, rows=tuple(rows))
    figure = next(iter(FIGURES))
    return wait_chart(simulation, figure), ends_of([getattr(row, figure) for row in rows])


def simulated(figures: dict[str, Estimate], swings: list[Swing]) -> Simulation:
    return Simulation(figures=figures, p_positive=0.5, p_more_missed=0.5, tornado=swings)


def make_price_curve(estimates: list[Estimate]) -> tuple[go.Figure, Ends]:
    scenario, even = preset("imaging_lab"), estimates[1]
    chart = price_curve(scenario, simulated({"break_even_price": even}, []))
    volume = scenario.inputs["volume"].base
    return chart, [(volume * (even.low - price), volume * (even.high - price)) for price in chart.layout.xaxis.range]


def make_tornado(estimates: list[Estimate]) -> tuple[go.Figure, Ends]:
    """Bars reach from the net to the net at either end: what is drawn is read from the two lengths of bars."""
    net = Estimate(value=0.0, low=-1.0, high=2.0, method="m")
    swings = [
        Swing(key="volume", title=str(place), low=1, high=2, net_at_low=one.low - one.value, net_at_high=one.high)
        for place, one in enumerate(estimates[:8])
    ]
    return tornado(simulated({"net": net}, swings)), [(swing.net_at_low, swing.net_at_high) for swing in swings]


def tornado_ends(figure: go.Figure) -> Ends:
    at_low, at_high = (trace for trace in figure.data if trace.type == "bar")
    return [(at_low.base + low, at_high.base + high) for low, high in zip(at_low.x, at_high.x, strict=True)]


Maker = Callable[[list[Estimate]], tuple[go.Figure, Ends]]
DRAWN: dict[str, tuple[Maker, Callable[[go.Figure], Ends]]] = {
    "comparison.dots": (make_dots, drawn_ends),
    "comparison.count_dots": (make_count_dots, drawn_ends),
    "curves.reliability": (make_reliability, drawn_ends),
    "explanations.quality_figure": (make_quality_figure, drawn_ends),
    "impact.price_curve": (make_price_curve, drawn_ends),
    "impact.tornado": (make_tornado, tornado_ends),
    "limits.grouped_dots": (make_grouped_dots, drawn_ends),
    "limits.lines": (make_lines, drawn_ends),
    "worklist.wait_chart": (make_wait_chart, drawn_ends),
}
WRITTEN = {"comparison.pairs_matrix"}  # its intervals are words in the hover labels


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", DRAWN)
def test_intervals_end_where_they_are_drawn(name: str, seed: int) -> None:
    make, read = DRAWN[name]
    figure, expected = make(asymmetric(seed))
    assert len(expected) > 1
    assert sorted(read(figure)) == [pytest.approx(pair) for pair in sorted(expected)]


@pytest.mark.parametrize("metric", ["sensitivity", "brier"])
def test_a_matrix_writes_both_ends_of_each_difference(metric: str) -> None:
    there, back = asymmetric(0)[1:3]
    chart = pairs_matrix({("a", "b"): there, ("b", "a"): back}, {("a", "b")}, METRICS[metric])
    written = [cell for trace in chart.data for row in trace.customdata for cell in row if cell]
    assert written == [format_difference(there, metric), format_difference(back, metric)]


@pytest.mark.parametrize(("scale", "ends"), [(1, (0.1, 0.4)), (100, (10, 40))])
def test_error_bars_reach_from_low_to_high(scale: float, ends: tuple[float, float]) -> None:
    bars = error_bars([Estimate(value=0.5, low=0.4, high=0.9, method="m")], scale=scale, width=5, thickness=1)
    assert (bars["arrayminus"], bars["array"]) == ([pytest.approx(ends[0])], [pytest.approx(ends[1])])
    assert (bars["symmetric"], bars["type"], bars["width"], bars["thickness"]) == (False, "data", 5, 1)


def test_error_bars_have_no_caps_by_themselves() -> None:
    bars = error_bars([Estimate(value=0.5, low=0.4, high=0.9, method="m")])
    assert (bars["width"], bars["thickness"], bars["array"]) == (0, 2, [pytest.approx(0.4)])


@pytest.mark.parametrize(("low", "high"), [(math.nan, math.nan), (math.nan, 0.9), (0.4, math.nan)])
def test_an_undefined_end_is_a_bar_without_length(low: float, high: float) -> None:
    bars = error_bars([Estimate(value=0.5, low=low, high=high, method="m")])
    assert bars["arrayminus"] == [0.0 if math.isnan(low) else pytest.approx(0.1)]
    assert bars["array"] == [0.0 if math.isnan(high) else pytest.approx(0.4)]


def test_an_end_at_infinity_beside_a_value_at_infinity_is_a_bar_without_length() -> None:
    bars = error_bars([Estimate(value=math.inf, low=1.0, high=math.inf, method="m")])
    assert bars["array"] == [0.0]


def test_a_band_goes_along_its_upper_end_and_back_along_its_lower() -> None:
    assert band([1, 2, 3], [4, 5, 6], [7, 8, 9]) == {"x": [1, 2, 3, 3, 2, 1], "y": [7, 8, 9, 6, 5, 4]}


def chart_functions() -> Iterator[tuple[str, Callable[..., go.Figure]]]:
    for module in pkgutil.iter_modules(core.charts.__path__):
        loaded = importlib.import_module(f"core.charts.{module.name}")
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            returned = get_type_hints(function).get("return") if function.__module__ == loaded.__name__ else None
            if returned is go.Figure and not name.startswith("_"):
                yield f"{module.name}.{name}", function


def holds_estimates(hint: Any, seen: frozenset[Any] = frozenset()) -> bool:
    if hint is Estimate:
        return True
    parts = get_args(hint)
    if dataclasses.is_dataclass(hint) and hint not in seen:
        parts = tuple(get_type_hints(hint).values())
        seen |= {hint}
    return any(holds_estimates(part, seen) for part in parts)


def functions_that_call(names: set[str]) -> set[str]:
    """Return the names of functions of core.charts that call one of these, directly or through others."""
    calls: dict[str, set[str]] = {}
    for path in Path(core.charts.__path__[0]).glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                called = {
                    one.func.id
                    for one in ast.walk(node)
                    if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)
                }
                calls[node.name] = calls.get(node.name, set()) | called
    reached: set[str] = set()
    while more := {name for name, called in calls.items() if called & (names | reached)} - reached:
        reached |= more
    return reached


def test_no_chart_with_an_interval_is_missing_above() -> None:
    drawing = functions_that_call({"error_bars", "band"})
    expected = {
        name
        for name, function in chart_functions()
        if function.__name__ in drawing
        or any(holds_estimates(hint) for key, hint in get_type_hints(function).items() if key != "return")
    }
    assert expected == DRAWN.keys() | WRITTEN


def test_every_error_bar_and_filled_area_is_made_by_the_two_functions() -> None:
    for path in Path(core.charts.__path__[0]).glob("*.py"):
        text = path.read_text()
        if path.name != "intervals.py":
            assert "arrayminus" not in text, path
            assert text.count('"toself"') == text.count("**band("), path
