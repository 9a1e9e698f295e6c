"""Charts of Worklist hold the figures that they are given."""

from core.charts.style import NORMAL, PNEUMONIA
from core.charts.worklist import FIGURES, ORDER_TITLES, order_chart, wait_chart
from core.evaluation.verdict import Verdict
from core.wording import VERDICT_WORDS
from core.worklist.queue import Row, pace
from core.worklist.simulation import AROUND_THE_CLOCK, Lab, replicate
from tests.support.rows import broken, clear, flagged, unsure


def test_each_film_stands_at_its_minute_in_both_orders() -> None:
    rows = [clear(1), flagged(2), unsure(3), flagged(4)]
    figure = order_chart(rows, pace(rows, 2.0))
    lines, red, _, blue = figure.data
    assert list(lines.x) == [2, 0, None, 6, 2, None]
    assert list(lines.y) == ["As they came", "Flagged first", None] * 2
    assert (red.marker.color, blue.marker.color) == (PNEUMONIA, NORMAL)
    assert list(red.x) == [2, 6, 0, 2]
    assert list(red.y) == ["As they came"] * 2 + ["Flagged first"] * 2
    assert list(blue.x) == [0, 6]
    assert [trace.name for trace in figure.data[1:]] == [
        VERDICT_WORDS[Verdict.FLAGGED],
        VERDICT_WORDS[Verdict.NO_CALL],
        VERDICT_WORDS[Verdict.NOT_FLAGGED],
    ]


def test_what_was_not_judged_is_drawn_and_names_are_no_markup() -> None:
    rows = [broken(1), Row(number=2, file="<b>&.png", status="refused")]
    figure = order_chart(rows, pace(rows, 1.0))
    (trace,) = figure.data[1:]
    assert trace.name == "Not judged"
    assert list(trace.customdata) == ["1.png", "&lt;b>&amp;.png"] * 2


def test_waits_are_drawn_for_every_order_and_group_that_has_films() -> None:
    lab = Lab(
        films_a_day=100, read_minutes=5, shifts=(AROUND_THE_CLOCK,), prevalence=0.2, sensitivity=0.8, specificity=0.8
    )
    simulation = replicate(lab, days=5, replications=3)
    for name in FIGURES:
        chart = wait_chart(simulation, name)
        assert [trace.name for trace in chart.data] == list(ORDER_TITLES.values())
        groups = ("pneumonia", "missed", "normal", "all")
        for trace, order in zip(chart.data, ORDER_TITLES, strict=True):
            expected = [getattr(simulation.waits(order, group), name) for group in groups]
            assert list(trace.x) == [one.value for one in expected]
            assert list(trace.error_x.array) == [one.high - one.value for one in expected]
        assert list(chart.layout.yaxis.ticktext) == ["Pneumonia", "Pneumonia, missed", "Normal", "All films"]
    perfect = Lab(
        films_a_day=100, read_minutes=5, shifts=(AROUND_THE_CLOCK,), prevalence=0.2, sensitivity=1.0, specificity=0.8
    )
    none_missed = wait_chart(replicate(perfect, days=2, replications=2), "mean")
    assert "Pneumonia, missed" not in none_missed.layout.yaxis.ticktext
