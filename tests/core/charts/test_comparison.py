"""What the comparison charts draw, read back from the figures."""

import numpy as np
import pandas as pd
import pytest

from core.charts.comparison import DotRow, SeriesStyle, confusion_matrix, count_dots, dots
from core.charts.curves import HEIGHT, LEGEND_ROW, Curve, decision, precision_recall, reliability, roc, training
from core.charts.style import UNDECIDED, model_colour, model_symbol
from core.evaluation.calibration import reliability as reliability_frame
from core.evaluation.decision import decision_curve
from core.evaluation.metrics import METRICS, Confusion, precision_recall_curve, roc_curve
from core.evaluation.types import Estimate, Scores
from core.models.registry import MODELS

DENSE = SeriesStyle(title="Dense", model="dense")


def estimate(value: float, margin: float = float("nan")) -> Estimate:
    """An interval that reaches five times as far down as up."""
    return Estimate(value=value, low=value - margin, high=value + margin / 5, method="m")


@pytest.fixture
def scores() -> Scores:
    rng = np.random.default_rng(0)
    truth = np.array([0, 1] * 40)
    ids = np.array([str(number) for number in range(80)])
    score = np.clip(0.3 * truth + rng.uniform(0, 0.7, 80), 0, 1)
    return Scores(sample_id=ids, cluster_id=ids, y_true=truth, y_score=score)


def test_a_model_keeps_colour_and_marker_and_no_two_share_both() -> None:
    looks = {(model_colour(name), model_symbol(name)) for name in MODELS}
    assert len(looks) == len(MODELS)
    assert UNDECIDED not in {model_colour(name) for name in MODELS}
    own = SeriesStyle(title="Mine", model="dense", hollow=True, dashed=True)
    assert own.colour == DENSE.colour
    assert own.symbol == f"{DENSE.symbol}-open"
    assert own.line["dash"] == "dash"


def test_dots_carry_value_interval_and_seeds() -> None:
    rows = [
        DotRow(style=DENSE, estimate=estimate(0.9, 0.05), seeds=(0.88, 0.91)),
        DotRow(style=SeriesStyle(title="Published", model=None, hollow=True), estimate=estimate(0.8)),
        DotRow(style=SeriesStyle(title="Not reported", model=None), estimate=estimate(float("nan"))),
    ]
    chart = dots(rows, METRICS["sensitivity"])
    first, seeds, published = chart.data
    assert list(first.x) == pytest.approx([90])
    assert (first.error_x.array[0], first.error_x.arrayminus[0]) == pytest.approx((1, 5))
    assert list(seeds.x) == pytest.approx([88, 91])
    assert published.error_x.array[0] == 0
    low, high = chart.layout.xaxis.range
    assert low < 80
    assert high > 91
    assert "higher is better" in chart.layout.xaxis.title.text
    assert "lower is better" in dots(rows, METRICS["brier"]).layout.xaxis.title.text


def test_a_far_baseline_is_an_arrow_and_does_not_stretch_the_axis() -> None:
    near = [
        DotRow(style=DENSE, estimate=estimate(0.95, 0.01)),
        DotRow(style=SeriesStyle(title="B", model="cnn_sgd"), estimate=estimate(0.97, 0.01)),
    ]
    null = DotRow(style=SeriesStyle(title="Null", model=None), estimate=estimate(0.5), may_lie_outside=True)
    chart = dots([*near, null], METRICS["auroc"])
    assert chart.layout.xaxis.range[0] > 0.9
    arrow = chart.data[-1]
    assert arrow.marker.symbol == "triangle-left"
    assert ".500" in arrow.text[0]


def test_counts_start_at_zero() -> None:
    chart = count_dots([DotRow(style=DENSE, estimate=estimate(400.0, 20))], "Missed")
    assert chart.layout.xaxis.range[0] <= 0


def test_confusion_matrix_states_counts_and_shares_of_the_row() -> None:
    chart = confusion_matrix(Confusion(tp=380, fn=10, fp=60, tn=174), "Dense")
    texts = " ".join(note.text for note in chart.layout.annotations)
    for part in (
        "<b>380</b> found<br>97.4 % of 390",
        "<b>10</b> missed",
        "<b>60</b> false alarm<br>25.6 % of 234",
        "<b>174</b>",
    ):
        assert part in texts
    assert chart.data[0].z[0][0] == pytest.approx(380 / 390)
    assert chart.data[1].z[1][1] == pytest.approx(174 / 234)


def test_curves_pass_through_the_frozen_threshold(scores: Scores) -> None:
    frame = roc_curve(scores)
    at = frame.iloc[len(frame) // 2]
    point = (at["false_positive_rate"], at["sensitivity"])
    chart = roc([Curve(style=DENSE, frame=frame, point=point)])
    line, marker = chart.data[1:]
    assert (marker.x[0], marker.y[0]) == pytest.approx((100 * point[0], 100 * point[1]))
    assert (marker.x[0], marker.y[0]) in set(zip(line.x, line.y, strict=True))
    assert [trace.showlegend for trace in (line, marker)] == [False, None]  # one entry for each model

    chart = precision_recall([Curve(style=DENSE, frame=precision_recall_curve(scores), point=(0.5, 0.9))], 0.5)
    assert set(chart.data[0].y) == {50.0}


def test_calibration_and_decision_curves_are_in_per_cent_and_per_thousand(scores: Scores) -> None:
    frame = reliability_frame(scores)
    drawn = reliability([Curve(style=DENSE, frame=frame)], "Score").data[1]
    assert list(drawn.y) == pytest.approx(list(100 * frame["observed"]))
    first = frame.iloc[0]
    share = f"{100 * first['observed']:.1f} % ({100 * first['low']:.1f} to {100 * first['high']:.1f})"
    assert drawn.hovertemplate == "%{customdata}"
    assert f"{share}<br>{first['n']:.0f} film" in drawn.customdata[0]
    assert drawn.customdata[0].startswith(f"0 to 10 %, {100 * first['mean_score']:.1f} % on average")
    folded = reliability([Curve(style=DENSE, frame=frame, folded=True)], "Score").data[1]
    assert (drawn.visible, folded.visible) == (True, "legendonly")
    frame = decision_curve(scores, prevalence=0.2)
    everyone, _, model = decision([Curve(style=DENSE, frame=frame)], 0.2).data
    assert list(model.y) == pytest.approx(list(1000 * frame["model"]))
    assert list(everyone.y) == pytest.approx(list(1000 * frame["treat_all"]))
    assert list(decision([], 0.2).data) == []


@pytest.mark.parametrize("models", [1, 12, 36])
def test_a_legend_has_its_own_room_below_the_axes(scores: Scores, models: int) -> None:
    frame, binned = decision_curve(scores, prevalence=0.2), reliability_frame(scores)
    styles = [SeriesStyle(title=f"Residual net, number {number}", model="dense") for number in range(models)]
    charts = [
        decision([Curve(style=style, frame=frame) for style in styles], 0.2),
        reliability([Curve(style=style, frame=binned) for style in styles], "Score"),
        roc([Curve(style=style, frame=roc_curve(scores), point=(0.1, 0.9)) for style in styles]),
    ]
    for chart in charts:
        assert chart.layout.height >= HEIGHT + LEGEND_ROW * models  # two such names do not fit a phone's row
        assert chart.layout.legend.maxheight == 1  # of the whole figure: no scrollbar
        assert all(trace.legendgroup for trace in chart.data)  # ungrouped names would stand in one column


def test_training_marks_the_epoch_that_was_kept() -> None:
    history = [
        {"epoch": e, "loss": 1 / e, "validation_loss": abs(e - 2) + 0.1, "accuracy": 0.5, "validation_accuracy": 0.6}
        for e in (1.0, 2.0, 3.0)
    ]
    star = training(history, DENSE, 2, "loss").data[-1]
    assert (star.x[0], star.y[0]) == (2, 0.1)
    assert training(history, DENSE, 2, "accuracy").data[1].y[0] == pytest.approx(60)


def test_charts_leave_the_colour_of_text_to_the_theme() -> None:
    chart = dots([DotRow(style=DENSE, estimate=estimate(0.9, 0.05))], METRICS["auroc"])
    assert chart.layout.font.color is None
    assert chart.layout.paper_bgcolor is None


def test_frames_of_one_film_do_not_break_the_reference_lines() -> None:
    empty = pd.DataFrame({"false_positive_rate": [0.0, 1.0], "sensitivity": [0.0, 1.0]})
    assert len(roc([Curve(style=DENSE, frame=empty)]).data) == 2
