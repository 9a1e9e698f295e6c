"""Reading ``artifacts/evidence.json``, for pages and reports; nothing of the data set is needed."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import ArtifactError
from core.manifest import check_file
from core.paths import artifacts_dir

EVIDENCE = "evidence.json"
SECTIONS = {"settings", "unreadable", "baselines", "image_shift", "runs", "seed_variation"}


def read_evidence() -> dict[str, Any]:
    """What `core.evidence.collect.collect` found; raises `ArtifactError` if it is missing or damaged."""
    path = check_file(artifacts_dir() / EVIDENCE)
    return _parse(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _parse(path: Path, changed: int) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text())
        if data.keys() >= SECTIONS:
            return dict(data)
    except (ValueError, AttributeError):
        pass
    raise ArtifactError(f"{path} is damaged; fetch artifacts/ again or run: python scripts/make_evidence.py --data DIR")
