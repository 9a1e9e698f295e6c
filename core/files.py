"""Write files atomically, and read arrays that may be damaged."""

import errno
import glob
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import StorageError

# A full disk, a full share of it, a limit on a file's size, a disk that is read-only or broken.
_DISK = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EIO") if hasattr(errno, name)}


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Raise `StorageError`, which names the file, in place of an `OSError` of a full or read-only disk."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.errno not in _DISK:
            raise
        raise StorageError(
            f"{path}: cannot be written ({os.strerror(error.errno)}); what was there before is untouched. "
            "Make room or choose another folder, then run it again."
        ) from None


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success it is flushed to disk and renamed into place.

    Raises
    ------
    StorageError
        The disk is full or read-only; an earlier file is as it was.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            temporary.chmod(0o644)
            with temporary.open("r+b") as written:  # Windows flushes only files open for writing
                os.fsync(written.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def remove_leftovers(path: Path) -> None:
    """Remove what killed writers of a file or folder left beside it; no other process may be writing it now."""
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.????????{glob.escape(path.suffix)}"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def replace_folder(new: Path, target: Path) -> None:
    """Put a complete folder, flushed to disk, in place of an older one.

    Where this is killed between its two renames, the older one stays hidden beside ``target`` until `restore_folder`.
    """
    for path in new.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    older = _older(target)
    if target.exists():
        shutil.rmtree(older, ignore_errors=True)
        target.rename(older)
    new.rename(target)
    shutil.rmtree(older, ignore_errors=True)


def restore_folder(target: Path) -> None:
    """Bring back the folder that a killed `replace_folder` was about to replace, and remove its other leftovers."""
    older = _older(target)
    if older.exists() and not target.exists():
        older.rename(target)
    shutil.rmtree(older, ignore_errors=True)
    remove_leftovers(target)


def _older(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def write_text(path: Path, text: str) -> None:
    """Write text to ``path`` atomically, the same bytes on every system."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def read_npz(path: Path, *names: str) -> dict[str, npt.NDArray[Any]]:
    """Return the named arrays of an npz file, or all of them.

    Raises
    ------
    ValueError
        The file is missing, damaged or lacks an array; nothing in it is run.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in names or stored.files}
    except Exception as error:  # zipfile, zlib and NumPy each raise their own for a damaged file
        raise ValueError(f"{path} cannot be read ({type(error).__name__})") from None


def sha256(path: Path) -> str:
    """Return the hash of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
