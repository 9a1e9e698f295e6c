"""The folder of a data set on this machine, which the reader names; several pages ask for it."""

import os
from pathlib import Path

import streamlit as st

from core.data.fetch import BY_HAND
from pages.shared.film_state import as_code

FOLDER = "data_folder"  # the path as the reader wrote it
TO_GET = (
    "The films are not part of this repository. Fetch them with `python -m core data --fetch kaggle` (it prints the "
    f"folder), or {BY_HAND.replace('pass the folder with --data', 'name the folder here')}. `LUNGLENS_DATA` names it "
    "for good."
)


def folders_allowed() -> bool:
    """Whether a reader may name a folder of this machine; ``LUNGLENS_FOLDERS=off`` where the app serves others."""
    return os.environ.get("LUNGLENS_FOLDERS", "on") != "off"


def choose_folder() -> Path | None:
    """Ask for the folder of a data set; None, with a line that says what to do, where there is none."""
    if not folders_allowed():
        st.info("Folders of this machine are switched off in this installation.", icon=":material/lock:")
        return None
    text = st.text_input(
        "Folder with train/ and test/, each with NORMAL/ and PNEUMONIA/",
        value=os.environ.get("LUNGLENS_DATA", ""),
        key=FOLDER,
        placeholder="/path/to/chest_xray",
    )
    if not text.strip():
        st.info(TO_GET, icon=":material/folder_off:")
        return None
    folder = Path(text.strip()).expanduser()
    if not folder.is_dir():
        st.error(f"{as_code(str(folder))}: there is no such folder on this machine. {TO_GET}", icon=":material/error:")
        return None
    return folder
