"""The order of a run: what is written is what is served, whole or not at all."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.data.arrays import load_films
from core.data.dataset import read_dataset
from core.data.split import with_split
from core.errors import DataError
from core.evaluation.metrics import auroc
from core.evaluation.threshold import PROTOCOL_RULE, choose_threshold
from core.files import sha256
from core.inference.model import Model
from core.models.registry import get_model
from core.runs.ledger import read_ledger
from core.runs.store import read_run


@pytest.fixture
def run(trained_folder):
    return read_run(trained_folder / "cnn_adam_dropout-s3", own=True)


def test_folder_holds_the_whole_run(run) -> None:
    names = {path.name for path in run.folder.iterdir()}
    scores = {f"scores_{split}.csv" for split in ("validation", "stress_validation", "test")}
    assert names == {"run.json", "model.onnx", "model.keras", "history.csv", *scores}
    assert run.record.weights_hash == sha256(run.folder / "model.onnx")
    assert run.record.films == {"train": 32, "validation": 8, "test": 16}
    assert len(run.history()) == run.record.epochs == 2
    assert max(run.record.parity.values()) <= 1e-5


def test_stored_scores_are_those_of_the_served_graph(run, dataset_folder) -> None:
    dataset = read_dataset(dataset_folder)
    table = with_split(dataset)
    films = load_films(dataset, table[table["split"] == "test"], 64, 64)
    stored = run.scores("test")
    np.testing.assert_allclose(Model(run).network.score(films.pixels)[0], stored.y_score, atol=1e-6)
    assert stored.sample_id.tolist() == films.table["sample_id"].tolist()
    assert set(stored.cluster_id) == {f"IM-{n:04d}" for n in range(100, 104)} | {f"person{n}" for n in range(100, 104)}


def test_choices_come_from_validation_alone(run) -> None:
    plain, stress = run.scores("validation"), run.scores("stress_validation")
    assert run.record.threshold == choose_threshold(PROTOCOL_RULE, stress)
    assert run.record.threshold_rule["split"] == "stress_validation"
    assert run.record.selection["mean"] == pytest.approx((auroc(plain) + auroc(stress)) / 2)
    assert run.calibration.prevalence == pytest.approx(np.mean(plain.y_true))


def test_test_evaluation_stands_in_the_ledger(trained_folder, run) -> None:
    lines = read_ledger(trained_folder)
    assert [line.run for line in lines] == ["dense-s3", "cnn_adam_dropout-s3"]
    assert lines[1].weights_hash == run.record.weights_hash
    assert float(lines[1].auroc) == pytest.approx(auroc(run.scores("test")), abs=1e-6)


def test_nothing_half_written_is_left(trained_folder) -> None:
    assert [path.name for path in trained_folder.iterdir() if path.name.startswith(".")] == []


def test_a_failed_export_leaves_the_older_run(trained_folder, dataset_folder, tmp_path: Path, monkeypatch) -> None:
    import shutil

    from core.training import run as module

    shutil.copytree(trained_folder / "dense-s3", tmp_path / "out" / "dense-s3")
    before = (tmp_path / "out" / "dense-s3" / "run.json").read_text()

    def broken(*_):
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(module, "export_onnx", broken)
    with pytest.raises(RuntimeError, match="disk on fire"):
        module.train_run(get_model("dense"), dataset_folder, tmp_path / "out", seed=3, epochs=1, progress=False)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["dense-s3"]
    assert (tmp_path / "out" / "dense-s3" / "run.json").read_text() == before


def test_retraining_replaces_the_run_and_its_json_is_strict(dataset_folder, tmp_path: Path) -> None:
    from core.training.run import train_run

    for epochs in (1, 2):
        run = train_run(get_model("dense"), dataset_folder, tmp_path / "out", seed=0, epochs=epochs, progress=False)
    assert run.record.epochs == 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["dense-s0", "test_ledger.csv"]
    json.loads((run.folder / "run.json").read_text(), parse_constant=lambda name: pytest.fail(name))


def test_a_data_set_of_one_class_is_refused(dataset_folder, tmp_path: Path) -> None:
    import shutil

    from core.training.run import train_run

    shutil.copytree(dataset_folder / "train" / "NORMAL", tmp_path / "data" / "train" / "NORMAL")
    with pytest.raises(DataError, match="no PNEUMONIA films for train"):
        train_run(get_model("dense"), tmp_path / "data", tmp_path / "out", seed=0, epochs=1, progress=False)


def test_parity_check_notices_a_wrong_graph(trained_folder) -> None:
    import keras

    from core.training.run import parity

    run = read_run(trained_folder / "dense-s3", own=True)
    model = keras.saving.load_model(run.folder / "model.keras", safe_mode=True)
    films = np.random.default_rng(0).integers(0, 256, (4, 64, 64), np.uint8)
    assert max(parity(model, Model(run).network, films).values()) <= 1e-5
    kernel = model.get_layer("logit").kernel
    kernel.assign(kernel + 0.01)
    with pytest.raises(RuntimeError, match="differs from Keras"):
        parity(model, Model(run).network, films)
