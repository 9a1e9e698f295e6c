"""pip-audit where PyPI's page of each version cannot be reached, but that of each project can, as on many mirrors.

python -m scripts.audit_newest

A project's page lists the advisories against its newest release alone. So pip-audit gets that page for a package which
is locked at its newest release; any other is named as not audited. Exit status 1 with a known hole, 2 with a package
that was not audited or without an answer.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import requests
from pip_audit._audit import AuditOptions, Auditor
from pip_audit._dependency_source import RequirementSource
from pip_audit._service import PyPIService
from pip_audit._service.interface import ServiceError, SkippedDependency

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"


class NewestPages(requests.Session):
    """Answers for the page of a version with that of its project, or with 404 if the newest release is another."""

    def get(self, url: str, **options: object) -> requests.Response:  # type: ignore[override]
        """The page at ``https://pypi.org/pypi/NAME/VERSION/json``."""
        *start, version, end = url.split("/")
        answer = super().get("/".join([*start, end]), **options)  # type: ignore[arg-type]
        if answer.ok and answer.json()["info"]["version"] != version:
            answer.status_code = requests.codes.not_found
        return answer


def audit(lock: Path, session: requests.Session) -> int:
    """Print what pip-audit finds in a lock, and return the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        service = PyPIService(cache_dir=Path(folder), timeout=60)
        service.session = session
        source = RequirementSource([lock], require_hashes=True, disable_pip=True)
        try:
            answers = list(Auditor(service, AuditOptions()).audit(source))
        except ServiceError as error:
            print(f"No answer: {error}", file=sys.stderr)
            return 2
    left = [package.skip_reason for package, _ in answers if isinstance(package, SkippedDependency)]
    holes = [
        f"{package.name} {package.version}: {hole.id}, "
        f"fixed in {', '.join(map(str, hole.fix_versions)) or 'no release'}"
        for package, audit_result in answers
        for hole in audit_result
    ]
    print("\n".join(holes + left))
    print(f"{len(answers) - len(left)} of {len(answers)} packages audited, {len(holes)} known holes.")
    return 1 if holes else 2 if left else 0


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    sys.exit(audit(LOCK, NewestPages()))
