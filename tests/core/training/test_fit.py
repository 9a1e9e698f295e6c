"""The training loop on drawn films: seeded, stopped early, resumed after a kill."""

import dataclasses
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.data.arrays import load_films
from core.data.dataset import read_dataset
from core.data.split import with_split
from core.models.registry import get_model


@pytest.fixture
def films(dataset_folder):
    dataset = read_dataset(dataset_folder)
    table = with_split(dataset)
    return {split: load_films(dataset, table[table["split"] == split], 64, 64) for split in ("train", "validation")}


def train(films, checkpoint: Path, *, spec=None, epochs: int = 4, seed: int = 5, **options):
    from core.training.fit import fit

    spec = spec or get_model("dense")
    spec = dataclasses.replace(spec, train=dataclasses.replace(spec.train, max_epochs=epochs))
    return fit(spec, films["train"], films["validation"], seed=seed, checkpoint=checkpoint, progress=False, **options)


def weights(trained) -> np.ndarray:
    return np.concatenate([np.ravel(weight) for weight in trained.model.get_weights()])


def test_same_seed_same_weights_other_seed_other_weights(films, tmp_path) -> None:
    first, again, other = (train(films, tmp_path / f"{i}.npz", epochs=1, seed=s) for i, s in enumerate((5, 5, 6)))
    np.testing.assert_array_equal(weights(first), weights(again))
    assert np.abs(weights(first) - weights(other)).max() > 0


@pytest.mark.parametrize("name", ["dense", "cnn_adam_dropout"])
def test_resumed_after_a_kill_equals_undisturbed(films, tmp_path, name) -> None:
    spec = get_model(name)
    undisturbed = train(films, tmp_path / "whole.npz", spec=spec)

    before = []

    def kill(epoch) -> None:
        before.append(epoch)
        if epoch.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(films, tmp_path / "cut.npz", spec=spec, on_epoch=kill)
    seen = []
    resumed = train(films, tmp_path / "cut.npz", spec=spec, resume=True, on_epoch=seen.append)
    assert [epoch.epoch for epoch in seen] == [1, 2, 3, 4]  # what was trained before is told, not trained again
    assert seen[:2] == before
    np.testing.assert_array_equal(weights(resumed), weights(undisturbed))
    assert [epoch.loss for epoch in resumed.history] == [epoch.loss for epoch in undisturbed.history]


def test_checkpoint_of_another_seed_is_not_resumed(films, tmp_path, caplog) -> None:
    train(films, tmp_path / "state.npz", epochs=2)
    trained = train(films, tmp_path / "state.npz", epochs=2, seed=6, resume=True)
    assert "training starts anew" in caplog.text
    np.testing.assert_array_equal(weights(trained), weights(train(films, tmp_path / "new.npz", epochs=2, seed=6)))


def test_damaged_checkpoint_is_not_resumed(films, tmp_path, caplog) -> None:
    (tmp_path / "state.npz").write_bytes(b"PK\x03\x04 cut off")
    assert len(train(films, tmp_path / "state.npz", epochs=1, resume=True).history) == 1
    assert "training starts anew" in caplog.text


def test_a_checkpoint_damaged_at_its_end_leaves_nothing_of_itself(films, tmp_path, caplog) -> None:
    """What stands before the damage must not become the weights of a training that starts anew."""
    path = tmp_path / "state.npz"
    train(films, path, epochs=1)
    with zipfile.ZipFile(path) as archive:
        place = archive.infolist()[-2].header_offset + 300  # within the last of the best weights' numbers
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    trained = train(films, path, epochs=1, resume=True)
    assert "The checkpoint is damaged" in caplog.text
    np.testing.assert_array_equal(weights(trained), weights(train(films, tmp_path / "new.npz", epochs=1)))


def test_stops_when_validation_loss_no_longer_falls_and_keeps_the_best_weights(films, tmp_path) -> None:
    from core.training.fit import predict_logits

    spec = get_model("dense")
    spec = dataclasses.replace(spec, train=dataclasses.replace(spec.train, learning_rate=0.05, patience=2))
    trained = train(films, tmp_path / "state.npz", spec=spec, epochs=30)
    losses = [epoch.validation_loss for epoch in trained.history]
    assert trained.best_epoch == 1 + int(np.argmin(losses))
    assert len(losses) == trained.best_epoch + 2 < 30
    logits, y = predict_logits(trained.model, films["validation"].pixels), films["validation"].y_true
    assert float(np.mean(np.logaddexp(0, logits) - y * logits)) == pytest.approx(min(losses), rel=1e-6)


def test_a_schedule_runs_to_its_end_and_keeps_the_last_epoch(films, tmp_path) -> None:
    from core.training.fit import make_optimizer, predict_logits

    spec = get_model("dense")
    spec = dataclasses.replace(
        spec, train=dataclasses.replace(spec.train, learning_rate=0.05, patience=1, keep="last", schedule="cosine")
    )
    trained = train(films, tmp_path / "state.npz", spec=spec, epochs=6)
    assert trained.best_epoch == len(trained.history) == 6
    losses = [epoch.validation_loss for epoch in trained.history]
    logits, y = predict_logits(trained.model, films["validation"].pixels), films["validation"].y_true
    assert float(np.mean(np.logaddexp(0, logits) - y * logits)) == pytest.approx(losses[-1], rel=1e-6)
    settings = dataclasses.replace(spec.train, optimizer="adamw", warmup_epochs=1, max_epochs=4, batch_size=8)
    rate = make_optimizer(settings, films=40)._learning_rate  # 5 steps an epoch
    assert [round(float(rate(step)), 4) for step in (0, 5, 20)] == [0.0, 0.05, 0.0]


@pytest.mark.slow
def test_resumed_schedule_equals_undisturbed(films, tmp_path) -> None:
    spec = get_model("residual")
    spec = dataclasses.replace(spec, input=dataclasses.replace(spec.input, height=64, width=64))
    undisturbed = train(films, tmp_path / "whole.npz", spec=spec, epochs=2)

    def kill(epoch) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(films, tmp_path / "cut.npz", spec=spec, epochs=2, on_epoch=kill)
    resumed = train(films, tmp_path / "cut.npz", spec=spec, epochs=2, resume=True)
    np.testing.assert_array_equal(weights(resumed), weights(undisturbed))
