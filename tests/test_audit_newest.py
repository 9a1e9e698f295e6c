"""pip-audit is answered only by the page of the locked version, and a hole is never lost."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from scripts.audit_newest import NewestPages, audit

HOLE = {"id": "PYSEC-1", "aliases": [], "details": "a hole", "fixed_in": ["2.1"], "withdrawn": None, "published": None}
GONE = HOLE | {"withdrawn": "2026-01-01"}


@pytest.mark.parametrize(
    ("newest", "holes", "status", "said"),
    [
        ("2.0", [], 0, "1 of 1 packages audited, 0 known holes."),
        ("2.0", [HOLE], 1, "a 2.0: PYSEC-1, fixed in 2.1\n1 of 1 packages audited, 1 known holes."),
        ("2.0", [HOLE | {"fixed_in": []}], 1, "fixed in no release"),
        ("2.0", [GONE], 0, "0 known holes"),
        ("2.1", [HOLE], 2, "could not be audited: a (2.0)\n0 of 1 packages audited"),
    ],
)
def test_what_a_projects_page_says_of_a_locked_package(
    newest: str,
    holes: list[dict[str, Any]],
    status: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = []

    def get(session: requests.Session, url: str, **options: object) -> requests.Response:
        asked.append(url)
        answer = requests.Response()
        answer.status_code = 200
        answer._content = json.dumps({"info": {"version": newest}, "vulnerabilities": holes}).encode()
        return answer

    monkeypatch.setattr(requests.Session, "get", get)
    lock = tmp_path / "lock.txt"
    lock.write_text("a==2.0 --hash=sha256:" + "0" * 64 + "\n")
    assert audit(lock, NewestPages()) == status
    assert said in capsys.readouterr().out
    assert asked == ["https://pypi.org/pypi/a/json"]


def test_without_an_answer_nothing_is_said_to_be_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def get(*_: object, **__: object) -> requests.Response:
        raise requests.ConnectTimeout

    monkeypatch.setattr(requests.Session, "get", get)
    lock = tmp_path / "lock.txt"
    lock.write_text("a==2.0 --hash=sha256:" + "0" * 64 + "\n")
    assert audit(lock, NewestPages()) == 2
    assert "No answer" in capsys.readouterr().err
