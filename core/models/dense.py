"""The dense baseline: what pixels alone tell without any convolution."""

from typing import TYPE_CHECKING

from core.models.spec import InputSpec, ModelSpec, TrainSpec

if TYPE_CHECKING:
    import keras


def build(spec: ModelSpec) -> "keras.Model":
    """Build rescaling, flatten, hidden dense layers, one logit."""
    import keras  # TensorFlow takes seconds; specs are read without

    size = spec.input
    image = keras.Input((size.height, size.width, size.channels), name="image")
    x = keras.layers.Rescaling(1 / 255, name="rescale")(image)
    x = keras.layers.Flatten(name="flatten")(x)
    for number, units in enumerate(spec.layers["dense"], start=1):
        x = keras.layers.Dense(units, activation="relu", name=f"dense{number}")(x)
    logit = keras.layers.Dense(1, dtype="float32", name="logit")(x)
    return keras.Model(image, logit, name=spec.name)


MODELS = (
    ModelSpec(
        name="dense",
        title="Dense baseline",
        reason="Shows what plain pixel weights reach, so that convolution has to earn its place.",
        input=InputSpec(height=64, width=64, channels=1),
        build=build,
        layers={"dense": (64, 64)},
        train=TrainSpec(optimizer="adam", learning_rate=3e-4),
    ),
)
