"""The serving graph: activation map, first weights, layer facts."""

import numpy as np
import pytest

from core.inference.model import Model
from core.models.registry import get_model
from core.runs.store import read_run

FILMS = np.random.default_rng(1).integers(0, 256, (3, 64, 64), np.uint8)


@pytest.fixture(scope="module")
def keras_model(trained_folder):
    import keras

    return keras.saving.load_model(trained_folder / "cnn_adam_dropout-s3" / "model.keras", safe_mode=True)


@pytest.fixture(scope="module")
def served(trained_folder) -> Model:
    return Model(read_run(trained_folder / "cnn_adam_dropout-s3", own=True))


def test_the_same_weights_give_the_same_bytes_whatever_was_traced_before(keras_model, served, tmp_path) -> None:
    """The ledger of test knows a run by its graph's hash, so a resumed training must not write another graph."""
    from core.training.export import export_onnx

    for name in ("first", "second"):
        export_onnx(keras_model, tmp_path / f"{name}.onnx")
    written = served.graph()
    assert (tmp_path / "first.onnx").read_bytes() == (tmp_path / "second.onnx").read_bytes() == written


def test_activation_map_equals_gradient_times_map(keras_model, served) -> None:
    import keras
    import tensorflow as tf

    last = keras_model.get_layer("pool3")
    head_input = keras.Input(last.output.shape[1:])
    x = head_input
    for layer in keras_model.layers[keras_model.layers.index(last) + 1 :]:
        x = layer(x)
    head = keras.Model(head_input, x)
    maps = served.outputs(FILMS, ["pool3"])["pool3"]
    with tf.GradientTape() as tape:
        feature_map = tf.constant(maps)
        tape.watch(feature_map)
        logit = head(feature_map, training=False)
    expected = tf.reduce_sum(tape.gradient(logit, feature_map) * feature_map, axis=-1).numpy()
    found = served.outputs(FILMS, ["class_activation_map"])["class_activation_map"]
    assert np.abs(expected).max() > 0
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())


def test_activation_map_of_global_average_pooling_is_the_weighted_sum(tmp_path) -> None:
    """For pooling and one dense layer the map is the classic one of Zhou et al.: weights times feature maps."""
    import keras

    from core.training.export import head_gradient

    image = keras.Input((16, 16, 1))
    last = keras.layers.Conv2D(4, 3, activation="relu", name="conv1")
    x = keras.layers.GlobalAveragePooling2D()(last(image))
    model = keras.Model(image, keras.layers.Dense(1, name="logit")(x))
    maps = np.random.default_rng(2).random((2, 14, 14, 4), np.float32)
    gradient = head_gradient(model, last, maps).numpy()
    weights = model.get_layer("logit").kernel.numpy()[:, 0] / (14 * 14)
    np.testing.assert_allclose(gradient, np.broadcast_to(weights, maps.shape), rtol=1e-5)


def test_head_of_unknown_layers_is_refused() -> None:
    import keras

    from core.training.export import head_gradient

    image = keras.Input((8, 8, 1))
    last = keras.layers.Conv2D(2, 3, name="conv1")
    model = keras.Model(image, keras.layers.GlobalMaxPooling2D()(last(image)))
    with pytest.raises(TypeError, match="GlobalMaxPooling2D"):
        head_gradient(model, last, np.zeros((1, 6, 6, 2), np.float32))


def test_first_weights_are_those_of_the_first_layer(keras_model, served, trained_folder) -> None:
    np.testing.assert_array_equal(served.first_weights(), keras_model.get_layer("conv1").kernel.numpy())
    dense = Model(read_run(trained_folder / "dense-s3", own=True))
    assert dense.first_weights().shape == (64, 64, 1, 64)


def test_layer_facts_of_the_notebook_network() -> None:
    from core.training.export import describe_layers

    spec = get_model("cnn_adam")
    layers = {layer.name: layer for layer in describe_layers(spec.build(spec))}
    assert list(layers) == ["conv1", "pool1", "conv2", "pool2", "conv3", "pool3", "dense1"]
    assert [layers[name].shape for name in ("conv1", "pool3", "dense1")] == [(62, 62, 32), (6, 6, 128), (512,)]
    assert [layers[name].receptive_field for name in list(layers)[:6]] == [3, 4, 8, 10, 18, 22]
    assert layers["conv1"].multiply_adds == 62 * 62 * 32 * 27
    assert layers["dense1"].parameters == 4608 * 512 + 512


def test_receptive_field_is_what_a_value_sees(served) -> None:
    """Changing a pixel moves exactly those values of a map whose receptive field holds it."""
    layer = next(layer for layer in served.run.record.layers if layer.name == "conv3")
    base = np.full((1, 64, 64), 120, np.uint8)
    changed = base.copy()
    changed[0, 32, 32] = 250
    moved = (
        np.abs(served.outputs(changed, ["conv3"])["conv3"] - served.outputs(base, ["conv3"])["conv3"]).max(-1)[0] > 0
    )
    rows = np.flatnonzero(moved.any(1))
    jump = 4
    assert rows.min() * jump <= 32 <= rows.max() * jump + layer.receptive_field - 1
    assert np.ptp(rows) + 1 <= -(-layer.receptive_field // jump)
