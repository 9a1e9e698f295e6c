"""The search: every point of a grid once, killed and resumed, pruned trials kept, validation only."""

import csv
import json
from dataclasses import replace

import pytest

from core.data.dataset import read_dataset
from core.models.registry import get_model
from core.paths import artifacts_dir, cache_dir
from core.runs.selection import choose_within_tolerance
from core.training.search_files import TRIALS_FILE, read_trial_rows


@pytest.fixture
def plan():
    """A grid of four points on the dense baseline, one epoch each."""
    from core.training.search import Plan

    def spec(settings, epochs):
        dense = get_model("dense")
        train = replace(dense.train, learning_rate=settings["learning_rate"], max_epochs=epochs)
        return replace(dense, layers={"dense": (settings["dense"],)}, train=train)

    return Plan(name="grid", space={"learning_rate": [1e-4, 1e-3], "dense": [4, 8]}, trials=4, epochs=1, spec=spec)


def rows(folder):
    with (folder / "trials.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_killed_search_goes_on_and_tries_every_point_once(plan, dataset_folder, tmp_path, monkeypatch) -> None:
    from core.training import search

    dataset = read_dataset(dataset_folder)
    original, calls = search.fit, []

    def killed(*arguments, **options):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return original(*arguments, **options)

    monkeypatch.setattr(search, "fit", killed)
    with pytest.raises(KeyboardInterrupt):
        search.run_search(plan, dataset, tmp_path, progress=False)
    assert len(rows(tmp_path)) == 2
    with search.open_study(plan, dataset) as study:
        study.ask()  # a process that was killed outright leaves a trial that seems to run
    search.run_search(plan, dataset, tmp_path, progress=False)
    found = rows(tmp_path)
    points = {(row["learning_rate"], row["dense"]) for row in found}
    assert points == {(rate, dense) for rate in ("0.0001", "0.001") for dense in ("4", "8")}
    assert len(found) == 4
    for row in found:
        mean = (float(row["validation_auroc"]) + float(row["stress_validation_auroc"])) / 2
        assert float(row["mean"]) == pytest.approx(mean, abs=1e-5)
    assert len(calls) == 5
    search.run_search(plan, dataset, tmp_path, progress=False)  # nothing is left to do
    assert len(calls) == 5
    settings = json.loads((tmp_path / "settings.json").read_text())["grid"]
    assert settings["sampler"] == "GridSampler"
    assert settings["space"]["dense"] == [4, 8]
    assert len(list((cache_dir() / "films").iterdir())) == 3  # train, validation, stress validation: no test film


@pytest.mark.slow
@pytest.mark.parametrize("name", ["grid", "residual"])
def test_cut_off_anywhere_it_ends_as_an_undisturbed_one(plan, name, dataset_folder, tmp_path, monkeypatch) -> None:
    """Also for a sampler that draws at random: what it draws depends on the finished trials, not on this process."""
    import optuna

    from core.training import search

    def study_of(folder: str, cuts: set[int]) -> tuple[list[dict[str, str]], list[dict[int, float]]]:
        monkeypatch.setenv("LUNGLENS_CACHE", str(tmp_path / folder))
        told = 0

        def cut(trial: optuna.Trial) -> bool:
            nonlocal told
            told += 1
            if told in cuts:
                raise KeyboardInterrupt
            return original(trial)

        monkeypatch.setattr(optuna.Trial, "should_prune", cut)
        while True:
            try:
                search.run_search(wanted, dataset, tmp_path / folder, progress=False)
                break
            except KeyboardInterrupt:
                continue
        with search.open_study(wanted, dataset) as study:
            finished = search.finished_trials(study)
        assert told > 8 or not cuts
        return rows(tmp_path / folder), [trial.intermediate_values for trial in finished]

    def original(trial: optuna.Trial) -> bool:
        values = optuna.trial.Trial.params.fget(trial)
        return name == "residual" and values["learning_rate"] > 3e-4 and len(steps(trial)) == 2

    def steps(trial: optuna.Trial) -> dict[int, float]:
        return trial.study._storage.get_trial(trial._trial_id).intermediate_values

    dataset = read_dataset(dataset_folder)
    ranges = {"learning_rate": optuna.distributions.FloatDistribution(1e-4, 1e-3, log=True), "dense": [4, 8]}
    space = plan.space if name == "grid" else ranges
    wanted = replace(plan, name=name, space=space, epochs=2)
    undisturbed, told = study_of("whole", set())
    found, told_again = study_of("cut", {1, 3, 5, 7, 10})
    for row in (*undisturbed, *found):
        del row["seconds"]
    assert found == undisturbed
    assert len(found) == 4
    assert told_again == told
    if name == "residual":
        assert len({row["learning_rate"] for row in found}) == 4
        assert {row["state"] for row in found} == {"complete", "pruned"}


def test_pruned_trials_are_kept(plan, dataset_folder, tmp_path, monkeypatch) -> None:
    import optuna

    from core.training import search

    monkeypatch.setattr(optuna.Trial, "should_prune", lambda trial: trial.number == 1)
    ranges = {"learning_rate": optuna.distributions.FloatDistribution(1e-4, 1e-3, log=True), "dense": [4]}
    found = search.run_search(
        replace(plan, name="residual", space=ranges, trials=3), read_dataset(dataset_folder), tmp_path, progress=False
    )
    assert [row.state for row in found] == ["complete", "pruned", "complete"]
    assert found[1].mean is None
    assert len(rows(tmp_path)) == 3


def test_plans_cover_what_was_promised() -> None:
    from core.training.search import PLANS

    grid = PLANS["grid"]
    assert {"optimizer", "learning_rate", "dropout", "dense", "batch_size"} <= set(grid.space)
    assert grid.trials == 72
    point = {name: values[-1] for name, values in grid.space.items()}
    spec = grid.spec(point, 3)
    assert spec.layers["dense"] == (0.3, 512)
    assert (spec.train.optimizer, spec.train.batch_size, spec.train.max_epochs) == ("adam", 64, 3)
    names = {layer.name for layer in spec.build(spec).layers}
    assert "dropout0" in names
    ours = PLANS["residual"]
    middle = {"learning_rate": 1e-3, "weight_decay": 1e-4, "dropout": 0.1, "crop": 0.6, "gamma": 2.0, "noise": 4.0}
    spec = ours.spec({**middle, "width": 12}, 2)
    assert spec.layers["blocks"] == (12, 24, 48, 96)
    assert spec.train.augmentation.crop == (0.6, 1.1)


def test_command_lists_kept_trials_best_first(command, tmp_path) -> None:
    (tmp_path / "trials.csv").write_text(
        "search,trial,state,dense,mean\ngrid,0,complete,64,0.9\ngrid,1,complete,128,0.95\nresidual,0,pruned,,\n"
    )
    status, out, _ = command("search", "--out", tmp_path, "--json")
    assert status == 0
    document = json.loads(out)
    assert [row["trial"] for row in document["trials"]] == [1, 0]
    assert document["best"]["mean"] == 0.95
    status, out, _ = command("search", "--out", tmp_path, "--search", "residual")
    assert status == 0
    assert "1 trials, 1 of them pruned" in out


def test_command_refuses_what_makes_no_sense(command, tmp_path) -> None:
    for arguments in (
        ("--data", tmp_path / "none"),
        ("--trials", 0, "--data", tmp_path),
        ("--out", tmp_path / "empty"),
    ):
        status, out, err = command("search", *arguments)
        assert status == 2
        assert not out
        assert err.startswith("Error: ")
        assert len(err.splitlines()) == 1


def test_the_grids_winner_is_registered_with_its_settings() -> None:
    from core.training.search import GRID, PLANS, grid_spec

    trials = [row for row in read_trial_rows(artifacts_dir() / "search" / TRIALS_FILE) if row.search == "grid"]
    assert len(trials) == PLANS["grid"].trials
    won = choose_within_tolerance(trials, figure=lambda row: row.mean, size=lambda row: row.parameters)
    spec = get_model("cnn_grid")
    found = grid_spec({name: won.settings[name] for name in GRID}, spec.train.max_epochs)
    assert (spec.input, spec.layers, spec.train) == (found.input, found.layers, found.train)
