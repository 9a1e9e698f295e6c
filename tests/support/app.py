"""The app in Streamlit's AppTest: opened at a page, and what it says."""

from typing import Any

from streamlit.testing.v1 import AppTest

from core.paths import ROOT

APP = str(ROOT / "streamlit_app.py")
TIMEOUT = 600  # seconds for a run: a hang fails, a busy machine does not


def open_app(page: str | None = None, *, query: dict[str, str | list[str]] | None = None, **state: Any) -> AppTest:
    """Return the app at Overview or, after that, at a page with values of its session state and of its address."""
    app = AppTest.from_file(APP, default_timeout=TIMEOUT).run()
    if page is None:
        return app
    for key, value in state.items():
        app.session_state[key] = value
    for key, value in (query or {}).items():
        app.query_params[key] = value
    return app.switch_page(page).run()


def text_of(app: AppTest) -> str:
    """Return titles, text, captions and notes of a page, a line each."""
    shown = [*app.title, *app.subheader, *app.markdown, *app.caption, *app.info, *app.warning]
    return "\n".join(element.value for element in shown)


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    """Give one file to the page's first uploader, in place of those before it, and run the page."""
    app.file_uploader[0].upload(name, data)
    app.run()
    assert not app.exception
    return app
