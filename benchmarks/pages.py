"""The pages of evidence, tab by tab: in a fresh process, after the start page, and again with filled caches.

Run it from the repository root: python -m benchmarks.pages [--quick] [--data DIR]

A session asks for the page over a websocket and takes in every message until the script has ended. "First page of a
new process" is the first run of anything on a server that has just come up, so the page's imports and files count,
and with them what Streamlit itself loads for its first chart and table; each tab has servers of its own. "After
Overview" is what most visitors meet: the first run of this page on a server whose start page somebody has opened,
once it has loaded the rest in the background; the peers have one page alone, so it is their second visit. Warm is the
same page again in the same session. Python's compiled files are made before anything is measured, as they are for the
peers' libraries: what counts is the start of a server, not the first one after a change of the code. Processor time
is that of the server, which other work on the machine disturbs less. The peers are an empty page and one of one chart
and one table.
--data names a data set for the tab that shows a folder.
"""

import asyncio
import compileall
import os
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.tools.report import Goal, Timing, headline, parser, table
from benchmarks.tools.server import Server, serve
from benchmarks.tools.session import open_session
from core.paths import ROOT

APP = ROOT / "streamlit_app.py"
PEERS = {
    "peer: an empty page": ROOT / "benchmarks" / "peers" / "empty_page.py",
    "peer: one chart, one table": ROOT / "benchmarks" / "peers" / "chart_page.py",
}
PAGES = ("compare", "training", "inside", "data", "limits", "card")
MOST_COLD, MOST_WARM = 1.0, 0.15  # seconds
MOST_WAIT, IDLE = 30, 0.05  # seconds; processor seconds within one, below which the server does nothing
COLUMNS = [
    "page, tab",
    "first page of a new process",
    "the same, processor",
    "after Overview",
    "warm p50",
    "warm p95",
    "warm, processor",
]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Times of a page with one of its tabs open.

    Parameters
    ----------
    cold, visited, warm : Timing
        Wall times: of the first page of each process, of the first visit after Overview's in each, of all reruns.
    cold_processor, warm_processor : Timing
        Processor time of the server: of each cold run, and of each server's warm runs on average.
    """

    cold: Timing
    visited: Timing
    warm: Timing
    cold_processor: Timing
    warm_processor: Timing


def processor_seconds(server: Server) -> float:
    """Processor time that the server has taken so far, in steps of a hundredth."""
    times = psutil.Process(server.process).cpu_times()
    return float(times.user + times.system)


def assert_no_tensorflow(server: Server) -> None:
    """Stop where the server has TensorFlow's libraries in its memory, where the system tells."""
    process = psutil.Process(server.process)
    if hasattr(process, "memory_maps") and any("tensorflow" in mapped.path for mapped in process.memory_maps()):
        raise SystemExit("a page imported TensorFlow; nothing was measured.")


async def settled(server: Server) -> None:
    """Wait until the server has loaded in the background what the first film will need."""
    for _ in range(MOST_WAIT):
        before = processor_seconds(server)
        await asyncio.sleep(1)
        if processor_seconds(server) - before < IDLE:
            return


async def after_overview(server: Server, page: str, chosen: dict[str, str]) -> float:
    """Seconds of a page's first run on a server whose start page was opened before, in another session."""
    async with open_session(server.address):
        await settled(server)
        async with open_session(server.address, page, chosen) as session:
            return session.seconds


async def one_server(
    server: Server, page: str, chosen: dict[str, str], repeats: int
) -> tuple[float, float, list[float], float]:
    """Seconds and processor seconds of the first run of anything on a server; of so many reruns, and their mean."""
    before = processor_seconds(server)
    async with open_session(server.address, page, chosen) as session:
        first, after = session.seconds, processor_seconds(server)
        await settled(server)
        start, again = processor_seconds(server), []
        for _ in range(repeats):
            await session.run(chosen=chosen)
            again.append(session.seconds)
        end = processor_seconds(server)
    return first, after - before, again, (end - start) / repeats


def measure(script: Path, page: str, chosen: dict[str, str], *, rounds: int, repeats: int) -> Measured:
    """A page with these tabs open, each round on two fresh servers."""
    first, visited = [], []
    for _ in range(rounds):
        with serve(script) as server:
            first.append(asyncio.run(one_server(server, page, chosen, repeats)))
            assert_no_tensorflow(server)
        with serve(script) as server:
            visited.append(asyncio.run(after_overview(server, page, chosen)))
            assert_no_tensorflow(server)
    return Measured(
        cold=Timing(seconds=tuple(visit[0] for visit in first)),
        visited=Timing(seconds=tuple(visited)),
        warm=Timing(seconds=tuple(second for visit in first for second in visit[2])),
        cold_processor=Timing(seconds=tuple(visit[1] for visit in first)),
        warm_processor=Timing(seconds=tuple(visit[3] for visit in first)),
    )


def compile_all() -> None:
    """Compile core and pages, whatever the environment says of writing compiled files."""
    for folder in ("core", "pages"):
        if not compileall.compile_dir(ROOT / folder, quiet=1):
            raise SystemExit(f"{folder} could not be compiled; nothing was measured.")


async def tabs_of(server: Server, page: str) -> list[dict[str, str]]:
    """What to choose for each tab of a page: its label by the id of the tabs; one empty choice without tabs."""
    async with open_session(server.address, page) as session:
        return [{name: label} for name, labels in session.tabs.items() for label in labels] or [{}]


def title(page: str, chosen: dict[str, str]) -> str:
    """How a row is called."""
    return ", ".join([page, *chosen.values()])


def row(name: str, measured: Measured) -> list[str]:
    """A line of the table, in milliseconds."""
    seconds = (
        measured.cold.p50,
        measured.cold_processor.p50,
        measured.visited.p50,
        measured.warm.p50,
        measured.warm.p95,
        measured.warm_processor.p50,
    )
    return [name, *(f"{1000 * value:.0f}" for value in seconds)]


def goals(pages: dict[str, Measured]) -> list[Goal]:
    """The slowest of all, of each kind of visit, and every other one that is too slow."""
    kinds = (
        ("first page of a new process", MOST_COLD, lambda measured: measured.cold.p50),
        ("after Overview", MOST_COLD, lambda measured: measured.visited.p50),
        ("warm", MOST_WARM, lambda measured: measured.warm.p50),
    )
    wanted = []
    for kind, bound, value in kinds:
        slowest_first = sorted(pages, key=lambda name: -value(pages[name]))
        for place, name in enumerate(slowest_first):
            if place == 0 or value(pages[name]) > bound:
                wanted.append(
                    Goal(
                        name=f"{kind}, {name},",
                        value=1000 * value(pages[name]),
                        bound=1000 * bound,
                        at_least=False,
                        unit=" ms",
                    )
                )
    return wanted


def main() -> None:
    """Measure the peers, then every tab of every page."""
    arguments = parser(__doc__)
    arguments.add_argument("--pages", nargs="+", choices=PAGES, help="these alone")
    arguments.add_argument("--rounds", type=int, default=3, help="servers for each tab")
    given = arguments.parse_args()
    headline("Pages of evidence, cold and warm", quick=given.quick)
    if given.data:
        os.environ["LUNGLENS_DATA"] = str(given.data)
    compile_all()
    rounds, repeats = (1, 2) if given.quick else (given.rounds, 10)
    pages = given.pages or (("card",) if given.quick else PAGES)
    rows = []
    for name, script in PEERS.items():
        rows.append(row(name, measure(script, "", {}, rounds=rounds, repeats=repeats)))
    measured: dict[str, Measured] = {}
    for page in pages:
        with serve(APP) as server:
            choices = asyncio.run(tabs_of(server, page))
        for chosen in choices:
            name = title(page, chosen)
            measured[name] = measure(APP, page, chosen, rounds=rounds, repeats=repeats)
            rows.append(row(name, measured[name]))
    print(f"\nMilliseconds; {rounds} servers for each kind of first visit, {repeats} warm runs on each of the first.\n")
    print(table(COLUMNS, rows) + "\n")
    for goal in goals(measured):
        print(goal.sentence())


if __name__ == "__main__":
    main()
