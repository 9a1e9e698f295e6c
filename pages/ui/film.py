"""The film that is read: chosen by upload or from the samples, one at a time, kept in the memory of the session."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from core.errors import ArtifactError, InputError
from core.film import MAX_BYTES, SUFFIXES, Film, decode_film
from core.manifest import check_file
from core.results import read_sample_answers
from core.runs import representative
from core.samples import Sample, list_samples
from pages.ui.cached import runs

CHOICE = "read_choice"
ERROR = "read_error"
UPLOADER = "read_uploader"  # counts up when a sample takes the place of an upload, which empties the uploader


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


def choose_sample(path: Path, title: str) -> None:
    """Make a sample the film at hand, in place of any upload; another page may call this and switch to Read."""
    st.session_state[UPLOADER] = st.session_state.get(UPLOADER, 0) + 1
    try:
        _set(_choice(check_file(path).read_bytes(), title, title, "sample"))
    except (ArtifactError, InputError, OSError) as error:
        _set(None, str(error))


def picker() -> None:
    """Uploader and sample strip, folded away beside a film, with the reason when a file cannot be used."""
    with st.container() if chosen() is None else st.expander("Read another film", icon=":material/upload:"):
        _picker()


def _picker() -> None:
    number = st.session_state.setdefault(UPLOADER, 0)
    key = f"{UPLOADER}_{number}"
    st.file_uploader(
        "Upload a frontal chest X-ray: JPEG, PNG, TIFF, WebP or BMP, up to 25 MB",
        type=[suffix.removeprefix(".") for suffix in SUFFIXES],
        max_upload_size=MAX_BYTES // 1024**2,
        key=key,
        on_change=_take_upload,
        args=(key,),
    )
    if message := st.session_state.get(ERROR):
        st.error(message, icon=":material/error:")
    _sample_strip()


def _sample_strip() -> None:
    try:
        samples = list_samples()
    except ArtifactError as error:
        st.warning(
            f"The sample films are not at hand, an upload works all the same. {error}", icon=":material/warning:"
        )
        return
    st.caption("Or take a synthetic film, drawn from statistics of films with that label; no child was on any of them.")
    with st.grid(4, min_column_width=112, gap="xsmall"):
        for sample in samples:
            with st.container(gap="xxsmall"):
                st.image(str(sample.path), width="stretch", alt=sample.title)
                st.button(
                    _short_title(sample),
                    key=f"read_sample_{sample.path.stem}",
                    help=sample.title,
                    width="stretch",
                    wrap=True,
                    on_click=choose_sample,
                    args=(sample.path, sample.title),
                )
    st.caption(_answers())


def _answers() -> str:
    """How many samples each model answers as they were drawn, or why that is not known."""
    try:
        answers = read_sample_answers()
    except ArtifactError as error:
        return str(error)
    known = [run for run in representative(runs()[0]) if not run.own and run.run_id in answers]
    parts = [
        f"{run.title} {answers[run.run_id]['as_drawn']}, cannot tell {answers[run.run_id]['cannot_tell']}"
        for run in known
    ]
    films = max((answer["films"] for answer in answers.values()), default=0)
    return (
        f"Answered as drawn, of {films} films: {'; '.join(parts)}. "
        "That says nothing of how well a model reads real films."
    )


def _short_title(sample: Sample) -> str:
    return sample.title.removeprefix("Synthetic, ").capitalize()


def _take_upload(key: str) -> None:
    file = st.session_state.get(key)
    if file is None:
        _set(None)
        return
    name = as_code(file.name)
    try:
        _set(_choice(file.getvalue(), name, f"{name}, your upload", "upload"))
    except InputError as error:
        _set(None, str(error))


def _choice(data: bytes, name: str, title: str, origin: Literal["upload", "sample"]) -> Choice:
    film = decode_film(data, name)
    return Choice(film=film, digest=hashlib.sha256(data).hexdigest(), title=title, origin=origin)


def _set(choice: Choice | None, error: str | None = None) -> None:
    st.session_state[CHOICE] = choice
    st.session_state[ERROR] = error


def as_code(name: str) -> str:
    """A file name as inline code of Markdown, in which nothing is interpreted; what cannot be printed becomes ``?``."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name).replace("`", "'")
    return f"`{shown if len(shown) <= 60 else shown[:40] + '…' + shown[-19:]}`"
