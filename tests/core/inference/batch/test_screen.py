"""An archive becomes one table: every film once, whatever is killed on the way."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import psutil
import pyarrow.parquet as pq
import pytest
from PIL import Image

from core.cli.main import main
from core.data.samples import list_samples
from core.errors import InputError
from core.evaluation.verdict import Verdict
from core.imaging.archive import read_paths
from core.imaging.decode import read_film
from core.inference.batch import engines
from core.inference.batch.films import CHUNK, Chunk, chunks, open_archive, walk
from core.inference.batch.parts import TASK, VERSION, Parts
from core.inference.batch.run import Screened, screen
from core.inference.batch.score import SCHEMA, Scorer, Task, lost
from core.inference.model import Model
from core.paths import ROOT
from core.runs.store import list_runs, served
from tests.support.dicom_files import make_dicom

PREVALENCE = 0.16


def draw(path: Path, seed: int) -> None:
    """A sample that the gate lets through, darker or lighter by the seed, so that films differ."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = list_samples()
    with Image.open(samples[seed % len(samples)].path) as film:
        pixels = np.asarray(film.convert("L").resize((96, 96)), float) + seed % 7
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(path)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """150 films in two folders and a zip, a broken one, a text file, a hidden one."""
    root = tmp_path_factory.mktemp("archive")
    for number in range(140):
        draw(root / ("b" if number % 2 else "a/deep") / f"{number:03d}.png", number)
    with zipfile.ZipFile(root / "c.zip", "w") as packed:
        for number in range(140, 150):
            draw(root / "film.tmp.png", number)
            packed.write(root / "film.tmp.png", f"{number}.png")
            (root / "film.tmp.png").unlink()
        packed.writestr("bad.jpg", b"no film")
    (root / "b" / "broken.jpg").write_bytes(b"\xff\xd8\xff but no film")
    (root / "b" / "notes.txt").write_text("no film")
    draw(root / "b" / ".hidden.png", 999)
    return root


def run(archive: Path, out: Path, **options) -> Screened:
    chosen = served(list_runs()[0])
    options = {"prevalence": PREVALENCE, "workers": 2, **options}
    return screen(str(archive), out, chosen, progress=False, **options)


@pytest.fixture(scope="module")
def undisturbed(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    out = tmp_path_factory.mktemp("out") / "table.parquet"
    done = run(archive, out)
    assert (done.scored, done.refused, done.error, done.resumed) == (150, 2, 0, 0)
    assert list(out.parent.iterdir()) == [out]
    return pq.read_table(out).to_pylist()


def test_every_film_stands_once_in_order_with_the_models_answer(archive, undisturbed) -> None:
    names = [row["file"] for row in undisturbed]
    assert len(set(names)) == len(names) == 152
    zipped, deep, flat = names[:11], names[11:81], names[81:]
    assert all(name.startswith("c.zip/") for name in zipped)
    assert deep == [f"a/deep/{number:03d}.png" for number in range(0, 140, 2)]
    assert flat == sorted(flat)
    assert not any("hidden" in name or "notes" in name for name in names)
    model = Model(served(list_runs()[0]))
    entries = {
        entry.file.removeprefix(f"{archive}/"): entry for entry in read_paths([archive / "a", archive / "c.zip"])
    }
    for row in undisturbed[:81:5]:
        film = entries[row["file"]].film
        if film is None:
            assert row["status"] == "refused"
            assert (row["score"], row["verdict"]) == (None, None)
            assert row["reason"]
        else:
            expected = model.predict(film, PREVALENCE)
            assert row["score"] == pytest.approx(expected.score, abs=1e-6)
            assert row["probability"] == pytest.approx(expected.probability, abs=1e-6)
            assert tuple(row["conformal_set"]) == expected.conformal_set
            assert (row["verdict"], row["notes"]) == (expected.verdict, [])


def test_chunks_hold_each_name_once_and_a_zip_alone(archive) -> None:
    opened = open_archive(str(archive))
    made = list(chunks(opened, 16))
    assert [chunk.number for chunk in made] == list(range(len(made)))
    assert [name for chunk in made for name in chunk.names] == list(walk(opened))
    assert all(len(chunk.names) <= 16 for chunk in made)
    assert [chunk.names for chunk in made if "c.zip" in chunk.names] == [("c.zip",)]
    assert len({chunk.digest for chunk in made}) == len(made)


@pytest.mark.slow
def test_a_killed_run_goes_on_without_loss_or_repetition(archive, undisturbed, tmp_path) -> None:
    out = tmp_path / "table.parquet"
    command = [sys.executable, "-m", "core", "screen", str(archive), "--out", str(out), "--workers", "2"]
    parts = tmp_path / "table.parquet.parts"
    killed = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    while len(list(parts.glob("part-*"))) < 1:
        assert killed.poll() is None
        time.sleep(0.005)
    workers = psutil.Process(killed.pid).children(recursive=True)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert not out.exists()
    psutil.wait_procs(workers, timeout=120)
    assert not [worker for worker in workers if worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE]

    with pytest.raises(InputError, match="--resume"):
        run(archive, out)
    kept = {path.name: path.stat().st_mtime_ns for path in parts.glob("part-*")}
    done = run(archive, out, resume=True)
    assert done.resumed >= len(kept) >= 1
    assert pq.read_table(out).to_pylist() == undisturbed
    assert not parts.exists()


def test_a_finished_table_is_neither_overwritten_nor_made_again(archive, undisturbed, tmp_path) -> None:
    out = tmp_path / "table.parquet"
    out.with_name("table.parquet.parts").mkdir()
    chosen = served(list_runs()[0])
    task = Task(
        address=str(archive), model=chosen.run_id, weights_hash=chosen.record.weights_hash, prevalence=PREVALENCE
    )
    about = {TASK: Parts(out, task)._settings()}
    pq.write_table(pq.read_table(_table_of(undisturbed, tmp_path)).replace_schema_metadata(about), out)
    before = out.read_bytes()
    with pytest.raises(InputError, match="there already"):
        run(archive, out)
    done = run(archive, out, resume=True)
    assert (done.scored, done.refused) == (150, 2)
    assert out.read_bytes() == before
    assert not out.with_name("table.parquet.parts").exists()
    with pytest.raises(InputError, match="of another model, prevalence, archive or version"):
        run(archive, out, resume=True, prevalence=0.5)
    out.write_bytes(before[:-20])
    with pytest.raises(InputError, match="no table of a screening"):
        run(archive, out, resume=True)


def _table_of(rows: list[dict[str, object]], folder: Path) -> Path:
    import pyarrow as pa

    path = folder / "rows.parquet"
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path)
    return path


def test_a_film_that_came_in_between_is_scored(archive, tmp_path) -> None:
    copy = tmp_path / "archive"
    shutil.copytree(archive, copy)
    out = tmp_path / "table.parquet"
    chosen = served(list_runs()[0])
    task = Task(address=str(copy), model=chosen.run_id, weights_hash=chosen.record.weights_hash, prevalence=PREVALENCE)
    parts = Parts(out, task)
    parts.begin(resume=False)
    scorer = Scorer(task)
    for chunk in list(chunks(open_archive(str(copy))))[:2]:
        parts.write(chunk, scorer.score(chunk))
    draw(copy / "a" / "deep" / "000a.png", 5)
    done = run(copy, out, resume=True)
    assert done.scored == 151
    assert done.resumed == 1  # the zip; all behind the new film moved


@pytest.mark.parametrize("change", [{"prevalence": 0.5}, {"model": "dense-s0"}])
def test_parts_of_another_task_are_refused(archive, tmp_path, change) -> None:
    task = {"address": str(archive), "model": "x", "weights_hash": "y", "prevalence": PREVALENCE}
    Parts(tmp_path / "t.parquet", Task(**task)).begin(resume=False)
    with pytest.raises(InputError, match="another model, prevalence, archive or version"):
        Parts(tmp_path / "t.parquet", Task(**{**task, **change})).begin(resume=True)


def test_the_notes_of_a_dicom_file_are_in_its_row(tmp_path) -> None:
    film = make_dicom(read_film(list_samples()[0].path).pixels, ViewPosition="LL")
    (tmp_path / "film.dcm").write_bytes(film)
    chosen = served(list_runs()[0])
    task = Task(address=str(tmp_path), model=chosen.run_id, weights_hash=chosen.record.weights_hash, prevalence=0.16)
    (row,) = Scorer(task).score(Chunk(number=0, names=("film.dcm",))).to_pylist()
    assert [note["kind"] for note in row["notes"]] == ["lateral_view"]
    assert row["gate"] == "warn"
    assert row["verdict"] in set(Verdict)


def test_parts_of_an_older_version_are_refused(archive, tmp_path) -> None:
    parts = Parts(tmp_path / "t.parquet", Task(address=str(archive), model="x", weights_hash="y", prevalence=0.16))
    parts.begin(resume=False)
    settings = parts.folder / "settings.json"
    settings.write_text(settings.read_text().replace(f'"version": {VERSION}', f'"version": {VERSION - 1}'))
    with pytest.raises(InputError, match="or version of LungLens; delete the folder"):
        parts.begin(resume=True)


def test_a_damaged_part_is_made_again(archive, tmp_path) -> None:
    task = Task(address=str(archive), model="x", weights_hash="y", prevalence=PREVALENCE)
    parts = Parts(tmp_path / "t.parquet", task)
    parts.begin(resume=False)
    chunk = Chunk(number=0, names=("a.png",))
    parts.write(chunk, lost(chunk))
    assert parts.has(chunk)
    assert not parts.has(Chunk(number=0, names=("b.png",)))
    path = next(parts.folder.glob("part-*"))
    whole = path.read_bytes()
    place = whole.index(b"a.png: the process")  # a row's text, which no footer vouches for
    for damaged in (whole[:50], whole[:place] + b"b" + whole[place + 1 :]):
        path.write_bytes(damaged)
        assert not parts.has(chunk)
        with pytest.raises(InputError, match="--resume"):
            parts.join([chunk])
    assert not (tmp_path / "t.parquet").exists()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_film_that_kills_its_reader_is_a_row_and_the_others_are_scored(tmp_path, monkeypatch) -> None:
    archive = tmp_path / "archive"
    for number in range(4):
        draw(archive / "b" / f"{number:03d}.png", number)
    run(archive, tmp_path / "undisturbed.parquet", workers=1)
    undisturbed = pq.read_table(tmp_path / "undisturbed.parquet").to_pylist()
    score = Scorer.score

    def deadly(self: Scorer, chunk: Chunk) -> object:
        if "b/001.png" in chunk.names:
            os._exit(1)
        return score(self, chunk)

    def forked(task: Task, workers: int) -> object:
        context = multiprocessing.get_context("fork")  # inherits the patched method
        return engines.ProcessPoolExecutor(workers, context, initializer=engines._start, initargs=(task,))

    monkeypatch.setattr(Scorer, "score", deadly)
    monkeypatch.setattr(engines, "_pool", forked)
    out = tmp_path / "table.parquet"
    done = run(archive, out)
    assert (done.scored, done.refused, done.error) == (3, 0, 1)
    rows = pq.read_table(out).to_pylist()
    assert [row["file"] for row in rows] == [row["file"] for row in undisturbed]
    (row,) = [row for row in rows if row["status"] == "error"]
    assert row["file"] == "b/001.png"
    assert "died" in row["reason"]
    for found, expected in zip(rows, undisturbed, strict=True):
        if found is not row and expected["score"] is not None:  # other batches, other last digits
            assert found["score"] == pytest.approx(expected["score"], abs=1e-6)


def test_a_worker_that_dies_between_two_looks_loses_nothing(archive, monkeypatch) -> None:
    """A pool may be found broken when the next chunk is handed to it, not only when an answer is fetched."""

    class Broken(engines.ProcessPoolExecutor):
        def submit(self, *_: object) -> object:
            raise BrokenProcessPool

    chosen = served(list_runs()[0])
    task = Task(
        address=str(archive), model=chosen.run_id, weights_hash=chosen.record.weights_hash, prevalence=PREVALENCE
    )
    work = [Chunk(number=number, names=(f"b/00{2 * number + 1}.png",)) for number in range(3)]
    monkeypatch.setattr(engines, "_pool", lambda *_: Broken(1))
    monkeypatch.setattr(engines, "_with_care", lambda task, chunk: Scorer(task).score(chunk))
    assert [chunk for chunk, rows in engines.local(task, work, 1) if rows["status"].to_pylist() == ["scored"]] == work


def test_where_nothing_can_be_written_is_one_line(tmp_path, capsys) -> None:
    draw(tmp_path / "films" / "a.png", 1)
    (tmp_path / "file").write_text("no folder")
    assert main(["screen", str(tmp_path / "films"), "--out", str(tmp_path / "file" / "t.parquet")]) == 2
    error = capsys.readouterr().err
    assert "cannot be written" in error
    assert len(error.splitlines()) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_are_not_utf8_have_a_row(tmp_path, capsys) -> None:
    draw(tmp_path / "films" / "a.png", 1)
    os.rename(tmp_path / "films" / "a.png", os.fsencode(tmp_path / "films") + b"/\xff.png")
    assert main(["screen", str(tmp_path / "films"), "--out", str(tmp_path / "t.parquet"), "--workers", "1"]) == 0
    assert pq.read_table(tmp_path / "t.parquet")["file"].to_pylist() == ["?.png"]
    assert lost(Chunk(number=0, names=("\udcff.png",)))["file"].to_pylist() == ["?.png"]
    assert main(["score", str(tmp_path / "films")]) == 0
    assert ".png" in capsys.readouterr().out


def test_addresses_of_fsspec_work() -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    picture = ROOT / "artifacts" / "samples" / "synthetic-normal-1.jpg"
    memory.pipe("/films/x/one.jpg", picture.read_bytes())
    opened = open_archive("memory://films")
    assert list(walk(opened)) == ["x/one.jpg"]
    chosen = served(list_runs()[0])
    task = Task(
        address="memory://films", model=chosen.run_id, weights_hash=chosen.record.weights_hash, prevalence=PREVALENCE
    )
    (row,) = Scorer(task).score(next(chunks(opened))).to_pylist()
    assert row["status"] == "scored"


def test_an_error_of_an_object_store_is_a_row(archive, monkeypatch) -> None:
    class HttpError(Exception):
        """As gcsfs and adlfs raise, unlike s3fs."""

    def unreachable(*_: object) -> None:
        raise HttpError

    chosen = served(list_runs()[0])
    scorer = Scorer(
        Task(address=str(archive), model=chosen.run_id, weights_hash=chosen.record.weights_hash, prevalence=PREVALENCE)
    )
    monkeypatch.setattr(scorer.archive.files, "open", unreachable)
    (row,) = scorer.score(Chunk(number=0, names=("a.png",))).to_pylist()
    assert (row["status"], row["reason"], row["score"]) == ("error", "a.png: cannot be read (HttpError).", None)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["nowhere", "--out", "t.parquet"], "no such folder"),
        (["nosuch://bucket", "--out", "t.parquet"], "cannot be opened"),
        ([".", "--out", "t.csv"], ".parquet"),
        ([".", "--out", "t.parquet", "--workers", "0"], "--workers"),
        ([".", "--out", "t.parquet", "--prevalence", "2"], "--prevalence"),
        ([".", "--out", "t.parquet"], "holds no films"),
    ],
)
def test_mistakes_are_one_line(arguments, word, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["screen", *arguments]) == 2
    error = capsys.readouterr().err
    assert word in error
    assert len(error.splitlines()) == 1


def test_command_prints_counts(archive, tmp_path, capsys) -> None:
    assert main(["screen", str(archive / "a"), "--out", str(tmp_path / "t.parquet"), "--json"]) == 0
    assert '"scored": 70' in capsys.readouterr().out
    assert CHUNK < 70
