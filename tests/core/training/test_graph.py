"""The graph of a Keras model: shown layers on the longest way, maps after their activation, normalisation folded."""

import numpy as np
import pytest

from core.models.registry import get_model


@pytest.fixture(scope="module")
def residual():
    import keras

    keras.utils.set_random_seed(3)
    spec = get_model("residual")
    model = spec.build(spec)
    draw = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([draw.uniform(0.5, 2, weight.shape) for weight in layer.get_weights()])
    return model


def test_shortcuts_are_not_shown(residual) -> None:
    from core.training.graph import shown_layers

    names = [layer.name for layer in shown_layers(residual)]
    assert names == ["stem", "pool", *(f"block{block}{half}" for block in range(1, 5) for half in "ab")]


def test_maps_end_after_their_activation(residual) -> None:
    from core.training.graph import map_ends

    ends = {name: end.name for name, end in map_ends(residual).items()}
    assert ends["stem"] == "stem_relu"
    assert ends["pool"] == "pool"
    assert ends["block2a"] == "block2a_relu"
    assert ends["block2b"] == "block2b_relu"  # the whole block's output, shortcut included


def test_maps_of_a_layer_with_its_own_activation_end_there() -> None:
    from core.training.graph import map_ends

    spec = get_model("cnn_adam")
    assert all(name == end.name for name, end in map_ends(spec.build(spec)).items())


def test_folding_keeps_the_function_and_leaves_no_normalisation(residual) -> None:
    import keras

    from core.training.fit import predict_logits
    from core.training.graph import count_multiply_adds, fold_batch_normalization, shown_layers

    films = np.random.default_rng(1).integers(0, 256, (4, 128, 128), np.uint8)
    folded = fold_batch_normalization(residual)
    logits = predict_logits(residual, films)
    np.testing.assert_allclose(predict_logits(folded, films), logits, rtol=1e-4, atol=1e-4 * np.abs(logits).max())
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in folded.layers)
    assert [layer.name for layer in shown_layers(folded)] == [layer.name for layer in shown_layers(residual)]
    assert count_multiply_adds(folded) == count_multiply_adds(residual)


def test_nothing_to_fold_is_the_model_itself() -> None:
    from core.training.graph import fold_batch_normalization

    spec = get_model("dense")
    model = spec.build(spec)
    assert fold_batch_normalization(model) is model


def test_multiply_adds_count_the_shortcuts(residual) -> None:
    from core.training.graph import count_multiply_adds, shown_layers

    chain = sum(
        int(np.prod(layer.output.shape[1:3]) * np.prod(layer.kernel.shape))
        for layer in shown_layers(residual)
        if hasattr(layer, "kernel")
    )
    shortcuts = 16 * 16 * 16 * 32 + 8 * 8 * 32 * 64 + 4 * 4 * 64 * 128
    assert count_multiply_adds(residual) == chain + shortcuts + 128


@pytest.mark.parametrize("contrast", ["equalise", "local"])
def test_contrast_normalisation_undoes_a_change_of_exposure(contrast) -> None:
    import keras

    from core.models import residual

    step = {"equalise": residual._equalise, "local": residual._local_contrast}[contrast]
    image = keras.Input((64, 64, 1))
    model = keras.Model(image, step(image))
    films = np.random.default_rng(0).uniform(40, 120, (2, 64, 64, 1)).astype(np.float32)
    films[:, 20:40, 20:40] += 60
    result, brighter = (np.asarray(model(x)) for x in (films, 1.3 * films))
    assert np.isfinite(result).all()
    before = np.abs(1.3 * films - films).mean() / films.std()
    assert np.abs(brighter - result).mean() / result.std() < before / 3
    assert np.isfinite(np.asarray(model(np.zeros((1, 64, 64, 1), np.float32)))).all()
