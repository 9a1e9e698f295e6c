"""Seconds from nothing to a film's score: our command line beside a process that loads the Keras model and predicts.

Run it from the repository root: python -m benchmarks.startup [--quick] [FILM]

Each process starts from nothing (files may lie in the system's cache), scores the same film with the same weights, and
ends. Without FILM a committed sample is scored, enlarged to the size of a film. The peer is `keras.models.load_model`
on model.keras of the same run, then `model.predict`.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.tools.films import NATIVE, draw_films, jpeg
from benchmarks.tools.report import headline, parser
from core.paths import ROOT
from core.runs.record import Run
from core.runs.store import list_runs, served

REPEATS = 7
PEER_REPEATS = 3
PEER = """
import sys
import keras
import numpy as np
from PIL import Image

height, width, channels = (int(word) for word in sys.argv[3:6])
film = Image.open(sys.argv[1]).convert("L").resize((width, height), Image.Resampling.BILINEAR)
image = np.repeat(np.asarray(film, dtype=np.float32)[None, ..., None], channels, axis=-1)
model = keras.models.load_model(sys.argv[2], compile=False)
logit = model.predict(image, verbose=0)[0, 0]
print(1 / (1 + np.exp(-float(logit))))
"""


def seconds(command: list[str], repeats: int) -> tuple[list[float], str]:
    """Wall time of each of several processes, and what the last one printed."""
    times, output = [], ""
    for _ in range(repeats):
        start = time.perf_counter()
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}, capture_output=True)
        times.append(time.perf_counter() - start)
        if done.returncode:
            raise SystemExit(done.stderr.decode())
        output = done.stdout.decode()
    return times, output


def measure(run: Run, film: Path, *, quick: bool) -> None:
    """Print the table of one film."""
    repeats, peer_repeats = (1, 1) if quick else (REPEATS, PEER_REPEATS)
    ours, answer = seconds([sys.executable, "-m", "core", "score", str(film), "--model", run.run_id, "--json"], repeats)
    rows = [("python -m core score", ours, json.loads(answer)["files"][0]["score"])]
    weights = run.folder / "model.keras"
    if weights.exists():
        size = [str(side) for side in (run.input.height, run.input.width, run.input.channels)]
        peer_seconds, score = seconds([sys.executable, "-c", PEER, str(film), str(weights), *size], peer_repeats)
        rows.append(("keras load_model + predict", peer_seconds, float(score)))
    print(f"{run.run_id}, {film.name}")
    print(f"{'process':<28} {'runs':>4} {'median, s':>10} {'range, s':>14} {'ratio':>6} {'score':>8}")
    for name, times, score in rows:
        median, spread = statistics.median(times), f"{min(times):.2f}-{max(times):.2f}"
        ratio = median / statistics.median(ours)
        print(f"{name:<28} {len(times):>4} {median:>10.2f} {spread:>14} {ratio:>6.1f} {score:>8.5f}")
    if not weights.exists():
        print("No peer: this run has no model.keras.")


def main() -> None:
    """Measure the served run on the film that was named, or on a sample."""
    arguments = parser(__doc__, data=False)
    arguments.add_argument("film", nargs="?", type=Path, help="a film; an enlarged sample without it")
    given = arguments.parse_args()
    headline("From nothing to a film's score", quick=given.quick)
    run = served(list_runs()[0])
    if given.film:
        measure(run, given.film.resolve(), quick=given.quick)
        return
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "sample.jpeg"
        film.write_bytes(jpeg(draw_films(*NATIVE)[0]))
        measure(run, film, quick=given.quick)


if __name__ == "__main__":
    main()
