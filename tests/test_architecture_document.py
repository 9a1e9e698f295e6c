"""docs/architecture.md: its picture is that of the contracts, and every file that it names is there."""

import re

from core.paths import ROOT
from scripts.draw_layers import DOCUMENT, drawn, layers

TEXT = DOCUMENT.read_text("utf-8")


def test_the_picture_is_that_of_the_contracts() -> None:
    assert drawn(TEXT) == TEXT, "run: python -m scripts.draw_layers"
    assert all(name.removeprefix("core.") in TEXT for layer in layers() for name in layer)


def test_every_file_that_it_names_is_there() -> None:
    named = re.findall(r"`((?:core|pages|scripts)/[\w/.]+)`", TEXT)
    assert len(named) > 15
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_package_of_core_is_in_its_table() -> None:
    packages = {path.parent.name for path in (ROOT / "core").glob("*/__init__.py")}
    assert {name for name in packages if f"`core/{name}" not in TEXT} == set()
