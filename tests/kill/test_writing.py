"""Writers of artifacts, killed: each file is the old or the new one, and a second go ends as an undisturbed one.

The moments are file events (a file opened, made, renamed, removed), drawn among all that an undisturbed go has: a
clock would hardly hit the milliseconds in which files are written.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.paths import ROOT
from core.runs.ledger import read_ledger
from core.runs.store import list_runs, representative
from tests.kill.killing import KILLED, MARKS, MOMENTS, Forks, drawn, hidden

pytestmark = MARKS


@pytest.fixture(scope="module")
def writers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    made = Forks(
        tmp_path_factory.mktemp("log") / "log.txt",
        "tests.kill.work",
        "core.results.markdown",
        "core.evaluation.evaluate",
    )
    yield made
    made.close()


def contents(root: Path) -> dict[str, bytes]:
    """Every file that can be seen, but for the times in the ledger."""
    found = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    found = {name: data for name, data in found.items() if not any(part[0] == "." for part in Path(name).parts)}
    found["test_ledger.csv"] = str([(line.run, line.auroc) for line in read_ledger(root)]).encode()
    return found


def version_of(path: Path) -> int:
    """The version that a file holds throughout; fails if it is cut off or mixed."""
    if path.suffix == ".json":
        data = json.loads(path.read_text())
        numbers = data["numbers"] if isinstance(data, dict) else data
    elif path.suffix == ".npy":
        numbers = np.load(path).tolist()
    else:
        with path.open("rb") as file, np.load(file) as stored:
            numbers = [*stored["first"].tolist(), *stored["last"].tolist()]
    (version,) = set(numbers)
    return int(version)


def test_each_file_is_the_old_or_the_new_one(writers, tmp_path) -> None:
    def write(folder: Path, version: int, **kill) -> dict[str, object]:
        return writers.run(
            "tests.kill.work:write_all", version, environment={"LUNGLENS_ARTIFACTS": str(folder)}, **kill
        )

    whole = tmp_path / "whole"
    whole.mkdir()
    assert write(whole, 1)["status"] == 0, writers.log.read_text()[-3000:]
    shutil.copytree(whole, tmp_path / "first")
    done = write(whole, 2, below=str(whole))
    assert done["status"] == 0, writers.log.read_text()[-3000:]
    expected, draw = contents(whole), drawn("writing")
    events = range(int(done["events"]))
    for at in draw.sample(events, min(MOMENTS, len(events))):
        root = tmp_path / str(at)
        shutil.copytree(tmp_path / "first", root)
        assert write(root, 2, below=str(root), at=at)["status"] == KILLED
        for name in ("results.json", "means.npy", "index.npz"):
            assert version_of(root / name) in (1, 2)
        run = root / "run-s0" if (root / "run-s0").exists() else root / ".run-s0.old"
        assert version_of(run / "a.json") == version_of(run / "b.json") in (1, 2)
        assert {line.run for line in read_ledger(root)} >= {"run-s1"}
        assert json.loads((root / "MANIFEST.json").read_text())["files"]
        assert write(root, 2)["status"] == 0, writers.log.read_text()[-3000:]
        assert contents(root) == expected
    print(f"{min(MOMENTS, len(events))} kills among {len(events)} file events")
    assert len(events) > 20


def test_make_results_is_done_again(writers, tmp_path) -> None:
    first = tmp_path / "first"
    run = representative([run for run in list_runs()[0] if not run.own])[0]
    shutil.copytree(run.folder, first / run.run_id)
    shutil.copytree(ROOT / "artifacts" / "samples", first / "samples")
    shutil.copyfile(ROOT / "artifacts" / "split.csv", first / "split.csv")
    shutil.copyfile(ROOT / "artifacts" / "test_ledger.csv", first / "test_ledger.csv")
    old = "# Title\n\n<!-- table: ledger -->\nold\n<!-- end -->\n"

    def make(root: Path, **kill) -> dict[str, object]:
        return writers.run(
            "tests.kill.work:make_results", f"{root}.md", environment={"LUNGLENS_ARTIFACTS": str(root)}, **kill
        )

    whole = tmp_path / "whole"
    shutil.copytree(first, whole)
    whole.with_suffix(".md").write_text(old)
    done = make(whole, below=str(whole))
    assert done["status"] == 0, writers.log.read_text()[-3000:]
    new = whole.with_suffix(".md").read_text()
    assert new != old
    expected, draw, events = contents(whole), drawn("make results"), range(int(done["events"]))
    for at in draw.sample(events, min(MOMENTS, len(events))):
        root = tmp_path / str(at)
        shutil.copytree(first, root)
        root.with_suffix(".md").write_text(old)
        assert make(root, below=str(root), at=at)["status"] == KILLED
        for path in root.rglob("*.json"):
            if not path.name.startswith("."):
                json.loads(path.read_text())
        assert root.with_suffix(".md").read_text() in (old, new)
        assert make(root)["status"] == 0, writers.log.read_text()[-3000:]
        assert contents(root) == expected
        assert root.with_suffix(".md").read_text() == new
        assert all(name.startswith((".MANIFEST.json.", ".results.json.")) for name in hidden(root))
    print(f"{min(MOMENTS, len(events))} kills among {len(events)} file events")
