"""Training through the app's entry point: curves, what was tried, a training of one's own."""

import json
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.manifest import write_manifest
from core.paths import cache_dir, runs_dir
from core.runs.store import committed_runs, list_runs, representative, served
from core.training import jobs
from core.training.loss_curves import loss_sentence, overfitting_sentence, summarise_history
from core.training.search_tables import configurations, not_run, read_experiments
from core.wording import BANNER
from pages.shared.navigation import TRAINING
from pages.training.search import highest_in_words, served_in_words
from tests.support.app import chart_keys, open_app, text_of
from tests.support.films import draw_film

PAGE = TRAINING.path
CURVES, TRIED, YOURS = "Curves", "What was tried", "Train your own"
WAITS = "import time\nprint('begun', flush=True)\ntime.sleep(3600)"
FAILS = "print('Error: the disk is full')\nraise SystemExit(2)"
TRIALS = (
    "search,trial,state,learning_rate,optimizer,epochs,parameters,seconds,"
    "validation_auroc,stress_validation_auroc,mean\n"
    "grid,0,complete,0.001,adam,8,700,10.5,0.9,0.8,0.85\n"
    "grid,1,complete,0.01,sgd,8,900,12.5,0.96,0.9,0.93\n"
    "residual,0,pruned,0.002,,5,300,99,,,\n"
)


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """Drawn films of six patients of each class to train on, and two to test on."""
    root = tmp_path / "films"
    for split, patients in (("train", range(6)), ("test", range(100, 102))):
        for label, name in (("NORMAL", "IM-{:04d}-0001.jpeg"), ("PNEUMONIA", "person{}_virus_1.jpeg")):
            folder = root / split / label
            folder.mkdir(parents=True)
            for patient in patients:
                pixels = draw_film(seed=patient + 500 * (label == "NORMAL"), width=96, height=80)
                Image.fromarray(pixels).save(folder / name.format(patient))
    return root


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """``fake(code)`` makes every training run this Python code; whatever still runs at the end is ended."""

    def use(code: str) -> None:
        monkeypatch.setattr(jobs, "command", lambda job, python="": [sys.executable, "-c", code])
        monkeypatch.setattr(jobs, "format_command", lambda job: f"python -m core train {job.model} --data {job.data}")

    yield use
    for job in jobs.list_jobs():
        jobs.cancel(job)


def opened(tab: str = CURVES) -> AppTest:
    app = open_app(PAGE, training_tabs=tab)
    assert not app.exception
    return app


def until(state: str) -> jobs.TrainingJob:
    deadline = time.monotonic() + 300
    while (job := jobs.list_jobs()[0]).state != state:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return job


def write_checkpoint(job: jobs.TrainingJob, epochs: int, name: str = "state.npz") -> None:
    path = cache_dir() / "checkpoints" / job.run_id / name
    path.parent.mkdir(parents=True, exist_ok=True)
    row = {"loss": 0.4, "accuracy": 0.9, "validation_loss": 0.5, "validation_accuracy": 0.8, "seconds": 3.0}
    np.savez(path, history=json.dumps([{"epoch": number, **row} for number in range(1, epochs + 1)]))


def test_every_model_has_its_curve_and_a_sentence_on_it() -> None:
    app = opened()
    assert not app.error
    text = text_of(app)
    runs = representative(list_runs()[0])
    readings = [summarise_history(run.history()) for run in runs]
    for reading in readings:
        assert loss_sentence(reading) in text
    assert f"**{overfitting_sentence(readings)}**" in text
    assert len(app.get("plotly_chart")) == len(runs)
    assert "The star is the epoch whose weights are kept" in text
    assert BANNER in text


def test_models_seeds_and_the_quantity_are_chosen() -> None:
    app = opened()
    dense = next(run for run in representative(list_runs()[0]) if run.record.model == "dense")
    app.get_by_key("training_models").set_value([f"ours:{dense.run_id}"])
    app.get_by_key("training_seeds").set_value("all")
    app.get_by_key("training_quantity").set_value("accuracy").run()
    assert not app.exception
    seeds = [run for run in list_runs()[0] if run.record.model == "dense"]
    charts = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    assert len(charts) == len(seeds) >= 3
    assert all(chart["layout"]["yaxis"]["title"]["text"] == "Accuracy, %" for chart in charts)
    kept = {trace["name"] for chart in charts for trace in chart["data"] if trace["name"].startswith("kept")}
    assert kept == {f"kept: epoch {run.record.best_epoch}" for run in seeds}
    app.get_by_key("training_models").set_value([]).run()
    assert "Choose at least one model" in text_of(app)


def test_a_missing_history_is_named_and_an_own_run_stands_beside_ours(copied: Path) -> None:
    first, second = representative(list_runs()[0])[:2]
    shutil.copytree(second.folder, runs_dir() / second.run_id)
    (first.folder / "history.csv").unlink()
    app = opened()
    assert any("history.csv is missing" in error.value for error in app.error)
    assert len(app.get("plotly_chart")) == len(representative(list_runs()[0])) - 1
    assert "yours" in text_of(app)


def test_what_was_tried_is_drawn_and_listed() -> None:
    app = opened(TRIED)
    assert not app.error
    rows = read_experiments()
    tried = configurations(rows)
    text = text_of(app)
    assert highest_in_words(len(rows), tried) in text
    assert app.dataframe[0].value["Name in the code"].tolist() == [one.name for one in tried]
    assert app.dataframe[0].value["Mean AUROC"].tolist() == [one.mean for one in tried]
    assert "No test film was used" in text
    lines = json.loads(app.get("plotly_chart")[0].proto.spec)["data"][0]
    assert lines["type"] == "parcoords"
    for name in not_run(rows):
        assert f"`{name}`" in text


def test_the_served_configuration_is_marked_with_its_figure_and_the_reason() -> None:
    app = opened(TRIED)
    run = served(committed_runs())
    named = [title for title in app.dataframe[0].value["Configuration"] if "(served)" in title]
    assert named == [f"{run.title} (served)"]
    assert served_in_words(configurations(read_experiments()), run.record.model) in text_of(app)


def _only(copied: Path, *names: str) -> None:
    """Leave the experiments of these names alone in the table."""
    path = copied / "search" / "experiments.csv"
    head, *lines = path.read_text().splitlines()
    path.write_text("\n".join([head, *(line for line in lines if line.split(",")[0] in names)]) + "\n")
    write_manifest()


def test_the_served_configuration_may_be_the_highest(copied: Path) -> None:
    name = served(committed_runs()).record.model
    _only(copied, name)
    assert "It is the one served." in text_of(opened(TRIED))


def test_a_served_configuration_outside_the_list_is_not_spoken_of(copied: Path) -> None:
    _only(copied, "residual_wide_long")
    app = opened(TRIED)
    assert not app.error
    assert "erved" not in text_of(app)


def test_a_search_that_has_not_run_is_said_with_its_command(copied: Path) -> None:
    for name in ("trials.csv", "experiments.csv"):
        (copied / "search" / name).unlink(missing_ok=True)
    write_manifest()
    app = opened(TRIED)
    text = text_of(app)
    assert "This search has not been run; run: `python -m core search --data DIR`" in text
    assert "`python -m core search --data DIR --search residual`" in text
    assert "None has run yet; run: `python -m scripts.run_experiments DATA`" in text
    assert not app.get("plotly_chart")


def test_trials_are_drawn_and_listed_best_first(copied: Path) -> None:
    (copied / "search" / "trials.csv").write_text(TRIALS)
    plan = {"trials": 72, "epochs": 8, "sampler": "GridSampler", "seed": 0}
    (copied / "search" / "settings.json").write_text(json.dumps({"grid": plan}))
    write_manifest()
    app = opened(TRIED)
    assert not app.error
    text = text_of(app)
    assert "**2 trials** of 72 planned, up to 8 epochs each, sampler GridSampler" in text
    assert "**Highest: 0.9300** with learning rate 0.01, optimizer sgd." in text
    assert "**1 trials**" not in text
    assert "**1 trial**." in text
    assert app.dataframe[1].value["Trial"].tolist() == [1, 0]
    assert {"training_experiments", "training_trials_grid"} <= chart_keys(app)
    assert "training_trials_residual" not in chart_keys(app)  # one pruned trial makes no chart


def test_a_damaged_table_is_named_and_the_rest_stays(copied: Path) -> None:
    (copied / "search" / "trials.csv").write_text("a,b\n1,2\n")
    write_manifest()
    app = opened(TRIED)
    assert any("trials.csv is damaged" in error.value for error in app.error)
    assert app.dataframe[0].value["Configuration"].size


def test_service_mode_starts_nothing(monkeypatch: pytest.MonkeyPatch, films: Path) -> None:
    monkeypatch.setenv("LUNGLENS_FOLDERS", "off")
    monkeypatch.setenv("LUNGLENS_DATA", str(films))
    app = opened(YOURS)
    assert "cannot be started here: this installation serves others" in text_of(app)
    assert not app.button
    assert not app.text_input


def test_without_a_folder_the_command_is_shown() -> None:
    app = opened(YOURS)
    assert "The films are not part of this repository" in text_of(app)
    assert "python -m core train dense --data DIR --seed 0 --epochs 40" in app.code[0].value
    app.selectbox(key="training_model").set_value("residual").run()
    assert "train residual --data DIR --seed 0 --epochs 18" in app.code[0].value
    assert "Always runs all epochs" in text_of(app)
    assert not app.button


def test_films_are_checked_before_anything_starts(films: Path, fake: Callable[[str], None]) -> None:
    fake(WAITS)
    shutil.rmtree(films / "train" / "PNEUMONIA")
    app = opened(YOURS)
    app.text_input(key="data_folder").set_value(str(films)).run()
    app.button(key="training_start").click().run()
    assert not app.exception
    assert "no PNEUMONIA films for train" in app.error[0].value
    assert jobs.list_jobs() == []


def test_a_training_is_started_watched_cancelled_resumed_and_put_away(films: Path, fake: Callable[[str], None]) -> None:
    fake(WAITS)
    app = opened(YOURS)
    app.text_input(key="data_folder").set_value(str(films)).run()
    app.number_input(key="training_seed").set_value(7)
    app.number_input(key="training_epochs_dense").set_value(9).run()
    app.button(key="training_start").click().run()
    assert not app.exception
    job = jobs.list_jobs()[0]
    assert (job.model, job.seed, job.epochs, job.state) == ("dense", 7, 9, "running")
    text = text_of(app)
    assert "Dense baseline, seed 7: running" in text
    assert f"{job.films['train']} train, {job.films['validation']} validation, 4 test" in text
    assert not app.get("plotly_chart")
    assert [button.key for button in app.button] == ["training_cancel"]  # one at a time: no form

    write_checkpoint(job, 3)
    again = opened(CURVES)  # another session, which is told
    assert "Dense baseline, seed 7, is being trained" in text_of(again)
    app.run()
    assert {"training_job_loss", "training_job_accuracy"} <= chart_keys(app)
    bar = app.get("progress")[0].proto
    assert (bar.text, bar.value) == ("Epoch 3 of 9 is done; at most 18 s left.", 33)

    app.button(key="training_cancel").click().run()
    assert not app.exception
    assert "Cancelled; epoch 3 is kept, and training goes on after it" in text_of(app)
    assert app.text_input(key="data_folder").value == str(films)
    assert app.button(key="training_start")
    app.button(key="training_resume").click().run()
    assert jobs.list_jobs()[0].state == "running"
    assert jobs.list_jobs()[0].job_id == job.job_id
    app.button(key="training_cancel").click().run()
    app.button(key="training_forget").click().run()
    assert jobs.list_jobs() == []
    assert "Dense baseline, seed 7" not in text_of(app)


def test_epochs_without_labels_are_counted_apart(films: Path, fake: Callable[[str], None]) -> None:
    fake(WAITS)
    app = opened(YOURS)
    app.selectbox(key="training_model").set_value("residual_pretrained").run()
    assert "40 epochs without labels come first, whatever the limit. Always runs all epochs" in text_of(app)
    job = jobs.start("residual_pretrained", films, seed=1, epochs=4)
    write_checkpoint(job, 12, "pretraining-state.npz")
    app = opened(YOURS)
    bar = app.get("progress")[0].proto
    assert re.fullmatch(r"12 of 40 epochs without labels are done, \d+ s so far; 4 with labels follow\.", bar.text)
    app.button(key="training_cancel").click().run()
    assert "Cancelled; 12 epochs without labels are kept, and training goes on after them" in text_of(app)


def test_curves_say_what_came_before_them() -> None:
    run = next(run for run in representative(list_runs()[0]) if run.record.model == "residual_pretrained")
    assert f"Pretrained: 40 epochs without labels. {loss_sentence(summarise_history(run.history()))}" in text_of(
        opened()
    )


def test_whoever_comes_while_it_runs_finds_it(films: Path, fake: Callable[[str], None]) -> None:
    fake(WAITS)
    jobs.start("dense", films, seed=1, epochs=4)
    app = open_app(PAGE)
    assert "Dense baseline, seed 1: running" in text_of(app)


def test_a_dead_process_is_told_with_its_last_lines(films: Path, fake: Callable[[str], None]) -> None:
    fake(FAILS)
    jobs.start("dense", films, seed=1, epochs=4)
    until("failed")
    app = opened(YOURS)
    assert "ended without a run" in app.error[0].value
    assert any(code.value == "Error: the disk is full" for code in app.code)
    shutil.rmtree(films)
    app.button(key="training_resume").click().run()
    assert not app.exception
    assert any("no such folder" in error.value for error in app.error)


def test_a_finished_run_says_its_figures_and_where_it_stands(films: Path, fake: Callable[[str], None]) -> None:
    ours = next(run for run in representative(list_runs()[0]) if run.record.model == "dense")
    target = runs_dir() / "dense-s1"
    fake(
        "import pathlib, shutil\n"
        f"shutil.copytree({str(ours.folder)!r}, {str(target)!r}, copy_function=shutil.copy)\n"
        f"path = pathlib.Path({str(target)!r}) / 'run.json'\n"
        f"path.write_text(path.read_text().replace({ours.run_id!r}, 'dense-s1'))"
    )
    jobs.start("dense", films, seed=1, epochs=40)
    until("finished")
    app = opened(YOURS)
    assert not app.error
    text = text_of(app)
    assert f"Epoch {ours.record.best_epoch} of {ours.record.epochs} is kept" in text
    assert "(yours, seed" in text
    assert {"training_job_loss", "training_job_accuracy"} <= chart_keys(app)


def test_earlier_trainings_are_listed(films: Path, fake: Callable[[str], None]) -> None:
    fake(FAILS)
    for seed in (1, 2):
        job = jobs.start("dense", films, seed=seed, epochs=4)
        until("failed")
        jobs._write(replace(job, job_id=f"{seed}", state="failed"))
        shutil.move(job.folder / jobs.LOG, replace(job, job_id=f"{seed}").folder / jobs.LOG)
        shutil.rmtree(job.folder)
    app = opened(YOURS)
    assert "Dense baseline, seed 2" in text_of(app)
    assert app.dataframe[0].value["Seed"].tolist() == [1]
