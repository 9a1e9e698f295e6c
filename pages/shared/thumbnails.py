"""Films that a table names, as pictures, where the data set is present."""

import os
from pathlib import Path

import pandas as pd
import streamlit as st

from core.errors import InputError
from core.imaging.decode import read_film
from core.types import UInt8Array
from pages.shared.film_state import as_code
from pages.shared.folder import folders_allowed

PICTURES = 6
SIDE = 224  # pixels of a thumbnail


def thumbnail(pixels: UInt8Array, side: int = SIDE) -> UInt8Array:
    """Return every n-th pixel of (H, W) uint8; the longer side keeps at least ``side`` pixels where it has them."""
    step = max(1, max(pixels.shape) // side)
    return pixels[::step, ::step]


def pictures(films: pd.DataFrame, kind: str, *, key: str, is_changed: bool = False) -> None:
    """Show the films of a table once the user asks for them, or a line on how to see them.

    Parameters
    ----------
    films : DataFrame
        At least one row, with ``sample_id``.
    kind : str
        Column that says what a film shows.
    key : str
    is_changed : bool
        Whether the scores are of films that stress validation has changed.
    """
    root = _data_root(films["sample_id"].iloc[0])
    if root is None:
        st.caption(
            "The films themselves are not part of this repository. With `LUNGLENS_DATA` naming the data set's folder "
            f"{len(films)} of them can be shown here; *Data* says how to get them."
        )
        return
    if not st.toggle(f"Show {len(films)} of these films", key=key):
        return
    with st.grid(6, min_column_width=150, gap="small") as grid:
        for film in films.to_dict("records"):
            with grid.cell():
                _thumbnail(root, film["sample_id"], film[kind])
    if is_changed:
        st.caption("Shown as they are in the data set; the scores are of the changed films.")


def _data_root(sample_id: str) -> Path | None:
    """Return the folder that film paths are relative to, as Kaggle's zip nests it."""
    named = os.environ.get("LUNGLENS_DATA", "").strip()
    if not named or not folders_allowed():
        return None
    given = Path(named).expanduser()
    roots = (given, given / "chest_xray", given / "chest_xray" / "chest_xray")
    return next((root for root in roots if (root / sample_id).is_file()), None)


def _thumbnail(root: Path, sample_id: str, kind: str) -> None:
    path = (root / sample_id).resolve()
    if not path.is_relative_to(root.resolve()):  # a table may name any file
        return
    try:
        pixels = read_film(path).pixels
    except InputError as error:
        st.warning(f"{as_code(path.name)}: {error.reason}", icon=":material/broken_image:")
        return
    st.image(thumbnail(pixels), width="stretch", alt=f"{kind} film")
    st.caption(f"{as_code(path.name)} {kind}")
