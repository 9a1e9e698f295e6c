"""What pages load when they run: no TensorFlow, and nothing slow first; contracts in pyproject.toml hold the layers."""

import ast
import json
import subprocess
import sys
from collections.abc import Set
from pathlib import Path

import pytest

from core.paths import ROOT

CORE = sorted((ROOT / "core").rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))
UI = [path for path in PAGES if path.name != "page.py"]
SCRIPTS = [ROOT / "streamlit_app.py", *(path for path in PAGES if path.name == "page.py")]
TENSORFLOW = {"tensorflow", "keras", "tf2onnx"}


def imports(path: Path) -> set[str]:
    """Return the dotted names that a file imports anywhere, ``from a import b`` as ``a`` and ``a.b``."""
    package = path.relative_to(ROOT).parent.parts
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parents = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*parents, *([node.module] if node.module else [])])
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return names


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def run_python(code: str, watched: Set[str] = TENSORFLOW) -> set[str]:
    """Run code in a fresh process; return which of some modules, TensorFlow's unless told, it loaded."""
    code += f"\nimport json, sys\nprint(json.dumps(sorted({watched!r} & set(sys.modules))))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_files_are_found() -> None:
    assert UI
    assert SCRIPTS[0].is_file()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_only_ui_holds_state_and_caches(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    used |= {name.rsplit(".", 1)[-1] for name in imports(path) if name.split(".")[0] == "streamlit"}
    assert not used & {"session_state", "cache_data", "cache_resource"}


def test_pages_holds_only_folders() -> None:
    """Streamlit would run a file that lies directly in pages/ without streamlit_app.py."""
    assert [path.name for path in (ROOT / "pages").glob("*.py") if path.name != "__init__.py"] == []


def test_what_pages_import_loads_no_tensorflow() -> None:
    wanted = {name for path in [*SCRIPTS, *UI] for name in imports(path)}
    wanted |= {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in UI}
    modules = sorted(name for name in wanted if name.split(".")[0] in {"core", "pages"} and is_module(name))
    assert any(name.startswith("core.") for name in modules)
    assert run_python("\n".join(f"import {name}" for name in modules)) == set()


def test_the_first_page_loads_nothing_slow() -> None:
    """A visitor on a cold server waits for it; pandas alone doubles that time."""
    modules = ["pages.shared.login", "pages.overview.parts", "pages.shared.layout", "pages.shared.privacy"]
    slow = {"pandas", "scipy", "sklearn"}
    assert run_python("\n".join(f"import {name}" for name in modules), slow) == set()
    assert run_python("import pandas", slow) == {"pandas"}


def test_running_every_page_loads_no_tensorflow() -> None:
    """What a page imports late, inside a function, counts too."""
    pages = [path.relative_to(ROOT).as_posix() for path in SCRIPTS[1:]]
    code = f"""
from tests.support.app import open_app
app = open_app()
assert not app.exception, app.exception
for page in {pages!r}:
    app.switch_page(page).run()
    assert not app.exception, (page, app.exception)
"""
    assert run_python(code) == set()


@pytest.mark.slow
def test_a_forbidden_import_would_be_seen() -> None:
    """The checks above can fail: core's training side does load TensorFlow."""
    assert run_python("import keras") >= {"keras"}


def test_the_model_card_does_without_pandas() -> None:
    """It takes longer than the card: whoever opens it first in a new process would wait for it."""
    code = """
import pages.model_card.parts
from core.reports.model_card import make_card
from core.runs.store import list_runs, representative
first, *others = representative([run for run in list_runs()[0] if not run.own])
assert make_card(first, others).items
"""
    assert run_python(code, {"pandas"}) == set()
