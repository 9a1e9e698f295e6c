"""Locate the project's files, each folder moved by an environment variable, and return its version."""

import os
import tomllib
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def artifacts_dir() -> Path:
    """Return the folder of committed runs, samples and results (``LUNGLENS_ARTIFACTS``)."""
    return Path(os.environ.get("LUNGLENS_ARTIFACTS", ROOT / "artifacts"))


def runs_dir() -> Path:
    """Return the folder of the user's own trainings (``LUNGLENS_RUNS``), in the layout of `artifacts_dir`."""
    return Path(os.environ.get("LUNGLENS_RUNS", ROOT / "runs"))


def cache_dir() -> Path:
    """Return the folder of decoded images and checkpoints (``LUNGLENS_CACHE``); safe to delete at any time."""
    return Path(os.environ.get("LUNGLENS_CACHE", ROOT / ".cache"))


@lru_cache(maxsize=1)
def software_version() -> str:
    """Return the version of this software, as in ``pyproject.toml``."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
