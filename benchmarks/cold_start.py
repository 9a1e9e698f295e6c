"""Cold start in a real browser: our first page beside an empty Streamlit app, and the first verdict of a fresh server.

Run it from the repository root: python -m benchmarks.cold_start [--quick] [--data DIR]

Each visit starts a server from nothing (files may lie in the system's cache) and opens it in a fresh profile of a
browser that runs already; ours and the peer in turn. The first verdict is timed on a fresh server's Read page, from the
moment when the browser is given the file until the verdict stands on screen.
"""

import time
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.tools.browser import chromium, upload, visit
from benchmarks.tools.films import film_files
from benchmarks.tools.report import Goal, Timing, headline, parser, table, timings
from benchmarks.tools.server import serve
from core.paths import ROOT

OURS, EMPTY = "our first page", "empty Streamlit app"
SCRIPTS = {OURS: ROOT / "streamlit_app.py", EMPTY: ROOT / "benchmarks" / "peers" / "empty_page.py"}
VERDICT = r"\(cut-off "
MOST = 1.15  # of the empty app's time
MOST_SECONDS = 1.0
PAUSES = (0.0, 4.0)  # seconds from the page to the film: at once, as no person can, and as one who picks a file


def first_page(browser: Browser, script: Path) -> tuple[float, float]:
    """Seconds from the command to the page on screen, and those of the visit alone, on a fresh server."""
    with serve(script) as server:
        opened = time.perf_counter()
        page, shown = visit(browser, server.address)
        page.context.close()
    return shown - server.started, shown - opened


def first_verdict(browser: Browser, film: Path, pause: float) -> tuple[float, float]:
    """Seconds from giving a film to the verdict on screen, of the first and of a second reader of a fresh server.

    Each gives the film so many seconds after the page was drawn.
    """
    seconds = []
    with serve(SCRIPTS[OURS]) as server:
        for _ in range(2):
            page, _ = visit(browser, f"{server.address}/read")
            page.wait_for_timeout(1e3 * pause)
            seconds.append(upload(page, film, VERDICT))
            page.context.close()
    return seconds[0], seconds[1]


def main() -> None:
    """Measure first pages in turn, then first verdicts."""
    arguments = parser(__doc__).parse_args()
    headline("Cold start", quick=arguments.quick)
    rounds = 1 if arguments.quick else 7
    film = film_files(arguments.data, 1)[0]
    totals: dict[str, list[float]] = {OURS: [], EMPTY: []}
    visits: dict[str, list[float]] = {OURS: [], EMPTY: []}
    with chromium() as browser:
        first_page(browser, SCRIPTS[EMPTY])  # the browser's own first page
        for _ in range(rounds):
            for name, script in SCRIPTS.items():
                total, visit_alone = first_page(browser, script)
                totals[name].append(total)
                visits[name].append(visit_alone)
        verdicts = {pause: [first_verdict(browser, film, pause) for _ in range(rounds)] for pause in PAUSES}
    whole = {name: Timing(seconds=tuple(seconds)) for name, seconds in totals.items()}
    alone = {name: Timing(seconds=tuple(seconds)) for name, seconds in visits.items()}
    readers = {
        (who, pause): Timing(seconds=tuple(pair[place] for pair in seconds))
        for pause, seconds in verdicts.items()
        for place, who in enumerate(("first reader", "second reader"))
    }
    print("\n## From the command to the first page on screen\n\n" + timings(whole, OURS))
    print("\n## From the visit to the first page on screen, the server up and cold\n\n" + timings(alone, OURS))
    print("\n## From giving a film to the verdict on screen\n")
    rows = [
        [who, f"{pause:g} s", str(timing.count), f"{timing.p50:.2f}", f"{timing.p95:.2f}"]
        for (who, pause), timing in readers.items()
    ]
    print(table(["server's", "after the page", "runs", "p50, s", "p95, s"], rows) + "\n")
    for goal in (
        Goal(
            name="our start over the empty app's", value=whole[OURS].p50 / whole[EMPTY].p50, bound=MOST, at_least=False
        ),
        Goal(
            name="our visit over the empty app's", value=alone[OURS].p50 / alone[EMPTY].p50, bound=MOST, at_least=False
        ),
        *(
            Goal(
                name=f"the first verdict, of a film given {pause:g} s after the page was drawn",
                value=readers["first reader", pause].p50,
                bound=MOST_SECONDS,
                at_least=False,
                unit=" s",
            )
            for pause in PAUSES
        ),
    ):
        print(goal.sentence())


if __name__ == "__main__":
    main()
