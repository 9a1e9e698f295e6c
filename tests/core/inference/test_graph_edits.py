"""Channels are switched off for good, in every kind of network, and shuffled weights keep the architecture."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from core.data.samples import list_samples
from core.imaging.decode import read_film
from core.imaging.film import Film
from core.inference.graph_edits import add_gains, shuffle_weights
from core.inference.model import Model, read_graph
from core.inference.network import Network
from core.runs.record import Run
from tests.support.runs import family_runs, largest_run

RUNS = family_runs()
LARGE = pytest.param(largest_run(), marks=pytest.mark.slow)
every_run = pytest.mark.parametrize("run", [*RUNS, LARGE], ids=lambda run: run.run_id)
ROUNDING = 1e-5  # logits in single precision: the runtime joins other operations once a factor stands between


@pytest.fixture(scope="module")
def film() -> Film:
    return read_film(list_samples()[-1].path)


def bias_of_logit(run: Run) -> float:
    graph = onnx.load_from_string(read_graph(run)).graph
    add = next(node for node in graph.node if node.op_type == "Add" and "logit" in node.output[0])
    weights = {weight.name: weight for weight in graph.initializer}
    return float(numpy_helper.to_array(weights[next(name for name in add.input if name in weights)])[0])


def plain_logit(network: Network, image: np.ndarray) -> float:
    return float(network.score(image[np.newaxis])[1][0])


def test_there_is_a_run_of_every_family() -> None:
    assert {run.record.model.split("_")[0] for run in RUNS} >= {"dense", "cnn", "residual"}


@every_run
def test_switching_off_nothing_gives_the_plain_logit(run: Run, film: Film) -> None:
    model = Model(run)
    image = model.prepare(film)
    exact = 0 if run.record.model.startswith(("dense", "cnn")) else ROUNDING
    for layer in run.record.layers:
        assert abs(model.network.switch_off(image, layer.name, [])[1] - plain_logit(model.network, image)) <= exact


@every_run
def test_the_strongest_channel_moves_the_score(run: Run, film: Film) -> None:
    """In every layer, which a cut at the named output of a layer with a side branch would not."""
    model = Model(run)
    image = model.prepare(film)
    plain = plain_logit(model.network, image)
    for layer in run.record.layers:
        effects = model.network.channel_effects(image, layer.name)
        assert effects.shape == (layer.shape[-1],)
        assert effects.dtype == np.float32
        strongest = int(np.abs(effects).argmax())
        assert abs(effects[strongest]) > 0.01, layer.name
        score, logit = model.network.switch_off(image, layer.name, [strongest])
        assert logit - plain == pytest.approx(effects[strongest], abs=ROUNDING)
        assert score == pytest.approx(1 / (1 + np.exp(-logit)), abs=1e-6)


@every_run
def test_without_the_last_layer_the_bias_is_left(run: Run, film: Film) -> None:
    model = Model(run)
    last = run.record.layers[-1]
    _, logit = model.network.switch_off(model.prepare(film), last.name, range(last.shape[-1]))
    assert logit == pytest.approx(bias_of_logit(run), abs=1e-7)


@every_run
def test_without_a_whole_layer_the_film_is_not_seen(run: Run, film: Film) -> None:
    """Nothing passes by the first layer: two films give the same logit once all of it is off."""
    model, first = Model(run), run.record.layers[0]
    logits = [
        model.network.switch_off(image, first.name, range(first.shape[-1]))[1]
        for image in (model.prepare(film), model.prepare(film)[::-1].copy())
    ]
    assert logits[0] == pytest.approx(logits[1], abs=ROUNDING)


@every_run
def test_a_channel_off_gives_what_its_map_says(run: Run, film: Film) -> None:
    """The last layer meets the logit by weights alone: a channel's effect is minus its mean times its weight."""
    model, last = Model(run), run.record.layers[-1]
    image = model.prepare(film)
    graph = onnx.load_from_string(read_graph(run)).graph
    kernel = next(weight for weight in graph.initializer if "logit" in weight.name and len(weight.dims) == 2)
    weights = numpy_helper.to_array(kernel).astype(np.float32)[:, 0]
    values = model.network.feature_map(image, last.name)
    answers = values.mean(axis=(0, 1)) if values.ndim == 3 else values
    np.testing.assert_allclose(model.network.channel_effects(image, last.name), -answers * weights, atol=1e-5)


def test_batches_of_channels_agree(film: Film) -> None:
    model = Model(RUNS[-1])
    image, layer = model.prepare(film), RUNS[-1].record.layers[-1].name
    np.testing.assert_allclose(
        model.network.channel_effects(image, layer, batch_size=7),
        model.network.channel_effects(image, layer),
        atol=1e-5,
    )


@every_run
def test_shuffled_weights_keep_the_architecture(run: Run, film: Film) -> None:
    model = Model(run)
    data = read_graph(run)
    mixed = shuffle_weights(data, 0)
    assert mixed == shuffle_weights(data, 0)
    assert mixed != shuffle_weights(data, 1)
    before, after = (onnx.load_from_string(graph).graph for graph in (data, mixed))
    assert [node.op_type for node in before.node] == [node.op_type for node in after.node]
    for one, other in zip(before.initializer, after.initializer, strict=True):
        a, b = numpy_helper.to_array(one), numpy_helper.to_array(other)
        # As float32: NumPy's sort of float16 leaves values out of order on processors with AVX-512.
        np.testing.assert_array_equal(*(np.sort(values.ravel().astype(np.float32)) for values in (a, b)))
        assert a.size < 64 or not np.array_equal(a, b) or a.std() == 0, one.name
    image = model.prepare(film)
    changed = Network(mixed, run.record.layers, "shuffled")
    assert plain_logit(changed, image) != pytest.approx(plain_logit(model.network, image), abs=0.01)
    layer = run.record.layers[0].name
    assert changed.switch_off(image, layer, [])[1] == pytest.approx(plain_logit(changed, image), rel=1e-4, abs=1e-4)


def test_shuffling_the_last_layer_leaves_the_maps(film: Film) -> None:
    model = Model(RUNS[-1])
    image, layer = model.prepare(film), RUNS[-1].record.layers[-1].name
    mixed = shuffle_weights(read_graph(model.run), 0, last_only=True)
    changed = Network(mixed, model.network.layers, "shuffled")
    np.testing.assert_array_equal(changed.feature_map(image, layer), model.network.feature_map(image, layer))
    assert plain_logit(changed, image) != plain_logit(model.network, image)


def test_every_layer_gets_one_gain() -> None:
    run = RUNS[-1]
    graph = onnx.load_from_string(add_gains(read_graph(run), run.record.layers)).graph
    assert [one.name for one in graph.input] == ["image", *(f"{layer.name}_gain" for layer in run.record.layers)]
    assert [one.name for one in graph.output if one.name in ("score", "logit")] == ["logit", "score"]
