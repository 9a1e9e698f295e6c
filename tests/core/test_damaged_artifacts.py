"""Every kind of artifact, damaged in every way: named with what to do, never served, by command line and HTTP."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.api import app as api_module
from core.api.app import make_api
from core.api.settings import Settings
from core.data.dataset import read_dataset
from core.data.samples import list_samples
from core.data.split import with_split
from core.errors import LungLensError
from core.evidence.baselines import baseline_scores, read_baseline
from core.evidence.data_card import read_data_card, read_means
from core.evidence.read import read_evidence
from core.explain.neighbours import read_index
from core.explain.trust import read_explanations
from core.gate import gate_rates, load_gate
from core.inference.model import Model
from core.manifest import check_all
from core.results.store import null_baselines, read_results
from core.runs.ledger import in_words, read_ledger
from core.runs.record import Run
from core.runs.store import choose_run, list_runs, read_run
from core.runs.timing import training_seconds
from core.training.search_tables import read_experiments
from tests.support.damaged_artifacts import HOW, damage, linked, ours

SERVED, OTHER = ours()
SAMPLE = list_samples()[0].path.name
GATE = "gate/gate.npz"


def run_of(root: Path, run_id: str = SERVED) -> Run:
    return read_run(root / run_id, own=False)


READERS: dict[str, Callable[[Path, Path], Any]] = {
    f"{SERVED}/run.json": lambda root, _: choose_run(None),
    f"{SERVED}/model.onnx": lambda root, _: Model(run_of(root)),
    f"{SERVED}/history.csv": lambda root, _: run_of(root).history(),
    f"{SERVED}/scores_test.csv": lambda root, _: run_of(root).scores("test"),
    f"{SERVED}/scores_validation.csv": lambda root, _: run_of(root).scores("validation"),
    f"{SERVED}/scores_stress_validation.csv": lambda root, _: run_of(root).scores("stress_validation"),
    "results.json": lambda root, _: read_results(),
    "evidence.json": lambda root, _: (null_baselines("test"), read_evidence()),
    "explanations.json": lambda root, _: read_explanations(),
    "data.json": lambda root, _: read_data_card(),
    "data_means.npy": lambda root, _: read_means(),
    "speed.json": lambda root, _: training_seconds(run_of(root)),
    GATE: lambda root, _: load_gate(),
    "gate/gate.json": lambda root, _: gate_rates(),
    "similar/index.npz": lambda root, _: read_index(run_of(root)),
    "samples/samples.json": lambda root, _: list_samples(),
    f"samples/{SAMPLE}": lambda root, _: list_samples(),
    "search/experiments.csv": lambda root, _: read_experiments(),
    "split.csv": lambda root, films: with_split(read_dataset(films)),
    "baselines/thumbnail/baseline.json": lambda root, _: read_baseline("thumbnail"),
    "baselines/thumbnail/scores_test.csv": lambda root, _: baseline_scores("thumbnail", "test"),
}
SCORED_WITH = (f"{SERVED}/run.json", f"{OTHER}/run.json", f"{SERVED}/model.onnx", GATE, "MANIFEST.json")
WHAT_TO_DO = ("fetch", "run:", "train", "make the samples", "restore")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The committed artifacts, to be damaged."""
    folder = linked(tmp_path / "artifacts")
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(folder))
    api_module._loaded.cache_clear()
    return folder


def assert_named(said: str, name: str) -> None:
    assert Path(name).name in said
    assert any(words in said.lower() for words in WHAT_TO_DO), said
    assert "Traceback" not in said


def test_whole_artifacts_are_read(root, dataset_folder) -> None:
    for read in READERS.values():
        read(root, dataset_folder)
    assert check_all() == []


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("name", READERS)
def test_what_reads_it_names_it_and_says_what_to_do(root, dataset_folder, name, how) -> None:
    if how == "older" and name == f"samples/{SAMPLE}":
        how = "swapped"  # a picture has no version
    damage(root, name, how)
    with pytest.raises(LungLensError) as error:
        READERS[name](root, dataset_folder)
    assert_named(str(error.value), name)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("how", HOW)
def test_doctor_names_everything(root, command, how) -> None:
    """Each kind but manifest and ledger at once; what nothing but a new evaluation reads is not checked for its age."""
    unread = ("samples/syn", "baselines", "split") if how == "older" else ()
    names = [name for name in READERS if not name.startswith(unread)]
    for name in names:
        damage(root, name, how)
    status, out, err = command("doctor")
    assert status == 1
    assert err == ""
    if how == "older":  # what a run is read with hides what it has
        names = [name for name in names if not name.startswith((SERVED, "similar"))] + [f"{SERVED}/run.json"]
        names.remove("speed.json")
    missing = [name for name in names if str(root / name) not in out]
    assert missing == []


@pytest.mark.parametrize("how", HOW)
def test_doctor_names_a_damaged_manifest(root, command, how) -> None:
    damage(root, "MANIFEST.json", how)
    status, out, _ = command("doctor")
    assert status == 1
    assert f"{root}/MANIFEST.json is " in out or "differs from MANIFEST.json" in out


@pytest.mark.parametrize("how", HOW)
def test_a_damaged_ledger_is_named(root, command, how) -> None:
    path = root / "test_ledger.csv"
    if how == "a bit turned":  # it grows, so no manifest has its hash: a run's own line shows it
        text = path.read_text()
        weights = choose_run(None).record.weights_hash
        path.unlink()
        path.write_text(text.replace(weights, weights[::-1]))
    elif how == "older":
        text = path.read_text()
        path.unlink()
        path.write_text(text.replace("weights_hash", "weights", 1))
    else:
        damage(root, path.name, how)
    status, out, _ = command("doctor")
    assert status == 1
    assert "test_ledger.csv is damaged" in out
    if how == "gone":
        assert "test_ledger.csv is missing" in in_words(read_ledger(root))


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("name", SCORED_WITH)
def test_nothing_is_scored_with_it(root, command, name, how) -> None:
    film = list_samples()[0].path
    data = film.read_bytes()
    damage(root, name, how)
    status, out, err = command("score", film)
    assert status == 2
    assert out == ""
    assert err.startswith("Error: ")
    assert len(err.splitlines()) == 1
    assert_named(err, name)
    with TestClient(make_api(Settings()), raise_server_exceptions=False) as client:
        answers = [client.post("/v1/score", files={"file": ("a.jpg", data)}), client.get("/ready")]
    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert_named(answer.json()["detail"], name)
        assert "score" not in answer.json()


def test_another_model_is_not_served_unsaid_but_may_be_named(root, command) -> None:
    film = list_samples()[0].path
    model = OTHER.rpartition("-s")[0]
    damage(root, f"{SERVED}/run.json", "gone")
    status, out, _ = command("score", film, "--model", model, "--json")
    assert status == 0
    assert json.loads(out)["run_id"] == OTHER
    for name in (SERVED, SERVED.rpartition("-s")[0]):
        status, _, err = command("score", film, "--model", name)
        assert status == 2
        assert f"{SERVED}/run.json is missing" in err
    status, out, _ = command("models", "--json")
    assert status == 0
    found = json.loads(out)
    assert not any(model["served"] for model in found["models"])
    assert any("run.json is missing" in problem for problem in found["problems"])
    assert choose_run(OTHER).run_id == OTHER
    assert len(list_runs()[1]) == 1


@pytest.mark.parametrize("how", HOW)
def test_what_is_not_needed_does_not_stop_a_score(root, command, how) -> None:
    film = list_samples()[0].path
    for name in READERS:
        if name not in SCORED_WITH and not name.startswith("samples"):
            damage(root, name, how)
    status, out, err = command("score", film, "--json")
    assert (status, err) == (0, "")
    assert json.loads(out)["files"][0]["status"] == "scored"
