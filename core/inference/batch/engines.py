"""Who scores the chunks: processes of this machine, or a Ray cluster; both hand back every chunk's rows."""

import logging
import multiprocessing
import multiprocessing.connection
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from typing import Any

import pyarrow as pa
from threadpoolctl import threadpool_limits

from core.errors import InputError
from core.inference.batch.films import Chunk
from core.inference.batch.score import Scorer, Task, lost

Scored = tuple[Chunk, pa.Table]
Engine = Callable[[Task, Iterable[Chunk], int], Iterator[Scored]]
_scorer: Scorer | None = None


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start(task: Task) -> None:
    global _scorer
    threading.Thread(target=_follow_parent, daemon=True).start()
    threadpool_limits(1)  # each core has a process of its own
    _scorer = Scorer(task)


def _follow_parent() -> None:
    """End this process when its parent is gone: a killed parent tells its workers nothing."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _score(chunk: Chunk) -> pa.Table:
    assert _scorer is not None
    return _scorer.score(chunk)


def _pool(task: Task, workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, context, initializer=_start, initargs=(task,))


def local(task: Task, chunks: Iterable[Chunk], workers: int) -> Iterator[Scored]:
    """Score on this machine; at most two chunks a worker are under way, so memory does not grow with the archive.

    Where a worker dies, the chunks under way are scored again, one by one; a film whose reader dies again becomes a
    row that says so.
    """
    waiting = iter(chunks)
    while True:
        under_way: dict[Future[pa.Table], Chunk] = {}
        died: list[Chunk] = []
        with _pool(task, workers) as pool:
            for chunk in waiting:
                try:
                    under_way[pool.submit(_score, chunk)] = chunk
                except BrokenProcessPool:  # a worker died since the last look
                    died.append(chunk)
                    break
                if len(under_way) < 2 * workers:
                    continue
                yield from _finished(under_way, died)
                if died:
                    break
            while under_way:
                yield from _finished(under_way, died)
        if not died:
            return
        for chunk in died:
            yield chunk, _with_care(task, chunk)


def _finished(under_way: dict[Future[pa.Table], Chunk], died: list[Chunk]) -> Iterator[Scored]:
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    for future in done:
        chunk = under_way.pop(future)
        try:
            yield chunk, future.result()
        except BrokenProcessPool:
            died.append(chunk)


def _with_care(task: Task, chunk: Chunk) -> pa.Table:
    """Score a chunk; if that kills its process, score each film in a process of its own."""
    try:
        with _pool(task, 1) as pool:
            return pool.submit(_score, chunk).result()
    except BrokenProcessPool:
        if len(chunk.names) == 1:
            return lost(chunk)
    single = [Chunk(number=chunk.number, names=(name,)) for name in chunk.names]
    return pa.concat_tables([_with_care(task, single_film) for single_film in single])


class _RayScorer:
    """A `Scorer` in an actor of Ray Data, rows travelling as Arrow's own bytes."""

    def __init__(self, task: dict[str, Any]) -> None:
        self.scorer = Scorer(Task(**task))

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        chunk = Chunk(number=int(row["number"]), names=tuple(row["names"]))
        sink = pa.BufferOutputStream()
        table = self.scorer.score(chunk)
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return {"number": chunk.number, "names": list(chunk.names), "rows": sink.getvalue().to_pybytes()}


def ray(task: Task, chunks: Iterable[Chunk], workers: int) -> Iterator[Scored]:
    """Score on a Ray cluster: the one that ``RAY_ADDRESS`` names, or one started on this machine.

    Every node must reach the archive and hold this repository with its artifacts (docs/screening.md).

    Raises
    ------
    InputError
        Ray is not installed.
    """
    try:
        import ray as cluster  # an optional package that starts slowly
        from ray.data import ActorPoolStrategy, DataContext
    except ImportError:
        raise InputError("--engine ray: needs the package; run: pip install -r requirements-ray.txt") from None
    if not cluster.is_initialized():
        cluster.init(log_to_driver=False, include_dashboard=False, logging_level=logging.ERROR)
    DataContext.get_current().enable_progress_bars = False
    work = [{"number": chunk.number, "names": list(chunk.names)} for chunk in chunks]
    if not work:
        return
    done = cluster.data.from_items(work, override_num_blocks=min(len(work), 1000)).map(
        _RayScorer,
        fn_constructor_args=(asdict(task),),
        compute=ActorPoolStrategy(min_size=1, max_size=workers),
        num_cpus=1,
    )
    for row in done.iter_rows():
        chunk = Chunk(number=int(row["number"]), names=tuple(row["names"]))
        yield chunk, pa.ipc.open_stream(row["rows"]).read_all()


ENGINES: dict[str, Engine] = {"local": local, "ray": ray}
