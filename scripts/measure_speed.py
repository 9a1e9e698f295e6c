"""Measure an epoch's training and one film's score for every trained model, in processor seconds of one core.

    python -m scripts.measure_speed --data DIR [MODEL ...]

Writes artifacts/speed.json and the manifest. Two epochs after a warm-up; scores are timed in blocks of 50, best of 10.
Named models are added to those that the same machine measured before; of the machine, its processor's name is checked.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.update(TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1", OMP_NUM_THREADS="1")

import numpy as np

from core.data.arrays import Films
from core.data.dataset import read_dataset
from core.files import write_text
from core.inference.model import Model
from core.manifest import write_manifest
from core.models.spec import ModelSpec
from core.paths import artifacts_dir
from core.runs.store import list_runs, representative
from core.runs.timing import SPEED
from core.training.fit import build, fit
from core.training.pretrain import pretrain
from core.training.run import load_splits


def main() -> None:
    """Measure the representative runs and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and test/")
    parser.add_argument("models", nargs="*", metavar="MODEL", help="only these; what is known of the others stays")
    arguments = parser.parse_args()
    machine = {"processor": processor(), "system": platform.machine(), "cores_used": 1}
    known = {"machine": machine, "models": {}}
    if arguments.models:
        known = json.loads((artifacts_dir() / SPEED).read_text())
        if known["machine"] != machine:
            parser.error(f"{SPEED} is of {known['machine']}, this is {machine}: measure all models")
    dataset = read_dataset(arguments.data)
    runs = {run.record.model: run for run in representative(list_runs()[0]) if not run.own}
    for name in arguments.models or runs:
        films = load_splits(dataset, runs[name].spec)
        known["models"][name] = measured = {
            "seconds_per_epoch": round(seconds_per_epoch(runs[name].spec, films), 2),
            "milliseconds_per_film": round(milliseconds_per_film(Model(runs[name]), films["validation"]), 3),
        }
        if runs[name].spec.pretraining:
            measured["pretraining_seconds"] = round(pretraining_seconds(runs[name].spec, films["train"]), 1)
        print(name, measured, flush=True)
    write_text(artifacts_dir() / SPEED, json.dumps(known, indent=1) + "\n")
    write_manifest()


def seconds_per_epoch(spec: ModelSpec, films: dict[str, Films]) -> float:
    """Median processor seconds of two epochs, validation included, after one that compiles."""
    spec = replace(spec, train=replace(spec.train, max_epochs=3, patience=3), pretraining=None)
    marks: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        fit(
            spec,
            films["train"],
            films["validation"],
            seed=0,
            checkpoint=Path(folder) / "state.npz",
            progress=False,
            on_epoch=lambda _: marks.append(time.process_time()),
        )
    return float(np.median(np.diff(marks)))


def pretraining_seconds(spec: ModelSpec, films: Films) -> float:
    """Processor seconds of all epochs without labels, by the difference between three of them and one."""
    assert spec.pretraining is not None
    spent = {}
    for epochs in (1, 3):
        short = replace(spec, pretraining=replace(spec.pretraining, epochs=epochs))
        with tempfile.TemporaryDirectory() as folder:
            start = time.process_time()
            pretrain(
                build(spec),
                short,
                films.pixels,
                seed=0,
                checkpoint=Path(folder) / "state.npz",
                fingerprint="",
                resume=False,
                progress=False,
            )
            spent[epochs] = time.process_time() - start
    return spec.pretraining.epochs * (spent[3] - spent[1]) / 2


def milliseconds_per_film(model: Model, films: Films, blocks: int = 10, size: int = 50) -> float:
    """Processor milliseconds of one score, the best block's mean."""
    best = float("inf")
    for _ in range(blocks):
        start = time.process_time()
        for row in range(size):
            model.network.outputs(films.pixels[row : row + 1], ["score"])
        best = min(best, (time.process_time() - start) / size)
    return 1000 * best


def processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


if __name__ == "__main__":
    main()
