"""``python -m core search``, killed: it goes on to the same trials with the same figures, each once."""

import csv
import json
import shutil
from pathlib import Path

from tests.kill.killing import KILLED, MARKS, MOMENTS, TRIES, drawn, hidden

pytestmark = MARKS
TRIALS = 2


def search(forks, films, folder: Path, **kill) -> dict[str, object]:
    environment = {"LUNGLENS_CACHE": str(folder / "cache"), "LUNGLENS_RUNS": str(folder / "runs")}
    arguments = ["search", "--data", str(films), "--trials", str(TRIALS), "--epochs", "2", "--out", str(folder / "out")]
    return forks.run("core.cli.main:main", arguments, environment=environment, **kill)


def tables(out: Path) -> tuple[list[dict[str, str]], dict[str, object]]:
    """Trials but for their times, and settings; empty where there are none yet."""
    rows = []
    if (out / "trials.csv").exists():
        with (out / "trials.csv").open(newline="") as file:
            rows = [{key: value for key, value in row.items() if key != "seconds"} for row in csv.DictReader(file)]
    settings = out / "settings.json"
    return rows, json.loads(settings.read_text()) if settings.exists() else {}


def test_killed_at_random_moments_it_goes_on_to_the_same_trials(forks, films, tmp_path) -> None:
    search(forks, films, tmp_path / "whole")  # films are decoded
    (tmp_path / "start").mkdir()
    shutil.copytree(tmp_path / "whole" / "cache" / "films", tmp_path / "start" / "cache" / "films")
    shutil.rmtree(tmp_path / "whole")
    shutil.copytree(tmp_path / "start", tmp_path / "whole")
    done = search(forks, films, tmp_path / "whole")
    assert done["status"] == 0, forks.log.read_text()[-3000:]
    rows, settings = tables(tmp_path / "whole" / "out")
    assert len(rows) == TRIALS
    draw, killed, longest = drawn("search"), 0, float(done["seconds"])
    for number in range(TRIES):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "start", folder)
        again, first = True, True
        while again:
            done = search(forks, films, folder, seconds=draw.uniform(0, longest))
            assert tables(folder / "out")[0] == rows[: len(tables(folder / "out")[0])]
            killed += done["status"] == KILLED
            again = done["status"] == KILLED and draw.random() < 0.3
            longest = min(longest, done["seconds"]) if done["status"] == 0 and first else longest
            first = False
        assert search(forks, films, folder)["status"] == 0, forks.log.read_text()[-3000:]
        assert tables(folder / "out") == (rows, settings)
        assert hidden(folder / "out") == []
        assert [path.name for path in (folder / "cache" / "search").iterdir()] == ["search.sqlite"]
        if killed >= MOMENTS:
            break
    print(f"{killed} kills in {number + 1} searches of {longest:.1f} s")
    assert killed >= MOMENTS
