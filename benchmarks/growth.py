"""Cost as work grows: rows of an evaluation, films of a worklist, sessions of the Read page.

Run it from the repository root: python -m benchmarks.growth [--quick] [--data DIR]

Evaluations go up to a million rows, 2,000 draws of patients each (benchmarks/evaluation.py has them alone). Worklists
are judged as the page does, gate, thumbnail and kept copy included, beside Keras' loader and ``predict`` film by film.
Sessions upload to the Read page all at once (benchmarks/read_page.py has the peers).
"""

import io
import statistics
import tempfile
from pathlib import Path

from benchmarks import evaluation, read_page
from benchmarks.archive import keras_loop
from benchmarks.evaluation import seconds
from benchmarks.tools.films import NATIVE, draw_films, film_files, jpeg, write_archive
from benchmarks.tools.report import headline, parser, table
from core.gate import load_gate
from core.inference.model import Model
from core.runs.store import list_runs, served
from core.worklist.queue import judge_all, read_uploads, reading_order

WORKLISTS = (10, 50, 200, 500)
SESSIONS = (1, 2, 4, 8, 16, 32, 64)
PEER_FILMS = 20


def worklist(sources: list[bytes], count: int, model: Model) -> None:
    """Judge and order so many films; stops where one of them got no score."""
    files = [(f"{number}.jpeg", io.BytesIO(sources[number % len(sources)])) for number in range(count)]
    rows = reading_order(judge_all(read_uploads(files), model, load_gate()))
    if any(row.status != "scored" for row in rows):
        raise SystemExit(f"of {count} films not every one was scored; nothing was measured.")


def worklists(*, quick: bool) -> str:
    """The table of worklists."""
    sources = [jpeg(film) for film in draw_films(*NATIVE)]
    model = Model(served(list_runs()[0]))
    worklist(sources, 2, model)
    with tempfile.TemporaryDirectory() as folder:
        films = 5 if quick else PEER_FILMS
        peer = 1 / keras_loop(write_archive(Path(folder) / "films", sources, films), films)
    rows = []
    for count in (10, 20) if quick else WORKLISTS:
        took = statistics.median(
            seconds(lambda count=count: worklist(sources, count, model)) for _ in range(1 if quick else 3)
        )
        rows.append(
            [
                f"{count}",
                f"{took:.2f}",
                f"{1000 * took / count:.1f}",
                f"{peer * count:.1f}",
                f"{peer * count / took:.1f}",
            ]
        )
    return table(["films", "ours, s", "ms a film", "Keras' loop, s", "times ours"], rows)


def sessions(films: list[bytes], counts: list[int], *, quick: bool) -> str:
    """The table of sessions, with the median answer beside that of one session."""
    timings = read_page.our_page(films, counts, quick=quick)
    alone = timings[counts[0]].answers.p50
    rows = [
        [
            f"{count}",
            f"{timing.answers.count}",
            f"{1000 * timing.answers.p50:.0f}",
            f"{1000 * timing.answers.p95:.0f}",
            f"{timing.answers.p50 / alone / count:.2f}",
            f"{timing.megabytes:.0f}",
        ]
        for count, timing in timings.items()
    ]
    return table(
        ["sessions", "uploads", "p50, ms", "p95, ms", "over one after the other", "server, MB"],
        rows,
    )


def main() -> None:
    """Print the three tables."""
    given = parser(__doc__).parse_args()
    headline("Cost as work grows", quick=given.quick)
    print("\n## Evaluation, 2,000 draws of patients\n\n" + evaluation.growth(quick=given.quick), flush=True)
    print(
        f"\n## Worklist, films of {NATIVE[0]} x {NATIVE[1]}\n\n" + worklists(quick=given.quick),
        flush=True,
    )
    counts = [1, 2] if given.quick else list(SESSIONS)
    films = [path.read_bytes() for path in film_files(given.data, 8)]
    print("\n## Sessions of the Read page, all uploading at once\n\n" + sessions(films, counts, quick=given.quick))


if __name__ == "__main__":
    main()
