"""Reading ``artifacts/evidence.json``, for pages and reports; nothing of the data set is needed."""

from core.errors import ArtifactError
from core.evidence.types import Evidence, RunEvidence
from core.manifest import read_as
from core.runs.record import Run

EVIDENCE = "evidence.json"
SCHEMA_VERSION = 2
COMMAND = "python -m scripts.make_evidence --data DIR"


def read_evidence() -> Evidence:
    """Return what `core.evidence.collect.collect` measured; raises `ArtifactError` if it is missing or damaged."""
    return read_as(Evidence, EVIDENCE, COMMAND, SCHEMA_VERSION)


def evidence_of(run: Run) -> RunEvidence:
    """Return what was measured of a run; raises `ArtifactError` if that is missing, damaged or of other weights."""
    evidence = None if run.own else read_evidence().runs.get(run.run_id)
    if evidence is None or evidence.weights_hash != run.record.weights_hash:
        raise ArtifactError(f"evidence.json knows nothing of {run.run_id} as it is; run: {COMMAND}")
    return evidence
