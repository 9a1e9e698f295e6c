"""The app in Streamlit's AppTest: opened at a page, and what it says."""

from functools import cache
from typing import Any

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from core.paths import ROOT
from pages.shared.navigation import OVERVIEW, PAGES

APP = str(ROOT / "streamlit_app.py")
TIMEOUT = 600  # seconds for a run: a hang fails, a busy machine does not

# Every AppTest would look through all installed packages for components, which takes longer than most pages.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


def open_app(path: str = OVERVIEW.path, *, query: dict[str, str | list[str]] | None = None, **state: Any) -> AppTest:
    """Return the app after its first run at a page's address, with values of the session state and of the address."""
    app = AppTest.from_file(APP, default_timeout=TIMEOUT)
    # AppTest knows the addresses of pages only after a run of Overview.
    app._page_hash = next(calc_hash(page.url_path) for page in PAGES if page.path == path)
    for key, value in state.items():
        app.session_state[key] = value
    for key, value in (query or {}).items():
        app.query_params[key] = value
    return app.run()


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


def chart_keys(app: AppTest) -> set[str]:
    """Return the keys of the charts that are drawn."""
    return {chart.proto.id.split("-", 2)[2] for chart in app.get("plotly_chart")}
