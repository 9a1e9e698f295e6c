"""Parts of Inside the network: picture and table of the layers, the film's way, first filters, dense against CNN."""

import numpy as np
import pandas as pd
import streamlit as st

from core.charts.feature_maps import TileSheet, sheet_png, tile_sheet
from core.charts.film import picture_source
from core.charts.network import KINDS, blocks, shape_text, share_bars
from core.errors import ArtifactError
from core.explain.geometry import unit_images
from core.imaging.film import resize
from core.results.store import evaluation_of
from core.runs.architecture import Architecture, LayerInfo, LayerKind
from core.runs.record import Run
from core.wording import format_figure, format_percent, format_score
from pages.inside.film import SHOWN, Strip, choose_film, strips
from pages.shared import cache as cached
from pages.shared.chart_cache import cached_figure
from pages.shared.components.tiles import tile_grid
from pages.shared.layout import errors_shown

BAR = {"displayModeBar": False}
_CSS = """
.way { display: grid; gap: 8px; font-family: var(--st-font); color: var(--st-text-color); font-size: 13px; }
.row { display: grid; grid-template-columns: 150px minmax(0, 560px); gap: 12px; align-items: center; }
.name { font-weight: 600; overflow-wrap: anywhere; }
.caption { display: block; opacity: 0.85; font-size: 12px; }
.strip { position: relative; width: 100%; }
.strip img { display: block; width: 100%; height: 100%; image-rendering: pixelated; border-radius: 2px; }
.strip span { position: absolute; top: 0; bottom: 0; width: 3px; margin-left: -1.5px;
  background: var(--st-border-color); }
.film img { width: 25%; image-rendering: auto; }
@media (max-width: 520px) { .row { grid-template-columns: minmax(0, 1fr); gap: 2px; } .caption { display: inline; }
  .film img { width: 40%; } }
"""
_JS = """
export default function ({ data, parentElement }) {
  const way = parentElement.querySelector(".way")
  const element = (tag, name, text) => {
    const made = document.createElement(tag)
    made.className = name
    if (text) made.textContent = text
    return made
  }
  way.replaceChildren(...data.rows.map((row) => {
    const line = element("div", "row")
    const label = element("div", "label")
    const name = element("span", "name", row.name)
    label.append(name, document.createTextNode(" "), element("span", "caption", row.caption))
    const strip = element("div", row.film ? "strip film" : "strip")
    const picture = element("img", "")
    picture.src = row.source
    picture.alt = row.alt
    if (!row.film) strip.style.aspectRatio = row.aspect
    strip.append(picture)
    for (let place = 1; place < row.tiles; place++) {
      const gap = element("span", "gap")
      gap.style.left = (place / row.tiles) * 100 + "%"
      strip.append(gap)
    }
    line.append(label, strip)
    return line
  }))
}
"""
_WAY = st.components.v2.component("lunglens_way", html='<div class="way"></div>\n', css=_CSS, js=_JS)


def first(runs: list[Run]) -> Run:
    """Return the served run where there is a committed one, else the first."""
    return cached.served_run() if any(not run.own for run in runs) else runs[0]


def summary(run: Run, architecture: Architecture) -> str:
    """Describe the network in a sentence or two."""
    maps = [layer for layer in architecture.main if len(layer.shape) == 3]
    counts = ", ".join(
        f"{len(layers)} {name}{'' if len(layers) == 1 else 's'}"
        for name, layers in (
            ("convolution", architecture.of_kind("convolution")),
            ("pooling", [layer for layer in architecture.of_kind("pooling") if len(layer.shape) == 3]),
            ("dense layer", architecture.of_kind("dense")),
        )
        if layers
    )
    last = (
        f" A value of its last map, *{maps[-1].name}*, {_field(maps[-1], run)}."
        if maps
        else " It has no maps: each unit of its first layer sees the whole film at once."
    )
    return (
        f"**{run.title}** turns {run.input.width} × {run.input.height} pixels into one number: {counts}; "
        f"{architecture.parameters:,} weights, "
        f"{architecture.multiply_adds / 1e6:,.1f} million multiply-adds for one film.{last}"
    )


def _field(layer: LayerInfo, run: Run) -> str:
    side = layer.receptive_field
    if side >= max(run.input.height, run.input.width):
        return "can see the whole film or most of it"
    return f"sees {side} × {side} of the film's {run.input.width} × {run.input.height} pixels"


def picture(run: Run, architecture: Architecture) -> None:
    """Draw the layers as blocks."""
    st.plotly_chart(
        cached_figure(blocks, architecture, run.input),
        key="inside_blocks",
        config=BAR,
        alt=f"The layers of {run.title} as blocks from the film to the logit",
    )
    around = (
        " Arcs are skip connections: the earlier layer's output is added unchanged (dotted) or after a convolution "
        "(solid)."
        if architecture.skips
        else ""
    )
    st.caption(
        "A block is as high as its maps have rows, and wider the more maps there are (one step for each doubling); a "
        f"layer without places is flat.{around} What is done to the film before, rescaling or evening out its "
        "exposure, has no trained weights and is not drawn."
    )


def table(run: Run, architecture: Architecture) -> None:
    """Show a table of the layers, with their sums."""
    side = max(run.input.height, run.input.width)
    rows = [
        {
            "Layer": layer.name,
            "Kind": _kind(layer, architecture),
            "Shape": shape_text(layer.shape),
            "Sees": f"{layer.receptive_field} px" if layer.receptive_field < side else "whole film",
            "Weights": layer.parameters,
            "Multiply-adds": layer.multiply_adds,
            "Uses of a weight": layer.multiply_adds / layer.parameters if layer.parameters else None,
        }
        for layer in architecture.layers
    ]
    frame = pd.DataFrame(rows)
    st.dataframe(
        frame,
        hide_index=True,
        height="content",
        column_config={
            "Sees": st.column_config.TextColumn(help="Side of the square of film pixels behind one value"),
            "Weights": st.column_config.NumberColumn(format="localized"),
            "Multiply-adds": st.column_config.NumberColumn(format="localized", help="Products for one film"),
            "Uses of a weight": st.column_config.NumberColumn(
                format="%.1f", help="Multiply-adds for each weight: at how many places of the film it is used"
            ),
        },
        placeholder="–",
        key="inside_table",
    )
    st.caption(
        f"Together {architecture.parameters:,} weights and {architecture.multiply_adds:,} multiply-adds. Of the graph "
        "that is served, where normalisation is part of the convolution before it. A field larger than the film counts "
        "as the whole film."
    )


def _kind(layer: LayerInfo, architecture: Architecture) -> str:
    if layer.kind == "pooling" and len(layer.shape) == 1:
        return "Mean of each map"
    kernel = f" {layer.kernel} × {layer.kernel}" if layer.kernel else ""
    step = f", step {layer.stride}" if layer.stride > 1 else ""
    return f"{KINDS[layer.kind][0]}{kernel}{step}{', way around' if layer.name in architecture.beside else ''}"


def layer_maps(run: Run) -> None:
    """Show each layer's maps of a film, one strip each."""
    subject = choose_film()
    if subject is None:
        return
    rows, score = strips(subject, run)
    size = run.input
    source = picture_source(resize(subject.film.pixels, size.height, size.width), sharp_pixels=True)
    first = {
        "name": "film",
        "caption": f"{size.width} × {size.height} pixels",
        "source": source,
        "alt": "The film as the model is given it",
        "film": True,
        "tiles": 0,
    }
    _WAY(key="inside_way", data={"rows": [first, *map(_row, rows)]})
    st.markdown(f"The last layer adds this up to a score of **{format_score(score)}**.")
    st.caption(
        f"{subject.title}. Each row shows the {SHOWN} maps with the highest mean, strongest first, each over its own "
        "range, dark where it is silent; of a dense layer, whose numbers have no place, its highest values as cells. "
        "The same column of two rows has nothing in common. Read an X-ray shows all maps of every layer, enlarged."
    )


def _row(strip: Strip) -> dict[str, object]:
    return {
        "name": strip.name,
        "caption": f"{strip.shape}, {strip.caption}",
        "source": f"data:image/png;base64,{strip.png}",
        "alt": f"Strongest maps of {strip.name}" if strip.tiles else f"Highest values of {strip.name}",
        "film": False,
        "tiles": strip.tiles,
        "aspect": strip.aspect,
    }


def filters(run: Run) -> None:
    """Show the first layer's weights as tiles."""
    first = run.record.layers[0]
    sheet, png = _filters(run)
    if first.kind == "dense":
        st.markdown(
            f"Each of the {first.shape[0]} units of the first layer has a weight for every pixel: "
            f"{run.input.width} × {run.input.height} numbers that answer to one place alone."
        )
    else:
        st.markdown(
            f"Each of the {first.shape[-1]} filters of the first layer is {first.kernel} × {first.kernel} weights, "
            f"moved over the whole film: it answers wherever its pattern of bright and dark stands."
        )
    tile_grid(sheet, png, noun="Filter" if first.kind != "dense" else "Unit", key=f"inside_filters_{run.run_id}")
    st.caption(
        "Vermilion raises the answer where the film is bright, blue lowers it, white does neither; this is no verdict "
        "on either class. Each over its own range, longest first."
        + (" The gray film fills three channels, whose weights are summed here." if run.input.channels > 1 else "")
    )


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=cached.HASH_FUNCS)
def _filters(run: Run) -> tuple[TileSheet, bytes]:
    images = unit_images(cached.model(run).network.first_weights())
    length = np.square(images).sum(axis=(0, 1))
    sheet = tile_sheet(images, np.argsort(-length, kind="stable"), signed=True)
    return sheet, sheet_png(sheet)


def dense_against_cnn(runs: list[Run]) -> None:
    """Compare the models' numbers of weights for the same task."""
    architectures: dict[str, Architecture] = {}
    for run in runs:
        with errors_shown():
            architectures[cached.key(run)] = run.architecture
    with_layers = [run for run in runs if cached.key(run) in architectures]
    for sentence in _sentences(with_layers, architectures):
        st.markdown(sentence)
    with st.grid(2, min_column_width=340, gap="medium"):
        for noun, field in (("weights", "parameters"), ("multiply-adds", "multiply_adds")):
            rows = [(run.title, _by_kind(architectures[cached.key(run)], field)) for run in with_layers]
            with st.container():
                st.plotly_chart(
                    cached_figure(share_bars, rows, f"Share of the {noun}, %"),
                    key=f"inside_share_{field}",
                    config=BAR,
                    alt=f"Share of {noun} in convolutions and dense layers, by model",
                )
    st.dataframe(
        pd.DataFrame([_compared(run, architectures[cached.key(run)]) for run in with_layers]),
        hide_index=True,
        height="content",
        column_config={
            "Weights": st.column_config.NumberColumn(format="localized"),
            "Multiply-adds": st.column_config.NumberColumn(format="localized"),
            "Uses of a weight": st.column_config.NumberColumn(format="%.1f"),
        },
        key="inside_compared",
    )
    st.caption(
        "AUROC on the test films with its 95 % interval by patient, one run of each model. Models differ in input and "
        "training too, so the difference is not due to the layers alone."
    )


def _by_kind(architecture: Architecture, field: str) -> dict[LayerKind, int]:
    kinds: tuple[LayerKind, ...] = ("convolution", "dense")
    return {kind: sum(getattr(layer, field) for layer in architecture.of_kind(kind)) for kind in kinds}


def _sentences(runs: list[Run], architectures: dict[str, Architecture]) -> list[str]:
    """Describe the weights of a dense network, the CNN with the most dense weights and the most convolutional one."""
    plain = [run for run in runs if not run.has_feature_maps]
    mixed = [run for run in runs if run.has_feature_maps]
    sentences = []
    if plain:
        architecture = architectures[cached.key(plain[0])]
        first = architecture.main[0]
        sentences.append(
            f"**{plain[0].title}** uses each weight once: {first.multiply_adds:,} of its {architecture.parameters:,} "
            "weights tie one unit to one pixel, so what it learns of one corner of the film says nothing of another."
        )

    def dense_share(run: Run) -> float:
        by_kind = _by_kind(architectures[cached.key(run)], "parameters")
        return by_kind["dense"] / sum(by_kind.values())

    ordered = sorted(mixed, key=dense_share)
    for run in [ordered[-1], *([ordered[0]] if len(ordered) > 1 else [])] if ordered else []:
        architecture = architectures[cached.key(run)]
        weights, work = _by_kind(architecture, "parameters"), _by_kind(architecture, "multiply_adds")
        top = max(architecture.of_kind("convolution"), key=lambda layer: layer.multiply_adds / layer.parameters)
        places = top.shape[0] * top.shape[1]
        sentences.append(
            f"**{run.title}** has {weights['convolution']:,} weights in convolutions, "
            f"{_share(weights['convolution'] / architecture.parameters)} of all, and they do "
            f"{_share(work['convolution'] / architecture.multiply_adds)} of the work, because they are shared: each of "
            f"the {top.parameters:,} in *{top.name}* is used at {places:,} places of the film. "
            f"{weights['dense']:,} weights are in dense layers and are used once."
        )
    return sentences


def _share(value: float) -> str:
    """Format a share in per cent; 0 % and 100 % only where they are exact."""
    if 0.9995 <= value < 1:
        return "above 99.9 %"
    return "below 0.1 %" if 0 < value < 0.0005 else format_percent(value)


def _compared(run: Run, architecture: Architecture) -> dict[str, object]:
    weights = _by_kind(architecture, "parameters")
    return {
        "Model": run.title,
        "Weights": architecture.parameters,
        "In convolutions": _share(weights["convolution"] / architecture.parameters),
        "In dense layers": _share(weights["dense"] / architecture.parameters),
        "Multiply-adds": architecture.multiply_adds,
        "Uses of a weight": architecture.multiply_adds / architecture.parameters,
        "AUROC on test": _auroc(run),
    }


def _auroc(run: Run) -> str:
    try:
        return format_figure(evaluation_of(run, "test").metrics["auroc"])
    except ArtifactError:
        return "not evaluated"
