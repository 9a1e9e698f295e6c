"""Describe a model as data: its input, its layers' hyperparameters and how it is trained."""

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
    crop : (float, float)
        Shares of width and height that are kept, each drawn, at a random place: the aspect ratio changes. A share
        above 1 shows the film smaller, its edges repeated.
    rotation : float
        Largest rotation either way, degrees.
    flip : bool
        Left and right are exchanged in half of the films.
    gamma : float
        Gray values in [0, 1] are raised to a power from 1 / gamma to gamma, even on a logarithmic scale.
    contrast : float
        Gray values are stretched around the film's mean by a factor from 1 - contrast to 1 + contrast, then cut.
    blur : float
        Largest share of a copy smoothed by a kernel of one pixel's standard deviation.
    noise : float
        Largest standard deviation of added noise, gray values.
    border : float
        Largest share of the side that is blackened along each edge; none in half of the cases.
    cutout : float
        Largest sides of one rectangle filled with the film's mean, as shares of the film's; in half of the films.
    """

    shear: float = 0.0
    zoom: float = 0.0
    crop: tuple[float, float] = (1.0, 1.0)
    rotation: float = 0.0
    flip: bool = False
    gamma: float = 1.0
    contrast: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    border: float = 0.0
    cutout: float = 0.0


@dataclass(frozen=True, kw_only=True)
class TrainSpec:
    """How a model is trained; the loss is binary cross-entropy.

    Parameters
    ----------
    optimizer : {"sgd", "rmsprop", "adam", "adamw"}
        With Keras' defaults but for the fields below.
    learning_rate : float
        The highest one, where there is a schedule.
    batch_size, max_epochs : int
    patience : int
        Training stops after so many epochs without a lower validation loss.
    keep : {"best", "last"}
        ``best``: the weights of the epoch with the lowest validation loss. ``last``: those of the last epoch, whatever
        the validation loss; patience is not used.
    weight_decay : float
        Of AdamW; not for biases and normalisation.
    schedule : {"constant", "cosine"}
        ``cosine`` falls from the learning rate to zero at ``max_epochs``.
    warmup_epochs : float
        The learning rate first rises from zero for so many epochs (with ``cosine``).
    clip_norm : float
        Longer gradients, over all weights together, are shortened to this length; 0 leaves them.
    augmentation : Augmentation
    precision : {"mixed_bfloat16", "float32"}
        Arithmetic during training; weights, export and serving are float32.
    """

    optimizer: str
    learning_rate: float
    batch_size: int = 32
    max_epochs: int = 40
    patience: int = 5
    keep: str = "best"
    weight_decay: float = 0.0
    schedule: str = "constant"
    warmup_epochs: float = 0.0
    clip_norm: float = 0.0
    augmentation: Augmentation = Augmentation()
    precision: str = "mixed_bfloat16"


@dataclass(frozen=True, kw_only=True)
class Distillation:
    """Trained models (teachers) whose mean score on each augmented film is part of the model's target.

    Hinton et al. 2015, arXiv 1503.02531, without a temperature; teachers see what the student sees (Beyer et al. 2022,
    arXiv 2106.05237).

    Parameters
    ----------
    teachers : tuple of str
        Committed runs, by id, of the same input size.
    weight : float in [0, 1]
        Their share; the label has the rest.
    """

    teachers: tuple[str, ...]
    weight: float


@dataclass(frozen=True, kw_only=True)
class Pretraining:
    """Pretraining on train films without their labels: contrast two augmented views of a film with other films.

    SimCLR, Chen et al. 2020, arXiv 2002.05709.

    Parameters
    ----------
    epochs, batch_size : int
        A batch holds two views of each of so many films.
    learning_rate : float
        Of AdamW, falling to zero along a cosine.
    temperature : float
    features : int
        Length of the projection head's output for each view.
    """

    epochs: int
    batch_size: int = 128
    learning_rate: float = 1e-3
    temperature: float = 0.2
    features: int = 64

    @property
    def description(self) -> str:
        """``40 epochs without labels``."""
        return f"{self.epochs} epochs without labels"


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
        logits. Maps are shown of the convolutions, poolings and hidden dense layers on the longest way through it.
    layers : dict
        Hyperparameters that ``build`` reads.
    train : TrainSpec
    distillation : Distillation, optional
    pretraining : Pretraining, optional
        For networks with a layer ``average``, the global average pooling.
    """

    name: str
    title: str
    reason: str
    input: InputSpec
    build: "Callable[[ModelSpec], keras.Model]"
    layers: dict[str, Any]
    train: TrainSpec
    distillation: Distillation | None = None
    pretraining: Pretraining | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the spec as JSON-ready data, without its builder and unused parts."""
        used = {key: value for key, value in asdict(self).items() if value is not None}
        return {key: value for key, value in used.items() if key != "build"}
