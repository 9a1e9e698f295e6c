"""A folder scored by a plain loop of Keras' loader and ``predict``; prints films and seconds as JSON.

python -m benchmarks.peers.keras_loop MODEL.keras FOLDER COUNT
"""

import json
import sys
import time
from pathlib import Path

import keras
import numpy as np


def main() -> None:
    """Score the first COUNT files of a folder after one that is not timed."""
    model = keras.models.load_model(sys.argv[1], compile=False)
    _, height, width, channels = model.input_shape
    color = "grayscale" if channels == 1 else "rgb"
    paths = sorted(Path(sys.argv[2]).rglob("*.jp*g"))[: int(sys.argv[3])]
    seconds: list[float] = []
    for path in [paths[0], *paths]:
        start = time.perf_counter()
        film = keras.utils.load_img(path, color_mode=color, target_size=(height, width), interpolation="bilinear")
        model.predict(np.expand_dims(keras.utils.img_to_array(film), 0), verbose=0)
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"films": len(paths), "seconds": sum(seconds[1:])}))


if __name__ == "__main__":
    main()
