"""Parts that stand on every page."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import LungLensError
from core.text import BANNER, LICENCE


def header(title: str, lead: str) -> None:
    """A page's question and the sentence that answers it or says how to."""
    st.title(title, anchor=False)
    st.markdown(lead)


def banner() -> None:
    """The research banner, where a result stands."""
    st.info(BANNER, icon=":material/science:")


def footer(next_step: str, *pages: str) -> None:
    """What to do next, links to these pages, and the data's licence."""
    st.markdown(next_step)
    if pages:
        with st.container(horizontal=True):
            for page in pages:
                st.page_link(page)
    st.caption(LICENCE)


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show a `LungLensError` as one line where it happens; the rest of the page goes on."""
    try:
        yield
    except LungLensError as error:
        st.error(str(error), icon=":material/error:")
