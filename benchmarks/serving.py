"""One film on one core: our serving graph beside Keras' ways to call the same weights, and beside the compute limit.

Run it from the repository root: python -m benchmarks.serving [--quick] [--data DIR]

All take the same prepared films in one process, bound to one core, in turn. The limit is the time that the network's
multiply-adds would take at the speed of a float32 matrix product of 1,024 x 1,024 in NumPy on the same core.
"""

import os
from collections.abc import Callable

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np

from benchmarks.tools.films import film_files
from benchmarks.tools.report import Goal, Timing, headline, measure, parser, table, timings
from core.imaging.decode import read_film
from core.imaging.film import resize
from core.inference.model import Model
from core.inference.network import CAM
from core.runs.record import Run
from core.runs.store import list_runs, served
from core.types import UInt8Array

OURS = "ONNX Runtime, score alone"
PREDICT = "model.predict"
SIDE = 1024  # of the matrices
BATCH = 64
FASTER_THAN_PREDICT = 40.0
SHARE_OF_LIMIT = 0.6


def bind_to_one_core() -> None:
    """Keep this process and its threads on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def multiply_adds_per_second(seconds: float) -> float:
    """Speed of a product of two square matrices of `SIDE` that took so long."""
    return SIDE**3 / seconds


def limit_seconds(multiply_adds: int, films: int, speed: float) -> float:
    """Time of so many films if nothing but multiply-adds took any."""
    return multiply_adds * films / speed


def make_work(run: Run, images: UInt8Array) -> dict[str, Callable[[], object]]:
    """Every way to score prepared films (n, H, W) uint8."""
    import keras
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")  # it advises against a new function for each batch size
    network = Model(run).network
    keras_model = keras.models.load_model(run.folder / "model.keras", compile=False)
    x = np.repeat(images[..., None].astype(np.float32), run.input.channels, axis=-1)
    tensor = tf.constant(x)
    function = tf.function(keras_model)
    layer_names = [layer.name for layer in run.record.layers]
    maps = [layer.output for layer in keras_model.layers if isinstance(layer, keras.layers.Conv2D)]
    with_maps = keras.Model(keras_model.inputs, [keras_model.output, *maps])
    return {
        OURS: lambda: network.outputs(images, ["score"]),
        "ONNX Runtime, score and all feature maps": lambda: network.outputs(images, ["score", CAM, *layer_names]),
        "tf.function": lambda: function(tensor, training=False).numpy(),
        "eager call": lambda: keras_model(tensor, training=False).numpy(),
        PREDICT: lambda: keras_model.predict(x, verbose=0),
        "model.predict, score and feature maps": lambda: with_maps.predict(x, verbose=0),
    }


def check(run: Run, images: UInt8Array) -> None:
    """Stop where the peer does not compute what we do."""
    import keras

    model = keras.models.load_model(run.folder / "model.keras", compile=False)
    logit = model.predict(np.repeat(images[..., None], run.input.channels, axis=-1).astype(np.float32), verbose=0)[:, 0]
    apart = float(np.abs(Model(run).network.score(images)[1] - logit).max())
    if apart > 1e-3:
        raise SystemExit(f"{run.run_id}: peer and graph differ by {apart:.2g} in the logit; nothing was measured.")


def report(run: Run, measured: dict[str, Timing], films: int, speed: float, *, is_goal: bool) -> None:
    """Print one batch size's table, and whether its goals were met."""
    limit = limit_seconds(run.record.multiply_adds, films, speed)
    share = limit / measured[OURS].p50
    print(f"\n## {run.title} ({run.run_id}), {run.input.width} px, batch {films}\n")
    print(timings(measured, OURS))
    print(f"\nCompute limit: {1000 * limit:.3g} ms; score alone reaches {share:.2f} of it.")
    if not is_goal:
        return
    if films == 1:
        ratio = measured[PREDICT].p50 / measured[OURS].p50
        print(Goal(name="predict over score alone", value=ratio, bound=FASTER_THAN_PREDICT, at_least=True).sentence())
    else:
        name = f"the share of the compute limit at batch {films}"
        print(Goal(name=name, value=share, bound=SHARE_OF_LIMIT, at_least=True).sentence())


def main() -> None:
    """Measure the served run and, beside it, every other run whose Keras model is committed."""
    arguments = parser(__doc__).parse_args()
    headline("One film, one core", quick=arguments.quick)
    bind_to_one_core()
    runs = [run for run in list_runs()[0] if not run.own and (run.folder / "model.keras").exists()]
    first = served(list_runs()[0])
    if first not in runs:
        raise SystemExit(f"{first.run_id} has no model.keras: there is no peer.")
    films = [read_film(path) for path in film_files(arguments.data, 8)]
    rounds = 2 if arguments.quick else 10
    matrix = np.random.default_rng(0).random((SIDE, SIDE), np.float32)
    for run in sorted(runs, key=lambda other_run: other_run != first):
        prepared = np.stack([resize(film.pixels, run.input.height, run.input.width) for film in films])
        check(run, prepared)
        for count in (1, BATCH):
            images = np.resize(prepared, (count, *prepared.shape[1:]))
            work = make_work(run, images)
            repeats = dict.fromkeys(work, 1 if arguments.quick or count > 1 else 5) | {OURS: 5 if count == 1 else 2}
            timings = measure({**work, "matrix": lambda: matrix @ matrix}, rounds=rounds, repeats=repeats)
            product = timings.pop("matrix")
            report(run, timings, count, multiply_adds_per_second(product.best), is_goal=run == first)
    speed = f"{multiply_adds_per_second(product.best) / 1e9:.3g}"
    print(
        "\n" + table(["limit", "runs", "10^9 multiply-adds/s"], [["float32 matrix product", str(product.count), speed]])
    )


if __name__ == "__main__":
    main()
