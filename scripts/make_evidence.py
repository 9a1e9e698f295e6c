"""Write artifacts/evidence.json and artifacts/baselines/: null baselines, shortcut scores, stress curves, image shift.

Runs whose weights are already in the file are kept. Every look at test labels is entered into the test ledger.

    python -m scripts.make_evidence --data DIR [--skip-test]
"""

import argparse
import sys
import time
from pathlib import Path

from core.data.dataset import read_dataset
from core.errors import LungLensError
from core.evidence.collect import collect
from core.manifest import write_manifest
from core.runs.store import committed_runs


def main() -> int:
    """Collect the evidence of all committed runs; nothing is computed if one of them cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and test/")
    parser.add_argument("--skip-test", action="store_true", help="do not look at test labels")
    arguments = parser.parse_args()
    start = time.monotonic()
    try:
        dataset = read_dataset(arguments.data)
        write_manifest()  # what is on disk is what is evaluated
        evidence = collect(
            dataset,
            committed_runs(),
            with_test=not arguments.skip_test,
            say=lambda line: print(f"{time.monotonic() - start:5.0f} s  {line}", flush=True),
        )
    except LungLensError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{time.monotonic() - start:5.0f} s  Evidence of {len(evidence['runs'])} runs.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
