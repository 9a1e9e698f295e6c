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

CURRENT = "read_current_film"
ERROR = "read_error"
FILES = "read_files"  # `pages.read.files.File` of the uploads, in their order
AT = "read_at"  # key of the current one of them
UPLOADER = "read_uploader"  # counts up when another film takes the place of uploads, which empties the uploader


@dataclass(frozen=True, kw_only=True, eq=False)
class CurrentFilm:
    """The film that is read.

    Parameters
    ----------
    film : Film
    digest : str
        sha256 of the file: tells films apart without looking at their pixels.
    title : str
        Markdown for people; a user's file name is in it as code, so that nothing in it is interpreted.
    origin : {"upload", "sample"}
    """

    film: Film
    digest: str
    title: str
    origin: Literal["upload", "sample"]


def film_identity(current: CurrentFilm) -> str:
    """Return what a cache knows a film by: its file, and its name, which seeds the noise of changed films."""
    return f"{current.digest} {current.film.name}"


def current_film() -> CurrentFilm | None:
    """Return the current film, if there is one."""
    current: CurrentFilm | None = st.session_state.get(CURRENT)
    return current


def open_film(data: bytes, name: str, title: str, origin: Literal["upload", "sample"]) -> None:
    """Decode a file and make it the current film; raises `InputError` with ``name`` if it cannot be used."""
    st.session_state[CURRENT] = None  # frees the film before it
    st.session_state[CURRENT] = decoded(data, name, title, origin)


def decoded(data: bytes, name: str, title: str, origin: Literal["upload", "sample"]) -> CurrentFilm:
    """Return the film of a file; raises `InputError` with ``name`` if it cannot be used."""
    film = decode_film(data, name)
    return CurrentFilm(film=film, digest=hashlib.sha256(data).hexdigest(), title=title, origin=origin)


def open_sample(path: Path, title: str) -> None:
    """Make a sample the current film, in place of any upload; another page may call this and switch to Read."""
    show(None)
    try:
        open_film(check_file(path).read_bytes(), title, title, "sample")
    except (ArtifactError, InputError, OSError) as error:
        st.session_state[ERROR] = str(error)


def show(current: CurrentFilm | None) -> None:
    """Make a decoded film the current one, in place of any upload; None leaves no film."""
    st.session_state[UPLOADER] = st.session_state.get(UPLOADER, 0) + 1
    for key in (FILES, AT, ERROR):
        st.session_state[key] = None
    st.session_state[CURRENT] = current


def as_code(name: str) -> str:
    """Return a file name as inline code of Markdown; what cannot be printed becomes ``?``."""
    cleaned = printable(name).replace("`", "'")
    return f"`{cleaned}`"


def printable(name: str) -> str:
    """Return a file name in one line of at most 60 letters; what cannot be printed becomes ``?``."""
    cleaned = "".join(letter if letter.isprintable() else "?" for letter in name)
    return cleaned if len(cleaned) <= 60 else cleaned[:40] + "…" + cleaned[-19:]
