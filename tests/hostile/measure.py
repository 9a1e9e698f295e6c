"""Decode hostile files, each in a process of its own, and print what each cost, a line of JSON for each.

    python -m tests.hostile.measure [NAME...]

Seconds are those of the processor, of the decoding process and of all processes that it started: a busy machine does
not lengthen them. Memory is the highest resident set while decoding, above the one just before, of the same processes.
Needs Linux (fork, /proc).
"""

import io
import json
import os
import resource
import sys
import traceback
from pathlib import Path
from typing import Any

import core.imaging.dicom.reader
from core.errors import LungLensError
from core.imaging.archive import read_zip
from core.imaging.decode import decode_film
from tests.hostile.kinds import KINDS, SHOWN
from tests.hostile.parts import Kind

STATUS = Path("/proc/self/status")


def outcome(kind: Kind, data: bytes) -> dict[str, Any]:
    """Reasons of all refusals, names and pixels of all films."""
    if kind.file.endswith(".zip"):
        entries = list(read_zip(io.BytesIO(data), kind.file))
        films = {entry.file.removeprefix(f"{kind.file}/"): entry.film.size for entry in entries if entry.film}
        return {"reasons": [str(entry.error) for entry in entries if entry.error], "films": films}
    try:
        film = decode_film(data, kind.file)
    except LungLensError as refused:
        return {"reasons": [str(refused)], "films": {}}
    found = {"reasons": [], "films": {kind.file: film.size}, "blank": bool((film.pixels == film.pixels[0, 0]).all())}
    same = kind.shown is not None and bool((decode_film(kind.shown(), "film").pixels == film.pixels).all())
    return found | {"same": same}


def kilobytes(word: str) -> int:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(word))
    return int(line.split()[1])


def seconds() -> float:
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def measured(name: str) -> dict[str, Any]:
    """Decode one kind in a child and return what it says; a child that dies is an outcome of its own."""
    kind = KINDS[name]
    data = kind.make()
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(out)
            Path("/proc/self/clear_refs").write_text("5")  # the highest resident set starts anew
            before, start = kilobytes("VmRSS"), seconds()
            found = outcome(kind, data)
            found |= {"seconds": round(seconds() - start, 3), "megabytes": (kilobytes("VmHWM") - before) // 1024}
            helpers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
            found["megabytes"] += helpers
            os.write(into, json.dumps(found).encode())
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        said = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    found = json.loads(said) if said else {"reasons": [], "films": {}}
    return {"name": name, "bytes": len(data), "status": status, **found}


def main(names: list[str]) -> None:
    """Measure the kinds named, or all."""
    assert core.imaging.dicom.reader  # loaded late by the decoder: not while the clock runs
    outcome(KINDS[SHOWN[0]], KINDS[SHOWN[0]].make())
    for name in names or KINDS:
        print(json.dumps(measured(name)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
