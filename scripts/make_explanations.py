"""Write artifacts/similar/ and artifacts/explanations.json: similar train films, and what the maps are worth.

For the served model, then for the median seed of each other. Test films are not touched.

    python -m scripts.make_explanations --data DIR [--index-only]
"""

import argparse
import json
import sys
import time
from pathlib import Path

from core.data.arrays import load_films
from core.data.dataset import read_dataset
from core.data.split import with_split
from core.errors import LungLensError
from core.explain.benchmark import measure
from core.explain.neighbours import build_index, read_index, write_index
from core.explain.trust import EXPLANATIONS
from core.files import write_text
from core.inference.model import Model
from core.manifest import write_manifest
from core.paths import artifacts_dir
from core.runs.store import committed_runs, representative, served


def main() -> int:
    """Build the index of the served model, then measure the methods."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and test/")
    parser.add_argument("--index-only", action="store_true", help="only the index of similar train films")
    arguments = parser.parse_args()
    start = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - start:5.0f} s  {line}", flush=True)

    try:
        dataset = read_dataset(arguments.data)
        runs = committed_runs()
        model = Model(served(runs))
        size = model.run.input
        table = with_split(dataset)
        train = load_films(dataset, table[table["split"] == "train"], size.height, size.width)
        write_index(build_index(model, train))
        write_manifest()
        say(f"Index of {len(train.table)} train films by {model.run.run_id}")
        if arguments.index_only:
            return 0
        models = [model, *(Model(run) for run in representative(runs) if run != model.run)]
        for findings in measure(dataset, models, read_index(model.run), say):
            write_text(artifacts_dir() / EXPLANATIONS, json.dumps(findings.to_dict(), indent=1) + "\n")
            write_manifest()
    except LungLensError as error:
        print(error, file=sys.stderr)
        return 2
    say(f"Methods of {len(models)} runs.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
