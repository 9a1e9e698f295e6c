"""The film that is read, one at a time, in the memory of the session alone."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from core.errors import ArtifactError, InputError
from core.imaging.decode import decode_film
from core.imaging.film import Film
from core.manifest import check_file

CHOICE = "read_choice"
ERROR = "read_error"
FILES = "read_files"  # `read_files.File` of the uploads, in their order
AT = "read_at"  # key of the one at hand
UPLOADER = "read_uploader"  # counts up when a sample takes the place of uploads, which empties the uploader


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """The film at hand.

    Parameters
    ----------
    film : Film
    digest : str
        sha256 of the file.
    title : str
        Markdown for people; a reader's file name stands in it as code, so that nothing in it is interpreted.
    origin : {"upload", "sample"}
    """

    film: Film
    digest: str
    title: str
    origin: Literal["upload", "sample"]


def chosen() -> Choice | None:
    """The film at hand, if there is one."""
    choice: Choice | None = st.session_state.get(CHOICE)
    return choice


def choose(data: bytes, name: str, title: str, origin: Literal["upload", "sample"]) -> None:
    """Decode a file and make it the film at hand; raises `InputError` with ``name`` if it cannot be used."""
    st.session_state[CHOICE] = None  # the film before it is let go first
    film = decode_film(data, name)
    st.session_state[CHOICE] = Choice(film=film, digest=hashlib.sha256(data).hexdigest(), title=title, origin=origin)


def choose_sample(path: Path, title: str) -> None:
    """Make a sample the film at hand, in place of any upload; another page may call this and switch to Read."""
    st.session_state[UPLOADER] = st.session_state.get(UPLOADER, 0) + 1
    for key in (FILES, AT, ERROR, CHOICE):
        st.session_state[key] = None
    try:
        choose(check_file(path).read_bytes(), title, title, "sample")
    except (ArtifactError, InputError, OSError) as error:
        st.session_state[ERROR] = str(error)


def as_code(name: str) -> str:
    """A file name as inline code of Markdown, in which nothing is interpreted; what cannot be printed becomes ``?``."""
    shown = printable(name).replace("`", "'")
    return f"`{shown}`"


def printable(name: str) -> str:
    """A file name in one line of at most 60 letters; what cannot be printed becomes ``?``."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name)
    return shown if len(shown) <= 60 else shown[:40] + "…" + shown[-19:]
