"""A network as a picture: layers as blocks, weights and work by kind of layer, the strongest maps as a strip."""

import io
import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from core.charts.draft import Properties, figure
from core.charts.feature_maps import ACTIVATION, palette
from core.charts.style import tidy
from core.models.spec import InputSpec
from core.runs.architecture import Architecture, LayerInfo, LayerKind
from core.types import Float32Array, UInt8Array

FILM = "#7F7F7F"
KINDS: dict[LayerKind, tuple[str, str]] = {
    "convolution": ("Convolution", "#5C7A99"),
    "pooling": ("Pooling", "#B4BEC8"),
    "dense": ("Dense layer", "#8C6BB1"),
}
AROUND = "#C07A2C"  # a way around layers
GAP = 1.6  # between blocks, in the unit of their widths
LEAST = 0.02  # height of the flattest block, share of the tallest
UNITS = 64  # of a dense layer, at most, in a strip


def shape_text(shape: Sequence[int]) -> str:
    """``62 × 62 × 32``, or ``512`` for a layer without places."""
    return " × ".join(f"{size:,}" for size in shape)


def blocks(found: Architecture, film: InputSpec) -> go.Figure:
    """Layers as blocks: as high as their maps have rows, wider with twice the maps, ways around as arcs.

    Parameters
    ----------
    found : Architecture
    film : InputSpec
        What the model is given.
    """
    names = ["film", *(layer.name for layer in found.main)]
    shapes = [(film.height, film.width, film.channels), *(layer.shape for layer in found.main)]
    heights = [max(shape[0] if len(shape) == 3 else 1, LEAST * film.height) for shape in shapes]
    widths = [1 + math.log2(shape[-1]) for shape in shapes]
    right = np.cumsum([width + GAP for width in widths])
    centres = [float(end - width / 2) for end, width in zip(right, widths, strict=True)]
    hover = ["The film as the model is given it", *(_hover(layer) for layer in found.main)]
    groups: dict[str, tuple[str, str]] = {"film": ("Film", FILM), **{str(kind): one for kind, one in KINDS.items()}}
    of_group = ["film", *(layer.kind for layer in found.main)]
    traces: list[Properties] = []
    for group, (title, colour) in groups.items():
        chosen = [place for place, group_of_place in enumerate(of_group) if group_of_place == group]
        if not chosen:
            continue
        traces.append(
            {
                "type": "bar",
                "x": [centres[place] for place in chosen],
                "y": [heights[place] for place in chosen],
                "base": [-heights[place] / 2 for place in chosen],
                "width": [widths[place] for place in chosen],
                "name": title,
                "marker": {"color": colour, "line": {"width": 0}},
                "customdata": [[names[place], shape_text(shapes[place]), hover[place]] for place in chosen],
                "hovertemplate": "<b>%{customdata[0]}</b>, %{customdata[1]}<br>%{customdata[2]}<extra></extra>",
            }
        )
    traces += _skips(found, dict(zip(names, centres, strict=True)), dict(zip(names, heights, strict=True)), film)
    return figure(
        traces,
        tidy(
            height=430,
            dragmode=False,
            bargap=0,
            hovermode="closest",
            xaxis={
                "tickvals": centres,
                "ticktext": [f"<b>{name}</b>  {shape_text(shape)}" for name, shape in zip(names, shapes, strict=True)],
                "tickangle": -90,
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
            yaxis={"visible": False, "fixedrange": True, "range": [-0.54 * film.height, 0.66 * film.height]},
        ),
    )


def _hover(layer: LayerInfo) -> str:
    parts = [f"{layer.parameters:,} weights, {layer.multiply_adds:,} multiply-adds"]
    if layer.kernel:
        parts.insert(0, f"{layer.kernel} × {layer.kernel} values at a time, step {layer.stride}")
    return "<br>".join(parts)


def _skips(
    found: Architecture, centres: dict[str, float], heights: dict[str, float], film: InputSpec
) -> list[Properties]:
    traces: list[Properties] = []
    by_name = {layer.name: layer for layer in found.layers}
    for number, skip in enumerate(found.skips):
        start, end = skip.start or "film", skip.end
        begin, stop = centres[start], centres[end]
        low = max(height for name, height in heights.items() if begin <= centres[name] <= stop) / 2
        turn = np.linspace(0, math.pi, 25)
        through = by_name.get(skip.through)
        what = f"<b>{skip.through}</b>, {shape_text(through.shape)}<br>{_hover(through)}" if through else "unchanged"
        traces.append(
            {
                "type": "scatter",
                "x": (begin + stop) / 2 - (stop - begin) / 2 * np.cos(turn),
                "y": low + 0.03 * film.height + 0.14 * film.height * np.sin(turn),
                "mode": "lines",
                "name": "Way around, added again",
                "legendgroup": "around",
                "showlegend": number == 0,
                "line": {"color": AROUND, "width": 2, "dash": "solid" if through else "dot"},
                "hovertemplate": f"What leaves {start} is added to {end}: {what}<extra></extra>",
            }
        )
    return traces


def share_bars(rows: Sequence[tuple[str, dict[LayerKind, int]]], axis: str) -> go.Figure:
    """How an amount is shared out over the kinds of layers, a row for each model, first on top.

    Parameters
    ----------
    rows : sequence of (title, dict)
        Amount by kind of layer.
    axis : str
    """
    drawn_kinds: tuple[LayerKind, ...] = ("convolution", "dense")
    traces: list[Properties] = []
    for kind in drawn_kinds:
        title, colour = KINDS[kind]
        traces.append(
            {
                "type": "bar",
                "y": [row for row, _ in rows],
                "x": [100 * amounts.get(kind, 0) / sum(amounts.values()) for _, amounts in rows],
                "orientation": "h",
                "name": f"{title}s",
                "marker": {"color": colour},
                "customdata": [amounts.get(kind, 0) for _, amounts in rows],
                "hovertemplate": f"%{{y}}<br>{title}s: %{{customdata:,}}, %{{x:.1f}} %<extra></extra>",
            }
        )
    return figure(
        traces,
        tidy(
            height=110 + 34 * len(rows),
            barmode="stack",
            dragmode=False,
            legend={"traceorder": "normal"},
            xaxis={"title": axis, "range": [0, 100], "fixedrange": True},
            yaxis={"autorange": "reversed", "fixedrange": True},
        ),
    )


def map_strip(maps: Float32Array, channels: Sequence[int]) -> bytes:
    """Draw some maps of (h, w, n) side by side, each over its own range, as a PNG file."""
    shown = [maps[:, :, channel] for channel in channels]
    tiles = [_steps(one) for one in shown]
    picture = Image.fromarray(np.concatenate(tiles, axis=1))
    picture.putpalette(palette(ACTIVATION).tobytes())
    return _png(picture)


def unit_strip(units: Float32Array) -> bytes:
    """Draw the strongest values of a dense layer (n,), highest first, as a row of cells in a PNG file."""
    strongest = np.sort(units)[::-1][:UNITS]
    picture = Image.fromarray(_steps(strongest[None]))
    picture.putpalette(palette(ACTIVATION).tobytes())
    return _png(picture)


def _steps(values: Float32Array) -> UInt8Array:
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    steps: UInt8Array = np.rint((values - low) / (high - low or 1) * 255).astype(np.uint8)
    return steps


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
