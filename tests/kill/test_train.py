"""``python -m core train``, killed: the run is there whole or not at all, and resumed it equals an undisturbed one."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from core.evaluation.tables import read_scores
from core.files import sha256
from core.inference.model import Model
from core.runs.ledger import read_ledger
from core.runs.store import read_run
from tests.kill.killing import KILLED, MARKS, MOMENTS, TRIES, drawn, hidden

pytestmark = MARKS
RUN = "dense-s3"
TABLES = ("scores_validation.csv", "scores_stress_validation.csv", "scores_test.csv")


def train(forks, films, folder: Path, *more: str, epochs: int = 3, **kill) -> dict[str, object]:
    environment = {"LUNGLENS_CACHE": str(folder / "cache"), "LUNGLENS_RUNS": str(folder / "runs")}
    arguments = ["train", "dense", "--data", str(films), "--seed", "3", "--epochs", str(epochs), *more]
    return forks.run("core.cli.main:main", arguments, environment=environment, **kill)


def contents(run: Path) -> dict[str, object]:
    """What must not depend on kills: weights, scores, record and history but for times."""
    record = json.loads((run / "run.json").read_text())
    times = ("created", "seconds", "milliseconds")
    with (run / "history.csv").open(newline="") as file:
        history = [{key: value for key, value in row.items() if key != "seconds"} for row in csv.DictReader(file)]
    tables = {name: (run / name).read_bytes() for name in TABLES}
    record = {key: value for key, value in record.items() if key not in times}
    return {"weights": sha256(run / "model.onnx"), "record": record, "history": history, **tables}


def check_whole(run: Path) -> int:
    """A run that can be seen can be used; returns its number of epochs."""
    found = read_run(run, own=True)
    Model(found)  # its hash is the record's
    assert len(found.history()) == found.record.epochs
    for name in TABLES:
        read_scores(run / name)
    return found.record.epochs


@pytest.fixture(scope="module")
def undisturbed(forks, films, tmp_path_factory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("whole")
    train(forks, films, folder)  # films are decoded
    shutil.rmtree(folder / "runs")
    done = train(forks, films, folder)
    assert done["status"] == 0, forks.log.read_text()[-3000:]
    older = tmp_path_factory.mktemp("older")
    assert train(forks, films, older, epochs=1)["status"] == 0
    return {**contents(folder / "runs" / RUN), "seconds": done["seconds"], "older": older}


def test_killed_at_random_moments_it_resumes_to_the_same_run(forks, films, undisturbed, tmp_path) -> None:
    draw, killed, longest = drawn("train"), 0, float(undisturbed["seconds"])
    for number in range(TRIES):
        folder = tmp_path / str(number)
        older = number % 2 == 1  # an earlier run stands there, which must stay whole until the new one is
        if older:
            shutil.copytree(undisturbed["older"], folder)
        run = folder / "runs" / RUN
        again, first = True, True
        while again:  # some are killed more than once
            done = train(forks, films, folder, "--resume", seconds=draw.uniform(0, longest))
            if run.exists():
                assert check_whole(run) in ((1, 3) if older else (3,))
            killed += done["status"] == KILLED
            again = done["status"] == KILLED and draw.random() < 0.3
            longest = min(longest, done["seconds"]) if done["status"] == 0 and first else longest
            first = False
        done = train(forks, films, folder, "--resume")
        assert done["status"] == 0, forks.log.read_text()[-3000:]
        assert contents(run) == {key: undisturbed[key] for key in contents(run)}
        lines = [line.weights_hash for line in read_ledger(folder / "runs")]
        assert lines.count(undisturbed["weights"]) == 1
        assert len(lines) == (2 if older else 1)
        assert hidden(folder / "runs") == []
        assert not (folder / "cache" / "checkpoints" / RUN).exists()
        if killed >= MOMENTS:
            break
    print(f"{killed} kills in {number + 1} trainings of {longest:.1f} s")
    assert killed >= MOMENTS


def test_killed_at_every_file_that_it_writes_it_resumes_to_the_same_run(forks, films, undisturbed, tmp_path) -> None:
    """The moments between two files, which a clock hardly hits: drawn among all file events in the folder of runs."""
    draw = drawn("train, by file")
    shutil.copytree(undisturbed["older"], tmp_path / "counted")
    counted = train(forks, films, tmp_path / "counted", below=str(tmp_path / "counted" / "runs"))
    events = range(int(counted["events"]))
    moments = min(MOMENTS if MOMENTS > 2 else 1, len(events))
    for at in sorted(draw.sample(events, moments)):
        folder = tmp_path / str(at)
        shutil.copytree(undisturbed["older"], folder)
        done = train(forks, films, folder, "--resume", below=str(folder / "runs"), at=at)
        assert done["status"] == KILLED
        run = folder / "runs" / RUN
        if run.exists():
            assert check_whole(run) in (1, 3)
        else:  # between the two renames
            assert check_whole(run.with_name(f".{RUN}.old")) == 1
        ledger = read_ledger(folder / "runs")
        if run.exists() and check_whole(run) == 3:
            assert undisturbed["weights"] in {line.weights_hash for line in ledger}, "a look at test without its line"
        assert train(forks, films, folder, "--resume")["status"] == 0
        assert contents(run) == {key: undisturbed[key] for key in contents(run)}
        assert [line.weights_hash for line in read_ledger(folder / "runs")].count(undisturbed["weights"]) == 1
        assert [name for name in hidden(folder / "runs") if "ledger" not in name] == []
    print(f"{moments} kills among {len(events)} file events")
