"""The benchmarks: each script starts, their arithmetic is right, their films are films; running them is slow."""

import importlib
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from benchmarks.tools.films import draw_films, jpeg, link_dataset, stamped, write_archive, write_dataset
from benchmarks.tools.report import BUSY, Goal, Timing, cores, load, machine, measure, number, table, timings
from benchmarks.tools.server import resident
from core.data.dataset import read_dataset
from core.gate import load_gate
from core.imaging.decode import decode_film
from core.paths import ROOT

SCRIPTS = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py"))


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a script puts into the environment goes with the test."""
    monkeypatch.setattr(os, "environ", os.environ.copy())


def script(name: str):
    return importlib.import_module(f"benchmarks.{name}")


def test_there_is_one_for_each_kind_of_work() -> None:
    wanted = {"serving", "read_page", "pages", "cold_start", "training", "archive", "growth", "evaluation", "startup"}
    assert wanted <= set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_takes_quick(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as ended:
        script(name).main()
    assert ended.value.code == 0
    assert "--quick" in capsys.readouterr().out


def test_readme_quotes_the_table_of_the_benchmarks() -> None:
    section = (ROOT / "README.md").read_text("utf-8").partition("## How fast")[2].partition("\n## ")[0]
    quoted = [line for line in section.splitlines() if line.startswith("|")]
    assert len(quoted) > 8
    assert set(quoted) <= set((ROOT / "docs" / "benchmarks.md").read_text("utf-8").splitlines())


def test_timing() -> None:
    timing = Timing(seconds=tuple(float(number) for number in range(100, 0, -1)))
    assert (timing.count, timing.p50, timing.p95, timing.best) == (100, 50.5, 95.0, 1.0)
    assert Timing(seconds=(3.0,)).p95 == 3.0
    assert Timing(seconds=(1.0, 2.0)).p95 == 2.0


@pytest.mark.parametrize(
    ("value", "bound", "at_least", "said"),
    [
        (41.0, 40.0, True, "Goal met: it is 41, at least 40 wanted."),
        (40.0, 40.0, True, "Goal met"),
        (30.0, 40.0, True, "Goal missed by 25 %: it is 30, at least 40 wanted."),
        (0.5, 0.4, False, "Goal missed by 25 %: it is 0.5, at most 0.4 wanted."),
        (0.3, 0.4, False, "Goal met"),
    ],
)
def test_goal(value: float, bound: float, at_least: bool, said: str) -> None:
    assert Goal(name="it", value=value, bound=bound, at_least=at_least).sentence().startswith(said)


def test_number() -> None:
    assert [number(value) for value in (0.1234, 12.345, 1234.5)] == ["0.123", "12.3", "1,234"]


def test_table_lines_up() -> None:
    lines = table(["what", "n"], [["a", "1"], ["longer", "1,000"]]).split("\n")
    assert lines == ["| what   |     n |", "| :----- | ----: |", "| a      |     1 |", "| longer | 1,000 |"]


def test_ratios_are_to_ours() -> None:
    found = {"ours": Timing(seconds=(0.002,)), "peer": Timing(seconds=(0.1,))}
    cells = [cell.strip() for cell in timings(found, "ours").split("\n")[-1].strip("|").split("|")]
    assert cells == ["peer", "1", "100", "100", "50.00"]


def test_measure_takes_turns() -> None:
    calls: list[str] = []
    found = measure({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=2, repeats={"a": 2})
    assert "".join(calls) == "ab" + "aab" * 2  # once untimed, then in rounds
    assert (found["a"].count, found["b"].count) == (4, 2)


def test_machine_and_load_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"{cores()} cores" in machine()
    monkeypatch.setattr(psutil, "cpu_percent", lambda interval: BUSY + 1)
    assert "BUSY" in load()
    monkeypatch.setattr(psutil, "cpu_percent", lambda interval: BUSY - 1)
    assert "BUSY" not in load()


def test_resident_memory() -> None:
    assert 10 < resident(os.getpid()) < 100_000
    assert resident(2**30) == 0


def test_drawn_films_pass_the_gate() -> None:
    """A film that the gate refuses is not scored, which would make us look fast."""
    gate = load_gate()
    for film in draw_films(660, 500):
        assert film.shape == (500, 660)
        assert gate.check(decode_film(jpeg(film), "drawn.jpeg")).verdict != "refuse"


def test_a_stamp_changes_bytes_alone(film_bytes: bytes) -> None:
    other = stamped(film_bytes, "film-1")
    assert other != film_bytes
    before, after = (np.asarray(Image.open(io.BytesIO(data))) for data in (film_bytes, other))
    assert np.array_equal(before, after)


def test_archive_of_links(tmp_path: Path, film_bytes: bytes) -> None:
    folder = write_archive(tmp_path / "films", [film_bytes, stamped(film_bytes, "b")], 1_003)
    assert len(list(folder.rglob("*.jpeg"))) == 1_003
    assert len(list(folder.iterdir())) == 2
    assert next(folder.rglob("001002.jpeg")).read_bytes() == film_bytes


def test_drawn_dataset(tmp_path: Path) -> None:
    film = np.full((64, 64), 90, np.uint8)
    drawn = read_dataset(write_dataset(tmp_path / "drawn", {"NORMAL": [film], "PNEUMONIA": [film]}, 10)).films
    assert drawn["label"].value_counts().to_dict() == {"NORMAL": 5, "PNEUMONIA": 5}
    assert drawn["cluster_id"].nunique() == 10
    linked = read_dataset(link_dataset(tmp_path / "linked", tmp_path / "drawn", 5)).films
    assert linked["sample_id"].tolist() == drawn["sample_id"].tolist()[::2]


def test_compute_limit() -> None:
    serving = script("serving")
    speed = serving.multiply_adds_per_second(seconds=1024**3 / 50e9)
    assert speed == pytest.approx(50e9)
    assert serving.limit_seconds(25_000_000, 64, speed) == pytest.approx(0.032)


def test_steady_speed_leaves_the_start_out() -> None:
    archive = script("archive")
    small, large = (archive.Screened(films=n, seconds=3 + n / 200, megabytes=0) for n in (1_000, 5_000))
    assert archive.steady(small, large) == pytest.approx(200)


def test_peers_have_our_models_the_served_one_first() -> None:
    from core.models.registry import MODELS
    from core.runs.store import list_runs, representative, served

    names = script("read_page").peer_models()
    runs = representative(list_runs()[0])
    assert len(names) == len(runs)
    assert names[0] == str(served(runs).folder / "model.keras")
    assert all(name in MODELS or Path(name).is_file() for name in names)


def test_page_goals() -> None:
    page = script("read_page")

    def measured(milliseconds: float, megabytes: float):
        return page.Measured(answers=Timing(seconds=(milliseconds / 1000,)), megabytes=megabytes)

    ours = {1: measured(100, 200), 16: measured(400, 260)}
    peer = {1: measured(900, 700), 16: measured(7_900, 800)}
    found = page.goals(ours, peer, "peer")
    assert [goal.met for goal in found] == [True, False, False]
    assert [round(goal.value, 3) for goal in found] == [0.111, 0.051, 260]


def test_pages_name_the_slowest_and_all_that_miss() -> None:
    pages = script("pages")

    def measured(cold: float, visited: float, warm: float):
        first, later, again = (Timing(seconds=(value,)) for value in (cold, visited, warm))
        return pages.Measured(cold=first, visited=later, warm=again, cold_processor=first, warm_processor=again)

    found = pages.goals({"a": measured(0.7, 0.4, 0.2), "b": measured(0.9, 1.2, 0.1), "c": measured(0.8, 0.5, 0.3)})
    assert [(goal.name.split(",")[0], goal.name.split(", ")[1].rstrip(","), goal.met) for goal in found] == [
        ("first page of a new process", "b", True),
        ("after Overview", "b", False),
        ("warm", "c", False),
        ("warm", "a", False),
    ]
    assert pages.title("compare", {"id": "Scores"}) == "compare, Scores"
    assert pages.row("b", measured(0.9, 1.2, 0.1)) == ["b", "900", "900", "1200", "100", "100", "100"]
    assert len(pages.row("b", measured(0.9, 1.2, 0.1))) == len(pages.COLUMNS)


def test_split_for_keras_is_ours(tmp_path: Path) -> None:
    film = np.full((64, 64), 90, np.uint8)
    folder = write_dataset(tmp_path / "drawn", {"NORMAL": [film], "PNEUMONIA": [film]}, 30)
    found = script("training").split_folder(folder, tmp_path / "split")
    counts = {part: len(list((found / part).glob("*/*.jpeg"))) for part in ("train", "validation")}
    assert sum(counts.values()) == 30
    assert counts["train"] > 3 * counts["validation"] > 0


@pytest.mark.bench
@pytest.mark.parametrize("name", SCRIPTS)
def test_quick_run(name: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.{name}", "--quick"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "quick: no figures to quote" in done.stdout
    if name not in ("growth", "evaluation", "startup"):  # these have no goal
        assert "Goal m" in done.stdout
