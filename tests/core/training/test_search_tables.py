"""Tables of what was tried: experiments with their settings, trials of a search, damage named."""

import csv
import json
from pathlib import Path

import pytest

from core.errors import ArtifactError
from core.manifest import write_manifest
from core.models.registry import get_model
from core.paths import artifacts_dir
from core.runs.store import committed_runs, served
from core.training.experiments import EXPERIMENTS
from core.training.search_files import COLUMNS, ExperimentRow
from core.training.search_tables import (
    SearchPlan,
    chosen_by_rule,
    configurations,
    experiments_frame,
    not_run,
    read_experiments,
    read_plan,
    read_trials,
    settings_of,
    trials_frame,
)

TRIALS = (
    "search,trial,state,crop,dense,learning_rate,optimizer,epochs,parameters,seconds,"
    "validation_auroc,stress_validation_auroc,mean\n"
    "grid,0,complete,,128,0.001,adam,8,700,10.5,0.9,0.8,0.85\n"
    "grid,1,complete,,512,0.01,sgd,8,900,12.5,0.96,0.9,0.93\n"
    "residual,0,complete,0.6,,0.002,,12,300,99,0.97,0.95,0.96\n"
    "residual,1,pruned,0.8,,0.004,,5,,40,,,\n"
)


@pytest.fixture
def search(no_artifacts: Path) -> Path:
    """The folder of searches in an empty artifacts folder."""
    folder = no_artifacts / "search"
    folder.mkdir()
    return folder


def written(path: Path, text: str) -> None:
    path.write_text(text)
    write_manifest()


def test_the_committed_experiments_have_the_settings_of_the_list() -> None:
    tried = read_experiments()
    frame = experiments_frame(tried)
    with (artifacts_dir() / "search" / "experiments.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert frame["experiment"].tolist() == [row["experiment"] for row in rows]
    assert frame["mean"].tolist() == [float(row["mean"]) for row in rows]
    spec = get_model("residual")
    first = frame[frame["experiment"] == "residual"].iloc[0]
    assert (first["side"], first["width"], first["depth"]) == (128, spec.layers["blocks"][0], 4)
    assert (first["augmentation"], first["contrast"], first["network"]) == ("strong", "none", "residual")
    assert {*frame["experiment"], *not_run(tried)} == set(EXPERIMENTS)
    assert not set(not_run(tried)) & set(frame["experiment"])


def test_every_augmentation_and_contrast_of_the_list_is_told_apart(search: Path) -> None:
    lines = [",".join([name, "0", *["1"] * (len(COLUMNS) - 2)]) for name in EXPERIMENTS]
    written(search / "experiments.csv", "\n".join([",".join(COLUMNS), *lines]) + "\n")
    tried = read_experiments()
    frame = experiments_frame(tried).set_index("experiment")
    assert frame["augmentation"][["residual_light", "residual_frame_only", "residual_stronger"]].tolist() == [
        "light",
        "frame only",
        "stronger",
    ]
    assert frame["contrast"][["residual_equalise", "residual_local"]].tolist() == ["equalise", "local"]
    assert frame["side"][["residual_160", "cnn_adam_224"]].tolist() == [160, 224]
    assert frame["network"]["cnn_adam_128"] == "notebook's CNN"
    assert frame["depth"]["residual_deep"] == 8
    assert not_run(tried) == []


def row(name: str, seed: int, mean: float, **figures: float) -> ExperimentRow:
    """A training of an experiment of the list."""
    others = {"epochs": 1, "parameters": 2, "seconds": 1.0, "validation_auroc": mean + 0.01}
    rates = {"stress_validation_auroc": 0.5, "sensitivity": 0.9, "specificity": 0.8}
    return ExperimentRow(experiment=name, seed=seed, precision="float32", mean=mean, **{**others, **rates, **figures})


def test_an_experiment_has_the_figures_of_its_median_seed_and_its_range() -> None:
    short = [row("residual", seed, mean) for seed, mean in enumerate((0.9, 0.7, 0.8))]
    long = [row("residual_long", seed, mean) for seed, mean in enumerate((0.95, 0.85))]
    first, second = configurations([*short, *long])
    assert (first.name, second.name) == ("residual_long", "residual")
    assert (first.mean, second.mean) == (0.85, 0.8)  # the lower of two middle ones
    assert (first.validation_auroc, second.validation_auroc) == pytest.approx((0.86, 0.81))
    assert (first.low, first.high, first.seeds) == (0.85, 0.95, 2)
    assert (second.low, second.high, second.seeds) == (0.7, 0.9, 3)


def test_the_rule_takes_the_smallest_network_near_the_highest_and_of_equals_the_best() -> None:
    sizes = {
        "residual_wide": (700, 0.9956),
        "residual_long": (300, 0.9952),
        "residual": (300, 0.9947),
        "residual_light": (10, 0.9930),  # too far off
    }
    tried = configurations([row(name, 0, mean, parameters=size) for name, (size, mean) in sizes.items()])
    assert chosen_by_rule(tried).name == "residual_long"
    assert chosen_by_rule(tried[1:]).name == "residual_long"
    assert chosen_by_rule([tried[0], *tried[2:]]).name == "residual"


def test_the_served_network_is_the_one_that_the_rule_takes() -> None:
    assert chosen_by_rule(configurations(read_experiments())).name == served(committed_runs()).record.model


def test_nothing_has_run(no_artifacts: Path) -> None:
    assert read_experiments() == []
    assert not_run(read_experiments()) == list(EXPERIMENTS)
    assert read_trials("grid") == []
    assert read_plan("grid") is None


def test_trials_of_each_search_have_its_own_settings(search: Path) -> None:
    written(search / "trials.csv", TRIALS)
    grid, residual = read_trials("grid"), read_trials("residual")
    assert [trial.trial for trial in grid] == [1, 0]  # best first
    assert settings_of(grid) == ["dense", "learning_rate", "optimizer"]
    assert settings_of(residual) == ["crop", "learning_rate"]
    assert [trial.state for trial in residual] == ["complete", "pruned"]
    assert trials_frame(residual)["mean"].isna().tolist() == [False, True]
    assert trials_frame(grid)["dense"].tolist() == [512, 128]
    assert read_trials("other") == []


def test_the_plan_is_that_of_the_search(search: Path) -> None:
    written(search / "settings.json", json.dumps({"grid": {"sampler": "GridSampler", "trials": 72, "epochs": 8}}))
    assert read_plan("grid") == SearchPlan(sampler="GridSampler", trials=72, epochs=8)
    assert read_plan("residual") is None


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "", TRIALS.replace("trial,", "number,", 1)])
def test_damaged_trials_are_named(search: Path, text: str) -> None:
    written(search / "trials.csv", text)
    with pytest.raises(ArtifactError, match=r"trials.csv is damaged; run: python -m core search"):
        read_trials("grid")


def test_other_damage_is_named(search: Path) -> None:
    row = ",".join(["unheard_of", *["1"] * (len(COLUMNS) - 1)])
    written(search / "experiments.csv", f"{','.join(COLUMNS)}\n{row}\n")
    with pytest.raises(ArtifactError, match=r"experiments.csv is damaged"):
        read_experiments()
    written(search / "settings.json", "[]")
    with pytest.raises(ArtifactError, match=r"settings.json is damaged"):
        read_plan("grid")
    (search / "settings.json").write_text("{}")  # not what the manifest knows
    with pytest.raises(ArtifactError, match=r"differs from MANIFEST"):
        read_plan("grid")
