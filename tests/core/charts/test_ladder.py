"""The ladder's charts, read back from the figures."""

import numpy as np
import pytest

from core.charts.comparison import SeriesStyle, pairs_matrix
from core.charts.ladder import LOG_ODDS, CostGainPoint, log_odds, pareto_chart, pareto_front, score_histogram
from core.evaluation.metrics import METRICS
from core.evaluation.types import Estimate
from core.wording import format_difference


def step(title: str, cost: float, gain: float) -> CostGainPoint:
    return CostGainPoint(style=SeriesStyle(title=title, model=None), cost=cost, gain=gain, words=title)


def test_front_leaves_out_what_another_beats():
    steps = [step("dear", 30, 0.9), step("cheap", 1, 0.7), step("beaten", 20, 0.7), step("same cost", 30, 0.8)]
    assert [one.style.title for one in pareto_front(steps)] == ["cheap", "dear"]
    chart = pareto_chart(steps, "s", "AUROC")
    assert list(chart.data[0].x) == [1, 30]
    assert [trace.name for trace in chart.data[1:]] == ["dear", "cheap", "beaten", "same cost"]
    assert chart.layout.xaxis.type == "log"


def test_log_odds_stay_on_the_axis():
    assert log_odds(np.array([0.0, 0.5, 1.0, 1.5])).tolist() == pytest.approx([-LOG_ODDS, 0, LOG_ODDS, LOG_ODDS])


def test_histogram_counts_each_kind_by_itself():
    kinds = np.array(["normal"] * 2 + ["viral pneumonia"] * 4 + ["pneumonia"])
    chart = score_histogram(np.array([0.0, 0.5, 1, 1, 1, 0.5, 0.9]), kinds, 0.5, "A")
    assert [trace.name for trace in chart.data] == ["normal", "viral pneumonia", "pneumonia"]
    for trace in chart.data:
        assert sum(trace.y) == pytest.approx(100)
    assert chart.data[0].y[0] == pytest.approx(50)
    assert chart.data[1].y[-1] == pytest.approx(75)
    assert chart.layout.shapes[0].x0 == pytest.approx(0)


@pytest.mark.parametrize(("metric", "sign"), [("sensitivity", 1), ("brier", -1)])
def test_matrix_colours_what_is_real_and_says_where_it_cannot_tell(metric, sign):
    def difference(value: float) -> Estimate:
        return Estimate(value=value, low=value - 0.01, high=value + 0.02, method="m")

    cells = {
        ("a", "b"): difference(0.1),
        ("b", "a"): difference(-0.1),
        ("a", "c"): difference(0.0),
        ("c", "a"): difference(0.0),
    }
    chart = pairs_matrix(cells, {("a", "b"), ("b", "a")}, METRICS[metric])
    real, unsure = chart.data
    assert real.z[0][1] == pytest.approx(sign * 0.1)
    assert real.text[0][1] == ("<b>+10.0</b>" if METRICS[metric].is_rate else "<b>+0.100</b>")
    assert [real.z[0][0], real.z[0][2], unsure.z[0][1]] == [None, None, None]
    assert unsure.text[0][2] == "not clear"
    assert real.customdata[1][0] == format_difference(cells["b", "a"], metric)
