"""The list of experiments: complete, the same specs as the registry's, and run without a look at test films."""

import csv
import dataclasses
import json

import pytest

from core.data.dataset import read_dataset
from core.models.registry import MODELS, get_model
from core.paths import cache_dir
from core.runs.store import read_run
from core.training import experiments
from core.training.experiments import EXPERIMENTS, Experiment, run_experiment, write_table
from core.training.search_files import COLUMNS, read_experiment_rows


def test_list_is_long_enough_and_each_entry_asks_and_has_a_budget() -> None:
    assert len(EXPERIMENTS) >= 12
    for name, experiment in EXPERIMENTS.items():
        assert experiment.spec.name == name
        assert experiment.minutes > 0
        assert experiment.spec.reason


@pytest.mark.parametrize("name", sorted(EXPERIMENTS.keys() & MODELS.keys()))
def test_a_registered_model_is_what_was_tried(name) -> None:
    """So that a finished experiment's checkpoint is the model's, and its figures too."""
    tried, registered = EXPERIMENTS[name].spec, MODELS[name]
    for field in ("input", "layers", "train"):
        assert getattr(tried, field) == getattr(registered, field)


def test_run_reads_no_test_film_and_writes_its_row(dataset_folder, tmp_path, monkeypatch) -> None:
    spec = get_model("dense")
    spec = dataclasses.replace(spec, name="tried", train=dataclasses.replace(spec.train, max_epochs=1))
    experiment = Experiment(spec=spec, minutes=1)
    out = tmp_path / "out"
    row = run_experiment(experiment, read_dataset(dataset_folder), 4, out)
    decoded = list((cache_dir() / "films").iterdir())
    assert len(decoded) == 3  # train, validation and stress validation
    assert row.mean == pytest.approx((row.validation_auroc + row.stress_validation_auroc) / 2)
    stored = json.loads((out / "tried-s4.json").read_text())
    assert stored["train"]["max_epochs"] == row.epochs == 1
    assert len((out / "tried-s4-stress_validation.csv").read_text().splitlines()) == 1 + 8

    monkeypatch.setattr(experiments, "EXPERIMENTS", {"tried": experiment})
    assert write_table(out, tmp_path / "table.csv") == 1
    with (tmp_path / "table.csv").open(newline="") as file:
        (line,) = csv.DictReader(file)
    assert tuple(line) == COLUMNS
    assert line["experiment"] == "tried"

    other = {**line, "experiment": "tried", "seed": "7", "precision": "mixed_bfloat16"}
    with (tmp_path / "table.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerow(other)
    assert write_table(out, tmp_path / "table.csv") == 2  # the row of another machine stays
    with (tmp_path / "table.csv").open(newline="") as file:
        assert [row["seed"] for row in csv.DictReader(file)] == ["4", "7"]


def test_a_committed_run_stands_in_the_table_without_training(trained_folder, tmp_path, monkeypatch) -> None:
    run = read_run(trained_folder / "dense-s3", own=True)
    monkeypatch.setattr(experiments, "EXPERIMENTS", {"dense": Experiment(spec=get_model("dense"), minutes=1)})
    assert write_table(tmp_path, tmp_path / "table.csv", [run]) == 1
    (line,) = read_experiment_rows(tmp_path / "table.csv")
    assert (line.experiment, line.seed) == ("dense", 3)
    assert line.mean == pytest.approx(run.record.selection["mean"], abs=1e-6)
    caught = (run.scores("validation").y_score >= run.record.threshold)[run.scores("validation").y_true == 1]
    assert line.sensitivity == pytest.approx(caught.mean(), abs=1e-6)
