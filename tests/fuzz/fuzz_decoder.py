"""Coverage-guided fuzzing of the decoder and of the zip reader (`make fuzz`; needs Linux, for atheris).

    python -m tests.fuzz.fuzz_decoder [--seconds N] [libFuzzer options]

It writes its own seeds (a small drawn picture in every format and transfer syntax that an installed encoder can write,
and zips of them) to a temporary folder, and changes them until a rule of `check` breaks, the process dies, an input
takes more than 10 s, or memory exceeds 2 GB. The input that did it stays in the folder that the last lines name: make
it a case in `tests/core/test_film.py`, `test_dicom.py` or `test_archive.py`, then repair the decoder. Pure Python is
instrumented (Pillow, pydicom, zipfile, this project); C libraries are run, not guided.
"""

import argparse
import io
import sys
import tempfile
from pathlib import Path

import atheris
import numpy as np

with atheris.instrument_imports(include=["PIL", "pydicom", "zipfile", "core"]):
    import core.imaging.dicom.reader  # the decoder loads it late: not while the clock runs
    from core.errors import InputError
    from core.imaging.archive import read_zip
    from core.imaging.decode import decode_film
    from core.imaging.film import MIN_SIDE
    from tests.fuzz.seeds import seeds


def _refuse(*_: object, **__: object) -> bytes:
    raise ValueError


core.imaging.dicom.pixels.gdcm_worker.decode = _refuse  # a process for each input would take nearly all of the time


def check(data: bytes) -> None:
    """Any bytes give a film that keeps its promises, or a reason of one line."""
    if data.startswith(b"PK"):
        for entry in read_zip(io.BytesIO(data), "z"):
            if (entry.film is None) == (entry.reason is None):
                raise AssertionError(entry)
        return
    try:
        film = decode_film(data, "a")
    except InputError as refused:
        if "\n" in str(refused) or not str(refused).startswith("a: "):
            raise AssertionError(str(refused)) from None
        return
    if film.pixels.ndim != 2 or film.pixels.dtype != np.uint8 or min(film.pixels.shape) < MIN_SIDE:
        raise AssertionError(film)


def main() -> None:
    """Run for a stated time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60, help="how long (default %(default)s)")
    arguments, options = parser.parse_known_args()
    folder = Path(tempfile.mkdtemp(prefix="lunglens-fuzz-"))
    (folder / "seeds").mkdir()
    for name, data in seeds().items():
        (folder / "seeds" / name).write_bytes(data)
        check(data)
    print(f"Seeds, and inputs that break a rule: {folder}", flush=True)
    fixed = [
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-max_len=32768",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
    ]
    found = [f"-max_total_time={arguments.seconds}", f"-artifact_prefix={folder}/", *options, str(folder / "seeds")]
    atheris.Setup([sys.argv[0], *fixed, *found], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
