"""Write artifacts/data.json and artifacts/data_means.npy: counts, patients, duplicates, mean films, distributions.

The look at test labels is entered into the test ledger.

    python -m scripts.make_data_card --data DIR
"""

import argparse
import sys
import time
from pathlib import Path

from core.data.dataset import read_dataset
from core.errors import LungLensError
from core.evidence.data_card import DATA_CARD, make_data_card


def main() -> int:
    """Make the card of a data set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and test/")
    arguments = parser.parse_args()
    start = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - start:5.0f} s  {line}", flush=True)

    try:
        card = make_data_card(read_dataset(arguments.data), say=say)
    except LungLensError as error:
        print(error, file=sys.stderr)
        return 2
    say(f"{DATA_CARD}: {card.audit.films:,} films.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
