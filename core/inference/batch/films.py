"""What an archive holds, as chunks of work; names alone are held in memory, never films."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import fsspec
from fsspec import AbstractFileSystem

from core.errors import InputError
from core.imaging.decode import SUFFIXES

CHUNK = 64  # films that one worker takes at a time


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A folder, on this machine or wherever fsspec reaches (``s3://bucket/films``).

    Parameters
    ----------
    files : AbstractFileSystem
    root : str
        Without the protocol.
    """

    files: AbstractFileSystem
    root: str

    def read(self, name: str, most: int) -> bytes:
        """At most ``most`` + 1 bytes of a file below the root; raises `OSError` whatever kept it from being read."""
        try:
            with self.files.open(self.path(name), "rb") as file:
                data: bytes = file.read(most + 1)
        except OSError:
            raise
        except Exception as error:  # object stores' packages have classes of their own
            raise OSError(0, type(error).__name__) from error
        return data

    def path(self, name: str) -> str:
        """Where a file below the root lies."""
        return f"{self.root}/{name}"


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Films that are scored and stored together: files, or one zip.

    Parameters
    ----------
    number : int
        Place in the archive.
    names : tuple of str
        Paths below the root.
    """

    number: int
    names: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Tells this chunk from others, so that a resumed run notices a changed folder."""
        return hashlib.sha256("\0".join(self.names).encode("utf-8", "surrogateescape")).hexdigest()


def open_archive(address: str) -> Archive:
    """Open the archive at a path or address.

    Raises
    ------
    InputError
        There is no such folder, or its protocol needs a package that is not installed.
    """
    try:
        files, root = fsspec.core.url_to_fs(address)
        exists = files.isdir(root)
    except (ImportError, ValueError, OSError) as error:
        raise InputError(f"cannot be opened ({error}).", file=address) from None
    if not exists:
        raise InputError("no such folder.", file=address)
    return Archive(files=files, root=root.rstrip("/"))


def walk(archive: Archive) -> Iterator[str]:
    """Names of all films and zips, folder by folder, sorted within each; hidden ones are left out."""
    for folder, folders, names in archive.files.walk(archive.root):
        folders.sort()
        folders[:] = [name for name in folders if not _is_hidden(name)]
        below = folder[len(archive.root) :].strip("/")
        for name in sorted(names):
            if not _is_hidden(name) and name.lower().endswith((*SUFFIXES, ".zip")):
                yield f"{below}/{name}" if below else name


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def chunks(archive: Archive, size: int = CHUNK) -> Iterator[Chunk]:
    """Split the archive into chunks; a zip is a chunk of its own."""
    number = 0
    waiting: list[str] = []
    for name in walk(archive):
        is_zip = name.lower().endswith(".zip")
        if waiting and (is_zip or len(waiting) == size):
            yield Chunk(number=number, names=tuple(waiting))
            number, waiting = number + 1, []
        if is_zip:
            yield Chunk(number=number, names=(name,))
            number += 1
        else:
            waiting.append(name)
    if waiting:
        yield Chunk(number=number, names=tuple(waiting))
