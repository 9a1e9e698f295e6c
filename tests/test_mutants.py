"""The page of mutants counts what mutmut found, and names each survivor with its reason."""

import pytest

from core.paths import ROOT
from scripts.mutants import DOCUMENT, Survivor, document, read_reasons, survivors_of

OUTCOMES: dict[str, dict[str, int | None]] = {
    "core/a.py": {"core.a.x_one__mutmut_1": 1, "core.a.x_one__mutmut_2": 0, "core.a.x_one__mutmut_3": 36},
    "core/b.py": {"core.b.x_two__mutmut_1": 3, "core.b.x_two__mutmut_2": 33},
}
ONE = Survivor(function="core.a.one", before="a < b", after="a <= b")
TWO = Survivor(function="core.b.two", before="a + b", after="a - b")


def test_what_fails_or_never_ends_is_killed_and_what_no_test_reaches_is_not() -> None:
    assert survivors_of(OUTCOMES) == ["core.a.x_one__mutmut_2", "core.b.x_two__mutmut_2"]


def test_the_page_counts_by_file_and_says_why() -> None:
    lines = document(OUTCOMES, [ONE, TWO], {ONE: "They are never equal."}).splitlines()
    assert "| `core/a.py` | 3 | 2 | 1 |" in lines
    assert "| `core/b.py` | 2 | 1 | 1 |" in lines
    assert "| together | 5 | 3 (60.0 %) | 2 |" in lines
    assert "- `core.a.one`: They are never equal." in lines
    assert "- `core.b.two`: **no reason yet**" in lines


def test_every_survivor_of_the_committed_page_has_a_reason() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert "no reason yet" not in text
    for survivor, reason in read_reasons().items():
        assert f"- `{survivor.function}`: {reason}" in text


@pytest.mark.parametrize("survivor", read_reasons(), ids=lambda survivor: survivor.after[:40])
def test_a_reason_is_of_a_line_that_the_code_holds(survivor: Survivor) -> None:
    module, _, name = survivor.function.rpartition(".")
    code = (ROOT / module.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8")
    assert f"def {name}(" in code
    assert survivor.before in code
