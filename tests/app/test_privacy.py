"""Uploads stay in memory."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.film import MAX_BYTES

APP = str(Path(__file__).resolve().parents[2] / "streamlit_app.py")


def test_an_upload_of_a_films_size_is_not_spooled_to_disk() -> None:
    from starlette.formparsers import MultiPartParser

    MultiPartParser.spool_max_size = 1024**2
    AppTest.from_file(APP).run()
    assert MultiPartParser.spool_max_size > MAX_BYTES
