"""What a model is, as data: its input, its layers' hyperparameters and how it is trained."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, kw_only=True)
class InputSpec:
    """The picture that a model takes: height and width in pixels, gray repeated over the channels."""

    height: int
    width: int
    channels: int


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """Random changes to training films, drawn anew for each film and epoch.

    Parameters
    ----------
    shear : float
        Largest horizontal shear, as a share of the height.
    zoom : float
        Width and height are each scaled by a factor from 1 - zoom to 1 + zoom.
    """

    shear: float = 0.0
    zoom: float = 0.0


@dataclass(frozen=True, kw_only=True)
class TrainSpec:
    """How a model is trained; the loss is binary cross-entropy.

    Parameters
    ----------
    optimizer : {"sgd", "rmsprop", "adam"}
        With Keras' defaults but for the learning rate.
    learning_rate : float
    batch_size, max_epochs : int
    patience : int
        Training stops after so many epochs without a lower validation loss; the best epoch's weights are kept.
    augmentation : Augmentation
    precision : {"mixed_bfloat16", "float32"}
        Arithmetic during training; weights, export and serving are float32.
    """

    optimizer: str
    learning_rate: float
    batch_size: int = 32
    max_epochs: int = 40
    patience: int = 5
    augmentation: Augmentation = Augmentation()
    precision: str = "mixed_bfloat16"


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """One entry of the registry.

    Parameters
    ----------
    name : str
        Identifier, also the head of its runs' names.
    title : str
        What pages call it.
    reason : str
        One line: why the model is in the comparison.
    input : InputSpec
    build : callable
        Takes the spec, returns an untrained Keras model from (n, H, W, C) float32 gray values in [0, 255] to (n, 1)
        logits. Layers whose maps are shown are convolutions, poolings and hidden dense layers, in a chain.
    layers : dict
        Hyperparameters that ``build`` reads.
    train : TrainSpec
    """

    name: str
    title: str
    reason: str
    input: InputSpec
    build: "Callable[[ModelSpec], keras.Model]"
    layers: dict[str, Any]
    train: TrainSpec

    def to_dict(self) -> dict[str, Any]:
        """The spec as JSON-ready data, without its builder."""
        data = {key: value for key, value in vars(self).items() if key not in ("build", "input", "train")}
        return {**data, "input": asdict(self.input), "train": asdict(self.train)}
