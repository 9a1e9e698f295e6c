"""How a film comes in: an uploader for files and zips, and the strip of synthetic samples."""

import streamlit as st

from core.data.samples import NotFilm, Sample, list_not_films, list_samples
from core.errors import ArtifactError
from core.imaging.archive import MAX_MEMBERS, MAX_PACKED
from core.imaging.film import MAX_BYTES
from pages.read.files import files, refusal, refusals, take
from pages.shared.film_state import ERROR, UPLOADER, current_film, open_sample

MEGABYTE = 1024**2
FOLD = "read_another"


def picker() -> None:
    """Uploader and sample strip, folded away beside a film, with the reasons why files cannot be used."""
    _refused()
    if current_film() is None and len(files()) < 2:
        _uploader()
        _sample_strip()
        return
    fold = st.expander("Read another film", icon=":material/upload:", key=FOLD, on_change="rerun")
    with fold:
        _uploader()
        if fold.open:
            _sample_strip()


def _refused() -> None:
    """Reasons stand outside the fold, so that none is overlooked; the one of the file at hand stands at its place."""
    if message := st.session_state.get(ERROR):
        st.error(message, icon=":material/error:")
    reasons = refusals()
    if reasons and reasons != [refusal()]:
        count = f"{len(reasons)} of {len(files())} files cannot be used"
        with st.expander(count, icon=":material/block:", expanded=len(reasons) <= 3):
            st.markdown("\n".join(f"- {reason}" for reason in reasons))


def refused_film() -> None:
    """Say at the film's place why there is none."""
    if reason := refusal():
        st.error(reason, icon=":material/error:")


def nothing_yet() -> None:
    """What will stand at the verdict's place, or that an unusable file has none."""
    if refusal():
        st.subheader("No verdict", anchor=False)
        if len(files()) > 1:
            st.markdown("The other files are fine. Select Next.")
        return
    st.markdown(
        "**What you will see here**\n\n"
        "- The verdict of each model: score, threshold, probability, and whether there is a call at all.\n"
        "- The film as the models see it, and a map of what in it moved each score.\n"
        "- All feature maps of every layer, one model or two side by side.\n"
        "- How the score moves with framing and exposure, which training films are most alike, and a one-page report."
    )


def _uploader() -> None:
    key = f"{UPLOADER}_{st.session_state.setdefault(UPLOADER, 0)}"
    st.file_uploader(
        f"Upload frontal chest X-rays: JPEG, PNG, TIFF, WebP, BMP or DICOM, up to {MAX_BYTES // MEGABYTE} MB each, "
        f"or a zip of them up to {MAX_PACKED // MEGABYTE} MB",
        accept_multiple_files=True,
        max_upload_size=MAX_PACKED // MEGABYTE,
        key=key,
        on_change=_take_upload,
        args=(key,),
        help=f"Up to {MAX_MEMBERS} files and {MAX_PACKED // MEGABYTE} MB at once. They stay in the memory of this "
        "session and go with it.",
    )


def _take_upload(key: str) -> None:
    take(st.session_state.get(key) or [])


def _sample_strip() -> None:
    try:
        samples: list[Sample | NotFilm] = [*list_samples(), *list_not_films()]
    except ArtifactError as error:
        st.warning(f"The sample films are missing; uploads still work. {error}", icon=":material/warning:")
        return
    st.caption(
        "Or take a synthetic film, drawn from statistics of films with that label, or a picture that is "
        "none, for the gate to refuse; no child was on any of them."
    )
    with st.grid(5, min_column_width=96, gap="xsmall"):
        for sample in samples:
            with st.container(gap="xxsmall"):
                st.image(str(sample.path), width="stretch", alt=sample.title)
                st.button(
                    short_title(sample),
                    key=f"read_sample_{sample.path.stem}",
                    help=sample.title,
                    width="stretch",
                    wrap=True,
                    on_click=open_sample,
                    args=(sample.path, sample.title),
                )


def short_title(sample: Sample | NotFilm) -> str:
    """What stands on a sample's button."""
    title = sample.title.removeprefix("Synthetic, ")
    return title[0].upper() + title[1:]  # str.capitalize would write "x-ray"
