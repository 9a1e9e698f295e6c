"""The film keeps its shape, the map lies over the pixels it speaks of, and each model stands at its score."""

import base64
import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from core.charts.film import Overlay, film_figure, picture_source, score_scale
from core.charts.style import model_colour
from core.evaluation.conformal import ConformalRule
from core.explain.geometry import Grid
from core.inference.model import Prediction


def decode(source: str) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(source.split(",", 1)[1]))) as picture:
        return np.asarray(picture)


@pytest.mark.parametrize("shape", [(2000, 3000), (3000, 1500), (200, 300)])
def test_large_films_are_shown_smaller_in_their_shape(shape: tuple[int, int]) -> None:
    shown = decode(picture_source(np.full(shape, 90, np.uint8)))
    assert max(shown.shape) <= 1024
    assert shown.shape[0] / shown.shape[1] == pytest.approx(shape[0] / shape[1], rel=0.01)
    assert abs(int(shown.mean()) - 90) <= 1


def test_small_pictures_are_enlarged_pixel_by_pixel() -> None:
    pixels = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64).astype(np.uint8)
    np.testing.assert_array_equal(decode(picture_source(pixels, sharp_pixels=True)), pixels.repeat(8, 0).repeat(8, 1))


@pytest.mark.parametrize("size", [(1232, 720), (720, 1232), (224, 224)])
def test_film_is_never_stretched(size: tuple[int, int]) -> None:
    figure = film_figure("data:,", size)
    image = figure.layout.images[0]
    assert (image.sizex, image.sizey) == size
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.yaxis.scaleratio in (None, 1)
    assert figure.layout.plot_bgcolor == figure.layout.paper_bgcolor == "black"


def test_overlay_does_not_move_the_film() -> None:
    grid = Grid(step=8, first=10.5, receptive_field=22, size=64)
    overlay = Overlay(values=np.ones((6, 6), np.float32), rows=grid, columns=grid, opacity=0.4)
    assert (
        film_figure("data:,", (640, 320)).layout.height
        == film_figure("data:,", (640, 320), overlay=overlay).layout.height
    )


def test_overlay_lies_over_the_pixels_that_its_cells_see() -> None:
    values = np.array([[-0.5, 0.25], [0.1, 2.0]], np.float32)
    rows = Grid(step=8, first=10.5, receptive_field=22, size=64)
    overlay = Overlay(values=values, rows=rows, columns=rows, opacity=0.4)
    heatmap = film_figure("data:,", (640, 320), overlay=overlay).data[-1]
    assert (heatmap.x0, heatmap.dx) == (110, 80)
    assert (heatmap.y0, heatmap.dy) == (55, 40)
    assert (heatmap.zmin, heatmap.zmax) == (-2, 2)
    assert heatmap.opacity == 0.4
    assert heatmap.zsmooth is False  # a cell is drawn as a cell
    ends = [colour for place, colour in heatmap.colorscale if place != 0.5]
    assert ends == ["rgba(0,114,178,1)", "rgba(213,94,0,1)"]


def test_each_model_stands_at_its_score_with_its_own_threshold() -> None:
    names, scores, thresholds = ("dense", "cnn_adam"), (0.2, 0.9), (0.7, 0.4)
    rule = ConformalRule(alpha=0.1, highest_normal=0.3, lowest_pneumonia=0.6)
    runs = [SimpleNamespace(record=SimpleNamespace(model=name), conformal=rule) for name in names]
    predictions = [
        Prediction(
            run_id=name,
            title=name,
            score=score,
            logit=0.0,
            probability=0.5,
            prevalence=0.16,
            threshold=threshold,
            positive=score >= threshold,
            conformal_set=(),
        )
        for name, score, threshold in zip(names, scores, thresholds, strict=True)
    ]
    markers = [trace for trace in score_scale(runs, predictions).data if trace.mode == "markers"]
    ticks, points = markers
    assert dict(zip(ticks.y, ticks.x, strict=True)) == dict(zip(names, thresholds, strict=True))
    assert dict(zip(points.y, points.x, strict=True)) == dict(zip(names, scores, strict=True))
    assert list(points.marker.color) == list(ticks.marker.line.color) == [model_colour(name) for name in names]
