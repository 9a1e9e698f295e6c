"""Giving films to Worklist, and watching them being judged."""

import streamlit as st

from core.imaging.archive import MAX_PACKED
from core.imaging.film import MAX_BYTES
from core.impact.inputs import PREVALENCE
from core.wording import format_duration
from core.worklist.queue import MAX_FILMS
from pages.shared.layout import ask_prevalence
from pages.worklist import job as worklist_job
from pages.worklist.job import Job

FILES, FOLDER = "Films or zip files", "A folder"
MEGABYTE = 1024**2
PART, PAUSE = 0.8, 0.3  # seconds of judging at a time, and from one time to the next


def source() -> None:
    """Show uploader and samples, folded away beside a list."""
    with st.container() if worklist_job.current() is None else st.expander("Another list", icon=":material/upload:"):
        _uploader()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Take the synthetic samples",
                icon=":material/imagesmode:",
                on_click=worklist_job.take_samples,
                key="worklist_samples",
            )
            st.caption("A mix of example X-rays and non-X-rays. No real patient is shown.", width="content")
    if message := worklist_job.error():
        st.error(message, icon=":material/error:")


def _uploader() -> None:
    way = st.segmented_control(
        "What you have", [FILES, FOLDER], default=FILES, required=True, key="worklist_way", label_visibility="collapsed"
    )
    key = f"{worklist_job.uploader_key()}_{'folder' if way == FOLDER else 'files'}"
    what = "a folder of frontal chest films" if way == FOLDER else "frontal chest films, or zip files of them"
    st.file_uploader(
        f"Drop {what}: up to {MAX_FILMS} films of {MAX_BYTES // MEGABYTE} MB, a zip of {MAX_PACKED // MEGABYTE} MB",
        accept_multiple_files="directory" if way == FOLDER else True,
        max_upload_size=MAX_PACKED // MEGABYTE,
        key=key,
        on_change=worklist_job.take_uploads,
        args=(key,),
        help="JPEG, PNG, TIFF, WebP, BMP or DICOM, also without an ending. Judged in the memory of this session and "
        "gone with it. The order in which you give films counts as the order in which they came.",
    )


@st.fragment(run_every=PAUSE)
def progress() -> None:
    """Judge what is left of the list, a part at a time, so that the page answers meanwhile; then draw the page anew."""
    job = worklist_job.current()
    if job is None or job.pending is None:
        st.rerun()
    bar = st.progress(_share(job), text=_so_far(job, None))
    st.button("Stop here", icon=":material/stop_circle:", on_click=worklist_job.stop, key="worklist_stop")
    st.caption("You may leave this page: the list waits, and goes on when you come back.")
    for left in worklist_job.judge(job, PART):
        bar.progress(_share(job), text=_so_far(job, left))
    if job.pending is None:
        st.rerun()


def _share(job: Job) -> float:
    return min(len(job.rows) / max(job.total, 1), 1.0)


def _so_far(job: Job, left: float | None) -> str:
    done = f"{len(job.rows)} of {job.total} films judged"
    return done if left is None else f"{done}, {format_duration(left)} to go"


def lab() -> tuple[float, float]:
    """Prevalence in (0, 1) and minutes from one film to the next, as the reader sets them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        minutes = st.number_input(
            "Minutes from one film to the next",
            min_value=0.1,
            max_value=60.0,
            value=2.0,
            step=0.5,
            format="%.1f",
            key="worklist_minutes",
            help="The pace of your whole lab: with two readers of 4 minutes a film it is 2. The 2 minutes are an "
            "assumption.",
            persist_state="session",
            width=280,
        )
        prevalence = ask_prevalence(
            "Pneumonia among imaged children",
            key="worklist_prevalence",
            help=f"Moves the probability, not the score, the verdict or the order. {PREVALENCE.source}.",
            width=280,
        )
    return prevalence, min(max(float(minutes), 0.1), 60.0)
