"""A run's model: its graph verified before it is loaded, its verdict by the run's frozen choices."""

import dataclasses
import hashlib
import shutil

import numpy as np
import pytest

from core.errors import ArtifactError
from core.imaging.decode import decode_film
from core.inference.model import Model, read_graph
from core.runs.store import committed_runs, read_run


@pytest.fixture
def run(trained_folder):
    return read_run(trained_folder / "cnn_adam_dropout-s3", own=True)


def test_prediction_follows_the_run_record(run, film_bytes) -> None:
    model = Model(run)
    prediction = model.predict(decode_film(film_bytes, "film.jpeg"), prevalence=0.16)
    assert 0 <= prediction.score <= 1
    assert prediction.score == pytest.approx(1 / (1 + np.exp(-prediction.logit)), abs=1e-6)
    assert prediction.positive == (prediction.score >= run.record.threshold)
    assert prediction.conformal_set == run.conformal.predict_set(prediction.score)
    at_validation = model.judge(prediction.score, prediction.logit, prevalence=run.calibration.prevalence)
    assert at_validation.probability == pytest.approx(run.calibration.apply(prediction.score))
    assert prediction.probability < at_validation.probability


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_extreme_scores_are_judged(run, score) -> None:
    prediction = Model(run).judge(score, 0.0)
    assert 0 <= prediction.probability <= 1


def test_threshold_itself_is_positive(run) -> None:
    model, threshold = Model(run), run.record.threshold
    assert model.judge(threshold, 0.0).positive
    assert not model.judge(float(np.nextafter(threshold, 0)), 0.0).positive


def test_a_loaded_network_serves_another_record_of_its_run(run, film_bytes) -> None:
    """A run that was calibrated anew keeps its weights: its graph is not loaded twice."""
    model = Model(run)
    film = decode_film(film_bytes, "film.jpeg")
    score = model.predict(film).score
    record = dataclasses.replace(run.record, threshold=float(np.nextafter(score, 2)))
    changed = Model(dataclasses.replace(run, record=record), model.network)
    assert changed.network is model.network
    assert changed.predict(film).score == score
    assert not changed.predict(film).positive


def test_a_run_without_weights_says_how_to_get_them() -> None:
    run = next(run for run in committed_runs() if not run.has_weights)
    with pytest.raises(ArtifactError, match=f"only the scores are kept.*--seed {run.record.seed}"):
        read_graph(run)


def test_model_of_another_run_is_not_served(run, trained_folder, tmp_path) -> None:
    copy = tmp_path / run.run_id
    shutil.copytree(run.folder, copy)
    shutil.copyfile(trained_folder / "dense-s3" / "model.onnx", copy / "model.onnx")
    with pytest.raises(ArtifactError, match=r"model\.onnx is not the model of cnn_adam_dropout-s3"):
        Model(read_run(copy, own=True))


def test_damaged_model_is_named(run, tmp_path) -> None:
    copy = tmp_path / run.run_id
    shutil.copytree(run.folder, copy)
    data = (copy / "model.onnx").read_bytes()[:5000]
    (copy / "model.onnx").write_bytes(data)
    with pytest.raises(ArtifactError, match="hash differs"):
        Model(read_run(copy, own=True))
    record = dataclasses.replace(run.record, weights_hash=hashlib.sha256(data).hexdigest())
    with pytest.raises(ArtifactError, match="cannot be loaded"):
        Model(dataclasses.replace(run, record=record, folder=copy))
    (copy / "model.onnx").unlink()
    with pytest.raises(ArtifactError, match=r"model\.onnx is missing"):
        Model(read_run(copy, own=True))
