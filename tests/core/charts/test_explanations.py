"""Pictures lie over the right pixels in the right colours; bars, curves and shares are those that were handed in."""

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from core.charts.explanations import (
    add_field,
    counterfactual_figure,
    quality_figure,
)
from core.charts.film import film_figure, make_overlay
from core.charts.style import NORMAL, PNEUMONIA
from core.explain.findings import Contest, MethodFindings, Wins, WinsByClass
from core.explain.geometry import Field, Grid
from core.explain.methods import Explanation
from core.imaging.perturbations import FACTORS

GRID = Grid(step=8, first=3.5, receptive_field=8, size=32)


def explanation(values: np.ndarray) -> Explanation:
    return Explanation(method="occlusion", values=values.astype(np.float32), rows=GRID, columns=GRID)


def corners() -> Explanation:
    values = np.zeros((4, 4))
    values[0, 0], values[3, 3] = 2.0, -1.0
    return explanation(values)


def test_overlay_is_the_map_itself() -> None:
    found = corners()
    overlay = make_overlay(found, 0.4)
    assert overlay.values is found.values
    assert (overlay.rows, overlay.columns, overlay.opacity) == (found.rows, found.columns, 0.4)


def test_field_is_drawn_where_it_lies() -> None:
    figure = add_field(film_figure("data:,", (300, 200)), Field(left=10, top=20, right=110, bottom=90))
    for shape in figure.layout.shapes:
        assert (shape.x0, shape.x1, shape.y0, shape.y1) == (10, 110, 20, 90)


@pytest.mark.parametrize(("threshold", "colour"), [(0.3, PNEUMONIA), (0.7, NORMAL)])
def test_curve_marks_the_film_as_it_is(threshold: float, colour: str) -> None:
    rows = pd.DataFrame({"value": [0.5, 1.0, 2.0], "score": [0.2, 0.5, 0.9]})
    figure = counterfactual_figure(rows, FACTORS["exposure"], threshold)
    line, point = figure.data
    assert (list(line.x), list(line.y)) == ([0.5, 1.0, 2.0], [0.2, 0.5, 0.9])
    assert (list(point.x), list(point.y), point.marker.color) == ([1.0], [0.5], colour)
    assert figure.layout.shapes[0].y0 == threshold


def test_quality_shows_every_share_with_its_interval() -> None:
    wins = Wins(count=3, n=4, value=0.75, low=0.3, high=0.95, method="Wilson")
    deletion = WinsByClass(**asdict(wins), normal=wins, pneumonia=wins)
    contest = Contest(deletion=deletion, insertion=replace(deletion, value=0.5), both=deletion)
    findings = MethodFindings(
        n=4,
        blank=0,
        against={"random": contest},
        beats_chance=False,
        beats_other_film=False,
        areas={},
        weights={},
        depends_on_weights=True,
    )
    figure = quality_figure({"occlusion": findings, "score_cam": findings})
    assert list(figure.layout.yaxis.ticktext) == ["Occlusion map", "Score-CAM"]
    drawn = [trace for trace in figure.data if trace.x[0] is not None]
    assert sorted(trace.x[0] for trace in drawn) == [50, 50, 75, 75]
    assert {round(trace.error_x.array[0]) for trace in drawn} == {20, 45}
    assert figure.layout.shapes[0].x0 == 50
