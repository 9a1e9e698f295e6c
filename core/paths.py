"""Where the project keeps its files, each place moved by an environment variable, and which version it is."""

import os
import tomllib
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def artifacts_dir() -> Path:
    """Committed runs, samples and results (``LUNGLENS_ARTIFACTS``)."""
    return Path(os.environ.get("LUNGLENS_ARTIFACTS", ROOT / "artifacts"))


def runs_dir() -> Path:
    """The user's own trainings (``LUNGLENS_RUNS``), in the layout of `artifacts_dir`."""
    return Path(os.environ.get("LUNGLENS_RUNS", ROOT / "runs"))


def cache_dir() -> Path:
    """Decoded images and checkpoints (``LUNGLENS_CACHE``); safe to delete at any time."""
    return Path(os.environ.get("LUNGLENS_CACHE", ROOT / ".cache"))


@lru_cache(maxsize=1)
def software_version() -> str:
    """Version of this software, as in ``pyproject.toml``."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
