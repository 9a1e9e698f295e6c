"""What a model learns beside its labels: from teachers, and from films without labels."""

import dataclasses

import numpy as np
import pytest

from core.data.arrays import load_films
from core.data.dataset import read_dataset
from core.data.split import with_split
from core.errors import UnknownModelError
from core.models.residual import variant
from core.models.spec import Augmentation, Distillation, Pretraining
from core.runs.store import list_runs


def small(**changes):
    quick = {"schedule": "constant", "batch_size": 8, "max_epochs": 1, "precision": "float32"}
    spec = variant("small", "Small", "A test.", side=64, layers={"blocks": (4, 8)}, **quick)
    return dataclasses.replace(spec, **changes)


@pytest.fixture
def films(dataset_folder):
    dataset = read_dataset(dataset_folder)
    table = with_split(dataset)
    return {split: load_films(dataset, table[table["split"] == split], 64, 64) for split in ("train", "validation")}


def weights(spec, films, tmp_path, name: str) -> np.ndarray:
    from core.training.fit import fit

    trained = fit(
        spec, films["train"], films["validation"], seed=3, checkpoint=tmp_path / f"{name}.npz", progress=False
    )
    return np.concatenate([np.ravel(weight) for weight in trained.model.get_weights()])


def turned(films):
    """The same films with labels exchanged in training."""
    return films | {"train": dataclasses.replace(films["train"], table=relabelled(films["train"].table))}


def relabelled(table):
    return table.assign(y_true=1 - table["y_true"])


@pytest.fixture
def teacher() -> str:
    return next(run.run_id for run in list_runs()[0] if run.input.height == 64)


@pytest.mark.slow
def test_a_teacher_alone_leaves_nothing_to_the_labels(films, tmp_path, teacher) -> None:
    alone, half = (small(distillation=Distillation(teachers=(teacher,), weight=weight)) for weight in (1.0, 0.5))
    first = weights(alone, films, tmp_path, "first")
    np.testing.assert_array_equal(first, weights(alone, turned(films), tmp_path, "turned"))
    assert np.abs(first - weights(half, films, tmp_path, "half")).max() > 0
    assert np.abs(first - weights(small(), films, tmp_path, "none")).max() > 0


def test_teachers_are_averaged_on_what_the_student_sees(teacher) -> None:
    import tensorflow as tf

    from core.inference.model import Model
    from core.runs.store import committed_runs, find_run
    from core.training.distil import make_teacher

    other = [run.run_id for run in list_runs()[0] if run.input.height == 64 and run.has_weights][-1]
    asked = make_teacher(small(distillation=Distillation(teachers=(teacher, other), weight=0.25)))
    assert asked is not None
    x = np.random.default_rng(0).integers(0, 256, (3, 64, 64)).astype(np.float32)
    models = [Model(find_run(name, committed_runs())) for name in (teacher, other)]
    said = np.mean([model.network.score(x.astype(np.uint8))[0] for model in models], axis=0)
    y = np.array([0.0, 1.0, 1.0], np.float32)
    found = asked(tf.constant(x[..., None]), tf.constant(y)).numpy()
    np.testing.assert_allclose(found, 0.25 * said + 0.75 * y, atol=1e-6)


def test_a_teacher_of_another_size_is_refused() -> None:
    from core.training.distil import make_teacher

    large = next(run.run_id for run in list_runs()[0] if run.input.height == 128 and run.has_weights)
    with pytest.raises(UnknownModelError, match=large):
        make_teacher(small(distillation=Distillation(teachers=(large,), weight=0.5)))


def test_contrast_is_least_where_views_of_a_film_agree() -> None:
    import tensorflow as tf

    from core.training.pretrain import contrast

    films = tf.constant(np.eye(4, 8, dtype=np.float32))
    agree, found = contrast(tf.concat([films, films], 0), 0.2)
    mixed, lost = contrast(tf.concat([films, films[::-1]], 0), 0.2)
    # each view: its partner at likeness 1, six others at 0
    assert float(agree) == pytest.approx(np.log(np.exp(5) + 6) - 5, abs=1e-5)
    assert float(mixed) > float(agree)
    assert (float(found), float(lost)) == (1.0, 0.0)


@pytest.fixture
def pretrained(films, tmp_path):
    """A function that pretrains for so many epochs and returns weights before and after, and the history."""
    import keras

    from core.training.pretrain import pretrain

    def run(name: str, epochs: int, resume: bool = False):
        spec = small(pretraining=Pretraining(epochs=epochs, batch_size=8, features=8, learning_rate=0.01))
        spec = dataclasses.replace(spec, train=dataclasses.replace(spec.train, augmentation=Augmentation(zoom=0.1)))
        keras.utils.set_random_seed(1)
        model = spec.build(spec)
        before = model.get_weights()
        pixels, path = films["train"].pixels, tmp_path / name
        history = pretrain(model, spec, pixels, seed=2, checkpoint=path, fingerprint="a", resume=resume, progress=False)
        return before, model.get_weights(), history

    return run


def test_pretraining_learns_without_labels(pretrained) -> None:
    before, after, history = pretrained("whole.npz", 40)
    losses = [epoch.loss for epoch in history]
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 0.1
    assert np.mean([epoch.accuracy for epoch in history[-5:]]) > 2 / 15  # by chance one of 15 other views
    assert np.abs(before[0] - after[0]).max() > 0  # the stem
    np.testing.assert_array_equal(before[-1], after[-1])  # the logit's bias is none of its business


@pytest.mark.slow
def test_pretraining_goes_on_after_a_kill(pretrained, monkeypatch) -> None:
    from core.training import pretrain as module

    _, undisturbed, _ = pretrained("whole.npz", 4)
    run_epoch, numbers = module._run_epoch, []

    def counted(*arguments):
        numbers.append(arguments[-1])
        if numbers == [1, 2, 3]:
            raise KeyboardInterrupt
        return run_epoch(*arguments)

    monkeypatch.setattr(module, "_run_epoch", counted)
    with pytest.raises(KeyboardInterrupt):
        pretrained("cut.npz", 4)
    _, resumed, history = pretrained("cut.npz", 4, resume=True)
    assert numbers == [1, 2, 3, 3, 4]
    assert len(history) == 4
    for weight, again in zip(undisturbed, resumed, strict=True):
        np.testing.assert_allclose(weight, again, atol=1e-4)  # sums in threads may round apart


@pytest.mark.slow
def test_a_pretrained_model_starts_where_pretraining_ended(films, tmp_path) -> None:
    plain = weights(small(), films, tmp_path, "plain")
    spec = small(pretraining=Pretraining(epochs=1, batch_size=8, features=8))
    assert np.abs(weights(spec, films, tmp_path, "pretrained") - plain).max() > 0
    assert spec.to_dict()["pretraining"]["epochs"] == 1
    assert "distillation" not in spec.to_dict()
