"""Tasks that are killed at random moments, and how many moments: ``LUNGLENS_KILLS`` (2 if it is not set)."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.paths import ROOT

MARKS = [
    pytest.mark.kill,
    pytest.mark.slow,  # two moments each
    pytest.mark.skipif(sys.platform != "linux", reason="forks processes that have imported TensorFlow"),
]
MOMENTS = int(os.environ.get("LUNGLENS_KILLS", "2"))
TRIES = 10 * MOMENTS + 10  # a moment may lie behind the end, where the machine is faster than it was
SEED = 20261125
KILLED = -9


def drawn(what: str) -> random.Random:
    """The generator of the moments at which something is killed; the seed is printed."""
    print(f"moments of {what}: random.Random({f'{SEED} {what}'!r})")
    return random.Random(f"{SEED} {what}")


class Forks:
    """A process with modules imported, whose children do the work (``forks.py``)."""

    def __init__(self, log: Path, *modules: str) -> None:
        self.log = log
        environment = os.environ | {"OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.kill.forks", *modules],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment,
            )

    def run(self, call: str, *arguments: object, environment: dict[str, str], **kill: Any) -> dict[str, Any]:
        """Run ``module:function`` with arguments in a child; ``seconds=``, or ``below=`` and ``at=``, kill it."""
        task = {
            "call": call,
            "arguments": arguments,
            "environment": environment,
            "log": str(self.log),
            **kill,
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, self.log.read_text(errors="replace")[-3000:]
        return dict(json.loads(answer))

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=30)


def hidden(folder: Path) -> list[str]:
    """Names of what killed writers left in a folder and below."""
    return sorted(path.name for path in folder.rglob(".*"))
