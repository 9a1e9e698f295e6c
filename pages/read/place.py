"""One feature map, large, with its scale; a click or an arrow key picks one of its values."""

import base64
from collections.abc import Callable

import streamlit as st

from core.charts.feature_maps import ACTIVATION
from core.charts.pictures import map_png
from core.types import Float32Array

_HTML = """
<div class="map" tabindex="0" role="application"><span class="ring"></span></div>
<div class="scale"><span class="low"></span><span class="bar"></span><span class="high"></span></div>
"""

_CSS = """
.map {
  position: relative; width: 100%; cursor: crosshair; border-radius: 2px; overflow: hidden;
  background-size: 100% 100%; image-rendering: pixelated;
}
.map:focus-visible { outline: 2px solid var(--st-text-color); outline-offset: 2px; }
.ring {
  position: absolute; width: 14px; height: 14px; margin: -7px 0 0 -7px; border-radius: 50%; box-sizing: border-box;
  border: 2px solid white; box-shadow: 0 0 0 1.5px black, inset 0 0 0 1.5px black; pointer-events: none;
}
.scale {
  display: flex; align-items: center; gap: 8px; margin-top: 6px;
  font-family: var(--st-font); font-size: 12px; color: var(--st-text-color);
}
.bar { flex: 1; height: 8px; border-radius: 2px; }
"""

_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const find = (name) => parentElement.querySelector("." + name)
  const map = find("map"), ring = find("ring")
  const { rows, columns } = data, [row, column] = data.picked
  const within = (value, count) => Math.min(Math.max(value, 0), count - 1)
  const pick = (down, across) => setTriggerValue("place", [within(down, rows), within(across, columns)])
  map.style.backgroundImage = `url(data:image/png;base64,${data.png})`
  map.style.aspectRatio = `${columns} / ${rows}`
  map.setAttribute("aria-label", data.label)
  ring.style.left = ((column + 0.5) / columns) * 100 + "%"
  ring.style.top = ((row + 0.5) / rows) * 100 + "%"
  map.onclick = (event) => {
    const box = map.getBoundingClientRect()
    pick(
      Math.floor(((event.clientY - box.top) / box.height) * rows),
      Math.floor(((event.clientX - box.left) / box.width) * columns),
    )
  }
  map.onkeydown = (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
    if (!step) return
    event.preventDefault()
    pick(row + step[0], column + step[1])
  }
  find("bar").style.background = `linear-gradient(to right, ${data.colours.join(", ")})`
  find("low").textContent = data.low
  find("high").textContent = data.high
}
"""

_PLACE = st.components.v2.component("lunglens_place", html=_HTML, css=_CSS, js=_JS)


def place_picker(
    values: Float32Array, picked: tuple[int, int], *, label: str, key: str, on_pick: Callable[[int, int], None]
) -> None:
    """Show a map (h, w) with a ring at ``picked`` (row, column); ``on_pick`` is told row and column of another."""

    def pass_on() -> None:
        row, column = st.session_state[key]["place"]
        on_pick(int(row), int(column))

    rows, columns = values.shape
    _PLACE(
        key=key,
        data={
            "png": base64.b64encode(map_png(values, side=1)).decode(),
            "rows": rows,
            "columns": columns,
            "picked": list(picked),
            "label": f"{label}. Arrow keys move the ring.",
            "low": f"{min(float(values.min()), 0.0):.3g}",
            "high": f"{max(float(values.max()), 0.0):.3g}",
            "colours": [colour for _, colour in ACTIVATION],
        },
        on_place_change=pass_on,
    )
