"""The files of an upload: listed at once, read one at a time when the reader comes to them."""

from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import InputError
from core.imaging.archive import MAX_MEMBERS, MAX_PACKED, list_zip, read_zip_member
from pages.shared.film_state import AT, CURRENT, ERROR, FILES, as_code, open_film, printable

REASONS = "read_reasons"  # why a file cannot be used, by its key; without its name
OPENED = "read_opened"  # keys of the files that were read
PICKED = "read_file"


@dataclass(frozen=True, kw_only=True, eq=False)
class File:
    """A file of an upload, or one within a zip, not read yet.

    Parameters
    ----------
    key : str
        Tells it from every other file of the session.
    name : str
        As the reader's system calls it.
    source : UploadedFile
        Held in memory.
    place : int or None
        Within the zip; None for a file of its own.
    """

    key: str
    name: str
    source: UploadedFile
    place: int | None = None

    def read(self) -> bytes:
        """Its bytes; raises `InputError` if the zip does not give them."""
        if self.place is None:
            return self.source.getvalue()
        return read_zip_member(self.source, self.source.name, self.place)


def files() -> list[File]:
    """Return the files of the upload, in its order."""
    return st.session_state.get(FILES) or []


def refusals() -> list[str]:
    """Why files cannot be used, of those that the reader has come to; Markdown."""
    reasons = st.session_state.get(REASONS, {})
    return [f"{as_code(file.name)}: {reasons[file.key]}" for file in files() if file.key in reasons]


def refusal() -> str | None:
    """Why the current file cannot be used, if it cannot; Markdown."""
    key = st.session_state.get(AT)
    reason = st.session_state.get(REASONS, {}).get(key)
    return None if reason is None else next(f"{as_code(file.name)}: {reason}" for file in files() if file.key == key)


def take(uploads: list[UploadedFile]) -> None:
    """List these files and open the first new one that can be used."""
    before = {file.key for file in files()}
    reasons = st.session_state.setdefault(REASONS, {})
    st.session_state[ERROR] = None
    listed, packed = [], 0
    for upload in uploads:
        packed += upload.size
        listed += _listed(upload, reasons, fits=packed <= MAX_PACKED)
    if len(listed) > MAX_MEMBERS:
        st.session_state[ERROR] = f"{len(listed)} files were given; only the first {MAX_MEMBERS} are listed."
        listed = listed[:MAX_MEMBERS]
    st.session_state[FILES] = listed
    keys = {file.key for file in listed}
    st.session_state[REASONS] = {key: reason for key, reason in reasons.items() if key in keys}
    st.session_state[OPENED] = st.session_state.get(OPENED, set()) & keys
    new = [file for file in listed if file.key not in before]
    if new or st.session_state.get(AT) not in keys:
        _open_first(new or listed)


def _listed(upload: UploadedFile, reasons: dict[str, str], *, fits: bool) -> list[File]:
    whole = File(key=upload.file_id, name=upload.name, source=upload)
    if not fits:
        limit = MAX_PACKED // 1024**2
        reasons[whole.key] = f"with it the files exceed {limit} MB together; give fewer."
        return [whole]
    if not upload.name.lower().endswith(".zip"):
        return [whole]
    try:
        names = list_zip(upload, upload.name)
    except InputError as error:
        reasons[whole.key] = error.reason
        return [whole]
    return [
        File(key=f"{upload.file_id}/{place}", name=name, source=upload, place=place) for place, name in enumerate(names)
    ]


def _open_first(candidates: list[File]) -> None:
    """Open the first that can be used; if there is none, the first stays the current one with its reason."""
    st.session_state[CURRENT] = None
    for file in candidates:
        if _open(file):
            return
    st.session_state[AT] = candidates[0].key if candidates else None


def _open(file: File) -> bool:
    st.session_state[AT] = file.key
    st.session_state[CURRENT] = None
    reasons = st.session_state[REASONS]
    if file.key in reasons:
        return False
    name = as_code(file.name)
    try:
        open_film(file.read(), name, f"{name}, your upload", "upload")
    except InputError as error:
        reasons[file.key] = error.reason
        return False
    st.session_state[OPENED].add(file.key)
    return True


def navigator() -> None:
    """Step through several files, with what is known of each; nothing for a single one."""
    listed = files()
    if len(listed) < 2:
        return
    labels = {
        file.key: f"{number}. {printable(file.name)}, {_state(file.key)}" for number, file in enumerate(listed, start=1)
    }
    place = list(labels).index(st.session_state[AT]) + 1
    st.session_state[PICKED] = st.session_state[AT]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.button(
            "Previous",
            key="read_previous",
            icon=":material/chevron_left:",
            disabled=place == 1,
            on_click=_step,
            args=(-1,),
        )
        st.button(
            "Next",
            key="read_next",
            icon=":material/chevron_right:",
            disabled=place == len(listed),
            on_click=_step,
            args=(1,),
        )
        st.selectbox(
            f"File {place} of {len(listed)}",
            list(labels),
            key=PICKED,
            format_func=lambda key: labels[key],
            on_change=_go,
            help="A file is opened when you come to it, not before.",
        )


def _state(key: str) -> str:
    if key in st.session_state[REASONS]:
        return "refused"
    return "opened" if key in st.session_state[OPENED] else "not opened yet"


def _go() -> None:
    _open(next(file for file in files() if file.key == st.session_state[PICKED]))


def _step(by: int) -> None:
    listed = files()
    place = [file.key for file in listed].index(st.session_state[AT]) + by
    _open(listed[min(max(place, 0), len(listed) - 1)])
