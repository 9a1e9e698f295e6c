"""A package is audited only by the page of its own version, and a hole is never lost."""

from typing import Any

import pytest
import requests

from scripts.audit_newest import LOCK, audit, locked


def page(version: str, *holes: dict[str, Any]) -> dict[str, Any]:
    return {"info": {"version": version}, "vulnerabilities": list(holes)}


HOLE = {"id": "PYSEC-1", "fixed_in": ["2.1"], "withdrawn": None}


@pytest.mark.parametrize(
    ("found", "status", "said"),
    [
        (page("2.0"), 0, "1 of 1 packages audited, 0 known holes."),
        (page("2.0", HOLE), 1, "a 2.0: PYSEC-1, fixed in 2.1"),
        (page("2.0", HOLE | {"fixed_in": []}), 1, "fixed in no release"),
        (page("2.0", HOLE | {"withdrawn": "2026-01-01"}), 0, "0 known holes"),
        (page("2.1", HOLE), 2, "a 2.0: not audited, the newest release is 2.1\n0 of 1 packages"),
    ],
)
def test_what_a_page_says_of_a_package(
    found: dict[str, Any], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit([("a", "2.0")], lambda name: found) == status
    assert said in capsys.readouterr().out


def test_a_page_that_cannot_be_fetched_is_no_hole(capsys: pytest.CaptureFixture[str]) -> None:
    def fetch(name: str) -> dict[str, Any]:
        if name == "b":
            raise requests.ConnectionError("no network")
        return page("2.0", HOLE)

    assert audit([("b", "1.0")], fetch) == 2
    assert audit([("b", "1.0"), ("a", "2.0")], fetch) == 1
    assert "b 1.0: not audited, no network" in capsys.readouterr().out


def test_every_locked_package_is_asked_for() -> None:
    packages = locked(LOCK.read_text())
    assert len(packages) == sum("==" in line for line in LOCK.read_text().splitlines() if line[0] not in " #")
    direct = {line.split()[0] for line in (LOCK.parent / "requirements.txt").read_text().splitlines() if line}
    assert direct - {"#"} <= {f"{name}=={version}" for name, version in packages}
