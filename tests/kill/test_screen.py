"""``python -m core screen``, killed: it goes on to the same table, no row lost or twice."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from core.data.samples import list_samples
from core.paths import ROOT
from tests.kill.killing import KILLED, MARKS, MOMENTS, TRIES, drawn, hidden

pytestmark = MARKS
FILMS = 300


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthetic films, a little darker or brighter each, in several folders, a few of them broken."""
    root = tmp_path_factory.mktemp("archive")
    films = [np.asarray(Image.open(sample.path).convert("L").resize((96, 96)), float) for sample in list_samples()]
    for number in range(FILMS):
        path = root / f"{number % 3}" / f"{number:03d}.png"
        path.parent.mkdir(exist_ok=True)
        if number % 97 == 5:
            path.write_bytes(b"\x89PNG but no film")
            continue
        pixels = films[number % len(films)] + number % 11
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(path)
    return root


def screen(archive: Path, out: Path, seconds: float | None = None) -> tuple[int, float]:
    """The command, killed after so many seconds; its exit status and how long it took."""
    start = time.monotonic()
    command = [sys.executable, "-m", "core", "screen", str(archive), "--out", str(out), "--workers", "1", "--resume"]
    with (out.parent / "log.txt").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=os.environ | {"OMP_NUM_THREADS": "1"})
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
    return process.returncode, time.monotonic() - start


def test_killed_at_random_moments_it_goes_on_to_the_same_table(archive, tmp_path) -> None:
    out = tmp_path / "whole.parquet"
    status, longest = screen(archive, out)
    assert status == 0, (tmp_path / "log.txt").read_text()[-3000:]
    whole = pq.read_table(out)
    assert whole.num_rows == FILMS
    out.unlink()
    draw: random.Random = drawn("screen")
    killed = 0
    for number in range(TRIES):
        folder = tmp_path / str(number)
        folder.mkdir()
        out = folder / "table.parquet"
        again, first = True, True
        while again:
            status, seconds = screen(archive, out, draw.uniform(0, longest))
            if out.exists():
                assert pq.read_table(out).equals(whole)
            killed += status == KILLED
            again = status == KILLED and draw.random() < 0.3
            longest = min(longest, seconds) if status == 0 and first else longest
            first = False
        status, _ = screen(archive, out)
        assert status == 0, (folder / "log.txt").read_text()[-3000:]
        found = pq.read_table(out)
        assert len(set(found["file"].to_pylist())) == FILMS
        assert found.equals(whole)
        assert hidden(folder) == []
        assert sorted(path.name for path in folder.iterdir()) == ["log.txt", "table.parquet"]
        if killed >= MOMENTS:
            break
    print(f"{killed} kills in {number + 1} screenings of {longest:.1f} s")
    assert killed >= MOMENTS
