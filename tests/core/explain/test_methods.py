"""One contract over all methods and kinds of network, and maps of a network whose answer is known."""

import itertools

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from core.data.samples import list_samples
from core.errors import InputError
from core.explain.methods import METHODS, OCCLUSION, explain, methods_for, occlusion_steps
from core.imaging.decode import read_film
from core.inference.model import Model
from core.inference.network import CAM, Network
from core.runs.architecture import LayerInfo
from core.runs.record import Run
from core.runs.store import list_runs
from tests.support.runs import family_runs, largest_run

COMMITTED = [run for run in list_runs()[0] if not run.own and run.has_weights]
RUNS = family_runs()
CASES = [(run, name) for run in RUNS for name in METHODS if run.has_feature_maps or not METHODS[name].needs_maps]
LARGE = [pytest.param(largest_run(), name, marks=pytest.mark.slow) for name in METHODS]
every_case = pytest.mark.parametrize(("run", "name"), CASES + LARGE, ids=lambda part: getattr(part, "run_id", part))


@pytest.fixture(scope="module")
def films() -> list:
    return [read_film(sample.path) for sample in list_samples()[::4]]


@pytest.fixture(scope="module")
def load():
    models: dict[str, Model] = {}

    def loaded(run: Run) -> Model:
        if run.run_id not in models:
            models[run.run_id] = Model(run)
        return models[run.run_id]

    return loaded


@every_case
def test_contract(run: Run, name: str, films, load) -> None:
    """Shape, dtype, finite, some evidence, on the grid, and the same again."""
    model = load(run)
    for film in films:
        image = model.prepare(film)
        before = image.copy()
        found = explain(model.network, image, name)
        assert found.method == name
        assert found.values.ndim == 2
        assert found.values.dtype == np.float32
        assert np.isfinite(found.values).all()
        assert not found.blank
        for axis, grid in enumerate((found.rows, found.columns)):
            assert grid.size == image.shape[axis]
            assert 0 <= grid.centre(0) < grid.centre(found.values.shape[axis] - 1) <= grid.size - 1
        np.testing.assert_array_equal(explain(model.network, image, name).values, found.values)
        np.testing.assert_array_equal(image, before)


@every_case
@pytest.mark.parametrize("gray", [0, 90, 255])
def test_a_film_of_one_gray_level_has_a_blank_map(run: Run, name: str, gray: int, load) -> None:
    found = explain(load(run).network, np.full((run.input.height, run.input.width), gray, np.uint8), name)
    assert found.blank
    np.testing.assert_allclose(found.values, 0, atol=1e-5)  # a batch rounds otherwise than one film
    assert found.values.dtype == np.float32


@every_case
def test_steps_reach_their_end(run: Run, name: str, films, load) -> None:
    model = load(run)
    image = model.prepare(films[0])
    steps = list(METHODS[name].steps(model.network, image))
    done = [step.done for step in steps]
    assert done == sorted(set(done))
    assert done[-1] == steps[-1].total == steps[0].total
    np.testing.assert_array_equal(steps[-1].explanation.values, explain(model.network, image, name).values)
    assert {step.explanation.values.shape for step in steps} == {steps[-1].explanation.values.shape}


def test_occlusion_can_be_left(films, load) -> None:
    """A page may stop after any step; what was handed out does not change under its hands."""
    model = load(RUNS[0])
    steps = occlusion_steps(model.network, model.prepare(films[0]))
    first = next(steps)
    assert 0 < first.done < first.total
    kept = first.explanation.values.copy()
    next(steps)
    np.testing.assert_array_equal(first.explanation.values, kept)
    steps.close()


@pytest.fixture(scope="module")
def planted() -> Network:
    """Logit = 4 (mean of what is brighter than gray 128) - 4 (mean of what is darker); maps of 8 x 8 cells."""
    size, cell = 64, 8
    constants = [
        helper.make_tensor("scale", TensorProto.FLOAT, [], [1 / 128]),
        helper.make_tensor("middle", TensorProto.FLOAT, [], [1.0]),
        helper.make_tensor("weights", TensorProto.FLOAT, [1, 1, 1, 2], [4.0, -4.0]),
        helper.make_tensor("places", TensorProto.FLOAT, [], [1 / 64]),
        helper.make_tensor("axes", TensorProto.INT64, [1], [1]),
        helper.make_tensor("last", TensorProto.INT64, [1], [3]),
        helper.make_tensor("inner", TensorProto.INT64, [2], [1, 2]),
    ]
    nodes = [
        helper.make_node("Cast", ["image"], ["gray"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["gray", "axes"], ["one_channel"]),
        helper.make_node("AveragePool", ["one_channel"], ["pooled"], kernel_shape=[cell, cell], strides=[cell, cell]),
        helper.make_node("Mul", ["pooled", "scale"], ["share"]),
        helper.make_node("Sub", ["share", "middle"], ["above"]),
        helper.make_node("Neg", ["above"], ["below"]),
        helper.make_node("Concat", ["above", "below"], ["both"], axis=1),
        helper.make_node("Relu", ["both"], ["rectified"]),
        helper.make_node("Transpose", ["rectified"], ["cells"], perm=[0, 2, 3, 1]),
        helper.make_node("Mul", ["cells", "weights"], ["weighted"]),
        helper.make_node("Mul", ["weighted", "places"], ["parts"]),
        helper.make_node("ReduceSum", ["parts", "last"], [CAM], keepdims=0),
        helper.make_node("ReduceSum", [CAM, "inner"], ["logit"], keepdims=0),
        helper.make_node("Sigmoid", ["logit"], ["score"]),
    ]
    shapes = {"score": ["n"], "logit": ["n"], "cells": ["n", 8, 8, 2], CAM: ["n", 8, 8]}
    graph = helper.make_graph(
        nodes,
        "planted",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["n", size, size])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()],
        constants,
    )
    built = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    onnx.checker.check_model(built)
    layer = LayerInfo(
        name="cells",
        kind="pooling",
        shape=(8, 8, 2),
        kernel=cell,
        stride=cell,
        receptive_field=cell,
        parameters=0,
        multiply_adds=0,
        shown=True,
        field_step=cell,
        field_centre=((cell - 1) / 2, (cell - 1) / 2),
    )
    return Network(built.SerializeToString(), [layer], "planted")


@pytest.mark.parametrize("name", METHODS)
def test_signs_and_places(name: str, planted: Network) -> None:
    """Bright speaks for pneumonia, dark for normal, in a film that has one patch of each on gray."""
    image = np.full((64, 64), 128, np.uint8)
    image[8:24, 8:24] = 240
    image[40:56, 40:56] = 16
    found = explain(planted, image, name)
    rows = [found.rows.centre(row) for row in range(found.values.shape[0])]
    columns = [found.columns.centre(column) for column in range(found.values.shape[1])]
    for (row, y), (column, x) in itertools.product(enumerate(rows), enumerate(columns)):
        value = found.values[row, column]
        if 10 < y < 22 and 10 < x < 22:
            assert value > 0.1 * found.values.max(), (y, x)
        elif 42 < y < 54 and 42 < x < 54:
            assert value < 0.1 * found.values.min(), (y, x)
        elif not (2 < y < 30 and 2 < x < 30) and not (34 < y < 62 and 34 < x < 62):
            assert abs(value) < 1e-3, (y, x)
    upside_down = explain(planted, image[::-1, ::-1].copy(), name)
    np.testing.assert_allclose(upside_down.values, found.values[::-1, ::-1], atol=1e-5)


def test_occlusion_is_the_change_of_the_logit(planted: Network) -> None:
    image = np.full((64, 64), 128, np.uint8)
    image[8:24, 8:24] = 240
    *_, last = occlusion_steps(planted, image, patch=16, stride=8)
    covered = image.copy()
    covered[8:24, 8:24] = round(image.mean())
    logits = planted.score(np.stack([image, covered]))[1]
    assert last.explanation.values.shape == (7, 7)
    assert last.explanation.values[1, 1] == pytest.approx(logits[0] - logits[1], abs=1e-5)
    assert last.explanation.rows.span(1) == (7.5, 23.5)


def test_the_activation_map_adds_up_to_the_logit(planted: Network) -> None:
    image = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    assert explain(planted, image, CAM).values.sum() == pytest.approx(planted.score(image[None])[1][0], abs=1e-5)


def test_a_dense_network_can_be_explained_by_occlusion_alone() -> None:
    run = next(run for run in RUNS if not run.has_feature_maps)
    assert [method.name for method in methods_for(run)] == [OCCLUSION]
    network = Model(run).network
    for name in set(METHODS) - {OCCLUSION}:
        with pytest.raises(InputError, match="no feature maps"):
            explain(network, np.zeros((run.input.height, run.input.width), np.uint8), name)


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_every_method_says_what_it_can_and_cannot_show(method) -> None:
    assert method.meaning.startswith("Shows ")
    assert " cannot show " in method.meaning
    assert method.meaning.count(".") == method.meaning.endswith(".") == 1
    assert method.title
    assert method.source
