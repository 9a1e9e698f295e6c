"""One list of pages: its files exist, its addresses are known, and no page writes another one's path."""

import re

import pytest

from core.paths import ROOT
from pages.shared.navigation import OVERVIEW, PAGES, AppPage, by_section
from tests.support.app import open_app


def test_every_page_package_is_listed_once() -> None:
    scripts = {path.relative_to(ROOT).as_posix() for path in (ROOT / "pages").glob("*/page.py")}
    assert sorted(page.path for page in PAGES) == sorted(scripts)


def test_addresses_are_those_of_published_links() -> None:
    assert {page.key: page.url_path for page in PAGES} == {
        "overview": "",
        "read": "read",
        "worklist": "worklist",
        "compare": "compare",
        "training": "training",
        "inside": "inside",
        "data": "data",
        "limits": "limits",
        "business": "business",
        "model_card": "card",
    }


def test_sections_keep_the_order_of_the_pages() -> None:
    assert [page for pages in by_section().values() for page in pages] == list(PAGES)
    assert list(by_section()) == ["Demo", "Models", "Evidence", "Impact"]
    assert by_section()["Demo"][0] is OVERVIEW


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_footers_lead_to_listed_pages(page: AppPage) -> None:
    app = open_app(page.path)
    assert not app.exception
    links = {link.page for link in app.get("page_link")}
    assert links
    assert links <= {other.url_path for other in PAGES}


def test_no_page_writes_the_path_of_another() -> None:
    sources = [path for path in (ROOT / "pages").rglob("*.py") if path.name != "navigation.py"]
    assert [path for path in sources if re.search(r"pages/\w+/page", path.read_text("utf-8"))] == []
