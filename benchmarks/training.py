"""Seconds per epoch of the notebook's CNN: our loop, Keras' own way, and the generator that the notebook used.

Run it from the repository root: python -m benchmarks.training [--quick] [--data DIR] [--count N] [--rounds N]

Each trains the same network on the same train films with the same batch size in a process of its own, validation
included, in turn; its first epoch, which compiles, is left out. Ours decodes every film once beforehand, which is shown
apart. Films: evenly taken train films of DIR, and the committed samples drawn at native resolution, where the peers
decode 20 times as many pixels in every epoch.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tools.films import NATIVE, draw_films, link_dataset, write_dataset
from benchmarks.tools.report import Goal, Timing, headline, parser, timings
from core.data.dataset import read_dataset
from core.data.patients import LABEL_FOLDERS
from core.data.samples import list_samples
from core.data.split import with_split
from core.paths import ROOT

OURS, DATASET, GENERATOR = "ours", "Keras: image_dataset_from_directory and fit", "the notebook's generator and fit"
WAYS = {DATASET: "dataset", GENERATOR: "generator"}
MOST = 0.4  # of a peer's seconds


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What a process reported.

    Parameters
    ----------
    seconds : list of float
        Of each epoch, the first included.
    decoding : float
        Seconds of reading all films beforehand; 0 for the peers, who read them in each epoch.
    """

    seconds: list[float]
    decoding: float = 0.0


def train_ours(folder: Path, epochs: int) -> Trained:
    """Our loop, in this process."""
    from dataclasses import replace

    from core.data.arrays import load_films
    from core.models.registry import get_model
    from core.training.fit import fit
    from core.training.processor import with_supported_precision

    spec = with_supported_precision(get_model("cnn_adam"))
    spec = replace(spec, train=replace(spec.train, max_epochs=epochs, patience=epochs))
    start = time.perf_counter()
    dataset = read_dataset(folder)
    table = with_split(dataset)
    train, validation = (
        load_films(dataset, table[table["split"] == part], spec.input.height, spec.input.width)
        for part in ("train", "validation")
    )
    decoding = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as state:
        done = fit(spec, train, validation, seed=0, checkpoint=Path(state) / "state.npz", progress=False)
    return Trained(seconds=[epoch.seconds for epoch in done.history], decoding=decoding)


def split_folder(folder: Path, target: Path) -> Path:
    """The same films and split as a folder for Keras, linked."""
    for row in with_split(read_dataset(folder)).itertuples():
        place = target / str(row.split) / str(row.label) / Path(str(row.path)).name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(Path(str(row.path)).resolve())
    return target


def in_process(command: list[str]) -> Trained:
    """Run one way in a fresh process."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "LUNGLENS_CACHE": cache}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    measured = json.loads(done.stdout.splitlines()[-1])
    return Trained(seconds=measured["seconds"], decoding=measured.get("decoding", 0.0))


def compare(folder: Path, name: str, *, epochs: int, rounds: int) -> None:
    """Print the table of one folder of films, and whether the goals were met."""
    seconds: dict[str, list[float]] = {OURS: [], **{way: [] for way in WAYS}}
    decoding = []
    with tempfile.TemporaryDirectory() as split:
        keras_folder = split_folder(folder, Path(split))
        count = sum(1 for _ in (keras_folder / "train").glob("*/*"))
        for _ in range(rounds):
            ours = in_process(
                [sys.executable, "-m", "benchmarks.training", "--ours", str(folder), "--epochs", str(epochs)]
            )
            seconds[OURS] += ours.seconds[1:]
            decoding.append(ours.decoding)
            for title, way in WAYS.items():
                peer = [sys.executable, "-m", "benchmarks.peers.keras_training", way, str(keras_folder), str(epochs)]
                seconds[title] += in_process(peer).seconds[1:]
    measured = {title: Timing(seconds=tuple(values)) for title, values in seconds.items()}
    print(f"\n## {name}: {count:,} train films, seconds per epoch\n")
    print(timings(measured, OURS, "s"))
    print(f"\nOurs decodes all films once beforehand: {min(decoding):.1f} s.")
    for title in WAYS:
        ratio = measured[OURS].p50 / measured[title].p50
        print(Goal(name=f"our epoch over that of {title}", value=ratio, bound=MOST, at_least=False).sentence())


def draw(folder: Path, count: int, size: tuple[int, int]) -> Path:
    """A data set of drawn films."""
    films = draw_films(*size)
    labels = [sample.label for sample in list_samples()]
    by_label = {
        label: [film for film, own in zip(films, labels, strict=True) if own == label] for label in LABEL_FOLDERS
    }
    return write_dataset(folder, by_label, count)


def arguments() -> argparse.Namespace:
    """What the command line says."""
    made = parser(__doc__)
    made.add_argument("--count", type=int, default=1_000, help="films, validation included (default %(default)s)")
    made.add_argument("--rounds", type=int, default=1, help="times that each way is trained (default %(default)s)")
    made.add_argument("--epochs", type=int, default=3, help="epochs, the first of which is left out (default 3)")
    made.add_argument("--ours", type=Path, help=argparse.SUPPRESS)
    return made.parse_args()


def main() -> None:
    """Compare on the data set at hand, if any, and on drawn films."""
    given = arguments()
    if given.ours:
        done = train_ours(given.ours, given.epochs)
        print(json.dumps({"seconds": done.seconds, "decoding": done.decoding}))
        return
    headline("Training the notebook's CNN", quick=given.quick)
    count, epochs = (100, 2) if given.quick else (given.count, given.epochs)
    with tempfile.TemporaryDirectory() as folder:
        if given.data:
            data = link_dataset(Path(folder) / "data", given.data, count)
            compare(data, "The data set given", epochs=epochs, rounds=given.rounds)
        size = (448, 336) if given.quick else NATIVE
        drawn = draw(Path(folder) / "drawn", count, size)
        compare(drawn, f"Drawn films of {size[0]} x {size[1]}", epochs=epochs, rounds=given.rounds)


if __name__ == "__main__":
    main()
