"""Exporting a Keras model as the ONNX graph that everything serves from (imports TensorFlow).

The graph takes uint8 gray films and gives ``score``, ``logit``, the map of each layer after its activation, the class
activation map and the first layer's weights. Weights are stored as float16 and computed with as float32.
"""

import copy
import logging
import re
from pathlib import Path

import keras
import numpy as np
import onnx
import tensorflow as tf
import tf2onnx
from onnx import TensorProto, helper, numpy_helper

from core.files import atomic_path
from core.inference.network import CAM, FIRST_WEIGHTS
from core.training.graph import map_ends, shown_layers

OPSET = 18
# What names hold by chance: tf2onnx's number at the end, the model's name in front, how often a layer was called.
_COUNTED, _SCOPE, _CALLS = re.compile(r"__\d+$"), re.compile(r"^functional[_\d]*/"), re.compile(r"^([^/]+?)(_\d+)?/")
_BOOKKEEPING = {
    "Cast",
    "Concat",
    "Gather",
    "Reshape",
    "Shape",
    "Slice",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
}  # of sizes
_STORE_FROM = 64  # initializers of at least so many numbers are stored as float16

logging.getLogger("tf2onnx").setLevel(logging.ERROR)


def round_weights(model: keras.Model) -> None:
    """Round all weights to float16 in place, so that what is evaluated is what is stored."""
    for variable in model.weights:
        variable.assign(variable.numpy().astype(np.float16).astype(np.float32))


def export_onnx(model: keras.Model, path: Path) -> None:
    """Write the serving graph of a float32 model whose weights are already rounded.

    Parameters
    ----------
    model : keras.Model
        (n, H, W, C) float32 to (n, 1) logits, batch normalisation folded (`fold_batch_normalization`).
    path : Path
        Written atomically.
    """
    ends = map_ends(model)
    outputs = [*(end.output for end in ends.values()), model.output]
    multi = keras.Model(model.input, outputs)
    spatial = [name for name, end in ends.items() if len(end.output.shape) == 4]
    height, width, channels = model.input_shape[1:]

    def serve(image: tf.Tensor) -> dict[str, tf.Tensor]:
        x = tf.tile(tf.cast(image, tf.float32)[..., tf.newaxis], (1, 1, 1, channels))
        *maps, logit = multi(x, training=False)
        result = {"score": tf.sigmoid(logit)[:, 0], "logit": logit[:, 0], **dict(zip(ends, maps, strict=True))}
        if spatial:
            feature_map = result[spatial[-1]]
            gradient = head_gradient(model, ends[spatial[-1]], feature_map)
            result[CAM] = tf.reduce_sum(feature_map * gradient, axis=-1)
        return {name: tf.identity(value) for name, value in result.items()}

    signature = [tf.TensorSpec((None, height, width), tf.uint8, name="image")]
    graph, _ = tf2onnx.convert.from_function(tf.function(serve), input_signature=signature, opset=OPSET)
    _order_by_use(graph)
    _name_by_use(graph)
    _share_transposed(graph)
    _add_first_weights(graph, model)
    _store_as_float16(graph)
    onnx.checker.check_model(graph)
    with atomic_path(path) as temporary:
        onnx.save(graph, temporary)


def head_gradient(model: keras.Model, last_map: keras.layers.Layer, feature_map: tf.Tensor) -> tf.Tensor:
    """Gradient of the logit with respect to the last feature map, written as matrix products.

    Gradient times feature map, summed over the channels, is the part of the logit that each place adds (HiResCAM,
    Draelos and Carin, 2020); for global average pooling and one dense layer it is the class activation map of Zhou
    et al. (2016).

    Parameters
    ----------
    model : keras.Model
        After ``last_map`` only Flatten, GlobalAveragePooling2D, Dropout and Dense (relu or linear).
    last_map : keras layer
        The one whose output is the last map.
    feature_map : (n, h, w, c) float32

    Returns
    -------
    (n, h, w, c) float32
    """
    layers = model.layers[model.layers.index(last_map) + 1 :]
    layers = [layer for layer in layers if not isinstance(layer, keras.layers.Dropout)]
    values = [feature_map]
    for layer in layers:
        values.append(layer(values[-1], training=False))
    gradient = tf.ones_like(values[-1])
    for layer, x, y in zip(reversed(layers), reversed(values[:-1]), reversed(values[1:]), strict=True):
        if isinstance(layer, keras.layers.Dense):
            if layer.activation is keras.activations.relu:
                gradient = gradient * tf.cast(y > 0, tf.float32)
            gradient = tf.matmul(gradient, layer.kernel, transpose_b=True)
        elif isinstance(layer, keras.layers.Flatten):
            gradient = tf.reshape(gradient, tf.shape(x))
        elif isinstance(layer, keras.layers.GlobalAveragePooling2D):
            gradient = tf.broadcast_to(gradient[:, None, None, :], tf.shape(x)) / (x.shape[1] * x.shape[2])
        else:
            raise TypeError(f"No activation map through a layer of type {type(layer).__name__}.")
    return gradient


def _share_transposed(graph: onnx.ModelProto) -> None:
    """Store a kernel once where the graph also holds its transpose, which halves the file of a dense network."""
    unique: list[tuple[str, np.ndarray]] = []
    for initializer in list(graph.graph.initializer):
        array = numpy_helper.to_array(initializer)
        if array.ndim != 2 or array.size < _STORE_FROM:
            continue
        twin = next(
            (name for name, other in unique if other.shape == array.T.shape and np.array_equal(other, array.T)), None
        )
        if twin is None:
            unique.append((initializer.name, array))
            continue
        graph.graph.initializer.remove(initializer)
        node = helper.make_node(
            "Transpose", [twin], [initializer.name], name=f"transpose_{initializer.name}", perm=[1, 0]
        )
        graph.graph.node.insert(0, node)


def _add_first_weights(graph: onnx.ModelProto, model: keras.Model) -> None:
    """Make the first layer's weights an output: (kh, kw, c, filters) or (H, W, C, units) float32."""
    first = shown_layers(model)[0]
    kernel = first.kernel.numpy()
    if kernel.ndim == 4:  # the graph holds convolution kernels as (filters, c, kh, kw)
        source = _find(graph, kernel.transpose(3, 2, 0, 1))
        node = helper.make_node("Transpose", [source], [FIRST_WEIGHTS], name="first_weights", perm=[2, 3, 1, 0])
        shape = kernel.shape
    else:
        shape = (*model.input_shape[1:], kernel.shape[1])
        target = numpy_helper.from_array(np.array(shape, np.int64), "first_weights_shape")
        graph.graph.initializer.append(target)
        source = _find(graph, kernel)
        node = helper.make_node("Reshape", [source, target.name], [FIRST_WEIGHTS], name="first_weights")
    graph.graph.node.append(node)
    graph.graph.output.append(helper.make_tensor_value_info(FIRST_WEIGHTS, TensorProto.FLOAT, shape))


def _find(graph: onnx.ModelProto, array: np.ndarray) -> str:
    for initializer in graph.graph.initializer:
        if tuple(initializer.dims) == array.shape and np.array_equal(numpy_helper.to_array(initializer), array):
            return str(initializer.name)
    raise ValueError("The graph does not hold the first layer's kernel.")


def _store_as_float16(graph: onnx.ModelProto) -> None:
    """Store large float32 initializers as float16 and cast them when the graph is loaded; values do not change."""
    for initializer in list(graph.graph.initializer):
        array = numpy_helper.to_array(initializer)
        if array.dtype != np.float32 or array.size < _STORE_FROM:
            continue
        half = array.astype(np.float16)
        if not np.array_equal(half.astype(np.float32), array):
            raise ValueError(f"{initializer.name} is not rounded to float16.")
        stored = f"{initializer.name}_float16"
        graph.graph.initializer.remove(initializer)
        graph.graph.initializer.append(numpy_helper.from_array(half, stored))
        node = helper.make_node("Cast", [stored], [initializer.name], name=f"cast_{stored}", to=TensorProto.FLOAT)
        graph.graph.node.insert(0, node)


def _order_by_use(graph: onnx.ModelProto) -> None:
    """Put each node behind what it uses, in the order in which the outputs need them: tf2onnx has many orders."""
    made = {name: node for node in graph.graph.node for name in node.output}
    ordered: dict[str, onnx.NodeProto] = {}

    def visit(name: str) -> None:
        node = made.get(name)
        if node is None or node.output[0] in ordered:
            return
        for needed in node.input:
            visit(needed)
        ordered[node.output[0]] = copy.deepcopy(node)  # deleting empties them

    for output in sorted(graph.graph.output, key=lambda value: value.name):
        visit(output.name)
    del graph.graph.node[:]
    graph.graph.node.extend(ordered.values())


def _name_by_use(graph: onnx.ModelProto) -> None:
    """Name and order nodes, constants and values by their use: the same weights must give the same bytes.

    What tf2onnx calls them depends on the process: of two equal ones it keeps either, and it counts what was traced
    before. Layers' names stay.
    """
    graph.graph.ClearField("doc_string")
    for value in (*graph.graph.input, *graph.graph.output):
        for size in value.type.tensor_type.shape.dim:
            if size.dim_param:
                size.dim_param = "films"
    names = {value.name: value.name for value in (*graph.graph.input, *graph.graph.output)}
    constants = {initializer.name: initializer for initializer in graph.graph.initializer}
    ordered = []
    for number, node in enumerate(graph.graph.node):
        layer = _CALLS.sub(r"\1_1/", _SCOPE.sub("", _COUNTED.sub("", node.name)))
        named = "/" in layer and node.op_type not in _BOOKKEEPING
        node.name = f"{layer if named else node.op_type}__{number}"
        for place, name in enumerate(node.input):
            if name in constants and name not in names:
                names[name] = f"{node.name}/constant{place}"
                ordered.append(constants[name])
        for place, name in enumerate(node.output):
            names.setdefault(name, f"{node.name}:{place}")
    for node in graph.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]  # an input left out has no name
        node.output[:] = [names[name] for name in node.output]
    copies = [copy.deepcopy(initializer) for initializer in ordered]  # deleting empties them
    del graph.graph.initializer[:]
    for initializer in copies:
        initializer.name = names[initializer.name]
    graph.graph.initializer.extend(copies)
