"""The example in docs/adding-a-model.md works as it stands: it trains, exports and is served."""

import importlib.util
import re

import numpy as np

from core.imaging.decode import decode_film
from core.inference.model import Model
from core.paths import ROOT


def test_example_trains_and_is_served(dataset_folder, tmp_path, monkeypatch, film_bytes) -> None:
    import keras

    from core.models.registry import MODELS
    from core.training.run import train_run

    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "adding-a-model.md").read_text("utf-8"), re.DOTALL)
    path = tmp_path / "two_wide.py"
    path.write_text(code, encoding="utf-8")
    module_spec = importlib.util.spec_from_file_location("two_wide", path)
    module = importlib.util.module_from_spec(module_spec)
    module_spec.loader.exec_module(module)
    (spec,) = module.MODELS
    monkeypatch.setitem(MODELS, spec.name, spec)  # the line in the registry

    run = train_run(spec, dataset_folder, tmp_path / "runs", seed=0, epochs=1, progress=False)
    model = Model(run)
    film = decode_film(film_bytes, "film.jpeg")
    assert 0 < model.predict(film).score < 1
    assert [layer.name for layer in run.record.layers] == ["conv1", "conv2"]
    assert [layer.receptive_field for layer in run.record.layers] == [7, 19]
    assert model.network.first_weights().shape == (7, 7, 1, 32)
    activation_map = model.network.activation_map(model.prepare(film))
    assert activation_map.shape == model.network.feature_map(model.prepare(film), "conv2").shape[:2]
    bias = keras.saving.load_model(run.folder / "model.keras", safe_mode=True).get_layer("logit").bias.numpy()[0]
    logit = model.network.score(model.prepare(film)[np.newaxis])[1][0]
    np.testing.assert_allclose(activation_map.sum() + bias, logit, atol=1e-4)
