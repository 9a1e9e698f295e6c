"""The serving graph: activation map, first weights, the same bytes for the same weights."""

import numpy as np
import pytest

from core.inference.model import Model, read_graph
from core.inference.network import Network
from core.runs.store import read_run

FILMS = np.random.default_rng(1).integers(0, 256, (3, 64, 64), np.uint8)


@pytest.fixture(scope="module")
def keras_model(trained_folder):
    import keras

    return keras.saving.load_model(trained_folder / "cnn_adam_dropout-s3" / "model.keras", safe_mode=True)


@pytest.fixture(scope="module")
def served(trained_folder) -> Network:
    return Model(read_run(trained_folder / "cnn_adam_dropout-s3", own=True)).network


def test_the_same_weights_give_the_same_bytes_whatever_was_traced_before(keras_model, trained_folder, tmp_path) -> None:
    """The ledger of test knows a run by its graph's hash, so a resumed training must not write another graph."""
    from core.training.export import export_onnx

    for name in ("first", "second"):
        export_onnx(keras_model, tmp_path / f"{name}.onnx")
    written = read_graph(read_run(trained_folder / "cnn_adam_dropout-s3", own=True))
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
    dense = Model(read_run(trained_folder / "dense-s3", own=True)).network
    assert dense.first_weights().shape == (64, 64, 1, 64)
