"""An archive: films per second and memory of ``python -m core screen``, beside Keras' plain loop and decoding alone.

Run it from the repository root: python -m benchmarks.archive [--quick] [--films DIR] [--count N]

The films are JPEG at native resolution, linked to the wanted number: those of DIR, or the committed samples enlarged to
1,320 x 1,000. Speed is that of the whole command at two sizes; the difference leaves out its start, as a large archive
does. Decoding alone is `core.imaging.decode.decode_film` in warm processes on all cores. Memory is the largest sum of
the command and its workers, looked at each fifth of a second, on small films (100,000 of them: minutes).
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tools.films import NATIVE, draw_films, jpeg, write_archive
from benchmarks.tools.report import Goal, cores, headline, parser, table
from benchmarks.tools.server import resident
from core.imaging.decode import decode_film
from core.paths import ROOT
from core.runs.store import list_runs, served

CHUNK = 64
SMALL = (256, 192)  # width and height of the films of the memory runs, pixels
FASTER_THAN_LOOP = 8.0
SHARE_OF_DECODING = 0.8
MORE_MEMORY = 1.1  # of the smallest archive's peak


@dataclass(frozen=True, kw_only=True)
class Screened:
    """One run of the command.

    Parameters
    ----------
    films : int
    seconds : float
        Start of Python and joining of the table included.
    megabytes : float
        Largest memory of the command and its workers together.
    """

    films: int
    seconds: float
    megabytes: float


def screen(archive: Path, films: int) -> Screened:
    """Run the command on an archive; stops unless every film got its score."""
    out = archive.with_name(archive.name + ".parquet")
    command = [sys.executable, "-m", "core", "screen", str(archive), "--out", str(out), "--json"]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(process, peak))
    watcher.start()
    answer, _ = process.communicate()
    seconds = time.perf_counter() - start
    watcher.join()
    if process.returncode or json.loads(answer)["scored"] != films:
        raise SystemExit(f"not every film of {films} was scored: {answer[:500]}")
    out.unlink()
    return Screened(films=films, seconds=seconds, megabytes=peak[0])


def _watch(process: subprocess.Popen[str], peak: list[float]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], resident(process.pid))
        time.sleep(0.2)


def steady(small: Screened, large: Screened) -> float:
    """Films per second between two sizes, in which the start drops out."""
    return (large.films - small.films) / (large.seconds - small.seconds)


def _decode(paths: list[str]) -> int:
    return sum(1 for path in paths if decode_film(Path(path).read_bytes(), path).pixels.size)


def decoding_alone(archive: Path, films: int) -> float:
    """Films per second of decoding on all cores, in processes that are warm."""
    paths = [str(path) for path in sorted(archive.rglob("*.jpeg"))[:films]]
    work = [paths[begin : begin + CHUNK] for begin in range(0, len(paths), CHUNK)]
    with ProcessPoolExecutor(cores(), multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_decode, [paths[:1]] * 4 * cores()))
        start = time.perf_counter()
        done = sum(pool.map(_decode, work))
        return done / (time.perf_counter() - start)


def keras_loop(archive: Path, films: int) -> float:
    """Films per second of the peer."""
    weights = served(list_runs()[0]).folder / "model.keras"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers.keras_loop", str(weights), str(archive), str(films)],
        cwd=ROOT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    measured = json.loads(done.stdout.splitlines()[-1])
    return float(measured["films"] / measured["seconds"])


def speed(folder: Path, sources: list[bytes], sizes: tuple[int, int], loop: int) -> None:
    """Print the table of speeds and the goals."""
    small, large = (write_archive(folder / f"speed{count}", sources, count) for count in sizes)
    first = screen(small, sizes[0])
    decoding = decoding_alone(small, sizes[0])
    peer = keras_loop(small, loop)
    second = screen(large, sizes[1])
    ours = steady(first, second)
    rows = [
        ["ours, steady", str(sizes[1] - sizes[0]), f"{ours:.1f}", "1.00"],
        *(
            [f"ours, whole command of {run.films:,}", str(run.films), f"{run.films / run.seconds:.1f}", ""]
            for run in (first, second)
        ),
        ["decoding alone, all cores", str(sizes[0]), f"{decoding:.1f}", f"{decoding / ours:.2f}"],
        ["Keras' loader and predict, plain loop", str(loop), f"{peer:.1f}", f"{peer / ours:.3f}"],
    ]
    size = sum(len(source) for source in sources) / len(sources) / 1000
    print(f"\n## Speed, films of {size:.0f} kB on average\n")
    print(table(["what", "films", "films/s", "times ours"], rows) + "\n")
    for goal in (
        Goal(name="our speed over the plain loop's", value=ours / peer, bound=FASTER_THAN_LOOP, at_least=True),
        Goal(name="our speed over decoding alone's", value=ours / decoding, bound=SHARE_OF_DECODING, at_least=True),
    ):
        print(goal.sentence())


def memory(folder: Path, sizes: list[int]) -> None:
    """Print the peak memory by size of archive, and whether it stays the same."""
    sources = [jpeg(film) for film in draw_films(*SMALL)]
    runs = [screen(write_archive(folder / f"memory{count}", sources, count), count) for count in sizes]
    rows = [
        [f"{run.films:,} films", f"{run.seconds:.1f}", f"{run.films / run.seconds:.0f}", f"{run.megabytes:.0f}"]
        for run in runs
    ]
    print(f"\n## Memory, films of {SMALL[0]} x {SMALL[1]} pixels, {cores()} workers\n")
    print(table(["archive", "seconds", "films/s", "peak, MB"], rows) + "\n")
    name = f"peak memory at {sizes[-1]:,} films over that at {sizes[0]:,}"
    ratio = runs[-1].megabytes / runs[0].megabytes
    print(Goal(name=name, value=ratio, bound=MORE_MEMORY, at_least=False).sentence())


def read_sources(folder: Path | None) -> list[bytes]:
    """Files of a folder, or the samples at native resolution."""
    if folder is None:
        return [jpeg(film) for film in draw_films(*NATIVE)]
    sources = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.suffix.lower() in {".jpg", ".jpeg"}]
    if not sources:
        raise SystemExit(f"{folder}: holds no JPEG files.")
    return sources


def arguments() -> argparse.Namespace:
    """What the command line says."""
    made = parser(__doc__, data=False)
    made.add_argument("--films", type=Path, help="folder of JPEG films that are linked to make the archive")
    made.add_argument("--count", type=int, default=3_000, help="films of the larger run (default %(default)s)")
    return made.parse_args()


def main() -> None:
    """Measure speed, then memory."""
    given = arguments()
    headline("An archive", quick=given.quick)
    sizes = (64, 256) if given.quick else (max(CHUNK, given.count // 4), given.count)
    counts = [200, 1_000] if given.quick else [1_000, 10_000, 100_000]
    with tempfile.TemporaryDirectory() as folder:
        speed(Path(folder), read_sources(given.films), sizes, 10 if given.quick else 100)
        memory(Path(folder), counts)


if __name__ == "__main__":
    main()
