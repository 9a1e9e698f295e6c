"""Packages that report their use to their makers are told not to, before they are imported."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.paths import ROOT

SCORE = """
from core.imaging.decode import read_film
from core.runs.store import list_runs, served
from core.data.samples import list_samples
from core.inference.model import Model
import os
assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
print(Model(served(list_runs()[0])).predict(read_film(list_samples()[0].path)).score)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="where the database of ONNX Runtime lies is known for Linux")
def test_scoring_leaves_nothing_in_the_home_folder(tmp_path: Path) -> None:
    """ONNX Runtime would keep what it sends in ~/.cache/Microsoft; it is silent of itself only under CI."""
    bare = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", SCORE], env=bare, cwd=tmp_path, capture_output=True, text=True)
    assert 0 <= float(done.stdout) <= 1, done.stderr
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*")] == []
