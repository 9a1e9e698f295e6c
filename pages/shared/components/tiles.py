"""A grid of tiles that flows with the width of the window; a click picks one."""

import base64
from collections.abc import Callable, Sequence

import streamlit as st

from core.charts.feature_maps import TileSheet

_CSS = """
.tiles { display: grid; gap: 6px 4px; grid-template-columns: repeat(auto-fill, minmax(min(var(--least), 17%), 1fr)); }
.tile {
  all: unset; box-sizing: border-box; min-width: 0; padding: 2px; border-radius: 4px; text-align: center;
  font-family: var(--st-font); color: var(--st-text-color); font-size: 11px; line-height: 1.25;
}
button.tile { cursor: pointer; }
button.tile:hover { background: var(--st-secondary-background-color); }
button.tile:focus-visible { outline: 2px solid var(--st-text-color); }
.tile[aria-pressed="true"] { outline: 2px solid var(--st-text-color); }
.map {
  display: block; width: 100%; background-image: var(--sheet); background-size: var(--size);
  image-rendering: pixelated; border-radius: 2px;
}
.name { font-weight: 600; }
.range { display: block; white-space: nowrap; overflow: hidden; opacity: 0.85; }
"""

_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tiles")
  root.style.setProperty("--least", data.least + "px")
  root.style.setProperty("--sheet", `url(data:image/png;base64,${data.png})`)
  root.style.setProperty("--size", `${data.columns * 100}% ${data.rows * 100}%`)
  const part = (place, count) => (count > 1 ? (place / (count - 1)) * 100 : 0) + "%"
  root.replaceChildren(...data.tiles.map(([channel, name, range], place) => {
    const tile = document.createElement(data.picks ? "button" : "div")
    tile.className = "tile"
    tile.title = `${name}: ${range}`
    if (data.picks) {
      tile.type = "button"
      tile.setAttribute("aria-pressed", String(channel === data.picked))
      tile.onclick = () => setTriggerValue("picked", channel)
    }
    const map = document.createElement("span")
    map.className = "map"
    map.style.aspectRatio = data.aspect
    map.style.backgroundPosition = part(place % data.columns, data.columns) + " "
      + part(Math.floor(place / data.columns), data.rows)
    const label = document.createElement("span")
    label.className = "name"
    label.textContent = "#" + channel
    const values = document.createElement("span")
    values.className = "range"
    values.textContent = range
    tile.append(map, label, values)
    return tile
  }))
}
"""


_TILES = st.components.v2.component("lunglens_tiles", html='<div class="tiles"></div>\n', css=_CSS, js=_JS)


def tile_grid(
    sheet: TileSheet,
    png: bytes,
    *,
    noun: str,
    key: str,
    picked: int | None = None,
    on_pick: Callable[[int], None] | None = None,
    notes: Sequence[str] | None = None,
) -> None:
    """Show all tiles of a sheet in their order, with number and range; ``on_pick`` is told the channel of a click.

    ``notes``, one for each tile, replace the ranges.
    """

    def pass_on() -> None:
        if on_pick is not None:
            on_pick(int(st.session_state[key]["picked"]))

    count = len(sheet.channels)
    height, width = sheet.image.shape[0] // sheet.rows, sheet.image.shape[1] // sheet.columns
    captions = notes or [range_text(low, high) for low, high in zip(sheet.low, sheet.high, strict=True)]
    _TILES(
        key=key,
        data={
            "png": base64.b64encode(png).decode(),
            "columns": sheet.columns,
            "rows": sheet.rows,
            "aspect": f"{width} / {height}",
            "least": 96 if count <= 32 else 72 if count <= 64 else 54,
            "tiles": [
                [channel, f"{noun} {channel}", note] for channel, note in zip(sheet.channels, captions, strict=True)
            ],
            "picks": on_pick is not None,
            "picked": picked,
        },
        on_picked_change=pass_on,
    )


def range_text(low: float, high: float) -> str:
    """``0 to 0.58``: the range of a map in two digits."""
    return "silent" if low == high == 0 else f"{_short(low)} to {_short(high)}"


def _short(value: float) -> str:
    return "<0.001" if 0 < value < 0.001 else f"{value:.2g}"
