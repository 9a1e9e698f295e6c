"""JPEG of more than 8 bits and lossless JPEG through GDCM, in a process of its own.

GDCM ends the process that it runs in when a codestream is damaged (an assertion in C++ that Python cannot catch; the
fuzzer of this project found it within a minute). A process costs some 0.15 s, which only these syntaxes pay. Nothing
is written to disk: the codestream goes in by a pipe and the pixels come back by another.

The file runs as a script, apart from the packages of the project.
"""

import subprocess
import sys
from importlib import import_module
from typing import Any

SECONDS = 20
PROCESSOR_SECONDS = 10  # the largest film takes 2
GAPS = (b"Corrupt JPEG data", b"Premature end")  # libjpeg fills up what is missing, and says so on standard error
MAX_VALUES = 25_000_000  # which take a second; the Python binding holds each seven times over
MEMORY = 2 * 1024**3  # bytes of address space; 50 megapixels of 16 bits need less than a quarter


def decode(
    frame: bytes, *, rows: int, columns: int, samples: int, allocated: int, stored: int, signed: bool, photometric: str
) -> bytes:
    """Decode one codestream.

    Returns
    -------
    bytes
        rows * columns * samples values of ``allocated`` bits, little endian, colours by pixel.

    Raises
    ------
    ValueError
        GDCM refused it, ended, took longer than 20 s, missed pixels, or gave another number of bytes.
    """
    words = [str(int(number)) for number in (columns, rows, samples, allocated, stored, signed)]
    command = [sys.executable, "-I", __file__, *words, photometric]
    try:
        done = subprocess.run(command, input=frame, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise ValueError("took too long") from None
    if done.returncode != 0 or len(done.stdout) != rows * columns * samples * allocated // 8:
        raise ValueError("not decoded")
    if any(words in done.stderr for words in GAPS):
        raise ValueError("pixels are missing")
    return done.stdout


def _main() -> None:
    gdcm: Any = import_module("gdcm")  # pydicom loads it in the project's own process too, which never calls it
    try:
        import resource

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
    sys.stdout.buffer.write(image.GetBuffer().encode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    _main()
