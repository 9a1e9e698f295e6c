"""Our own compact residual networks, trained from scratch on augmented gray films."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.models.spec import Augmentation, InputSpec, ModelSpec, Pretraining, TrainSpec

if TYPE_CHECKING:
    import keras

STRONG = Augmentation(
    crop=(0.65, 1.1),
    rotation=10.0,
    shear=0.1,
    flip=True,
    gamma=1.6,
    contrast=0.25,
    blur=1.0,
    noise=8.0,
    border=0.08,
    cutout=0.3,
)
RECIPE = TrainSpec(
    optimizer="adamw",
    learning_rate=2e-3,
    weight_decay=1e-4,
    schedule="cosine",
    warmup_epochs=2,
    clip_norm=1.0,
    max_epochs=18,
    keep="last",
    augmentation=STRONG,
)
BLOCKS = (16, 32, 64, 128)


def build(spec: ModelSpec) -> "keras.Model":
    """Build standardised film, 5x5 stem and pooling, residual blocks, global average pooling, dropout, one logit.

    ``spec.layers``: ``blocks``, the filters of each residual block, the map halved where they change; ``dropout``;
    ``contrast``, applied before each film is scaled to mean 0 and standard deviation 1: ``none``, ``equalise`` or
    ``local``.
    """
    import keras  # TensorFlow takes seconds

    size, blocks = spec.input, spec.layers["blocks"]
    image = keras.Input((size.height, size.width, size.channels), name="image")
    x = image
    if spec.layers["contrast"] == "equalise":
        x = _equalise(x)
    elif spec.layers["contrast"] == "local":
        x = _local_contrast(x)
    x = _standardise(x)
    x = _convolve(x, blocks[0], 5, 2, "stem")
    x = keras.layers.MaxPooling2D(3, 2, padding="same", name="pool")(x)
    for number, filters in enumerate(blocks, start=1):
        x = _residual_block(x, filters, 1 if x.shape[-1] == filters else 2, f"block{number}")
    x = keras.layers.GlobalAveragePooling2D(name="average")(x)
    x = keras.layers.Dropout(spec.layers["dropout"], name="dropout")(x)
    logit = keras.layers.Dense(1, dtype="float32", name="logit")(x)
    return keras.Model(image, logit, name=spec.name)


def _convolve(x: Any, filters: int, kernel: int, stride: int, name: str, relu: bool = True) -> Any:
    import keras  # TensorFlow takes seconds

    x = keras.layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False, name=name)(x)
    x = keras.layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    return keras.layers.ReLU(name=f"{name}_relu")(x) if relu else x


def _residual_block(x: Any, filters: int, stride: int, name: str) -> Any:
    import keras  # TensorFlow takes seconds

    y = _convolve(x, filters, 3, stride, f"{name}a")
    y = _convolve(y, filters, 3, 1, f"{name}b", relu=False)
    if stride > 1:
        x = _convolve(x, filters, 1, stride, f"{name}_shortcut", relu=False)
    return keras.layers.ReLU(name=f"{name}b_relu")(keras.layers.Add(name=f"{name}_add")([x, y]))


def _standardise(x: Any) -> Any:
    """Scale each film to mean 0 and standard deviation 1; a blank one becomes zeros."""
    from keras import ops  # TensorFlow takes seconds

    def mean(y: Any) -> Any:  # rows first: sums of few numbers round alike in every runtime
        return ops.mean(ops.mean(y, axis=2, keepdims=True), axis=1, keepdims=True)

    centred = x - mean(x)
    return centred / ops.sqrt(mean(centred * centred) + 1.0)  # one squared gray value


def _equalise(x: Any, bins: int = 16, limit: float = 3.0) -> Any:
    """Equalise each film's histogram, piecewise linear over 16 bins, none counted for more than 3 average ones."""
    from keras import ops  # TensorFlow takes seconds

    height, width = x.shape[1:3]
    steps = ops.clip(x * (bins / 255) - ops.arange(bins, dtype="float32"), 0.0, 1.0)  # share of each bin below x
    flat = ops.reshape(steps, (-1, height * width, bins))
    above = ops.mean(ops.cast(flat > 0, "float32"), axis=1)
    mass = ops.minimum(above - ops.concatenate([above[:, 1:], 0 * above[:, :1]], axis=1), limit / bins)
    mass = mass + (1 - ops.sum(mass, axis=1, keepdims=True)) / bins
    return ops.reshape(ops.matmul(flat, ops.expand_dims(mass, -1)) * 255, (-1, height, width, 1))


def _local_contrast(x: Any, tiles: int = 8) -> Any:
    """Scale the surroundings of each pixel, a grid of 8 x 8 tiles drawn smooth, to one mean and one spread."""
    from keras import ops  # TensorFlow takes seconds

    height, width = x.shape[1:3]

    def smooth(y: Any) -> Any:
        y = ops.average_pool(y, (height // tiles, width // tiles))
        return ops.image.resize(y, (height, width), interpolation="bilinear", data_format="channels_last")

    centred = x - smooth(x)
    return centred / ops.sqrt(smooth(centred * centred) + 100.0)  # gray values squared: noise is not blown up


def variant(name: str, title: str, reason: str, *, side: int = 128, layers: Any = None, **train: Any) -> ModelSpec:
    """Return the spec of the recipe's network with other layers or another training."""
    return ModelSpec(
        name=name,
        title=title,
        reason=reason,
        input=InputSpec(height=side, width=side, channels=1),
        build=build,
        layers={"blocks": BLOCKS, "dropout": 0.2, "contrast": "none", **(layers or {})},
        train=replace(RECIPE, **train),
    )


MODELS = (
    variant(
        "residual",
        "Residual net",
        "A small network whose training films are reframed, re-exposed and covered so that framing gives nothing away.",
    ),
    variant(
        "residual_long",
        "Residual net, 36 epochs",
        "The same network trained twice as long: strong augmentation leaves it something to learn.",
        max_epochs=36,
    ),
    replace(
        variant(
            "residual_pretrained",
            "Residual net, pretrained",
            "Before its 36 epochs the same network learns from the training films without labels to tell them apart.",
            max_epochs=36,
        ),
        pretraining=Pretraining(epochs=40),
    ),
)
