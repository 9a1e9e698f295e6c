"""The notebook's network trained the usual ways; prints the seconds of each epoch as JSON.

    python -m benchmarks.peers.keras_training dataset|generator FOLDER EPOCHS

FOLDER holds ``train/<LABEL>/*.jpeg`` and ``validation/<LABEL>/*.jpeg``. ``dataset`` is ``image_dataset_from_directory``
and ``fit`` as Keras gives them, without any augmentation; ``generator`` reads, shears, zooms and rescales film after
film in Python, as ``ImageDataGenerator`` did before Keras dropped it.
"""

import json
import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
from PIL import Image
from scipy import ndimage

from core.models.registry import get_model

SPEC = get_model("cnn_adam")
SIZE = (SPEC.input.height, SPEC.input.width)
BATCH = SPEC.train.batch_size


class Clock(keras.callbacks.Callback):
    """Wall time of each epoch, validation included."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Start the clock."""
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Keras calls this once validation is done."""
        self.seconds.append(time.perf_counter() - self.start)


def read(path: Path) -> np.ndarray:
    """A film as ImageDataGenerator read it: RGB, nearest pixel; (H, W, 3) float32 in [0, 255]."""
    with Image.open(path) as film:
        small = film.convert("RGB").resize((SIZE[1], SIZE[0]), Image.Resampling.NEAREST)
    return np.asarray(small, np.float32)


def change(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shear by up to 0.2 degrees and zoom by 0.8 to 1.2 each way, channel by channel, as ImageDataGenerator did."""
    shear = math.radians(rng.uniform(-0.2, 0.2))
    zoom = rng.uniform(0.8, 1.2, 2)
    matrix = np.array([[1, -math.sin(shear)], [0, math.cos(shear)]]) @ np.diag(zoom)
    centre = (np.array(SIZE) - 1) / 2
    offset = centre - matrix @ centre
    channels = [
        ndimage.affine_transform(film[..., channel], matrix, offset, order=1, mode="nearest") for channel in range(3)
    ]
    return np.stack(channels, axis=-1)


def batches(paths: list[tuple[Path, int]], *, changed: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Batches without end, shuffled anew for each pass."""
    rng = np.random.default_rng(0)
    while True:
        order = rng.permutation(len(paths))
        for begin in range(0, len(order), BATCH):
            rows = [paths[row] for row in order[begin : begin + BATCH]]
            films = [change(read(path), rng) if changed else read(path) for path, _ in rows]
            yield np.stack(films), np.array([[label] for _, label in rows], np.float32)


def listed(folder: Path) -> list[tuple[Path, int]]:
    """Films with their labels."""
    return [(path, int(path.parent.name == "PNEUMONIA")) for path in sorted(folder.glob("*/*.jp*g"))]


def main() -> None:
    """Train so many epochs."""
    way, folder, epochs = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    keras.utils.set_random_seed(0)
    model = SPEC.build(SPEC)  # rescales to [0, 1] itself
    model.compile(keras.optimizers.Adam(SPEC.train.learning_rate), keras.losses.BinaryCrossentropy(from_logits=True))
    clock = Clock()
    if way == "dataset":
        train, validation = (
            keras.utils.image_dataset_from_directory(
                folder / part, label_mode="binary", image_size=SIZE, batch_size=BATCH, seed=0, verbose=False
            )
            for part in ("train", "validation")
        )
        model.fit(train, validation_data=validation, epochs=epochs, callbacks=[clock], verbose=0)
    else:
        films = {part: listed(folder / part) for part in ("train", "validation")}
        model.fit(
            batches(films["train"], changed=True),
            steps_per_epoch=math.ceil(len(films["train"]) / BATCH),
            validation_data=batches(films["validation"], changed=False),
            validation_steps=math.ceil(len(films["validation"]) / BATCH),
            epochs=epochs,
            callbacks=[clock],
            verbose=0,
        )
    print(json.dumps({"seconds": clock.seconds, "films": len(listed(folder / "train"))}))


if __name__ == "__main__":
    main()
