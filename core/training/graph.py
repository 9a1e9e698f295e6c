"""Read a Keras model as a graph: shown layers, the ends of their maps, batch normalisation folded (Keras only)."""

from typing import Any

import keras
import numpy as np

CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)
POOLS = (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)
MAP_LAYERS = (*CONVOLUTIONS, *POOLS, keras.layers.Dense)
ACTIVATIONS = (keras.layers.Activation, keras.layers.ReLU, keras.layers.LeakyReLU)
PASSED = (*ACTIVATIONS, keras.layers.Identity, keras.layers.BatchNormalization, keras.layers.Add)


def shown_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Return the convolutions, poolings and hidden dense layers on the path through the model with most of them.

    The skip connection of a residual block is not on it, so that these layers form a chain.
    """
    longest: dict[int, list[keras.layers.Layer]] = {}
    parents = parents_of(model)
    for operation in model.operations:
        before = max((longest[id(parent)] for parent in parents[id(operation)]), key=len, default=[])
        is_shown = isinstance(operation, MAP_LAYERS) and operation.name != "logit"
        longest[id(operation)] = [*before, operation] if is_shown else before
    return longest[id(_producer(model)[id(model.output)])]


def map_ends(model: keras.Model) -> dict[str, keras.Operation]:
    """Return the operation whose output is the map of each shown layer: after normalisation, sum and activation."""
    consumers: dict[int, list[keras.Operation]] = {id(operation): [] for operation in model.operations}
    for operation in model.operations:
        for parent in parents_of(model)[id(operation)]:
            consumers[id(parent)].append(operation)
    ends = {}
    for layer in shown_layers(model):
        end: keras.Operation = layer
        linear = getattr(layer, "activation", None) is keras.activations.linear
        while linear and len(consumers[id(end)]) == 1 and isinstance(consumers[id(end)][0], PASSED):
            end = consumers[id(end)][0]
            linear = not isinstance(end, ACTIVATIONS)
        ends[layer.name] = end
    return ends


def fold_batch_normalization(model: keras.Model) -> keras.Model:
    """Return the same function with batch normalisation folded into the linear convolution before it.

    Gamma and standard deviation scale the kernel, beta and mean become the bias; a model without any is returned as it
    is.
    """
    parents = parents_of(model)
    folded: dict[str, keras.layers.BatchNormalization] = {}
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            (before,) = parents[id(layer)]
            if isinstance(before, CONVOLUTIONS) and before.activation is keras.activations.linear:
                folded[before.name] = layer
    if not folded:
        return model
    folded_names = {layer.name for layer in folded.values()}

    def clone(layer: keras.layers.Layer) -> keras.layers.Layer:
        if layer.name in folded_names:
            return keras.layers.Identity(name=layer.name)
        config = layer.get_config()
        return type(layer).from_config({**config, "use_bias": True} if layer.name in folded else config)

    def call(layer: keras.Operation, *inputs: Any, **options: Any) -> Any:
        return layer(*inputs) if layer.name in folded_names else layer(*inputs, **options)  # Identity takes no mask

    result = keras.models.clone_model(model, clone_function=clone, call_function=call)
    for layer in model.layers:
        if layer.name in folded:
            result.get_layer(layer.name).set_weights(_fold(layer, folded[layer.name]))
        elif layer.name not in folded_names:
            result.get_layer(layer.name).set_weights(layer.get_weights())
    return result


def _fold(convolution: keras.layers.Layer, norm: keras.layers.BatchNormalization) -> list[np.ndarray]:
    kernel = convolution.kernel.numpy().astype(np.float64)
    bias = convolution.bias.numpy().astype(np.float64) if convolution.use_bias else 0.0
    scale = (norm.gamma.numpy() if norm.scale else 1.0) / np.sqrt(norm.moving_variance.numpy() + norm.epsilon)
    beta = norm.beta.numpy() if norm.center else 0.0
    # A depthwise kernel is (h, w, channels, multiplier), its outputs are ordered channel by channel.
    depthwise = isinstance(convolution, keras.layers.DepthwiseConv2D)
    per_filter = scale.reshape(kernel.shape[2:]) if depthwise else scale
    return [kernel * per_filter, (bias - norm.moving_mean.numpy()) * scale + beta]


def count_multiply_adds(model: keras.Model) -> int:
    """Count the products of all convolutions and dense layers for one film."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, CONVOLUTIONS):
            total += int(np.prod(layer.output.shape[1:3]) * np.prod(layer.kernel.shape))
        elif isinstance(layer, keras.layers.Dense):
            total += int(np.prod(layer.kernel.shape))
    return total


def _producer(model: keras.Model) -> dict[int, keras.Operation]:
    """Return the operation that makes each tensor."""
    return {id(tensor): op for op in model.operations for tensor in keras.tree.flatten(op.output)}


def parents_of(model: keras.Model) -> dict[int, list[keras.Operation]]:
    """Return the operations whose outputs each operation takes, by the operation's id."""
    producer = _producer(model)
    return {
        id(op): [producer[id(t)] for t in keras.tree.flatten(op.input) if producer[id(t)] is not op]
        for op in model.operations
    }
