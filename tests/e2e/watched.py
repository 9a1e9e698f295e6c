"""Run Streamlit as its command does, and note what this process opens to write, what it starts and whom it calls.

    python -m tests.e2e.watched NOTES run service.py ...

Sessions are closed a second after their browser has gone, so that a test need not wait.
"""

import os
import sys
from typing import Any

from streamlit.web.cli import main

from pages.shared import privacy

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


def watch(notes: int) -> None:
    """Write a line to an open file for each event; a file without a name in a folder is opened by the folder's."""

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and not isinstance(arguments[0], int):  # a number is of what is open already
            if arguments[2] & WRITES:
                os.write(notes, f"write {arguments[0]!r}\n".encode("utf-8", "replace"))
        elif event in ("subprocess.Popen", "socket.connect"):
            os.write(notes, f"{event} {arguments[1]!r}\n".encode("utf-8", "replace"))

    sys.addaudithook(note)


if __name__ == "__main__":
    privacy.KEPT_SECONDS, privacy.COLLECT_SECONDS, privacy.VISIT_SECONDS = 1, 0, 0.5
    watch(os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT))
    main(prog_name="streamlit")
