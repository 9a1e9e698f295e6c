"""Every model of the registry builds, predicts, survives save and load, and exports to an equal serving graph."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import ArtifactError, UnknownModelError
from core.models.registry import MODELS, get_model
from core.models.spec import InputSpec

SPECS = list(MODELS.values())
# Building and exporting takes seconds: one model of each family that starts from nothing, the others in `make slow`.
QUICK = {spec.build.__module__: spec for spec in reversed(SPECS) if "weights" not in spec.layers}.values()
BUILT = [pytest.param(spec, marks=() if spec in QUICK else pytest.mark.slow) for spec in SPECS]


def small(spec):
    """The same model on small films and from random weights, which builds and exports in little time."""
    side = 8 * 2 ** max(2, len(spec.layers.get("filters", ())) - 1)  # each further pooling wants twice the pixels
    layers = {**spec.layers, "weights": None} if "weights" in spec.layers else spec.layers
    return dataclasses.replace(
        spec, input=InputSpec(height=side, width=side, channels=spec.input.channels), layers=layers
    )


def test_names_and_titles_are_unique() -> None:
    assert len({spec.title for spec in SPECS}) == len(SPECS)
    assert all(name == spec.name and name.isidentifier() for name, spec in MODELS.items())


def test_an_unknown_model_is_named_with_the_known_ones() -> None:
    with pytest.raises(UnknownModelError, match=r"'nope'.*dense.*cnn_adam"):
        get_model("nope")


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_spec_is_data(spec) -> None:
    data = json.loads(json.dumps(spec.to_dict()))
    assert data["input"]["channels"] in (1, 3)
    assert data["train"]["optimizer"] in ("sgd", "rmsprop", "adam", "adamw")
    assert spec.reason.endswith(".")


@pytest.mark.parametrize("spec", BUILT, ids=lambda spec: spec.name)
def test_model_builds_saves_and_exports(spec, tmp_path: Path) -> None:
    import keras
    import onnxruntime as ort

    from core.inference.network import CAM, FIRST_WEIGHTS
    from core.training.export import export_onnx, round_weights
    from core.training.fit import predict_logits
    from core.training.graph import fold_batch_normalization, shown_layers

    keras.utils.set_random_seed(1)
    model = small(spec).build(small(spec))
    films = np.random.default_rng(0).integers(0, 256, (5, *model.input_shape[1:3]), np.uint8)
    logits = predict_logits(model, films)
    assert logits.shape == (5,)
    assert np.ptp(logits) > 0

    for weight in model.weights:  # biases are zero at first, and a graph could lose them unseen
        if weight.dtype == "float32":
            weight.assign(weight + 0.01)
    logits = predict_logits(model, films)
    model = fold_batch_normalization(model)
    np.testing.assert_allclose(predict_logits(model, films), logits, atol=1e-4 * np.abs(logits).max())
    round_weights(model)
    logits = predict_logits(model, films)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(predict_logits(again, films), logits)

    export_onnx(model, tmp_path / "model.onnx")
    session = ort.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    layers = {layer.name: layer for layer in shown_layers(model)}
    assert {"score", "logit", FIRST_WEIGHTS, *layers} == set(names) - {CAM}
    assert (CAM in names) == any(len(layer.output.shape) == 4 for layer in layers.values())
    values = dict(zip(names, session.run(names, {"image": films}), strict=True))
    np.testing.assert_allclose(values["logit"], logits, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(values["score"], 1 / (1 + np.exp(-logits)), atol=1e-5)
    assert (tmp_path / "model.onnx").stat().st_size < 2 * model.count_params() + 40_000  # float16, each kernel once


def test_missing_imagenet_weights_are_said_in_one_line(monkeypatch) -> None:
    import keras

    def offline(*_, **__):
        raise Exception("URL fetch failure on https://storage.example/weights.h5:\nNone -- unreachable")

    monkeypatch.setattr(keras.applications, "MobileNetV2", offline)
    spec = get_model("mobilenet")
    with pytest.raises(ArtifactError, match=r"ImageNet weights .* cannot be downloaded") as caught:
        spec.build(spec)
    assert "\n" not in str(caught.value)
