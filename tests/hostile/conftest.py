"""The kinds import the files that other tests write, as `tests/core` does."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
