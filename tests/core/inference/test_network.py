"""The serving graph: asked only for what is wanted, alike in batches and threads, its gains made when needed."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.errors import ArtifactError
from core.inference import network as module
from core.inference.graph_edits import add_gains
from core.inference.model import read_graph
from core.inference.network import Network
from core.runs.store import read_run


@pytest.fixture
def network(trained_folder) -> Network:
    run = read_run(trained_folder / "cnn_adam_dropout-s3", own=True)
    return Network(read_graph(run), run.record.layers, "cnn")


def test_batches_and_threads_give_the_same_scores(network: Network) -> None:
    films = np.random.default_rng(0).integers(0, 256, (70, 64, 64), np.uint8)
    together = network.score(films)[0]
    with ThreadPoolExecutor(8) as pool:
        alone = list(pool.map(lambda film: network.score(film[np.newaxis])[0][0], films))
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_maps_have_the_recorded_shapes(network: Network) -> None:
    film = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    for layer in network.layers:
        assert network.feature_map(film, layer.name).shape == layer.shape
    assert network.activation_map(film).shape == (6, 6)


def test_dense_network_has_no_activation_map(trained_folder) -> None:
    run = read_run(trained_folder / "dense-s3", own=True)
    network = Network(read_graph(run), run.record.layers, "dense")
    assert not run.has_feature_maps
    assert not network.maps
    assert network.activation_map(np.zeros((64, 64), np.uint8)) is None


def test_no_graph_is_named() -> None:
    with pytest.raises(ArtifactError, match=r"^no graph cannot be loaded"):
        Network(b"nothing", [], "no graph")


def test_unknown_layers_and_channels_are_refused(network: Network) -> None:
    image = np.zeros((64, 64), np.uint8)
    with pytest.raises(ValueError, match="cnn has no layer named 'conv99'"):
        network.switch_off(image, "conv99", [0])
    with pytest.raises(IndexError):
        network.switch_off(image, network.layers[0].name, [10_000])


def test_threads_make_one_session_with_gains(network: Network, monkeypatch) -> None:
    made = []
    monkeypatch.setattr(module, "add_gains", lambda *arguments: made.append(1) or add_gains(*arguments))
    image, layer = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8), network.layers[-1].name
    with ThreadPoolExecutor(4) as pool:
        effects = list(pool.map(lambda _: network.channel_effects(image, layer), range(4)))
    assert len(made) == 1
    for other in effects[1:]:
        np.testing.assert_array_equal(other, effects[0])


def test_the_graph_with_gains_is_made_when_wanted() -> None:
    """Scoring neither imports onnx nor makes a second session."""
    code = (
        "import sys, numpy as np\n"
        "from core.runs.store import list_runs, served\n"
        "from core.inference.model import Model\n"
        "model = Model(served(list_runs()[0]))\n"
        "size = model.run.input\n"
        "network = model.network\n"
        "network.score(np.zeros((1, size.height, size.width), np.uint8))\n"
        "assert 'onnx' not in sys.modules and network._with_gains is None\n"
        "network.channel_effects(np.zeros((size.height, size.width), np.uint8), network.layers[-1].name)\n"
        "assert 'onnx' in sys.modules and network._with_gains is not None\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
