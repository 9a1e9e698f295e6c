"""The layers of a Keras model as its run record keeps them (imports Keras)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import keras
import numpy as np

from core.runs.architecture import Architecture, LayerInfo, Skip, field_centre
from core.training.graph import CONVOLUTIONS, POOLS, parents_of, shown_layers


@dataclass(frozen=True, kw_only=True)
class _Trace:
    """What is known of an operation's output: the layer it comes from, its receptive field, its step in input pixels.

    ``source`` is empty for the film itself.
    """

    source: str = ""
    field: int = 1
    step: int = 1


def describe_architecture(model: keras.Model) -> Architecture:
    """Return all layers and skip connections of a model.

    Parameters
    ----------
    model : keras.Model
        (n, H, W, C) films to (n, 1) logits, batch normalisation folded.
    """
    walk = _Walk(input_size=model.input_shape[1:3], shown={layer.name for layer in shown_layers(model)})
    parents = parents_of(model)
    traces: dict[int, _Trace] = {}
    for operation in model.operations:
        traces[id(operation)] = walk.visit(operation, [traces[id(parent)] for parent in parents[id(operation)]])
    return Architecture(layers=tuple(walk.layers.values()), skips=tuple(walk.skips))


@dataclass(kw_only=True)
class _Walk:
    """Visits a model's operations from the film to the logit and collects layers and skip connections."""

    input_size: tuple[int, int]
    shown: set[str]
    layers: dict[str, LayerInfo] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)  # by layer: the one whose output it takes
    skips: list[Skip] = field(default_factory=list)

    def visit(self, operation: keras.Operation, incoming: Sequence[_Trace]) -> _Trace:
        """Return the trace of an operation's output, given those of its inputs."""
        before = max(incoming, key=lambda trace: trace.field, default=_Trace())
        if isinstance(operation, keras.layers.Add):
            return self._add_sum(incoming)
        if isinstance(operation, (*CONVOLUTIONS, *POOLS)):
            return self._add_map(operation, before)
        if isinstance(operation, (keras.layers.Dense, keras.layers.GlobalAveragePooling2D)):
            return self._add_whole(operation, before)
        return before

    def _add_map(self, layer: keras.layers.Layer, before: _Trace) -> _Trace:
        pooling = isinstance(layer, POOLS)
        kernel, stride = int((layer.pool_size if pooling else layer.kernel_size)[0]), int(layer.strides[0])
        after = _Trace(source=layer.name, field=before.field + (kernel - 1) * before.step, step=before.step * stride)
        shape = _shape(layer)
        self._add(
            before,
            LayerInfo(
                name=layer.name,
                kind="pooling" if pooling else "convolution",
                shape=shape,
                kernel=kernel,
                stride=stride,
                receptive_field=after.field,
                parameters=_count_weights(layer),
                multiply_adds=0 if pooling else int(np.prod(shape[:2]) * np.prod(layer.kernel.shape)),
                shown=layer.name in self.shown,
                field_step=after.step,
                field_centre=field_centre(shape, after.step, after.field, self.input_size),
            ),
        )
        return after

    def _add_whole(self, layer: keras.layers.Layer, before: _Trace) -> _Trace:
        """Add a layer whose every value sees the whole film."""
        dense = isinstance(layer, keras.layers.Dense)
        kernel = 0 if dense else max(self.layers[before.source].shape[:2])
        after = _Trace(source=layer.name, field=max(self.input_size), step=before.step)
        self._add(
            before,
            LayerInfo(
                name=layer.name,
                kind="dense" if dense else "pooling",
                shape=_shape(layer),
                kernel=kernel,
                stride=kernel,
                receptive_field=after.field,
                parameters=_count_weights(layer),
                multiply_adds=int(np.prod(layer.kernel.shape)) if dense else 0,
                shown=layer.name in self.shown,
                field_step=0,
                field_centre=(),
            ),
        )
        return after

    def _add(self, before: _Trace, layer: LayerInfo) -> None:
        self.layers[layer.name] = layer
        self.sources[layer.name] = before.source

    def _add_sum(self, incoming: Sequence[_Trace]) -> _Trace:
        """Add a skip connection for each branch of a sum but the one that has come farthest along the main path."""
        order = list(self.layers)
        main = [trace for trace in incoming if trace.source in self.shown]
        if not main:  # a sum within a skip connection
            return max(incoming, key=lambda trace: trace.field)
        end = max(main, key=lambda trace: order.index(trace.source))
        for branch in incoming:
            if branch.source == end.source:
                continue
            beside = bool(branch.source) and branch.source not in self.shown
            self.skips.append(
                Skip(
                    start=self.sources[branch.source] if beside else branch.source,
                    end=end.source,
                    through=branch.source if beside else "",
                )
            )
        return _Trace(source=end.source, field=max(trace.field for trace in incoming), step=end.step)


def _shape(layer: keras.layers.Layer) -> tuple[int, ...]:
    return tuple(int(size) for size in layer.output.shape[1:])


def _count_weights(layer: keras.layers.Layer) -> int:
    return int(sum(np.prod(weight.shape) for weight in layer.weights))
