"""The per-layer explorer: every feature map of a layer, one of them enlarged, the same layer of two models."""

import streamlit as st

from core.charts.feature_maps import map_figure
from core.runs.architecture import LayerInfo
from core.runs.record import Run
from core.runs.store import served
from core.wording import MINUS
from pages.read.cache import effects, feature_maps, filter_sheet, sheet, unit_sheet, unit_weights
from pages.read.channel import enlarged, field
from pages.read.viewer import select_run
from pages.shared import cache as cached
from pages.shared.components.tiles import range_text, tile_grid
from pages.shared.film_state import CurrentFilm
from pages.shared.layout import errors_shown, pick_run

BAR = {"displayModeBar": False}
BY_MEAN, BY_EFFECT = "Mean activation", "Effect on the score"
RANKED = {
    BY_MEAN: "mean activation",
    BY_EFFECT: "how far the logit moves when the channel alone is switched off; the logit is the sum behind the score",
}
ONE, TWO = ":material/grid_view: One model", ":material/compare: Two models side by side"


@st.fragment
def layers(current: CurrentFilm, runs: list[Run]) -> None:
    """Every layer of one model, or of two side by side."""
    view = st.segmented_control(
        "Compare", [ONE, TWO], default=ONE, required=True, key="read_layers_view", label_visibility="collapsed"
    )
    with errors_shown():
        if view == ONE:
            _one_model(current, runs)
        else:
            _two_models(current, [run for run in runs if run.has_feature_maps])


def spatial(run: Run) -> list[LayerInfo]:
    """Return the layers that have feature maps, from the film on."""
    return [layer for layer in run.record.layers if layer.kind != "dense"]


def describe(layer: LayerInfo, run: Run) -> str:
    """Describe a layer in a sentence."""
    height, width, count = layer.shape
    kind = {"convolution": "Convolution", "pooling": "Pooling"}[layer.kind]
    return (
        f"{kind} {layer.kernel} × {layer.kernel}: {count} maps of {width} × {height} values; a value "
        f"{field(layer, run)}."
    )


def _pick_layer(layers: list[LayerInfo], key: str) -> LayerInfo:
    by_name = {layer.name: layer for layer in layers}
    name = st.select_slider("Layer, from the film to the answer", list(by_name), value=layers[0].name, key=key)
    return by_name[name]


def _one_model(current: CurrentFilm, runs: list[Run]) -> None:
    run = pick_run("Model", runs, "read_layer_model", served(runs))
    if not run.has_feature_maps:
        _weights(current, run)
        return
    layers = spatial(run)
    layer = _pick_layer(layers, f"read_layer_{run.run_id}")
    ranking = st.segmented_control(
        "Ranked by", [BY_MEAN, BY_EFFECT], default=BY_MEAN, required=True, key="read_ranking"
    )
    by_effect = ranking == BY_EFFECT
    made, png = sheet(current, run, layer.name, by_effect=by_effect)
    # A selectbox whose options change their order under one key forgets what was chosen.
    key = f"read_channel_{run.run_id}_{layer.name}" + ("_effect" if by_effect else "")
    moves = effects(current, run, layer.name) if by_effect else None
    silent = f" {made.silent} of {len(made.channels)} stay silent on this film." if made.silent else ""
    st.caption(
        f"{describe(layer, run)} Ranked by {RANKED[ranking]}; each map is scaled separately. Below it: "
        f"{'the change of the logit without it' if by_effect else 'its range'}.{silent} Click one to enlarge it."
    )
    grid, large = st.columns([3, 2], gap="medium")
    with large:
        channel = _pick_channel("Enlarged channel", made.channels, key)
        enlarged(current, run, layer, channel)
    with grid:
        tile_grid(
            made,
            png,
            noun="Channel",
            key=f"read_tiles_{run.run_id}_{layer.name}",
            picked=channel,
            on_pick=_picker(key),
            notes=None if moves is None else [f"{moves[number]:+.2g}".replace("-", MINUS) for number in made.channels],
        )
        _filters(run)


def _picker(key: str):
    def pick(channel: int) -> None:
        st.session_state[key] = channel

    return pick


def _pick_channel(label: str, channels: tuple[int, ...], key: str) -> int:
    rank = {channel: place for place, channel in enumerate(channels, start=1)}
    return int(
        st.selectbox(
            label, channels, key=key, format_func=lambda channel: f"#{channel}, rank {rank[channel]} of {len(channels)}"
        )
    )


def _filters(run: Run) -> None:
    """Show the weights of the first convolution, in an expander that reads nothing while it is closed."""
    first = run.record.layers[0]
    title = f"The filters of the first layer, {first.name}"
    fold = st.expander(title, icon=":material/grid_on:", key="read_filters", on_change="rerun")
    if fold.open:
        with fold:
            made, png = filter_sheet(run)
            st.caption(
                f"{first.shape[-1]} filters of {first.kernel} × {first.kernel} weights, the same for every film: one "
                "answers where the film is bright under vermilion and dark under blue. Each is drawn over its own "
                f"range. Filter #{made.channels[0]} makes channel #{made.channels[0]} of {first.name}."
            )
            tile_grid(made, png, noun="Filter", key="read_filter_tiles")


def _weights(current: CurrentFilm, run: Run) -> None:
    made, png = unit_sheet(current, run)
    first = run.record.layers[0]
    st.caption(
        f"{run.title} has no feature maps: without a convolution each of its {first.shape[0]} first units looks at the "
        "whole film at once and gives one number, which has no place. What can be shown are the weights with which a "
        "unit multiplies the film: bright pixels raise its number where it is vermilion and lower it where it is blue. "
        "Ranked by the unit's answer to this film, each over its own range."
    )
    grid, large = st.columns([3, 2], gap="medium")
    key = f"read_unit_{run.run_id}"
    with large:
        unit = _pick_channel("Enlarged unit", made.channels, key)
        st.plotly_chart(
            map_figure(unit_weights(run)[:, :, unit], signed=True),
            key="read_large_unit",
            config=BAR,
            alt=f"Weights of unit {unit} with their scale",
        )
        answer = float(feature_maps(current, run, first.name)[unit])
        place = made.channels.index(unit)
        st.caption(
            f"Unit {unit} answers {answer:.3g} to this film; its weights go from "
            f"{range_text(made.low[place], made.high[place])}."
        )
    with grid:
        tile_grid(made, png, noun="Unit", key=f"read_tiles_{run.run_id}", picked=unit, on_pick=_picker(key))


def _two_models(current: CurrentFilm, runs: list[Run]) -> None:
    if len(runs) < 2:
        st.info("Comparing layers takes two trained models with feature maps.", icon=":material/info:")
        return
    first, second = _relatives(runs)
    left, right = st.columns(2)
    with left:
        first = select_run("Left", runs, "read_left", first)
    with right:
        second = select_run("Right", runs, "read_right", second)
    names = {layer.name for layer in spatial(second)}
    shared = [layer for layer in spatial(first) if layer.name in names]
    name = _pick_layer(shared, "read_shared_layer").name if shared else None
    st.caption(
        "Compare the kinds of pattern, not the numbers: channels have no fixed order, so channel 5 of one model has "
        "nothing to do with channel 5 of another. Each map is scaled separately."
    )
    for column, side, run in zip(st.columns(2, gap="medium"), ("left", "right"), (first, second), strict=True):
        with column, errors_shown():
            st.markdown(f"**{run.title}**")
            layers = {layer.name: layer for layer in spatial(run)}
            layer = layers[name] if name else _pick_layer(spatial(run), f"read_layer_{side}_{run.run_id}")
            made, png = sheet(current, run, layer.name)
            st.caption(f"{describe(layer, run)} {made.silent} of {len(made.channels)} silent.")
            tile_grid(made, png, noun="Channel", key=f"read_tiles_{side}")


def _relatives(runs: list[Run]) -> tuple[Run, Run]:
    """Return the served run, or the first, and the other run that shares most layer names; needs two runs."""
    best = cached.served_run()
    first = best if best in runs else runs[0]
    names = {layer.name for layer in spatial(first)}
    others = [run for run in runs if cached.key(run) != cached.key(first)]
    return first, max(others, key=lambda run: sum(layer.name in names for layer in spatial(run)))
