"""Serving from the graph: verified before it is loaded, asked only for what is wanted."""

import dataclasses
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.errors import ArtifactError
from core.imaging.decode import decode_film
from core.inference.model import Model
from core.runs.store import read_run


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


def test_batches_and_threads_give_the_same_scores(run) -> None:
    model = Model(run)
    films = np.random.default_rng(0).integers(0, 256, (70, 64, 64), np.uint8)
    together = model.score(films)[0]
    with ThreadPoolExecutor(8) as pool:
        alone = list(pool.map(lambda film: model.score(film[np.newaxis])[0][0], films))
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_maps_have_the_recorded_shapes(run) -> None:
    model = Model(run)
    film = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    for layer in run.record.layers:
        assert model.feature_map(film, layer.name).shape == layer.shape
    assert model.activation_map(film).shape == (6, 6)


def test_dense_network_has_no_activation_map(trained_folder) -> None:
    run = read_run(trained_folder / "dense-s3", own=True)
    assert not run.has_feature_maps
    assert Model(run).activation_map(np.zeros((64, 64), np.uint8)) is None


def test_model_of_another_run_is_not_served(run, trained_folder, tmp_path) -> None:
    copy = tmp_path / run.run_id
    shutil.copytree(run.folder, copy)
    shutil.copyfile(trained_folder / "dense-s3" / "model.onnx", copy / "model.onnx")
    with pytest.raises(ArtifactError, match=r"model\.onnx is not the model of cnn_adam_dropout-s3"):
        Model(read_run(copy, own=True))


def test_damaged_model_is_named(run, tmp_path) -> None:
    import hashlib

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
