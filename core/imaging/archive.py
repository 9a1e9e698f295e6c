"""Films in files, folders and zip files, one after the other, without unpacking anything to disk."""

import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from core.errors import InputError
from core.imaging.decode import SUFFIXES, decode_film, read_film
from core.imaging.film import MAX_BYTES, Film, printable

MAX_MEMBERS = 500
MAX_PACKED = 200 * 1024**2
MAX_UNPACKED = 500 * 1024**2
MAX_DIRECTORY = 1024**2  # bytes of a zip's list of files: 500 with long names, and folders, need a third

_NESTED = "a zip file inside a zip file; unpack it first."
_END = b"PK\x05\x06"  # of the list of files; in a 64-bit zip another record precedes it and counts instead
_END_64 = b"PK\x06\x07"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others unpack a block whole, whatever is asked for


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One film that was looked for: either ``film`` or the ``error`` that says why there is none."""

    file: str
    film: Film | None = None
    error: InputError | None = None

    @property
    def reason(self) -> str | None:
        """Why there is no film, without the name of the file."""
        return self.error.reason if self.error else None


def read_paths(paths: list[Path]) -> Iterator[Entry]:
    """Films of files, folders (searched through) and zips, in the order given and by name within a folder.

    Raises
    ------
    InputError
        A path does not exist, or a folder holds no film.
    """
    for path in paths:
        if not path.exists():
            raise InputError("no such file or folder.", file=path)
        if path.is_dir():
            yield from _read_folder(path)
        elif path.suffix.lower() == ".zip":
            yield from _read_zip_file(path)
        else:
            yield _entry(str(path), read_film, path)


def _read_folder(folder: Path) -> Iterator[Entry]:
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if not _is_hidden(path.relative_to(folder).parts) and path.is_file() and _may_be_film(path)
    ]
    if not files:
        raise InputError(f"holds no films ({', '.join(SUFFIXES)}).", file=folder)
    for path in files:
        yield _entry(str(path), read_film, path)


def _may_be_film(path: Path) -> bool:
    """By name, or because it starts as DICOM does: archives of hospitals name files by numbers."""
    if path.suffix.lower() in SUFFIXES:
        return True
    if path.name.upper().startswith("DICOMDIR"):
        return False
    try:
        with path.open("rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:
        return False


def _read_zip_file(path: Path) -> Iterator[Entry]:
    try:
        file = path.open("rb")
    except OSError as error:
        yield Entry(file=str(path), error=InputError(f"cannot be read ({error.strerror}).", file=path))
        return
    with file:
        yield from read_zip(file, str(path))


def read_zip(file: IO[bytes], name: str) -> Iterator[Entry]:
    """Films of a zip file, read member by member in memory.

    Parameters
    ----------
    file : binary file
        At most 200 MB packed, 500 MB unpacked and 500 files; no zip inside, no path that leads out of it.
    name : str
        For messages; members are called ``name/member``.
    """
    try:
        with _opened(file, name) as archive:
            for info in _members(archive, name):
                yield _entry(f"{name}/{printable(info.filename)}", _read_member, archive, info)
    except InputError as error:
        yield Entry(file=name, error=error)


def list_zip(file: IO[bytes], name: str) -> list[str]:
    """Names of a zip's files in its order, without reading any of them; `read_zip_member` takes their places.

    Raises
    ------
    InputError
        It cannot be read, holds nothing, or exceeds a limit of `read_zip`.
    """
    with _opened(file, name) as archive:
        return [printable(info.filename) for info in _members(archive, name)]


def read_zip_member(file: IO[bytes], name: str, place: int) -> bytes:
    """Read the file at a place of `list_zip`, at most 25 MB and one more byte.

    Raises
    ------
    InputError
        It leads out of the zip, is encrypted, a zip itself, too large or damaged.
    """
    with _opened(file, name) as archive:
        return _member_bytes(archive, _members(archive, name)[place])


@contextmanager
def _opened(file: IO[bytes], name: str) -> Iterator[zipfile.ZipFile]:
    size = file.seek(0, 2)
    file.seek(0)
    if size > MAX_PACKED:
        raise InputError(f"larger than {MAX_PACKED // 1024**2} MB; split it.", file=name)
    _check_directory(file, size, name)
    try:
        archive = zipfile.ZipFile(file)
    except Exception:  # BadZipFile, NotImplementedError, OSError, ValueError, struct.error, UnicodeDecodeError and more
        raise InputError("not a zip file that can be read; pack it again.", file=name) from None
    with archive:
        yield archive


def _check_directory(file: IO[bytes], size: int, name: str) -> None:
    """Refuse a list of files that is too long before `zipfile` reads it whole, at a kilobyte of memory each file."""
    file.seek(max(0, size - 65536 - 22))
    tail = file.read(65536 + 22)
    file.seek(0)
    place = tail.find(_END)
    while place >= 0:  # the last one counts; a comment may hold another, or look like one
        length = int.from_bytes(tail[place + 12 : place + 16], "little")
        if length > MAX_DIRECTORY or tail[max(place - 20, 0) : place].startswith(_END_64):
            raise InputError(f"lists far more than {MAX_MEMBERS} files, or is a 64-bit zip; split it.", file=name)
        place = tail.find(_END, place + 1)


def _members(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    files = [info for info in archive.infolist() if not info.filename.endswith("/")]  # is_dir fails on an empty name
    members = [info for info in files if not is_hidden(info.filename)]
    _check_members(members, name)
    return members


def _check_members(members: list[zipfile.ZipInfo], name: str) -> None:
    if not members:
        raise InputError("the zip file holds no files; pack the films again.", file=name)
    if len(members) > MAX_MEMBERS:
        raise InputError(f"holds {len(members)} files, more than {MAX_MEMBERS}; split it.", file=name)
    if sum(info.file_size for info in members) > MAX_UNPACKED:
        raise InputError(f"unpacks to more than {MAX_UNPACKED // 1024**2} MB; split it.", file=name)


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Film:
    return decode_film(_member_bytes(archive, info), _parts(info.filename)[-1])


def _member_bytes(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    parts, safe_name = _parts(info.filename), printable(info.filename)
    if ".." in parts or info.filename.startswith(("/", "\\")) or ":" in parts[0]:
        raise InputError("the name leads out of the zip file; pack it again.", file=safe_name)
    kind = stat.S_IFMT(info.external_attr >> 16)  # 0 where the packer says nothing of it
    if kind not in (0, stat.S_IFREG):
        what = "a link to a file" if kind == stat.S_IFLNK else "a device or pipe"
        raise InputError(f"{what}, not a file; pack the file itself.", file=safe_name)
    if info.flag_bits & 1:
        raise InputError("encrypted; pack it without a password.", file=safe_name)
    if parts[-1].lower().endswith(".zip"):
        raise InputError(f"{_NESTED}", file=safe_name)
    if info.file_size > MAX_BYTES:
        raise InputError(f"larger than {MAX_BYTES // 1024**2} MB; export it as JPEG or PNG.", file=safe_name)
    if info.compress_type not in _METHODS:
        raise InputError("packed by a rare method; pack it again as a plain zip file.", file=safe_name)
    try:
        with archive.open(info) as member:
            data = member.read(MAX_BYTES + 1)  # the size in the directory may be a lie
    except Exception:  # zipfile and zlib raise BadZipFile, zlib.error, EOFError, OSError and more
        raise InputError("damaged in the zip file; pack it again.", file=safe_name) from None
    if data.startswith(b"PK\x03\x04"):
        raise InputError(f"{_NESTED}", file=safe_name)
    return data


def _parts(name: str) -> tuple[str, ...]:
    return PurePosixPath(name.replace("\\", "/")).parts or ("",)


def is_hidden(name: str) -> bool:
    """Whether a path within a folder or a zip is what systems add to them, unseen by people."""
    return _is_hidden(_parts(name))


def _is_hidden(parts: tuple[str, ...]) -> bool:
    return any(part == "__MACOSX" or (part.startswith(".") and part != "..") for part in parts)


def _entry(name: str, read: Callable[..., Film], *where: object) -> Entry:
    try:
        return Entry(file=name, film=read(*where))
    except InputError as error:
        return Entry(file=name, error=error)
