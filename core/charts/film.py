"""Figures of a film on black with an overlay of what each place adds to the logit, and of scores on their scale."""

import base64
import io
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from core.charts.draft import Properties
from core.charts.style import NORMAL, PNEUMONIA, model_colour, model_symbol
from core.explain.geometry import Grid
from core.explain.methods import Explanation
from core.inference.model import Prediction
from core.runs.record import Run
from core.types import Float32Array, UInt8Array
from core.wording import MINUS

SHOWN_SIDE = 1024  # px; longer films are shown smaller, never judged smaller
LIGHT = "#E8ECF0"
# Transparent at 0, so that the film shows where nothing moves the score; vermilion and blue as in all charts.
_OVERLAY = [[0.0, "rgba(0,114,178,1)"], [0.5, "rgba(127,127,127,0)"], [1.0, "rgba(213,94,0,1)"]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Overlay:
    """A map and the place of its cells on the model's input.

    Parameters
    ----------
    values : (h, w) float32
        How far each cell moves the logit: positive towards pneumonia.
    rows, columns : Grid
    opacity : float in [0, 1]
    """

    values: Float32Array
    rows: Grid
    columns: Grid
    opacity: float


def make_overlay(explanation: Explanation, opacity: float = 0.6) -> Overlay:
    """Return the map as `film_figure` draws it over a film."""
    return Overlay(values=explanation.values, rows=explanation.rows, columns=explanation.columns, opacity=opacity)


def picture_source(pixels: UInt8Array, *, sharp_pixels: bool = False) -> str:
    """Return gray pixels (H, W) as a data URI for the browser, at most 1024 pixels a side.

    With ``sharp_pixels`` a small picture is enlarged by whole pixels, as a PNG file.
    """
    side = max(pixels.shape)
    if sharp_pixels and side < SHOWN_SIDE // 2:
        factor = SHOWN_SIDE // 2 // side
        pixels = pixels.repeat(factor, axis=0).repeat(factor, axis=1)
    picture = Image.fromarray(pixels)
    picture.thumbnail((SHOWN_SIDE, SHOWN_SIDE), Image.Resampling.BILINEAR)
    file = io.BytesIO()
    kind = "PNG" if sharp_pixels else "JPEG"
    picture.save(file, kind, **({} if sharp_pixels else {"quality": 92}))
    return f"data:image/{kind.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"


def film_figure(source: str, size: tuple[int, int], *, overlay: Overlay | None = None, name: str = "") -> go.Figure:
    """Draw a picture of (width, height) pixels on black at its true aspect ratio, with an overlay and its scale.

    Its height follows the film's shape and is the same with and without the overlay. The zoom is kept as long as
    ``name`` stays the same.
    """
    width, height = size
    corners = {"type": "scatter", "x": [0, width], "y": [0, height], "mode": "markers", "marker": {"opacity": 0}}
    return go.Figure(
        data=[corners | {"hoverinfo": "skip"}, *([] if overlay is None else [_overlay_trace(overlay, width, height)])],
        layout={  # in one piece: a figure that is updated step by step takes several times as long
            "height": round(min(max(520 * height / width, 280), 560)) + 68,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 60},
            "paper_bgcolor": "black",
            "plot_bgcolor": "black",
            "font": {"color": LIGHT, "family": "Source Sans, sans-serif"},
            "dragmode": False,  # a drag on a phone scrolls the page; zoom is in the tool bar
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": LIGHT, "activecolor": "white"},
            "showlegend": False,
            "uirevision": name,
            "xaxis": {"visible": False, "range": [0, width], "constrain": "domain"},
            "yaxis": {"visible": False, "range": [height, 0], "constrain": "domain", "scaleanchor": "x"},
            "images": [
                {
                    "source": source,
                    "xref": "x",
                    "yref": "y",
                    "x": 0,
                    "y": 0,
                    "sizex": width,
                    "sizey": height,
                    "sizing": "stretch",
                    "layer": "below",
                }
            ],
        },
    )


def _overlay_trace(overlay: Overlay, width: int, height: int) -> go.Heatmap:
    top = float(np.abs(overlay.values).max()) or 1.0
    columns, rows = overlay.columns, overlay.rows
    across, down = width / columns.size, height / rows.size
    return go.Heatmap(
        z=np.round(overlay.values, 4),
        x0=(columns.first + 0.5) * across,
        dx=columns.step * across,
        y0=(rows.first + 0.5) * down,
        dy=rows.step * down,
        zmin=-top,
        zmax=top,
        zsmooth=False,
        colorscale=_OVERLAY,
        opacity=overlay.opacity,
        hovertemplate="%{z:+.3f} on the logit<extra></extra>",
        colorbar={
            "orientation": "h",
            "y": 0,
            "yanchor": "top",
            "thickness": 10,
            "len": 0.9,
            "outlinewidth": 0,
            "title": {"text": "towards normal  ←  →  towards pneumonia", "side": "bottom"},
            "tickvals": [-top, 0, top],
            "ticktext": [f"{MINUS}{top:.2g}", "0", f"+{top:.2g}"],
        },
    )


def score_scale(runs: list[Run], predictions: list[Prediction]) -> go.Figure:
    """Draw scores from 0 to 1, a row for each model: its marker, its threshold as a tick, and its bands."""
    titles = [prediction.title for prediction in predictions]
    thresholds = [prediction.threshold for prediction in predictions]
    colours = [model_colour(run.record.model) for run in runs]
    bands = [run.conformal.abstain_band for run in runs]
    ticks = {
        "type": "scatter",
        "mode": "markers",
        "x": thresholds,
        "y": titles,
        "marker": {"symbol": "line-ns", "size": 22, "line": {"color": colours, "width": 3}},
        "hovertemplate": "threshold %{x:.3f}<extra>%{y}</extra>",
    }
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": [prediction.score for prediction in predictions],
        "y": titles,
        "cliponaxis": False,
        "marker": {
            "symbol": [model_symbol(run.record.model) for run in runs],
            "size": 15,
            "color": colours,
            "line": {"color": "white", "width": 1.5},
        },
        "hovertemplate": "score %{x:.3f}<extra>%{y}</extra>",
    }
    return go.Figure(
        data=[
            _intervals_trace(titles, [(0.0, threshold) for threshold in thresholds], NORMAL, width=10, opacity=0.35),
            _intervals_trace(titles, [(threshold, 1.0) for threshold in thresholds], PNEUMONIA, width=10, opacity=0.35),
            _intervals_trace(titles, bands, "#9A9A9A", width=4, opacity=0.8),
            ticks,
            points,
        ],
        layout={
            "height": 60 + 38 * len(predictions),
            "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
            "showlegend": False,
            "dragmode": False,
            "hoverlabel": {"align": "left"},
            "xaxis": {
                "automargin": True,
                "range": [-0.02, 1.02],
                "tickvals": [0, 0.25, 0.5, 0.75, 1],
                "title": {"text": "score"},
                "fixedrange": True,
                "showgrid": False,
                "zeroline": False,
            },
            "yaxis": {
                "automargin": True,
                "categoryorder": "array",
                "categoryarray": titles[::-1],
                "fixedrange": True,
                "showgrid": False,
                "range": [-0.6, len(titles) - 0.4],
            },
        },
    )


def _intervals_trace(
    rows: list[str], stretches: list[tuple[float, float]], colour: str, *, width: int, opacity: float
) -> Properties:
    """Return one stretch of the scale on each row, all in one trace with None between them."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [end for begin, finish in stretches for end in (begin, finish, None)],
        "y": [position for row in rows for position in (row, row, None)],
        "hoverinfo": "skip",
        "opacity": opacity,
        "line": {"color": colour, "width": width},
    }
