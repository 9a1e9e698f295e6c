"""Add all layers and skip connections to run records of schema version 1, which held only the layers with an output.

Each network is built anew from the spec in its record; weights and scores are not touched. Runs that already have all
layers are left alone.

    python -m scripts.describe_runs
"""

import os
import sys
from dataclasses import replace

from core.errors import ArtifactError, LungLensError
from core.files import write_text
from core.manifest import write_manifest
from core.runs.architecture import Architecture
from core.runs.record import FIRST_SCHEMA, SCHEMA_VERSION, Run
from core.runs.store import list_runs


def main() -> int:
    """Describe the runs that need it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    runs, problems = list_runs()
    committed_changed = False
    for run in runs:
        if run.record.schema_version != FIRST_SCHEMA:
            continue
        try:
            described = replace(run.record, architecture=describe(run), schema_version=SCHEMA_VERSION)
        except LungLensError as error:
            problems.append(str(error))
            continue
        write_text(run.folder / "run.json", described.to_json())
        print(f"{run.run_id}: {len(described.architecture.layers)} layers")
        committed_changed |= not run.own
    if committed_changed:
        write_manifest()
    for problem in problems:
        print(problem, file=sys.stderr)
    return 2 if problems else 0


def describe(run: Run) -> Architecture:
    """Return a run's architecture; raises `ArtifactError` where the registry no longer builds the recorded layers."""
    from core.training.architecture import describe_architecture
    from core.training.graph import fold_batch_normalization

    layers = dict(run.record.spec["layers"])
    if "weights" in layers:
        layers["weights"] = None  # random ones give the same layers, without a download
    spec = replace(run.spec, input=run.input, layers=layers)
    architecture = describe_architecture(fold_batch_normalization(spec.build(spec)))
    if architecture.shown != run.record.layers:
        raise ArtifactError(f"{run.folder} holds other layers than {run.record.model} has now; train it again.")
    return architecture


if __name__ == "__main__":
    sys.exit(main())
