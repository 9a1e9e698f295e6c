"""Write results.json from the committed scores, the manifest, and the tables of README and docs: `make results`."""

import sys

from core.errors import LungLensError
from core.files import write_text
from core.manifest import write_manifest
from core.results.build import write_results
from core.results.markdown import documents, refresh
from core.runs.store import committed_runs


def main() -> int:
    """Evaluate all committed runs; nothing is written if one of them cannot be read."""
    try:
        write_manifest()  # what is on disk is what is evaluated
        runs = committed_runs()
        write_results(runs)
        write_manifest()
        print(f"{len(runs)} runs evaluated.")
        for path in documents():
            before = path.read_text(encoding="utf-8")
            if (after := refresh(before)) != before:
                write_text(path, after)
                print(f"{path.name} refreshed.")
    except LungLensError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
