"""JPEG of more than 8 bits and lossless JPEG through GDCM, in a process of its own.

GDCM ends the process that it runs in when a codestream is damaged (an assertion in C++ that Python cannot catch; the
fuzzer of this project found it within a minute). A process costs some 0.15 s, which only these syntaxes pay. Nothing
is written to disk: the codestream goes in by a pipe and the pixels come back by another.

The file runs as a script, apart from the packages of the project.
"""

import os
import subprocess
import sys
from importlib import import_module
from subprocess import PIPE
from threading import Thread, Timer
from typing import Any

SECONDS = 60  # on the clock: a busy machine may take many times the largest film's 2
PROCESSOR_SECONDS = 10  # the largest film takes 2
GAPS = (b"Corrupt JPEG data", b"Premature end")  # libjpeg fills up what is missing, and says so on standard error
MAX_DECODED = 100_000_000  # bytes: the largest gray film of 16 bits, for which the process holds 350 MB
PIECE = 4_000_000  # bytes
LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}  # half a second less for the largest film
MEMORY = 2 * 1024**3  # bytes of address space; 50 megapixels of 16 bits need less than a quarter


def decode(
    frame: bytes, *, rows: int, columns: int, samples: int, allocated: int, stored: int, signed: bool, photometric: str
) -> bytearray:
    """Decode one codestream.

    Returns
    -------
    bytearray
        rows * columns * samples values of ``allocated`` bits, little endian, colours by pixel.

    Raises
    ------
    ValueError
        GDCM refused it, ended, took longer than a minute, missed pixels, or gave another number of bytes.
    """
    words = [str(int(number)) for number in (columns, rows, samples, allocated, stored, signed)]
    command = [sys.executable, "-I", __file__, *words, photometric]
    decoded = bytearray(rows * columns * samples * allocated // 8)
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=os.environ | LARGE_PAGES) as process:
        lines: list[bytes] = []
        watcher = Thread(target=_watch, args=(process, lines))
        timer = Timer(SECONDS, process.kill)
        watcher.start()
        timer.start()
        try:
            whole = _exchange(process, frame, memoryview(decoded))
        finally:
            process.kill()  # it has nothing left to say
            timer.cancel()
            watcher.join()
    if any(words in line for line in lines for words in GAPS):
        raise ValueError("pixels are missing")
    if not whole:
        raise ValueError("not decoded")
    return decoded


def _exchange(process: "subprocess.Popen[bytes]", frame: bytes, decoded: memoryview) -> bool:
    """Send the codestream, which the process reads to its end, and fill ``decoded``; whether that came out even."""
    assert process.stdin
    assert process.stdout
    try:
        with process.stdin as into:
            into.write(frame)
    except BrokenPipeError:
        return False
    place = 0
    while place < len(decoded):
        count = process.stdout.readinto(decoded[place:])  # type: ignore[attr-defined]
        if not count:
            return False
        place += count
    return not process.stdout.read(1) and process.wait() == 0


def _watch(process: "subprocess.Popen[bytes]", lines: list[bytes]) -> None:
    """Collect what the process says, and end it as soon as it says that pixels are missing."""
    assert process.stderr
    for line in process.stderr:
        lines.append(line[:200])
        if any(words in line for words in GAPS):
            process.kill()


def _main() -> None:
    gdcm: Any = import_module("gdcm")  # pydicom loads it in the project's own process too, which never calls it
    try:
        import resource  # not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no picture of anybody in a dump
    except ImportError:  # Windows
        pass
    columns, rows, samples, allocated, stored, signed = (int(word) for word in sys.argv[1:7])
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(sys.stdin.buffer.read())
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((columns, rows, 1))
    image.SetDataElement(element)
    kind = gdcm.PhotometricInterpretation.GetPIType(sys.argv[7])
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(kind))
    if samples > 1:
        image.SetPlanarConfiguration(0)
    # GDCM goes by the codestream: lossless, extended and baseline are read under this name.
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLosslessProcess14_1))
    image.SetPixelFormat(gdcm.PixelFormat(samples, allocated, stored, stored - 1, signed))
    decoded = image.GetBuffer()  # text in which bytes that are no UTF-8 are surrogates
    for place in range(0, len(decoded), PIECE):
        sys.stdout.buffer.write(decoded[place : place + PIECE].encode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    _main()
