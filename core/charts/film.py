"""A film on black, with what each place adds to a model's logit over it, and scores on their scale."""

import base64
import io
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from core.charts.style import NORMAL, PNEUMONIA, model_colour, model_symbol, tidy
from core.explain import FloatArray, Grid
from core.film import UInt8Array
from core.runs import Run
from core.serving import Prediction

SHOWN_SIDE = 1024  # px; longer films are shown smaller, never judged smaller
LIGHT = "#E8ECF0"
# Clear at 0, so that the film is seen where a model adds nothing; vermilion and blue as everywhere.
_OVERLAY = [[0.0, "rgba(0,114,178,1)"], [0.5, "rgba(127,127,127,0)"], [1.0, "rgba(213,94,0,1)"]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Overlay:
    """A class activation map and where its cells lie on the model's input.

    Parameters
    ----------
    values : (h, w) float32
        What each cell adds to the logit: positive towards pneumonia.
    rows, columns : Grid
    opacity : float in [0, 1]
    """

    values: FloatArray
    rows: Grid
    columns: Grid
    opacity: float


def picture_source(pixels: UInt8Array, *, sharp_pixels: bool = False) -> str:
    """Gray pixels (H, W) as a data URI that a browser shows, at most 1024 pixels a side.

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
    """A picture of (width, height) pixels on black at its true aspect ratio, with an overlay and its scale.

    Its height follows the film's shape and is the same with and without the overlay. The zoom is kept as long as
    ``name`` stays the same.
    """
    width, tall = size
    figure = go.Figure(
        go.Scatter(x=[0, width], y=[0, tall], mode="markers", marker={"opacity": 0}, hoverinfo="skip", showlegend=False)
    )
    if overlay is not None:
        figure.add_trace(_overlay_trace(overlay, width, tall))
    figure.add_layout_image(
        source=source, xref="x", yref="y", x=0, y=0, sizex=width, sizey=tall, sizing="stretch", layer="below"
    )
    figure.update_layout(
        height=round(min(max(520 * tall / width, 280), 560)) + 68,
        margin={"l": 8, "r": 8, "t": 8, "b": 60},
        paper_bgcolor="black",
        plot_bgcolor="black",
        font={"color": LIGHT, "family": "Source Sans, sans-serif"},
        dragmode=False,  # a drag on a phone scrolls the page; zoom is in the tool bar
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": LIGHT, "activecolor": "white"},
        showlegend=False,
        uirevision=name,
    )
    figure.update_xaxes(visible=False, range=[0, width], constrain="domain")
    figure.update_yaxes(visible=False, range=[tall, 0], scaleanchor="x", constrain="domain")
    return figure


def _overlay_trace(overlay: Overlay, width: int, tall: int) -> go.Heatmap:
    top = float(np.abs(overlay.values).max()) or 1.0
    columns, rows = overlay.columns, overlay.rows
    across, down = width / columns.size, tall / rows.size
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
        hovertemplate="adds %{z:+.3f} to the logit<extra></extra>",
        colorbar={
            "orientation": "h",
            "y": 0,
            "yanchor": "top",
            "thickness": 10,
            "len": 0.9,
            "outlinewidth": 0,
            "title": {"text": "normal  ←  added to the logit  →  pneumonia", "side": "bottom"},
            "tickvals": [-top, 0, top],
            "ticktext": [f"{-top:.2g}", "0", f"+{top:.2g}"],
        },
    )


def score_scale(runs: list[Run], predictions: list[Prediction]) -> go.Figure:
    """Scores from 0 to 1, a row for each model: its marker, the tick of its threshold, and what it says where."""
    figure = go.Figure()
    titles = [prediction.title for prediction in predictions]
    for run, prediction in zip(runs, predictions, strict=True):
        low, high = run.conformal.abstain_band
        threshold = prediction.threshold
        for begin, end, colour in ((0.0, threshold, NORMAL), (threshold, 1.0, PNEUMONIA)):
            figure.add_scatter(
                x=[begin, end],
                y=[prediction.title] * 2,
                mode="lines",
                hoverinfo="skip",
                opacity=0.35,
                line={"color": colour, "width": 10},
            )
        figure.add_scatter(
            x=[low, high],
            y=[prediction.title] * 2,
            mode="lines",
            hoverinfo="skip",
            opacity=0.8,
            line={"color": "#9A9A9A", "width": 4},
        )
        colour = model_colour(run.record.model)
        figure.add_scatter(
            x=[threshold],
            y=[prediction.title],
            mode="markers",
            marker={"symbol": "line-ns", "size": 22, "line": {"color": colour, "width": 3}},
            hovertemplate="threshold %{x:.3f}<extra>%{y}</extra>",
        )
        figure.add_scatter(
            x=[prediction.score],
            y=[prediction.title],
            mode="markers",
            cliponaxis=False,
            marker={
                "symbol": model_symbol(run.record.model),
                "size": 15,
                "color": colour,
                "line": {"color": "white", "width": 1.5},
            },
            hovertemplate="score %{x:.3f}<extra>%{y}</extra>",
        )
    tidy(figure, height=60 + 38 * len(predictions))
    figure.update_layout(showlegend=False, dragmode=False, margin={"l": 8, "r": 16, "t": 8, "b": 8})
    figure.update_xaxes(
        range=[-0.02, 1.02],
        tickvals=[0, 0.25, 0.5, 0.75, 1],
        title="score",
        fixedrange=True,
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(
        categoryorder="array",
        categoryarray=titles[::-1],
        title=None,
        fixedrange=True,
        showgrid=False,
        range=[-0.6, len(titles) - 0.4],
    )
    return figure
