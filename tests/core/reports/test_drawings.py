import io
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader
from reportlab.graphics.shapes import Circle, Line, Rect, String

from core.charts.style import NORMAL, PNEUMONIA
from core.reports.drawings import Series, colour_bar, line_chart, nice_ticks, score_bar
from core.reports.pdf import build


def shapes(drawing, kind):
    return [one for one in drawing.contents if isinstance(one, kind)]


def texts(drawing) -> list[str]:
    return [one.text for one in shapes(drawing, String)]


def colour(shape) -> str:
    return "#" + shape.fillColor.hexval()[2:].upper()


@pytest.mark.parametrize(
    ("low", "high", "count", "ticks"),
    [
        (0, 1, 4, [0, 0.25, 0.5, 0.75, 1]),
        (-0.2, 1, 4, [-0.5, 0, 0.5, 1]),
        (-13000, 8000, 4, [-20000, -10000, 0, 10000]),
        (0, 0, 4, [0, 0.25, 0.5, 0.75, 1]),
        (1e-6, 4e-6, 3, [1e-6, 2e-6, 3e-6, 4e-6]),
    ],
)
def test_ticks_are_round_and_span_the_values(low, high, count, ticks) -> None:
    assert nice_ticks(low, high, count) == pytest.approx(ticks)


def test_the_break_even_lies_where_it_is() -> None:
    one = Series(name="net", x=[0, 1, 2], y=[-10, 0, 10])
    drawing = line_chart([one], title="Net", x_title="price", y_title="EUR", marks=[(1, "break-even"), (9, "outside")])
    dashed = [line for line in shapes(drawing, Line) if line.strokeDashArray]
    assert len(dashed) == 1
    (line,) = [one for one in drawing.contents if hasattr(one, "points")]
    assert dashed[0].x1 == pytest.approx(line.points[2])
    assert "break-even" in texts(drawing)
    assert "outside" not in texts(drawing)


def test_undefined_points_are_left_out() -> None:
    one = Series(name="a", x=[0, 1, 2], y=[1, float("nan"), 3])
    drawing = line_chart([one, one], title="T", x_title="x", y_title="y")
    assert [len(one.points) for one in drawing.contents if hasattr(one, "points")] == [4, 4]


@pytest.mark.parametrize(("score", "expected"), [(0.8, PNEUMONIA), (0.7, PNEUMONIA), (0.69, NORMAL)])
def test_the_dot_has_the_colour_of_its_side(score, expected) -> None:
    drawing = score_bar(score, 0.7, (0.4, 0.75), width=216)
    (dot,) = shapes(drawing, Circle)
    assert colour(dot) == expected
    assert dot.cx == pytest.approx(8 + score * 200)
    assert "cut-off 0.700" in texts(drawing)


def test_the_colour_bar_is_black_in_the_middle() -> None:
    drawing = colour_bar("-1", "+1", left="normal", right="pneumonia", width=200)
    strip = sorted(shapes(drawing, Rect), key=lambda one: one.x)
    brightness = [sum(one.fillColor.rgb()) for one in strip]
    assert min(brightness) < 0.05
    assert brightness.index(min(brightness)) in (len(strip) // 2 - 1, len(strip) // 2)
    assert strip[0].fillColor.blue > strip[0].fillColor.red
    assert strip[-1].fillColor.red > strip[-1].fillColor.blue
    assert {"-1", "+1", "normal", "pneumonia"} <= set(texts(drawing))


def test_charts_print_any_name() -> None:
    data = build(
        "Charts",
        [
            line_chart([], title="胸部" * 80, x_title="", y_title=""),
            line_chart([], title="", x_title="", y_title=""),
            score_bar(0, 0, (0, 0)),
        ],
        created=datetime(2026, 1, 1, tzinfo=UTC),
    )
    (page,) = PdfReader(io.BytesIO(data)).pages
    assert "??" in page.extract_text()
