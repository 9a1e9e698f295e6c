"""Reading ``artifacts/evidence.json``, for pages and reports; nothing of the data set is needed."""

from typing import Any

from core.errors import ArtifactError
from core.manifest import read_document
from core.runs.record import Run

EVIDENCE = "evidence.json"
SCHEMA_VERSION = 2
COMMAND = "python -m scripts.make_evidence --data DIR"
SECTIONS = frozenset({"settings", "unreadable", "baselines", "image_shift", "runs", "seed_variation"})


def read_evidence() -> dict[str, Any]:
    """What `core.evidence.collect.collect` found; raises `ArtifactError` if it is missing or damaged."""
    return read_document(EVIDENCE, SECTIONS, COMMAND, SCHEMA_VERSION)


def evidence_of(run: Run) -> dict[str, Any]:
    """What was measured of a run on films; raises `ArtifactError` if that is missing, damaged or of other weights."""
    found: dict[str, Any] | None = None if run.own else read_evidence()["runs"].get(run.run_id)
    if found is None or found["weights_hash"] != run.record.weights_hash:
        raise ArtifactError(f"evidence.json knows nothing of {run.run_id} as it is; run: {COMMAND}")
    return found
