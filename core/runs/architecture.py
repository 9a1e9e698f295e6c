"""The layers of a trained model as its run record holds them: shapes, weights, products, receptive fields, skips."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

LayerKind = Literal["convolution", "pooling", "dense"]


@dataclass(frozen=True, kw_only=True)
class LayerInfo:
    """One layer of a network.

    Parameters
    ----------
    name : str
    kind : {"convolution", "pooling", "dense"}
    shape : tuple of int
        (h, w, channels) of the map, or (units,).
    kernel, stride : int
        Pixels of the layer's own input; 0 for dense layers, the map's longer side for a global average.
    receptive_field : int
        Side of the square of input pixels that one value sees; for layers without places the longer side of the input.
    parameters, multiply_adds : int
        Trained numbers, and products for one film.
    shown : bool
        Whether the serving graph has an output of this name.
    field_step : int
        Input pixels from one value's receptive field to the next; 0 for layers without places.
    field_centre : tuple of float
        Row and column of the input, in pixels counted at their middles, on which the first value's receptive field is
        centred; empty for layers without places.
    """

    name: str
    kind: LayerKind
    shape: tuple[int, ...]
    kernel: int
    stride: int
    receptive_field: int
    parameters: int
    multiply_adds: int
    shown: bool
    field_step: int
    field_centre: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Skip:
    """A skip connection: the output of ``start`` is added to the output of ``end``.

    Parameters
    ----------
    start, end : str
        Layers; ``start`` is empty for the film itself.
    through : str
        A convolution on the skip connection, or empty where nothing is changed.
    """

    start: str
    end: str
    through: str


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """All layers of a model that turn a film into its logit, normalisation folded into them.

    Parameters
    ----------
    layers : tuple of LayerInfo
        In order, the global average, the convolutions on skip connections and the logit included.
    skips : tuple of Skip
    """

    layers: tuple[LayerInfo, ...]
    skips: tuple[Skip, ...]

    @property
    def shown(self) -> list[LayerInfo]:
        """The layers whose output the serving graph gives, in order."""
        return [layer for layer in self.layers if layer.shown]

    @property
    def beside(self) -> frozenset[str]:
        """Names of the convolutions on skip connections: the serving graph does not give their output."""
        return frozenset(layer.name for layer in self.layers if layer.kind == "convolution" and not layer.shown)

    @property
    def main(self) -> list[LayerInfo]:
        """The layers on the main path, from the film to the logit."""
        return [layer for layer in self.layers if layer.name not in self.beside]

    @property
    def parameters(self) -> int:
        """Trained numbers of all layers."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Products of all layers for one film."""
        return sum(layer.multiply_adds for layer in self.layers)

    def of_kind(self, kind: LayerKind) -> list[LayerInfo]:
        """Return the layers of a kind, in order."""
        return [layer for layer in self.layers if layer.kind == kind]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Architecture":
        """Return the architecture of a run record, parsed from JSON; raises TypeError or KeyError if it is damaged."""
        layers = (
            LayerInfo(**{**layer, "shape": tuple(layer["shape"]), "field_centre": tuple(layer["field_centre"])})
            for layer in data["layers"]
        )
        return cls(layers=tuple(layers), skips=tuple(Skip(**skip) for skip in data["skips"]))


def field_centre(shape: tuple[int, ...], step: int, field: int, input_size: tuple[int, int]) -> tuple[float, float]:
    """Return row and column of the input on which the receptive field of a map's first value is centred.

    Without padding the first field begins at the input's edge. With padding the fields reach over both edges, taken as
    equally far, which is right to one pixel of each layer's input.

    Parameters
    ----------
    shape : tuple of int
        (h, w, channels) of the map.
    step, field : int
        Input pixels from one value to the next, and those that one value sees along a side.
    input_size : (int, int)
        Height and width of the input.
    """
    reaches = ((count - 1) * step + field for count in shape[:2])
    row, column = (
        min(0.0, (size - reach) / 2) + (field - 1) / 2 for size, reach in zip(input_size, reaches, strict=True)
    )
    return row, column


def upgrade_layers(layers: Sequence[dict[str, Any]], input_size: tuple[int, int]) -> Architecture:
    """Return the layers of a run record of schema version 1, which held a chain of shown layers and no skips."""
    step, upgraded = 1, []
    for layer in layers:
        step *= max(layer["stride"], 1)
        shape, field = tuple(layer["shape"]), layer["receptive_field"]
        has_places = layer["kind"] != "dense"
        upgraded.append(
            LayerInfo(
                **{**layer, "shape": shape},
                shown=True,
                field_step=step if has_places else 0,
                field_centre=field_centre(shape, step, field, input_size) if has_places else (),
            )
        )
    return Architecture(layers=tuple(upgraded), skips=())
