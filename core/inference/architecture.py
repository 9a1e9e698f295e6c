"""A model's layers as its serving graph holds them: shapes, weights, products, receptive fields, ways around."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ArtifactError
from core.manifest import check_file
from core.runs.record import LayerInfo, LayerKind, Run

LOGIT = "logit"
_POOLS = ("MaxPool", "AveragePool")
_KEPT_SHAPE = ("Cast", "Identity")
_NAME = re.compile(r"^(?:functional[_\d]*/)?([^/]+?)_\d+/")  # tf2onnx: the Keras name with a number behind it


@dataclass(frozen=True, kw_only=True)
class Skip:
    """A way around layers: what leaves ``start`` is added to what leaves ``end``.

    Parameters
    ----------
    start, end : str
        Layers; ``start`` is empty for the film itself.
    through : str
        A convolution on the way, or empty where nothing is changed.
    """

    start: str
    end: str
    through: str


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """All layers of a model that turn a film into its logit.

    Parameters
    ----------
    layers : tuple of LayerInfo
        In order, the global average, the layers beside the main way and the logit included. A global average is a
        pooling whose kernel is the map's longer side.
    beside : frozenset of str
        Layers on a way around others.
    skips : tuple of Skip
    """

    layers: tuple[LayerInfo, ...]
    beside: frozenset[str]
    skips: tuple[Skip, ...]

    @property
    def parameters(self) -> int:
        """Trained numbers of all layers, normalisation folded into them."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Products of all layers for one film."""
        return sum(layer.multiply_adds for layer in self.layers)

    def of_kind(self, kind: LayerKind) -> list[LayerInfo]:
        """The layers of a kind, in order."""
        return [layer for layer in self.layers if layer.kind == kind]

    @property
    def main(self) -> list[LayerInfo]:
        """The layers on the main way, from the film to the logit."""
        return [layer for layer in self.layers if layer.name not in self.beside]


def read_architecture(run: Run) -> Architecture:
    """Read a run's layers from its ``model.onnx``, of which the weights are not looked at.

    Raises
    ------
    ArtifactError
        The graph is missing or damaged.
    """
    path = check_file(run.folder / "model.onnx")
    known = frozenset(layer.name for layer in run.record.layers) | {LOGIT}
    return _read(path, run.record.weights_hash, known, max(run.input.height, run.input.width))


@lru_cache(maxsize=64)
def _read(path: Path, weights_hash: str, known: frozenset[str], side: int) -> Architecture:
    import onnx

    try:
        model = onnx.load(path)
        graph = onnx.shape_inference.infer_shapes(model).graph
    except Exception as error:  # protobuf and onnx raise their own classes for a damaged file
        raise ArtifactError(f"{path} cannot be read ({type(error).__name__}); fetch it again.") from None
    return _Reader(graph, known, side).read()


@dataclass(frozen=True, kw_only=True)
class _Trace:
    """What is known of a tensor: the layer that it leaves, its receptive field, and its step in input pixels."""

    source: str = ""
    field: int = 1
    jump: int = 1


class _Reader:
    """Walks the nodes behind the logit in their order."""

    def __init__(self, graph: Any, known: frozenset[str], side: int) -> None:
        self.graph, self.known, self.side = graph, known, side
        self.constants = {one.name: tuple(one.dims) for one in graph.initializer}
        self.shapes = {
            one.name: tuple(size.dim_value for size in one.type.tensor_type.shape.dim)
            for one in [*graph.value_info, *graph.output]
        }
        self.traces: dict[str, _Trace] = {graph.input[0].name: _Trace()}
        self.layers: dict[str, LayerInfo] = {}
        self.sources: dict[str, str] = {}
        self.skips: list[Skip] = []

    def read(self) -> Architecture:
        for node in _ancestors(self.graph, LOGIT):
            self._visit(node)
        return Architecture(
            layers=tuple(self.layers.values()),
            beside=frozenset(name for name in self.layers if self._is_beside(name)),
            skips=tuple(self.skips),
        )

    def _is_beside(self, name: str) -> bool:
        return self.layers[name].kind == "convolution" and name not in self.known

    def _visit(self, node: Any) -> None:
        if node.op_type in _KEPT_SHAPE and node.input[0] in self.constants:
            self.constants[node.output[0]] = self.constants[node.input[0]]
            return
        incoming = [self.traces[name] for name in node.input if name in self.traces]
        if not incoming:
            return
        trace = max(incoming, key=lambda one: one.field)
        weights = [self.constants[name] for name in node.input[1:] if name in self.constants]
        if node.op_type == "Conv":
            trace = self._add_map(node, trace, "convolution", weights)
        elif node.op_type in _POOLS and self.layers:  # before the first weights it prepares the film
            trace = self._add_map(node, trace, "pooling", [])
        elif self._is_global_average(node):
            trace = self._add_average(node, trace)
        elif node.op_type in ("MatMul", "Gemm") and weights:
            trace = self._add_dense(node, trace, weights)
        elif node.op_type == "Add":
            trace = self._add_sum(node, incoming)
        for output in node.output:
            self.traces[output] = trace

    def _add_map(self, node: Any, before: _Trace, kind: LayerKind, weights: list[tuple[int, ...]]) -> _Trace:
        options = {one.name: one for one in node.attribute}
        kernel, stride = int(options["kernel_shape"].ints[0]), int(options["strides"].ints[0])
        channels, height, width = self.shapes[node.output[0]][1:]
        trace = _Trace(source=_name(node), field=before.field + (kernel - 1) * before.jump, jump=before.jump * stride)
        self._add(
            before,
            LayerInfo(
                name=trace.source,
                kind=kind,
                shape=(height, width, channels),
                kernel=kernel,
                stride=stride,
                receptive_field=trace.field,
                parameters=sum(_size(shape) for shape in weights),
                multiply_adds=height * width * _size(weights[0]) if weights else 0,
            ),
        )
        return trace

    def _is_global_average(self, node: Any) -> bool:
        averages = node.op_type in ("ReduceMean", "GlobalAveragePool")
        return averages and bool(self.layers) and len(self.shapes[node.output[0]]) == 2

    def _add_average(self, node: Any, before: _Trace) -> _Trace:
        kernel = max(self.layers[before.source].shape[:2])
        return self._add_whole(node, before, "pooling", kernel, [])

    def _add_dense(self, node: Any, before: _Trace, weights: list[tuple[int, ...]]) -> _Trace:
        return self._add_whole(node, before, "dense", 0, weights)

    def _add_whole(
        self, node: Any, before: _Trace, kind: LayerKind, kernel: int, weights: list[tuple[int, ...]]
    ) -> _Trace:
        """A layer whose every value sees the whole film."""
        trace = _Trace(source=_name(node), field=self.side, jump=before.jump)
        self._add(
            before,
            LayerInfo(
                name=trace.source,
                kind=kind,
                shape=self.shapes[node.output[0]][1:],
                kernel=kernel,
                stride=kernel,
                receptive_field=self.side,
                parameters=sum(_size(shape) for shape in weights),
                multiply_adds=_size(weights[0]) if weights else 0,
            ),
        )
        return trace

    def _add(self, before: _Trace, layer: LayerInfo) -> None:
        self.layers[layer.name] = layer
        self.sources[layer.name] = before.source

    def _add_sum(self, node: Any, incoming: list[_Trace]) -> _Trace:
        """A bias belongs to the layer before it; two tensors that meet are the ends of a way around."""
        if len(incoming) == 1:
            layer = self.layers.get(incoming[0].source)
            bias = [_size(self.constants[name]) for name in node.input if name in self.constants]
            if layer is not None and layer.kind == "dense" and bias == [layer.shape[0]]:
                self.layers[layer.name] = LayerInfo(**{**vars(layer), "parameters": layer.multiply_adds + bias[0]})
            return incoming[0]
        order = list(self.layers)
        main = [one for one in incoming if one.source and not self._is_beside(one.source)]
        if not main:
            return incoming[0]
        end = max(main, key=lambda one: order.index(one.source))
        for other in incoming:
            if other is not end and other.source != end.source:
                beside = bool(other.source) and self._is_beside(other.source)
                self.skips.append(
                    Skip(
                        start=self.sources[other.source] if beside else other.source,
                        end=end.source,
                        through=other.source if beside else "",
                    )
                )
        return _Trace(source=end.source, field=max(one.field for one in incoming), jump=end.jump)


def _name(node: Any) -> str:
    found = _NAME.match(node.name)
    return found[1] if found else str(node.name)


def _size(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape))


def _ancestors(graph: Any, name: str) -> list[Any]:
    """The nodes that a tensor depends on, in the graph's order, which is one of computation."""
    needed, found = {name}, []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            found.append(node)
    return found[::-1]
