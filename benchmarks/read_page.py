"""The Read page through real websocket sessions, beside the same page written the usual way around Keras.

Run it from the repository root: python -m benchmarks.read_page [--quick] [--data DIR] [--sessions N ...]

Each session opens the page, then gives it films one after the other: upload over HTTP, run of the script, every
message taken in until the run has ended. All sessions upload at once. The peers (benchmarks/peers/keras_page.py) run in
a server of their own with Streamlit's default settings: one scores with as many models as our page does, one with the
served model alone; neither checks what it is given, draws a map on the film or keeps a threshold. A session stops the
benchmark if its page does not show the verdict on its own film.
"""

import asyncio
import os
import time
from dataclasses import dataclass

from benchmarks.tools.films import draw_films, film_files, jpeg, stamped
from benchmarks.tools.report import Goal, Timing, headline, parser, table
from benchmarks.tools.server import Server, serve
from benchmarks.tools.session import open_session
from core.explain.trust import NO_REASON
from core.paths import ROOT
from core.runs.store import list_runs, representative, served

SESSIONS = (1, 4, 16)
UPLOADS = {1: 12, 4: 4}  # of each session; 2 where not named
OURS, ALL, LEAN = "our Read page", "Keras page, all models", "Keras page, served model alone"
MOST = {1: 1 / 8, 16: 1 / 20}  # of the peer's p50
MOST_MEGABYTES = 250.0
MOST_UPLOAD, MOST_CHANGE = 0.1, 0.15  # seconds
TWO_MEGAPIXELS = (1_640, 1_240)
UPLOAD, CHANGE = "verdict, map and grid", "another layer"
MAPPED = (NO_REASON,)
VERDICTS = ("(cut-off ", "Verdict above")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What so many sessions at once saw of one page.

    Parameters
    ----------
    answers : Timing
        From the upload's start to the end of the run, every session's.
    megabytes : float
        Resident memory of the server afterwards.
    """

    answers: Timing
    megabytes: float


async def one_reader(
    address: str, page: str, films: list[tuple[str, bytes]], ready: asyncio.Barrier, seconds: list[float]
) -> None:
    """A session that waits for the others, then uploads its films one by one."""
    async with open_session(address, page) as session:
        await ready.wait()
        for name, data in films:
            start = time.perf_counter()
            elements = await session.upload(name, data)
            seconds.append(time.perf_counter() - start)
            if not any(verdict in elements for verdict in VERDICTS) or name not in elements:
                raise SystemExit(f"{address}/{page}: no verdict on {name}; nothing was measured.\n{elements[:2000]}")


async def pace(address: str, count: int) -> dict[str, Timing]:
    """One session on a server with ``profile``: so many 2-megapixel JPEG films, each with verdict, the map that comes
    first and a grid of feature maps, and after each another layer of the served model.

    Each in two measures: the script on the server, and from the request to the last message, which the client's own
    work is a part of. A browser asks for less at another layer, only that part of the page.
    """
    run = served(list_runs()[0])
    layers = [layer for layer in run.record.layers if layer.kind != "dense"]
    films = [jpeg(film) for film in draw_films(*TWO_MEGAPIXELS)]
    uploads: list[tuple[float, float]] = []
    changes: list[tuple[float, float]] = []
    async with open_session(address, "read") as session:
        await session.upload("first.jpeg", films[0])
        view = {session.controls["read_view"]: ("Map over the film",)}
        for number in range(count):
            name = f"film-{number:03d}.jpeg"
            film = stamped(films[number % len(films)], f"{name} {time.time_ns()}")
            elements = await session.upload(name, film, chosen=view)
            if not all(any(word in elements for word in words) for words in (VERDICTS, (name,), MAPPED)):
                raise SystemExit(f"{name}: no verdict, map and grid; nothing was measured.\n{elements[:2000]}")
            uploads.append((session.script_seconds, session.seconds))
            layer = layers[1 + number % (len(layers) - 1)]
            elements = await session.run(chosen=view | {session.controls[f"read_layer_{run.run_id}"]: (layer.name,)})
            height, width, maps = layer.shape
            if f"{maps} maps of {width} × {height} values" not in elements:
                raise SystemExit(f"{layer.name} was not drawn; nothing was measured.\n{elements[:2000]}")
            changes.append((session.script_seconds, session.seconds))
    return {
        f"{what}, {measure}": Timing(seconds=tuple(pair[place] for pair in seconds))
        for what, seconds in ((UPLOAD, uploads), (CHANGE, changes))
        for place, measure in enumerate(("script on the server", "to the last message"))
    }


async def readers(server: Server, page: str, films: list[bytes], count: int, uploads: int) -> Measured:
    """So many sessions at once; no two uploads have equal bytes, so no cache answers for the models."""
    ready = asyncio.Barrier(count)
    seconds: list[float] = []
    async with asyncio.TaskGroup() as group:
        for reader in range(count):
            own_timings = []
            for number in range(uploads):
                name = f"film-{reader:03d}-{number:03d}.jpeg"
                data = films[(reader + number) % len(films)]
                own_timings.append((name, stamped(data, f"{name} {time.time_ns()}")))
            group.create_task(one_reader(server.address, page, own_timings, ready, seconds))
    return Measured(answers=Timing(seconds=tuple(seconds)), megabytes=server.megabytes())


def measure(server: Server, page: str, films: list[bytes], sessions: list[int], *, quick: bool) -> dict[int, Measured]:
    """Numbers of sessions one after the other on one server, after one upload that loads models."""
    asyncio.run(readers(server, page, films, 1, 1))
    return {
        count: asyncio.run(readers(server, page, films, count, 1 if quick else UPLOADS.get(count, 2)))
        for count in sessions
    }


def our_page(films: list[bytes], sessions: list[int], *, quick: bool) -> dict[int, Measured]:
    """The Read page of this project."""
    with serve(ROOT / "streamlit_app.py") as server:
        return measure(server, "read", films, sessions, quick=quick)


def keras_page(films: list[bytes], sessions: list[int], models: list[str], *, quick: bool) -> dict[int, Measured]:
    """The peer with these models; its folder holds no settings, so that Streamlit's own hold."""
    script = ROOT / "benchmarks" / "peers" / "keras_page.py"
    with serve(script, folder=script.parent, BENCH_MODELS="\n".join(models)) as server:
        return measure(server, "", films, sessions, quick=quick)


def peer_models() -> list[str]:
    """Weights or spec of every model that our page scores with, the served one first."""
    runs = representative(list_runs()[0])
    first = served(runs)
    names = []
    for run in sorted((run for run in runs if not run.own), key=lambda run: run != first):
        weights = run.folder / "model.keras"
        names.append(str(weights) if weights.exists() else run.record.model)
    return names


def rows(name: str, measured: dict[int, Measured], ours: dict[int, Measured]) -> list[list[str]]:
    """Lines of the table for one page."""
    return [
        [
            name,
            str(count),
            str(timing.answers.count),
            f"{1000 * timing.answers.p50:.0f}",
            f"{1000 * timing.answers.p95:.0f}",
            f"{timing.answers.p50 / ours[count].answers.p50:.1f}",
            f"{timing.megabytes:.0f}",
        ]
        for count, timing in measured.items()
    ]


def pace_row(name: str, timing: Timing) -> list[str]:
    """Line of the table of paces."""
    return [name, str(timing.count), f"{1e3 * timing.p50:.0f}", f"{1e3 * timing.p95:.0f}"]


COLUMNS = ["page", "sessions", "uploads", "p50, ms", "p95, ms", "times ours", "server, MB"]


def goals(ours: dict[int, Measured], peer: dict[int, Measured], name: str) -> list[Goal]:
    """What is wanted of our page beside a peer."""
    wanted = [
        Goal(
            name=f"our p50 over that of {name} at {count} session{'s' * (count > 1)}",
            value=ours[count].answers.p50 / peer[count].answers.p50,
            bound=bound,
            at_least=False,
        )
        for count, bound in MOST.items()
        if count in ours and count in peer
    ]
    most = max(ours)
    memory = f"memory of our server after {most} session{'s' * (most > 1)} ({name}: {peer[most].megabytes:.0f} MB)"
    return [*wanted, Goal(name=memory, value=ours[most].megabytes, bound=MOST_MEGABYTES, at_least=False, unit=" MB")]


def main() -> None:
    """Measure our page and both peers."""
    arguments = parser(__doc__)
    arguments.add_argument("--sessions", type=int, nargs="+", help="sessions at once (default: 1 4 16)")
    given = arguments.parse_args()
    headline("The Read page in sessions", quick=given.quick)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sessions = given.sessions or ([1, 2] if given.quick else list(SESSIONS))
    films = [path.read_bytes() for path in film_files(given.data, 8)]
    models = peer_models()
    with serve(ROOT / "streamlit_app.py", profile=True) as server:
        paces = asyncio.run(pace(server.address, 3 if given.quick else 24))
    print("\nOne session, films of 2 megapixels:\n")
    print(
        table(["what", "runs", "p50, ms", "p95, ms"], [pace_row(name, timing) for name, timing in paces.items()]) + "\n"
    )
    for name, timing in paces.items():
        bound = 1e3 * (MOST_UPLOAD if name.startswith(UPLOAD) else MOST_CHANGE)
        print(Goal(name=f"p50 of {name}", value=1e3 * timing.p50, bound=bound, at_least=False, unit=" ms").sentence())
    ours = our_page(films, sessions, quick=given.quick)
    peers = {
        ALL: keras_page(films, sessions, models, quick=given.quick),
        LEAN: keras_page(films, sessions, models[:1], quick=given.quick),
    }
    print(f"\n{len(models)} models on our page and on the first peer.\n")
    lines = rows(OURS, ours, ours)
    for name, peer_timing in peers.items():
        lines += rows(name, peer_timing, ours)
    print(table(COLUMNS, lines) + "\n")
    for goal in goals(ours, peers[ALL], ALL):
        print(goal.sentence())
    print(
        f"Beside {LEAN}, for comparison: " + " ".join(goal.sentence() for goal in goals(ours, peers[LEAN], LEAN)[:-1])
    )


if __name__ == "__main__":
    main()
