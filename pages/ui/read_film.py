"""The film on black: as it is, under a class activation map, or as a model sees it."""

import streamlit as st

from core.charts.film import Overlay, film_figure, picture_source
from core.explain import is_blank, layer_grid
from core.runs import Run
from pages.ui.film import Choice
from pages.ui.parts import errors_shown
from pages.ui.read_cached import film_source, heatmap, predict, prepared

FILM, MAP, MODEL = "Film", "Map over the film", "As the model sees it"
BAR = {"displaylogo": False, "modeBarButtons": [["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]]}


@st.fragment
def film_panel(choice: Choice, runs: list[Run]) -> None:
    """The film, large, with a switch between its views."""
    view = st.segmented_control(
        "View", [FILM, MAP, MODEL], default=FILM, required=True, key="read_view", label_visibility="collapsed"
    )
    slot = st.container()
    with errors_shown():
        if view == MAP:
            _map(choice, [run for run in runs if run.has_feature_maps], slot)
        elif view == MODEL:
            _model_view(choice, runs, slot)
        else:
            _show(slot, choice, film_source(choice), choice.film.size)
    width, height = choice.film.size
    st.caption(f"{choice.title}, {width:,} × {height:,} pixels.")


def _show(
    slot, choice: Choice, source: str, size: tuple[int, int], overlay: Overlay | None = None, note: str = ""
) -> None:
    figure = film_figure(source, size, overlay=overlay)
    figure.update_layout(uirevision=choice.digest)
    slot.plotly_chart(figure, theme=None, key="read_film", config=BAR, alt=note or "The film on black")


def _map(choice: Choice, runs: list[Run], slot) -> None:
    if not runs:
        _show(slot, choice, film_source(choice), choice.film.size)
        st.caption("No trained model here has feature maps, so there is no map to show.")
        return
    run = _pick("Model", runs, "read_map_model")
    opacity = st.slider("Opacity of the map", 0.0, 1.0, 0.6, 0.05, key="read_opacity")
    values = heatmap(choice, run)
    last = [layer for layer in run.record.layers if layer.kind != "dense"][-1]
    rows, columns = (
        layer_grid(run.record.layers, last.name, axis, side)
        for axis, side in enumerate((run.input.height, run.input.width))
    )
    if values is None or is_blank(values):
        _show(slot, choice, film_source(choice), choice.film.size)
        st.info(f"The map of {run.title} is blank: no place of this film moves its logit.", icon=":material/info:")
        return
    overlay = Overlay(values=values, rows=rows, columns=columns, opacity=opacity)
    _show(slot, choice, film_source(choice), choice.film.size, overlay, f"The film under the map of {run.title}")
    prediction = predict(choice, run, 0.5)
    st.caption(
        f"What each of {values.shape[0]} × {values.shape[1]} places adds to this model's logit (class activation map, HiResCAM): "
        f"vermilion towards pneumonia, blue towards normal. Together {values.sum():+.1f}, constants of the network make "
        f"it {prediction.logit:+.1f}, a score of {prediction.score:.2f}. It shows where the model looked; it cannot show "
        "why, whether that place is ill, or where a finding ends."
    )


def _model_view(choice: Choice, runs: list[Run], slot) -> None:
    sizes = list(dict.fromkeys((run.input.height, run.input.width) for run in runs))
    height, width = sizes[0]
    if len(sizes) > 1:
        height, width = st.segmented_control(
            "Input size",
            sizes,
            default=sizes[0],
            required=True,
            format_func=lambda size: f"{size[1]} × {size[0]}",
            key="read_input_size",
        )
    source = picture_source(prepared(choice, height, width), sharp_pixels=True)
    _show(slot, choice, source, (width, height), note=f"The film at {width} by {height} pixels")
    wide, tall = choice.film.size
    shape = (
        "squeezed sideways" if wide > tall else "squeezed from above" if tall > wide else "not squeezed, being square"
    )
    st.caption(
        f"{width} × {height} pixels are all that {'this model sees' if len(sizes) > 1 else 'the models see'}. A network takes one fixed "
        f"size, so every film is brought to it whatever its shape; this one is {shape}. Films were squeezed alike in training."
    )


def _pick(label: str, runs: list[Run], key: str) -> Run:
    """Let the reader choose among runs."""
    by_id = {run.run_id: run for run in runs}
    name = st.pills(
        label, list(by_id), default=runs[0].run_id, required=True, format_func=lambda one: by_id[one].title, key=key
    )
    return by_id[name]
