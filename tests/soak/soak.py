"""Many readers at once for minutes, each with films of its own: no error, nobody sees another's, memory stays flat.

    make soak                                        # 64 sessions, 10 minutes; writes docs/soak.md
    python -m tests.soak.soak --sessions 8 --minutes 1 [--data DIR] [--out FILE.md]

Each session opens the Read page over a websocket, thinks, uploads a film over HTTP, and compares what the page says
with what `core.inference.scoring` said of the film before. Some uploads break off in the middle, some films go to the
HTTP interface, and sessions leave and come back. Fixed before any run: every answer is the film's own, no session and
no line of the log reports an error, and over the second half resident memory grows by less than 5 %.
"""

import argparse
import asyncio
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import requests

from benchmarks.tools.films import stamped
from benchmarks.tools.report import load, machine, table
from benchmarks.tools.server import Server, serve
from benchmarks.tools.session import Session, open_session
from core.paths import ROOT
from tests.soak.films import Planned, Planner

THINK = (15.0, 45.0)  # seconds between two uploads of one session
VISIT = (2, 6)  # uploads before a session leaves, the second number excluded
BREAKS, API = 0.1, 0.1  # shares of uploads that break off, and of films that go to the HTTP interface
FILMS = 8  # of each session, in turn
LOOK = 5.0  # seconds between two looks at the memory
MOST_GROWTH = 0.05  # of memory over the second half
TOKEN = "a token of some length"
TROUBLE = re.compile(rb"traceback|exception|error|critical", re.IGNORECASE)


@dataclass(kw_only=True)
class Tally:
    """What happened.

    Parameters
    ----------
    seconds : list of float
        From an upload's start to the end of the run that answers it.
    memory : list of (float, float)
        Seconds since the start, and resident megabytes of the server.
    """

    uploads: list[int]
    seconds: list[float] = field(default_factory=list)
    visits: int = 0
    broken_off: int = 0
    by_http: int = 0
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Growth:
    """A straight line through the memory of the second half.

    Parameters
    ----------
    begin : float
        Megabytes on the line at its begin.
    per_minute : float
        Megabytes.
    share : float
        Of ``begin``, over the half.
    """

    begin: float
    per_minute: float
    share: float


def growth(memory: Sequence[tuple[float, float]]) -> Growth:
    """How memory grew over the second half of the looks' time, by least squares."""
    seconds, megabytes = np.array(memory).T
    late = seconds >= (seconds[0] + seconds[-1]) / 2
    slope, start = np.polyfit(seconds[late], megabytes[late], 1)
    begin = start + slope * seconds[late][0]
    whole = slope * (seconds[late][-1] - seconds[late][0])
    return Growth(begin=float(begin), per_minute=float(60 * slope), share=float(whole / begin))


def wrong(drawn: str, film: Planned) -> str | None:
    """What a page says that is not this film's, if anything."""
    missing = [words for words in film.said if words not in drawn]
    others = set(re.findall(r"soak-\d+-\d+", drawn)) - set(re.findall(r"soak-\d+-\d+", film.name))
    if missing or others:
        return f"{film.name}: not said: {missing}; other films: {sorted(others)}"
    return None


async def read(session: Session, film: Planned, tally: Tally) -> None:
    """Give the film to the Read page, other bytes each time, and compare."""
    data = stamped(film.data, f"{time.time_ns()}") if film.name.endswith(".jpeg") else film.data
    start = time.perf_counter()
    drawn = await session.upload(film.name, data)
    tally.seconds.append(time.perf_counter() - start)
    if problem := wrong(drawn, film):
        tally.errors.append(f"cross-talk: {problem}")


async def ask(address: str, film: Planned, tally: Tally) -> None:
    """Give the film to the HTTP interface and compare to 1e-6."""

    def post() -> float:
        answer = requests.post(
            f"{address}/api/v1/score",
            files={"file": (film.shown, film.data)},
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=300,
        )
        answer.raise_for_status()
        return float(answer.json()["score"])

    score = await asyncio.to_thread(post)
    tally.by_http += 1
    if abs(score - film.score) > 1e-6:
        tally.errors.append(f"cross-talk: {film.name} scores {film.score}, the HTTP interface says {score}")


async def reader(
    address: str, number: int, films: list[Planned], until: float, think: tuple[float, float], tally: Tally
) -> None:
    """One session after the other of one reader, until the time is over."""
    rng = np.random.default_rng(1_000 + number)
    turn = 0
    await asyncio.sleep(rng.uniform(0, think[1] / 2))
    while time.monotonic() < until:
        try:
            async with open_session(address, "read") as session:
                tally.visits += 1
                for _ in range(rng.integers(*VISIT)):
                    await asyncio.sleep(rng.uniform(*think))
                    if time.monotonic() >= until:
                        return
                    film = films[turn % len(films)]
                    turn += 1
                    kind = rng.random()
                    if kind < BREAKS:
                        (await session.half_upload(film.name, film.data)).close()
                        tally.broken_off += 1
                    elif kind < BREAKS + API and not film.name.endswith(".zip"):
                        await ask(address, film, tally)
                    else:
                        await read(session, film, tally)
                        tally.uploads[number] += 1
        except Exception as error:  # whatever goes wrong in one session is counted, and the others go on
            tally.errors.append(f"session {number}: {type(error).__name__}: {str(error)[:300]}")
            await asyncio.sleep(think[1])


async def look(server: Server, until: float, every: float, tally: Tally) -> None:
    """Note the server's memory from time to time."""
    start = time.monotonic()
    while (now := time.monotonic()) < until:
        tally.memory.append((now - start, server.megabytes()))
        await asyncio.sleep(every)


def soak(
    *, sessions: int, seconds: float, think: tuple[float, float] = THINK, data: Path | None = None
) -> tuple[Tally, list[list[Planned]]]:
    """Run the service under so many readers; what happened, and the films."""
    planner = Planner(data)
    films = [planner.plan(number, FILMS) for number in range(sessions)]
    tally = Tally(uploads=[0] * sessions)

    async def all_readers(server: Server) -> None:
        async with open_session(server.address, "read") as first:  # the server loads its models
            await read(first, films[0][0], Tally(uploads=[]))
        until = time.monotonic() + seconds
        async with asyncio.TaskGroup() as group:
            group.create_task(look(server, until, min(LOOK, seconds / 10), tally))
            for number, mine in enumerate(films):
                group.create_task(reader(server.address, number, mine, until, think, tally))

    with serve(ROOT / "service.py", LUNGLENS_TOKEN=TOKEN, LUNGLENS_RATE="10000") as server:
        asyncio.run(all_readers(server))
        log = Path(f"/proc/{server.process}/fd/1").read_bytes()
    tally.errors += [
        f"log: {line.decode('utf-8', 'replace')[:300]}" for line in log.splitlines() if TROUBLE.search(line)
    ]
    return tally, films


def apart(films: list[list[Planned]]) -> int:
    """Films whose words on score, probability and models are said of no film of another session."""
    said: dict[tuple[str, ...], set[int]] = {}
    for number, mine in enumerate(films):
        for film in mine:
            said.setdefault(film.said[1:], set()).add(number)
    return sum(len(said[film.said[1:]]) == 1 for mine in films for film in mine)


def verdicts(tally: Tally) -> dict[str, bool]:
    """Whether each criterion is met."""
    return {
        "no error and no cross-talk": not tally.errors,
        "every session uploads at least 3 films": min(tally.uploads) >= 3,
        f"memory grows by less than {MOST_GROWTH:.0%} over the second half": growth(tally.memory).share < MOST_GROWTH,
    }


def by_minute(memory: Sequence[tuple[float, float]]) -> list[str]:
    """Megabytes at the start and after each minute."""
    seconds, megabytes = np.array(memory).T
    return [f"{size:.0f}" for size in np.interp(np.arange(0, seconds[-1] + 1, 60), seconds, megabytes)]


def report(tally: Tally, films: list[list[Planned]], given: argparse.Namespace) -> str:
    """The figures as a page of Markdown."""
    grown = growth(tally.memory)
    kinds = "altered films of a data set" if given.data else "altered sample films"
    count = sum(len(mine) for mine in films)
    p50, p95, most = np.quantile(tally.seconds, (0.5, 0.95, 1.0))
    rows = [
        ["visits (a new websocket each)", f"{tally.visits:,}"],
        ["uploads to the Read page", f"{sum(tally.uploads):,}; {min(tally.uploads)} to {max(tally.uploads)} a session"],
        ["uploads broken off in the middle", f"{tally.broken_off:,}"],
        ["films to the HTTP interface", f"{tally.by_http:,}"],
        ["errors, cross-talk included", f"{len(tally.errors):,}"],
        ["upload to the end of the run, median, 95 of 100, longest", f"{p50:.2f} s, {p95:.2f} s, {most:.2f} s"],
        ["resident memory at half time, on the line", f"{grown.begin:.0f} MB"],
        ["largest resident memory", f"{max(size for _, size in tally.memory):.0f} MB"],
        [
            "growth over the second half",
            f"{grown.share:+.1%} ({grown.per_minute:+.2f} MB a minute, line by least squares)",
        ],
    ]
    lines = [
        "# Soak",
        "",
        f"{given.sessions} sessions for {given.minutes:g} minutes against `streamlit run service.py`, {kinds}: "
        f"{count} films,",
        f"no two of one name and size; {apart(films)} of them get words on score, probability and models that no film",
        "of another session gets. Written by `make soak`; what it does stands in `tests/soak/soak.py`.",
        "",
        *(f"    {line}" for line in given.machine.splitlines()),
        "",
        table(["what", "figure"], rows),
        "",
        *(f"- {name}: **{'yes' if met else 'no'}**" for name, met in verdicts(tally).items()),
        "",
        f"Memory by the minute, MB: {', '.join(by_minute(tally.memory))}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run, print, write; 1 where a criterion is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=64)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--data", type=Path, help="folder with train/ and test/; the committed samples without it")
    parser.add_argument("--out", type=Path, help="page of Markdown to write")
    given = parser.parse_args()
    given.machine = f"{machine()}\n{load()}"
    print(given.machine, flush=True)
    tally, films = soak(sessions=given.sessions, seconds=60 * given.minutes, data=given.data)
    said = report(tally, films, given)
    print(said)
    for error in tally.errors[:50]:
        print(error)
    if given.out:
        given.out.write_text(said, encoding="utf-8", newline="\n")
    return 0 if all(verdicts(tally).values()) else 1


if __name__ == "__main__":
    sys.exit(main())
