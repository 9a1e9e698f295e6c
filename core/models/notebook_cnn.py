"""The notebook's convolutional network, with its optimizers and its dropout variant."""

from dataclasses import replace
from typing import TYPE_CHECKING

from core.models.spec import Augmentation, InputSpec, ModelSpec, TrainSpec

if TYPE_CHECKING:
    import keras

INPUT = InputSpec(height=64, width=64, channels=3)
AUGMENTATION = Augmentation(shear=0.2, zoom=0.2)
FILTERS = (32, 64, 128)


def build(spec: ModelSpec) -> "keras.Model":
    """Build rescaling, three 3x3 convolutions each followed by 2x2 pooling, hidden dense layers, one logit.

    A float in ``spec.layers["dense"]`` is a dropout rate at that place.
    """
    import keras  # TensorFlow takes seconds; specs are read without

    size = spec.input
    image = keras.Input((size.height, size.width, size.channels), name="image")
    x = keras.layers.Rescaling(1 / 255, name="rescale")(image)
    for number, filters in enumerate(spec.layers["filters"], start=1):
        x = keras.layers.Conv2D(filters, 3, activation="relu", name=f"conv{number}")(x)
        x = keras.layers.MaxPooling2D(2, name=f"pool{number}")(x)
    x = keras.layers.Flatten(name="flatten")(x)
    dense = 0
    for step in spec.layers["dense"]:
        if isinstance(step, float):
            x = keras.layers.Dropout(step, name=f"dropout{dense}")(x)
        else:
            dense += 1
            x = keras.layers.Dense(step, activation="relu", name=f"dense{dense}")(x)
    logit = keras.layers.Dense(1, dtype="float32", name="logit")(x)
    return keras.Model(image, logit, name=spec.name)


def _variant(
    name: str,
    title: str,
    reason: str,
    optimizer: str = "adam",
    learning_rate: float = 1e-3,
    *,
    dense: tuple[int | float, ...] = (512,),
    side: int = 64,
    filters: tuple[int, ...] = FILTERS,
) -> ModelSpec:
    return ModelSpec(
        name=name,
        title=title,
        reason=reason,
        input=replace(INPUT, height=side, width=side),
        build=build,
        layers={"filters": filters, "dense": dense},
        train=TrainSpec(optimizer=optimizer, learning_rate=learning_rate, augmentation=AUGMENTATION),
    )


MODELS = (
    _variant(
        "cnn_sgd", "CNN, SGD", "The plainest optimizer: what the network learns without adaptive steps.", "sgd", 0.01
    ),
    _variant("cnn_rmsprop", "CNN, RMSprop", "Adaptive step sizes without momentum.", "rmsprop"),
    _variant("cnn_adam", "CNN, Adam", "The notebook's best network: adaptive steps with momentum."),
    _variant(
        "cnn_adam_dropout",
        "CNN, Adam, dropout",
        "Asks whether dropout and a narrower dense layer curb overfitting.",
        dense=(128, 0.3, 512),
    ),
    _variant(
        "cnn_grid",
        "CNN, grid search",
        "The winner of 72 combinations of optimizer, learning rate, dropout, dense width and batch size.",
        dense=(0.3, 128),
    ),
    _variant(
        "cnn_adam_128",
        "CNN, Adam, 128 px",
        "The notebook's conjecture that resolution helps; a fourth pooling stage, or the graph would take 26 MB.",
        side=128,
        filters=(*FILTERS, 128),
    ),
    _variant(
        "cnn_adam_224",
        "CNN, Adam, 224 px",
        "The conjecture at 224 px; five pooling stages, with four the graph would take 19 MB.",
        side=224,
        filters=(*FILTERS, 128, 128),
    ),
)
