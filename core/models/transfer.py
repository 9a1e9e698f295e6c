"""A network that starts from ImageNet weights of Keras Applications, where they may be downloaded."""

from typing import TYPE_CHECKING

from core.errors import ArtifactError
from core.models.spec import Augmentation, InputSpec, ModelSpec, TrainSpec

if TYPE_CHECKING:
    import keras


def build(spec: ModelSpec) -> "keras.Model":
    """Build MobileNetV2 without its top, global average pooling, dropout, one logit; all weights are trained.

    ``spec.layers["weights"]`` is ``imagenet``, or None for random ones.

    Raises
    ------
    ArtifactError
        The weights are neither on this machine nor can they be downloaded.
    """
    import keras  # TensorFlow takes seconds; specs are read without

    size = spec.input
    image = keras.Input((size.height, size.width, size.channels), name="image")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1, name="rescale")(image)
    try:
        base = keras.applications.MobileNetV2(input_tensor=x, include_top=False, weights=spec.layers["weights"])
    except Exception as error:  # Keras raises a plain Exception where a download fails
        if not spec.layers["weights"]:
            raise
        reason = " ".join(str(error).split())[:120]
        raise ArtifactError(
            f"{spec.name}: the ImageNet weights of MobileNetV2 are missing and cannot be downloaded ({reason}); "
            "train it once on a machine with network, or copy that machine's ~/.keras/models."
        ) from None
    x = keras.layers.GlobalAveragePooling2D(name="average")(base.output)
    x = keras.layers.Dropout(spec.layers["dropout"], name="dropout")(x)
    logit = keras.layers.Dense(1, dtype="float32", name="logit")(x)
    return keras.Model(image, logit, name=spec.name)


MODELS = (
    ModelSpec(
        name="mobilenet",
        title="MobileNetV2, ImageNet",
        reason="Asks what photographs teach about films: weights from ImageNet, tuned on ours.",
        input=InputSpec(height=128, width=128, channels=3),
        build=build,
        layers={"weights": "imagenet", "dropout": 0.2},
        train=TrainSpec(
            optimizer="adamw",
            learning_rate=3e-4,
            weight_decay=1e-4,
            schedule="cosine",
            warmup_epochs=1,
            clip_norm=1.0,
            max_epochs=12,
            keep="last",
            augmentation=Augmentation(
                crop=(0.65, 1.1), rotation=10.0, flip=True, gamma=1.6, contrast=0.25, blur=1.0, border=0.08, cutout=0.3
            ),
        ),
    ),
)
