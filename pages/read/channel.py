"""One channel of a layer: its map, what one of its values sees of the film, and what the score is without it."""

import streamlit as st

from core.charts.explanations import add_field
from core.charts.film import film_figure
from core.charts.pictures import map_png
from core.explain.geometry import field_on_film
from core.runs.architecture import LayerInfo
from core.runs.record import Run
from core.wording import format_decimal, format_score
from pages.read.cache import feature_maps, film_source, predict, without
from pages.read.place import place_picker
from pages.shared import cache as cached
from pages.shared.components.tiles import range_text
from pages.shared.film_state import CurrentFilm

PLACE = "read_place"  # what was enlarged, and the row and column that the reader picked in it
SMALL = 480  # pixels a side of the film beside a map
SMALL_HEIGHT = 300


def field(layer: LayerInfo, run: Run) -> str:
    """Return the receptive field: ``18 × 18 of the film's 64 × 64 pixels``, or all of it."""
    if layer.receptive_field >= max(run.input.height, run.input.width):
        return "can see most of the film or all of it"
    side = layer.receptive_field
    return f"sees {side} × {side} of the film's {run.input.width} × {run.input.height} pixels"


def enlarged(current: CurrentFilm, run: Run, layer: LayerInfo, channel: int) -> None:
    """Show the map with a movable ring, which becomes its field on the film, and the score without the channel."""
    values = feature_maps(current, run, layer.name)[:, :, channel]
    st.markdown(effect_sentence(current, run, layer.name, channel))
    low, high = float(values.min()), float(values.max())
    if low == high:
        st.caption(f"Channel {channel} has the same value, {high:.3g}, everywhere on this film.")
        return
    position = (current.digest, cached.key(run), layer.name, channel)
    strongest = divmod(int(values.argmax()), values.shape[1])
    known, picked = st.session_state.get(PLACE, (None, strongest))
    clicked = known == position
    row, column = picked if clicked else strongest

    def pick(down: int, across: int) -> None:
        st.session_state[PLACE] = (position, (down, across))

    place_picker(values, (row, column), label=f"Channel {channel} of {layer.name}", key="read_large", on_pick=pick)
    where = "its strongest value" if (row, column) == strongest else f"row {row + 1}, column {column + 1}"
    st.caption(
        f"Channel {channel}: mean {values.mean():.3g}, {range_text(low, high)}. The ring is at {where}: "
        f"{values[row, column]:.3g}. A value of this layer {field(layer, run)}"
        + (": the yellow frame." if clicked else ". Click in the map to see on the film where that is.")
    )
    if clicked:  # the film drawn once more takes a tenth of the page's time
        _field_on_film(current, run, layer, row, column)
    st.download_button(
        "This map as PNG",
        lambda: map_png(values),
        file_name=f"lunglens-{run.run_id}-{layer.name}-{channel}.png",
        mime="image/png",
        icon=":material/download:",
        on_click="ignore",
        key="read_channel_png",
    )


def effect_sentence(current: CurrentFilm, run: Run, layer: str, channel: int) -> str:
    """Return the change of logit and score when a channel is switched off; Markdown."""
    plain = predict(current, run, 0.5)
    score, logit = without(current, run, layer, channel)
    moved = logit - plain.logit
    if abs(moved) < 0.0005:
        return f"Switching channel {channel} off changes nothing: the logit moves by less than 0.001."
    crosses = (score >= plain.threshold) != plain.positive
    end = ", **across the threshold**" if crosses else ""
    before, after = format_score(plain.score), format_score(score)
    stays = f"the score stays {before}" if before == after else f"the score from {before} to {after}"
    return f"Switching channel {channel} off moves the logit by **{format_decimal(moved, 3, '+')}**, {stays}{end}."


def _field_on_film(current: CurrentFilm, run: Run, layer: LayerInfo, row: int, column: int) -> None:
    size = run.input
    seen = field_on_film(layer, row, column, input_size=(size.width, size.height), film_size=current.film.size)
    figure = add_field(
        film_figure(film_source(current, SMALL), current.film.size, name=f"{current.digest} field"), seen
    )
    figure.layout.height, figure.layout.margin = SMALL_HEIGHT, {"l": 4, "r": 4, "t": 4, "b": 4}
    st.plotly_chart(
        figure,
        theme=None,
        key="read_field",
        config={"displayModeBar": False},
        alt=f"The film with a frame around what the value in row {row + 1}, column {column + 1} sees",
    )
