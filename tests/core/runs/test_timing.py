"""Costs come from one measurement of all models on one core; where there is none, nothing is said."""

import dataclasses
import json

import pytest

from core.errors import ArtifactError
from core.manifest import write_manifest
from core.runs.store import read_run
from core.runs.timing import film_milliseconds, training_seconds


def test_costs_are_those_of_the_measurement_and_unknown_for_other_runs(trained_folder, no_artifacts) -> None:
    run = dataclasses.replace(read_run(trained_folder / "dense-s3", own=True), own=False)
    assert (training_seconds(run), film_milliseconds(run)) == (None, None)
    figures = {"seconds_per_epoch": 100.0, "milliseconds_per_film": 7.0}
    (no_artifacts / "speed.json").write_text(json.dumps({"models": {"dense": figures}}))
    write_manifest()
    assert (training_seconds(run), film_milliseconds(run)) == (200.0, 7.0)
    figures["pretraining_seconds"] = 30.0
    (no_artifacts / "speed.json").write_text(json.dumps({"models": {"dense": figures}}))
    write_manifest()
    assert training_seconds(run) == 230.0
    own = dataclasses.replace(run, own=True)
    assert (training_seconds(own), film_milliseconds(own)) == (None, None)


def test_damage_is_named(trained_folder, no_artifacts) -> None:
    run = dataclasses.replace(read_run(trained_folder / "dense-s3", own=True), own=False)
    (no_artifacts / "speed.json").write_text("{}")
    write_manifest()
    with pytest.raises(ArtifactError, match=r"speed\.json is damaged"):
        training_seconds(run)
