"""Reading ``artifacts/evidence.json``, for pages and reports; nothing of the data set is needed."""

from typing import Any

from core.manifest import read_document

EVIDENCE = "evidence.json"
SCHEMA_VERSION = 2
SECTIONS = frozenset({"settings", "unreadable", "baselines", "image_shift", "runs", "seed_variation"})


def read_evidence() -> dict[str, Any]:
    """What `core.evidence.collect.collect` found; raises `ArtifactError` if it is missing or damaged."""
    return read_document(EVIDENCE, SECTIONS, "python scripts/make_evidence.py --data DIR", SCHEMA_VERSION)
