"""Changes to a serving graph: a gain for each channel of each layer, and weights in random order.

The onnx package is imported when a graph is changed, not before: scoring never needs it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from core.runs.architecture import LayerInfo

if TYPE_CHECKING:
    import onnx

SCORE, LOGIT = "score", "logit"
_SAME_VALUES = ("Transpose", "Identity")  # they hand on a layer's values under another name or layout


def gain_name(layer: str) -> str:
    """Name of the graph's input that scales the channels of a layer."""
    return f"{layer}_gain"


def add_gains(data: bytes, layers: Iterable[LayerInfo]) -> bytes:
    """Return a serving graph whose layers' channels are multiplied by optional inputs, 1 where none is given.

    The values of a layer have several names in the graph: its named output is a transposed copy, which a shortcut, or
    all of what follows, may not read. So the factor is where the values arise: everything that follows, the named
    output included, reads the scaled ones. One film with n rows of gains gives n logits, and what comes before the
    layer is computed once.

    Parameters
    ----------
    data : bytes
        An ONNX file as `core.training.export.export_onnx` writes it.
    layers : iterable of LayerInfo

    Returns
    -------
    bytes
        The part of the graph that gives score and logit, with inputs `gain_name(layer)`: (n, channels, 1, 1),
        (n, 1, 1, channels) or (n, units) float32.
    """
    import onnx  # takes a third of a second; most pages edit no graph
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load_from_string(data)
    graph = model.graph
    graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    for output in graph.output:  # as many as there are rows of gains, not as there are films: no buffer is shared
        output.type.tensor_type.shape.dim[0].Clear()
    for layer in layers:
        producer, axis = _origin(graph, layer)
        source = producer.output[0]
        shape = [1] * len(layer.shape) + [1]
        shape[axis] = layer.shape[-1]
        name = gain_name(layer.name)
        graph.initializer.append(numpy_helper.from_array(np.ones(shape, np.float32), name))
        graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [f"{name}_rows", *shape[1:]]))
        unscaled = f"{source}_unscaled"
        producer.output[0] = unscaled
        scale = helper.make_node("Mul", [unscaled, name], [source], name=name)
        graph.node.insert(list(graph.node).index(producer) + 1, scale)
    _keep_only(graph, (SCORE, LOGIT))
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _origin(graph: "onnx.GraphProto", layer: LayerInfo) -> tuple[Any, int]:
    """Return the node that computes a layer's values, and the axis of the channels in its output."""
    producers = {name: node for node in graph.node for name in node.output}
    node, axis = producers[layer.name], len(layer.shape)  # the batch is axis 0, channels are the last
    while node.op_type in _SAME_VALUES:
        if node.op_type == "Transpose":
            axis = next(attribute for attribute in node.attribute if attribute.name == "perm").ints[axis]
        node = producers[node.input[0]]
    return node, axis


def _keep_only(graph: "onnx.GraphProto", outputs: tuple[str, ...]) -> None:
    """Drop what these outputs do not need; the class activation map would want as many films as rows of gains."""
    needed = set(outputs)
    for node in reversed(graph.node):
        if needed & set(node.output):
            needed |= set(node.input)
    for field in (graph.node, graph.output, graph.initializer):
        needed_parts = [part for part in field if needed & set(getattr(part, "output", [getattr(part, "name", "")]))]
        del field[:]
        field.extend(needed_parts)


def shuffle_weights(data: bytes, seed: int, *, last_only: bool = False) -> bytes:
    """Return a graph of the same architecture whose weights are shuffled, each tensor within itself.

    Scale and distribution of every layer's weights stay, so that signals neither die nor explode; what was learnt is
    gone (parameter randomisation test of Adebayo et al. 2018, arXiv:1810.03292).

    Parameters
    ----------
    data : bytes
    seed : int
    last_only : bool
        Only the weights of the last layer, which turn its inputs into the logit.
    """
    import onnx  # takes a third of a second; most pages edit no graph
    from onnx import numpy_helper

    model = onnx.load_from_string(data)
    draw = np.random.default_rng(seed)
    for weights in model.graph.initializer:
        array = numpy_helper.to_array(weights)
        if array.dtype not in (np.float16, np.float32) or array.size < 2 or (last_only and LOGIT not in weights.name):
            continue
        mixed = draw.permutation(array.ravel()).reshape(array.shape)
        weights.CopyFrom(numpy_helper.from_array(mixed, weights.name))
    return bytes(model.SerializeToString())
