"""The layers of Keras models: shapes, receptive fields and skip connections, and those of the committed runs."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.inference.model import Model
from core.inference.network import Network
from core.models.registry import MODELS, get_model
from core.runs.architecture import Architecture, LayerInfo, Skip
from core.runs.store import committed_runs, read_run

RUNS = committed_runs()


def built(name: str) -> Any:
    """A model of the registry as it is exported, but for its weights."""
    from core.training.graph import fold_batch_normalization

    spec = get_model(name)
    if spec.layers.get("weights"):
        spec = replace(spec, layers={**spec.layers, "weights": None})  # no download
    return fold_batch_normalization(spec.build(spec))


def described(name: str) -> Architecture:
    from core.training.architecture import describe_architecture

    return describe_architecture(built(name))


@pytest.fixture(scope="module")
def residual() -> Architecture:
    return described("residual")


@pytest.fixture(scope="module")
def served(trained_folder) -> Network:
    return Model(read_run(trained_folder / "cnn_adam_dropout-s3", own=True)).network


@pytest.mark.parametrize("name", sorted({run.record.model for run in RUNS}))
def test_committed_runs_hold_the_layers_that_an_export_would_write(name: str) -> None:
    """In any order: where a shortcut stands in the list depends on the version that exported the graph."""

    def by_name(layer: LayerInfo) -> str:
        return layer.name

    found = described(name)
    for run in RUNS:
        if run.record.model == name:
            assert sorted(run.architecture.layers, key=by_name) == sorted(found.layers, key=by_name)
            assert run.architecture.shown == found.shown
            assert run.architecture.skips == found.skips


@pytest.mark.parametrize("name", MODELS)
def test_layers_add_up_to_the_model(name: str) -> None:
    from core.training.architecture import describe_architecture
    from core.training.graph import count_multiply_adds

    model = built(name)
    found = describe_architecture(model)
    assert found.multiply_adds == count_multiply_adds(model)
    assert found.parameters == model.count_params()
    assert (found.layers[-1].name, found.layers[-1].shape) == ("logit", (1,))


def test_layer_facts_of_the_notebook_network() -> None:
    layers = {layer.name: layer for layer in described("cnn_adam").shown}
    assert list(layers) == ["conv1", "pool1", "conv2", "pool2", "conv3", "pool3", "dense1"]
    assert [layers[name].shape for name in ("conv1", "pool3", "dense1")] == [(62, 62, 32), (6, 6, 128), (512,)]
    assert [layers[name].receptive_field for name in list(layers)[:6]] == [3, 4, 8, 10, 18, 22]
    assert layers["conv1"].multiply_adds == 62 * 62 * 32 * 27
    assert layers["dense1"].parameters == 4608 * 512 + 512


def test_a_residual_network_has_skip_connections_around_its_blocks(residual: Architecture) -> None:
    assert residual.skips == (
        Skip(start="pool", end="block1b", through=""),
        Skip(start="block1b", end="block2b", through="block2_shortcut"),
        Skip(start="block2b", end="block3b", through="block3_shortcut"),
        Skip(start="block3b", end="block4b", through="block4_shortcut"),
    )
    shortcut = next(layer for layer in residual.layers if layer.name == "block2_shortcut")
    assert (shortcut.shape, shortcut.kernel, shortcut.stride) == ((16, 16, 32), 1, 2)
    assert (shortcut.parameters, shortcut.multiply_adds) == (16 * 32 + 32, 16 * 16 * 16 * 32)
    assert (shortcut.receptive_field, shortcut.field_step) == (25, 8)
    average = residual.layers[-2]
    assert (average.kind, average.shape, average.kernel, average.parameters) == ("pooling", (128,), 4, 0)
    assert (average.field_step, average.field_centre) == (0, ())


def test_an_inverted_residual_network_has_skips_without_convolutions() -> None:
    found = described("mobilenet")
    assert len(found.skips) == 10
    assert not found.beside
    assert {skip.through for skip in found.skips} == {""}


def test_receptive_fields_follow_the_longest_way(residual: Architecture) -> None:
    fields = {layer.name: layer.receptive_field for layer in residual.shown}
    # stem 5, pool + 2 x 2, block 1 two times + 2 x 4, then + 2 x 4 and + 2 x 8 for the halving block, and so on
    assert [fields[name] for name in ("stem", "pool", "block1b", "block2b", "block3b", "block4b")] == [
        5,
        9,
        25,
        49,
        97,
        193,
    ]


def test_receptive_field_is_what_a_value_sees(served) -> None:
    """Changing a pixel moves exactly those values of a map whose receptive field holds it."""
    layer = next(layer for layer in served.layers if layer.name == "conv3")
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
