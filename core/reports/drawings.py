"""Simple charts for printed pages: intervals, curves with marks, and a score on its scale, as reportlab drawings."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.graphics.shapes import Circle, Drawing, Line, PolyLine, Rect, String
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth

from core.charts.style import NORMAL, PNEUMONIA, UNDECIDED
from core.reports.pdf import BOLD, INK, MUTED, REGULAR, RULE, WIDTH, printable
from core.wording import shorten

SIZE = 7.5  # points of all letters


@dataclass(frozen=True, kw_only=True)
class Series:
    """One line of a chart: y by x, in a colour."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    colour: str = NORMAL


def line_chart(
    series: Sequence[Series],
    *,
    title: str,
    x_title: str,
    y_title: str,
    marks: Sequence[tuple[float, str]] = (),
    width: float = WIDTH,
    height: float = 150,
) -> Drawing:
    """Draw lines over a grid, zero heavier, and marks such as a break-even as dashed verticals with a name."""
    all_x = [x for line in series for x in line.x if math.isfinite(x)]
    all_y = [y for line in series for y in line.y if math.isfinite(y)]
    y_ticks = nice_ticks(min(all_y, default=0.0), max(all_y, default=1.0), 4)
    left = max(_text_width(f"{tick:,g}") for tick in y_ticks) + 6
    x_scale = _Scale(min(all_x, default=0.0), max(all_x, default=1.0), left, width - 10)
    y_scale = _Scale(y_ticks[0], y_ticks[-1], 26, height - (34 if len(series) > 1 else 24))
    drawing = Drawing(width, height)
    _text(drawing, 0, height - SIZE - 1, title, font=BOLD, max_width=width)
    _text(drawing, 0, height - 2 * SIZE - 5, y_title, colour=MUTED, max_width=width / 2)
    _text(drawing, width, 2, x_title, colour=MUTED, anchor="end", max_width=width)
    for tick in y_ticks:
        colour, weight = (MUTED, 0.9) if tick == 0 else (RULE, 0.4)
        drawing.add(
            Line(left, y_scale(tick), width - 10, y_scale(tick), strokeColor=HexColor(colour), strokeWidth=weight)
        )
        _text(drawing, left - 4, y_scale(tick) - 2.5, f"{tick:,g}", colour=MUTED, anchor="end")
    for tick in nice_ticks(x_scale.low, x_scale.high, 5):
        if x_scale.low <= tick <= x_scale.high:
            _text(drawing, x_scale(tick), 14, f"{tick:,g}", colour=MUTED, anchor="middle")
    for line in series:
        points = [(x_scale(x), y_scale(y)) for x, y in zip(line.x, line.y, strict=True) if math.isfinite(x + y)]
        if len(points) > 1:
            flat = [value for point in points for value in point]
            drawing.add(PolyLine(flat, strokeColor=HexColor(line.colour), strokeWidth=1.6))
    if len(series) > 1:
        _legend(drawing, series, width, height - 2 * SIZE - 5)
    for x, name in marks:
        if x_scale.low <= x <= x_scale.high:
            _mark(drawing, x_scale(x), y_scale(y_ticks[0]), y_scale(y_ticks[-1]), name, width)
    return drawing


def score_bar(score: float, threshold: float, band: tuple[float, float], *, width: float = WIDTH) -> Drawing:
    """Draw a score on the scale from 0 to 1: blue below the threshold, vermilion above, grey where there is no call."""
    scale = _Scale(0.0, 1.0, 8, width - 8)
    drawing = Drawing(width, 30)
    for begin, end, colour in ((0.0, threshold, NORMAL), (threshold, 1.0, PNEUMONIA)):
        drawing.add(Rect(scale(begin), 13, scale(end) - scale(begin), 7, fillColor=_pale(colour), strokeColor=None))
    low, high = max(band[0], 0.0), min(band[1], 1.0)
    if high > low:
        drawing.add(Rect(scale(low), 15, scale(high) - scale(low), 3, fillColor=HexColor(UNDECIDED), strokeColor=None))
    drawing.add(Line(scale(threshold), 10, scale(threshold), 23, strokeColor=HexColor(INK), strokeWidth=1.4))
    dot = PNEUMONIA if score >= threshold else NORMAL
    drawing.add(Circle(scale(score), 16.5, 4, fillColor=HexColor(dot), strokeColor=HexColor(INK), strokeWidth=0.8))
    for value, anchor in ((0.0, "start"), (1.0, "end")):
        _text(drawing, scale(value), 2, f"{value:g}", colour=MUTED, anchor=anchor)
    _text(drawing, min(max(scale(threshold), 60), width - 60), 2, f"cut-off {threshold:.3f}", anchor="middle")
    return drawing


def colour_bar(low: str, high: str, *, left: str, right: str, width: float = WIDTH) -> Drawing:
    """Draw the colours of a map over black, with the values at its ends and what each side means."""
    drawing = Drawing(width, 21)
    begin, end, steps = width * 0.2, width * 0.8, 60
    for step in range(steps):
        value = 2 * (step + 0.5) / steps - 1
        full = HexColor(PNEUMONIA if value > 0 else NORMAL)
        fill = Color(*(abs(value) * part for part in (full.red, full.green, full.blue)))
        x = begin + (end - begin) * step / steps
        drawing.add(Rect(x, 12, (end - begin) / steps + 0.2, 6, fillColor=fill, strokeColor=None))
    _text(drawing, begin - 4, 12, low, anchor="end")
    _text(drawing, end + 4, 12, high)
    _text(drawing, begin, 2, left, colour=NORMAL, anchor="start")
    _text(drawing, end, 2, right, colour=PNEUMONIA, anchor="end")
    return drawing


def nice_ticks(low: float, high: float, count: int) -> list[float]:
    """Return about ``count`` + 1 round numbers that span low to high."""
    if not high > low:
        high = low + (abs(low) or 1.0)
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{multiple * step:.12g}") for multiple in range(first, last + 1)]


@dataclass(frozen=True)
class _Scale:
    """Linear scale from values to points."""

    low: float
    high: float
    begin: float
    end: float

    def __call__(self, value: float) -> float:
        spread = (self.high - self.low) or 1.0
        return self.begin + (value - self.low) / spread * (self.end - self.begin)


def _legend(drawing: Drawing, series: Sequence[Series], right: float, y: float) -> None:
    for line in reversed(series):
        name = shorten(line.name, 40)
        right -= _text_width(name)
        _text(drawing, right, y, name)
        drawing.add(Line(right - 15, y + 2.5, right - 4, y + 2.5, strokeColor=HexColor(line.colour), strokeWidth=1.6))
        right -= 24


def _mark(drawing: Drawing, x: float, bottom: float, top: float, name: str, width: float) -> None:
    drawing.add(Line(x, bottom, x, top, strokeColor=HexColor(INK), strokeWidth=0.9, strokeDashArray=[3, 2]))
    anchor, shift = ("end", -3) if x > width * 0.7 else ("start", 3)
    _text(drawing, x + shift, top - SIZE, name, anchor=anchor)


def _text(
    drawing: Drawing,
    x: float,
    y: float,
    text: str,
    *,
    colour: str = INK,
    font: str = REGULAR,
    anchor: str = "start",
    max_width: float | None = None,
) -> None:
    text = printable(text)
    while max_width is not None and len(text) > 4 and stringWidth(text, font, SIZE) > max_width:
        text = shorten(text, len(text) - 1)
    drawing.add(String(x, y, text, fontName=font, fontSize=SIZE, fillColor=HexColor(colour), textAnchor=anchor))


def _text_width(text: str) -> float:
    return float(stringWidth(printable(text), REGULAR, SIZE))


def _pale(colour: str) -> Color:
    full = HexColor(colour)
    return Color(*(1 - 0.45 * (1 - part) for part in (full.red, full.green, full.blue)))
