"""Layers read from the serving graph: they add up to the record, and agree with what the training wrote of each."""

from pathlib import Path

import pytest

from core.errors import ArtifactError
from core.inference.architecture import LOGIT, Architecture, Skip, read_architecture
from core.runs.record import Run
from core.runs.store import list_runs, read_run

RUNS = [run for run in list_runs()[0] if not run.own and run.has_weights]
every_run = pytest.mark.parametrize("run", RUNS, ids=lambda run: run.run_id)


@every_run
def test_layers_add_up_to_the_record(run: Run) -> None:
    found = read_architecture(run)
    assert found.parameters == run.record.parameters
    assert found.multiply_adds == run.record.multiply_adds
    assert found.layers[-1].name == LOGIT
    assert found.layers[-1].shape == (1,)


@every_run
def test_layers_are_those_that_the_training_described(run: Run) -> None:
    known = {layer.name: layer for layer in read_architecture(run).layers}
    assert [known.get(layer.name) for layer in run.record.layers] == run.record.layers
    main = [layer.name for layer in read_architecture(run).main]
    assert [name for name in main if name not in ("average", LOGIT)] == [layer.name for layer in run.record.layers]


def of_model(name: str) -> Architecture:
    return read_architecture(next(run for run in RUNS if run.record.model == name))


def test_a_residual_network_has_ways_around_its_blocks() -> None:
    found = of_model("residual")
    assert found.skips[:2] == (
        Skip(start="pool", end="block1b", through=""),
        Skip(start="block1b", end="block2b", through="block2_shortcut"),
    )
    assert found.beside == {f"block{number}_shortcut" for number in (2, 3, 4)}
    shortcut = next(layer for layer in found.layers if layer.name == "block2_shortcut")
    assert (shortcut.shape, shortcut.kernel, shortcut.stride) == ((16, 16, 32), 1, 2)
    assert (shortcut.parameters, shortcut.multiply_adds) == (16 * 32 + 32, 16 * 16 * 16 * 32)
    average = found.layers[-2]
    assert (average.kind, average.shape, average.kernel, average.parameters) == ("pooling", (128,), 4, 0)


@pytest.mark.parametrize("name", ["dense", "cnn_adam_dropout"])
def test_a_plain_network_has_none(name: str) -> None:
    found = of_model(name)
    assert not found.skips
    assert not found.beside
    assert found.layers[-1].parameters == found.layers[-2].shape[0] + 1


def test_a_trained_network_is_read_as_the_committed_ones(trained_folder: Path) -> None:
    for folder in sorted(trained_folder.glob("*/run.json")):
        run = read_run(folder.parent, own=True)
        assert read_architecture(run).parameters == run.record.parameters


def test_a_damaged_graph_is_named(tmp_path: Path) -> None:
    run = RUNS[0]
    (tmp_path / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(ArtifactError, match=r"model\.onnx cannot be read"):
        read_architecture(Run(record=run.record, folder=tmp_path, own=True))
