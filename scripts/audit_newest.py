"""Known holes of the locked packages where PyPI's page of each version cannot be reached, but that of each project can.

python scripts/audit_newest.py

pip-audit (`make audit`) asks for the page of a version, which mirrors of PyPI often lack. A project's page lists the
same advisories, of its newest release alone. So a package that is locked at its newest release is audited; any other is
named as not audited. Exit status 1 with a known hole, 2 with a package that was not audited.
"""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
PAGE = "https://pypi.org/pypi/{name}/json"
SECONDS = 60


def locked(text: str) -> list[tuple[str, str]]:
    """Name and version of each package in a lock; twice where Pythons differ in the version."""
    return list(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE))


def holes(page: dict[str, Any], version: str) -> list[str] | None:
    """Advisories against a version that were not withdrawn; None if the project's page is of another version."""
    if page["info"]["version"] != version:
        return None
    return [
        f"{found['id']}, fixed in {', '.join(found['fixed_in']) or 'no release'}"
        for found in page["vulnerabilities"]
        if found.get("withdrawn") is None
    ]


def audit(packages: list[tuple[str, str]], fetch: Callable[[str], dict[str, Any]]) -> int:
    """Print what is known of each package and return the exit status."""
    found, open_ = [], []
    for name, version in packages:
        try:
            page = fetch(name)
        except requests.RequestException as error:
            open_.append(f"{name} {version}: not audited, {error}")
            continue
        known = holes(page, version)
        if known is None:
            open_.append(f"{name} {version}: not audited, the newest release is {page['info']['version']}")
        else:
            found += [f"{name} {version}: {hole}" for hole in known]
    print("\n".join(found + open_))
    print(f"{len(packages) - len(open_)} of {len(packages)} packages audited, {len(found)} known holes.")
    return 1 if found else 2 if open_ else 0


def fetch(name: str) -> dict[str, Any]:
    """A project's page; raises `requests.RequestException` where there is none."""
    answer = requests.get(PAGE.format(name=name), timeout=SECONDS)
    answer.raise_for_status()
    page: dict[str, Any] = answer.json()
    return page


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    sys.exit(audit(locked(LOCK.read_text()), fetch))
