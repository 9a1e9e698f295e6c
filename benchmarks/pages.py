"""The pages of evidence, tab by tab: the first run in a fresh process, and again with filled caches.

Run it from the repository root: python benchmarks/pages.py [--quick] [--data DIR]

A session asks for the page over a websocket and takes in every message until the script has ended. Cold is the first
run of anything on a server that has just come up, so the page's imports and files count, and with them what Streamlit
itself loads for its first chart and table; each tab has a server of its own. Warm is the same page again in the same
session, once the server has loaded its models in the background. Beside the wall time stands the processor time of the
server, which other work on the machine disturbs less. The peers are an empty page and one of one chart and one table.
--data names a data set for the tab that shows a folder.
"""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

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
COLUMNS = ["page, tab", "cold", "cold, processor", "warm p50", "warm p95", "warm, processor"]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Times of a page with one of its tabs open.

    Parameters
    ----------
    cold, warm : Timing
        Wall times, one cold for each server, all servers' warm ones.
    cold_processor, warm_processor : Timing
        Processor time of the server: of each cold run, and of each server's warm runs on average.
    """

    cold: Timing
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
    if hasattr(process, "memory_maps") and any("tensorflow" in one.path for one in process.memory_maps()):
        raise SystemExit("a page imported TensorFlow; nothing was measured.")


async def settled(server: Server) -> None:
    """Wait until the server has loaded in the background what the first film will need."""
    for _ in range(MOST_WAIT):
        before = processor_seconds(server)
        await asyncio.sleep(1)
        if processor_seconds(server) - before < IDLE:
            return


async def one_server(server: Server, page: str, chosen: dict[str, str], repeats: int) -> Measured:
    """The first run of anything on a server, and so many reruns."""
    before = processor_seconds(server)
    async with open_session(server.address, page, chosen) as session:
        first, after = session.seconds, processor_seconds(server)
        await settled(server)
        start, again = processor_seconds(server), []
        for _ in range(repeats):
            await session.run(chosen=chosen)
            again.append(session.seconds)
        end = processor_seconds(server)
    return Measured(
        cold=Timing(seconds=(first,)),
        warm=Timing(seconds=tuple(again)),
        cold_processor=Timing(seconds=(after - before,)),
        warm_processor=Timing(seconds=((end - start) / repeats,)),
    )


def joined(rounds: list[Measured]) -> Measured:
    """All servers' times together."""

    def every(name: str) -> Timing:
        return Timing(seconds=tuple(second for one in rounds for second in getattr(one, name).seconds))

    return Measured(**{name: every(name) for name in ("cold", "warm", "cold_processor", "warm_processor")})


def measure(script: Path, page: str, chosen: dict[str, str], *, rounds: int, repeats: int) -> Measured:
    """A page with these tabs open, each round on a fresh server."""
    found = []
    for _ in range(rounds):
        with serve(script) as server:
            found.append(asyncio.run(one_server(server, page, chosen, repeats)))
            assert_no_tensorflow(server)
    return joined(found)


async def tabs_of(server: Server, page: str) -> list[dict[str, str]]:
    """What to choose for each tab of a page: its label by the id of the tabs; one empty choice without tabs."""
    async with open_session(server.address, page) as session:
        return [{name: label} for name, labels in session.tabs.items() for label in labels] or [{}]


def title(page: str, chosen: dict[str, str]) -> str:
    """How a row is called."""
    return ", ".join([page, *chosen.values()])


def row(name: str, one: Measured) -> list[str]:
    """A line of the table, in milliseconds."""
    seconds = (one.cold.p50, one.cold_processor.p50, one.warm.p50, one.warm.p95, one.warm_processor.p50)
    return [name, *(f"{1000 * value:.0f}" for value in seconds)]


def goals(found: dict[str, Measured]) -> list[Goal]:
    """The slowest of all, cold and warm, and every other one that is too slow."""
    kinds = (("cold", MOST_COLD, lambda one: one.cold.p50), ("warm", MOST_WARM, lambda one: one.warm.p50))
    wanted = []
    for kind, bound, value in kinds:
        slowest_first = sorted(found, key=lambda name: -value(found[name]))
        for place, name in enumerate(slowest_first):
            if place == 0 or value(found[name]) > bound:
                wanted.append(
                    Goal(
                        name=f"{kind}, {name},",
                        value=1000 * value(found[name]),
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
    rounds, repeats = (1, 2) if given.quick else (given.rounds, 10)
    pages = given.pages or (("card",) if given.quick else PAGES)
    rows = []
    for name, script in PEERS.items():
        rows.append(row(name, measure(script, "", {}, rounds=rounds, repeats=repeats)))
    found: dict[str, Measured] = {}
    for page in pages:
        with serve(APP) as server:
            choices = asyncio.run(tabs_of(server, page))
        for chosen in choices:
            name = title(page, chosen)
            found[name] = measure(APP, page, chosen, rounds=rounds, repeats=repeats)
            rows.append(row(name, found[name]))
    print(f"\nMilliseconds; {rounds} servers for each line, {repeats} warm runs on each.\n")
    print(table(COLUMNS, rows) + "\n")
    for goal in goals(found):
        print(goal.sentence())


if __name__ == "__main__":
    main()
