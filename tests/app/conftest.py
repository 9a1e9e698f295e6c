"""The page Read on committed weights, for every test that reads a film."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from core.gate import GateAnswer
from core.manifest import write_manifest
from core.paths import artifacts_dir
from core.runs.store import list_runs
from pages.read import gate as read_gate
from pages.shared.navigation import READ
from tests.support.app import open_app


@pytest.fixture
def artifacts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_film: Callable[..., bytes]) -> Path:
    """A network without feature maps and two with them, of committed weights, and two drawn samples."""
    runs = [run for run in list_runs()[0] if not run.own]
    originals = artifacts_dir() / "gate"
    kinds = {run.has_feature_maps: run for run in reversed(runs)}
    assert len(kinds) == 2, "artifacts/ holds no trained network of each kind"
    folder = tmp_path / "artifacts"
    for run in kinds.values():
        (folder / run.run_id).mkdir(parents=True)
        for name in ("run.json", "model.onnx"):
            shutil.copyfile(run.folder / name, folder / run.run_id / name)
    twin = "cnn_sgd" if kinds[True].record.model != "cnn_sgd" else "cnn_adam"
    shutil.copytree(folder / kinds[True].run_id, folder / f"{twin}-s0")
    record = json.loads((folder / f"{twin}-s0" / "run.json").read_text())
    (folder / f"{twin}-s0" / "run.json").write_text(json.dumps(record | {"model": twin, "run_id": f"{twin}-s0"}))
    shutil.copytree(originals, folder / "gate")
    (folder / "samples").mkdir()
    far = {"nearest": 1.0, "percentile": 50.0, "ratio_to_median": 1.0}
    samples = []
    for seed, label in enumerate(("NORMAL", "PNEUMONIA")):
        (folder / "samples" / f"{label.lower()}-1.jpeg").write_bytes(make_film(seed=seed))
        samples.append({"file": f"{label.lower()}-1.jpeg", "label": label, "seed": seed, "pixel": far, "feature": far})
    (folder / "samples" / "scene-1.jpeg").write_bytes(make_film(seed=9))
    nothing = [{"file": "scene-1.jpeg", "title": "Drawn landscape", "kind": "scene", "seed": 1}]
    (folder / "samples" / "samples.json").write_text(
        json.dumps({"schema_version": 1, "samples": samples, "not_films": nothing})
    )
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(folder))
    write_manifest()
    return folder


def open_read() -> AppTest:
    """The page Read, before any film."""
    app = open_app(READ.path)
    assert not app.exception
    return app


@pytest.fixture(autouse=True)
def steady_surroundings(request: pytest.FixtureRequest) -> Iterator[None]:
    """There is no data set here, and drawn films replace real ones: the gate on Read lets them pass.

    The same for all tests but those that ask for the real gate, so the others may share the app's caches.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("LUNGLENS_DATA", raising=False)
        if "real_gate" not in request.fixturenames:
            said = GateAnswer(verdict="accept", reason="", score=1.0)
            patch.setattr(read_gate, "load_gate", lambda: SimpleNamespace(check=lambda film: said))
        yield


@pytest.fixture
def real_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for this to meet the committed gate, without what other tests left in the caches."""


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the committed artifacts that a test may change."""
    folder = tmp_path / "artifacts"
    shutil.copytree(artifacts_dir(), folder)
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(folder))
    return folder
