"""A process that has everything imported and forks a child for each task, so that a kill falls into the work itself.

Reads a task as JSON in each line of standard input and answers each with one line. Run by `killing.Forks`.
"""

import importlib
import json
import os
import signal
import sys
import time
from typing import Any

FILE_EVENTS = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.truncate", "os.scandir"}


def main() -> None:
    """Serve tasks until standard input ends."""
    for module in sys.argv[1:]:
        importlib.import_module(module)
    for line in sys.stdin:
        print(json.dumps(serve(json.loads(line))), flush=True)


def serve(task: dict[str, Any]) -> dict[str, Any]:
    """Run a task in a child, killed after ``seconds``, at its ``at``-th file event below ``below``, or not at all.

    Returns
    -------
    dict
        ``status``: exit status, -9 if it was killed; ``seconds``; ``events``: how many file events it had.
    """
    reader, writer = os.pipe()
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _work(task, writer)
    os.close(writer)
    deadline = start + task["seconds"] if task.get("seconds") is not None else float("inf")
    ended, status = 0, 0
    while not ended:
        ended, status = os.waitpid(child, os.WNOHANG)
        if not ended and time.monotonic() >= deadline:
            os.kill(child, signal.SIGKILL)
            ended, status = os.waitpid(child, 0)
        elif not ended:
            time.sleep(0.002)
    seconds = time.monotonic() - start
    with os.fdopen(reader) as told:
        events = told.read()
    return {"status": os.waitstatus_to_exitcode(status), "seconds": seconds, "events": int(events or 0)}


def _work(task: dict[str, Any], writer: int) -> None:
    """The child: it never returns."""
    status, events = 1, 0
    try:
        log = os.open(task["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ |= task["environment"]
        below, at = task.get("below"), task.get("at")

        def count(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal events
            if event in FILE_EVENTS and any(below in str(argument) for argument in arguments[:2]):
                if events == at:
                    os.kill(os.getpid(), signal.SIGKILL)
                events += 1

        if below:
            sys.addaudithook(count)
        module, _, name = task["call"].partition(":")
        status = int(getattr(importlib.import_module(module), name)(*task["arguments"]) or 0)
        sys.stdout.flush()
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os.write(writer, str(events).encode())
        os._exit(status)


if __name__ == "__main__":
    main()
