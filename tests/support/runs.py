"""Committed runs, as the pages list them or one of each family, and their records as an older version wrote them."""

import json

from core.runs.record import Run
from core.runs.store import committed_runs, representative

NEW_IN_SECOND_SCHEMA = ("shown", "field_step", "field_centre")


def median_runs() -> list[Run]:
    """Return the run of the median seed for each committed model."""
    return representative(committed_runs())


def of_first_schema(run: Run) -> str:
    """Return the record as schema version 1 wrote it: a chain of layers, neither positions nor skip connections."""
    document = json.loads(run.record.to_json())
    layers = document.pop("architecture")["layers"]
    document["layers"] = [
        {name: value for name, value in layer.items() if name not in NEW_IN_SECOND_SCHEMA}
        for layer in layers
        if layer["shown"]
    ]
    return json.dumps({**document, "schema_version": 1})


def family_runs() -> list[Run]:
    """Return a run with weights for each family of networks: that of the smallest images, which costs least."""
    by_size = sorted((run for run in median_runs() if run.has_weights), key=lambda run: -run.input.height)
    return list({run.spec.build.__module__: run for run in by_size}.values())


def largest_run() -> Run:
    """Return a convolutional run of the largest images."""
    return max((run for run in median_runs() if run.has_feature_maps), key=lambda run: run.input.height)
