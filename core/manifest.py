"""List committed artifacts with size and hash, so that a damaged or swapped file is reported and never served."""

import json
from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, TypedDict, TypeVar, cast

from core.errors import ArtifactError
from core.files import sha256, write_text
from core.paths import artifacts_dir
from core.typed_json import decode

T = TypeVar("T")

MANIFEST = "MANIFEST.json"
LEDGER = "test_ledger.csv"  # grows with each evaluation on test, so not in the manifest


class FileFacts(TypedDict):
    """A file as the manifest lists it: its size in bytes and its hash."""

    size: int
    sha256: str


def write_manifest() -> dict[str, dict[str, FileFacts]]:
    """List all committed artifacts anew, write the manifest and return it."""
    root = artifacts_dir()
    files: dict[str, FileFacts] = {
        path.relative_to(root).as_posix(): {"size": path.stat().st_size, "sha256": sha256(path)}
        for path in sorted(root.rglob("*"))
        if _is_listed(path, root)
    }
    manifest = {"files": files}
    write_text(root / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    return manifest


def read_manifest() -> dict[str, FileFacts]:
    """Return size and hash by file name below the artifacts folder; raises `ArtifactError` if there is none."""
    path = artifacts_dir() / MANIFEST
    try:
        return _read_manifest(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise ArtifactError(f"{path} is missing; fetch the repository's artifacts/ folder again.") from None
    except (ValueError, KeyError, TypeError, AttributeError, OSError):
        raise ArtifactError(f"{path} is damaged; fetch the repository's artifacts/ folder again.") from None


@lru_cache(maxsize=4)
def _read_manifest(path: Path, changed: int) -> dict[str, FileFacts]:
    files = json.loads(path.read_text())["files"]
    return {str(name): {"size": int(facts["size"]), "sha256": str(facts["sha256"])} for name, facts in files.items()}


def list_artifacts(pattern: str) -> list[Path]:
    """Return listed artifacts, present or missing, whose names match a pattern; none without a manifest."""
    root = artifacts_dir()
    try:
        return [root / name for name in _matching(root / MANIFEST, (root / MANIFEST).stat().st_mtime_ns, pattern)]
    except (ArtifactError, OSError):
        return []


@lru_cache(maxsize=64)
def _matching(path: Path, changed: int, pattern: str) -> tuple[str, ...]:
    return tuple(name for name in read_manifest() if PurePosixPath(name).match(pattern))


def is_expected(path: Path) -> bool:
    """Return whether an artifact is present or listed; `check_file` then reports what is wrong with it."""
    root = artifacts_dir()
    return path.exists() or (path.is_relative_to(root) and path in list_artifacts(path.relative_to(root).as_posix()))


def check_file(path: Path) -> Path:
    """Return ``path`` if it is intact.

    A file outside the artifacts folder, or in a hidden folder there where a run is being written, only has to exist.

    Raises
    ------
    ArtifactError
        The file is missing, or differs from the manifest; names the file.
    """
    root = artifacts_dir()
    try:
        facts = path.stat()
    except OSError:
        raise ArtifactError(f"{path} is missing; fetch it again or train the model.") from None
    name = _name_below(root, path)
    if name and not name.startswith("."):
        try:
            changed = (root / MANIFEST).stat().st_mtime_ns
        except OSError:
            changed = 0
        if not _matches(root, name, facts.st_size, facts.st_mtime_ns, changed):
            raise ArtifactError(f"{path} is damaged: it differs from {MANIFEST}; fetch artifacts/ again.")
    return path


def read_document(name: str, sections: frozenset[str], remedy: str, version: int = 1) -> dict[str, Any]:
    """Read a JSON file of the artifacts folder that has at least these sections.

    Its ``schema_version`` is at the top or among its settings; a file without one is of version 1.

    Raises
    ------
    ArtifactError
        The file is missing, damaged or of another schema version; names ``remedy``, which makes it anew.
    """
    path = check_file(artifacts_dir() / name)
    return _document(path, path.stat().st_mtime_ns, sections, remedy, version)


def read_as(kind: type[T], name: str, remedy: str, version: int = 1) -> T:
    """Return a JSON file of the artifacts folder as `core.typed_json.decode` makes it; raises as `read_document`."""
    path = check_file(artifacts_dir() / name)
    return cast(T, _decoded(cast(Hashable, kind), path, path.stat().st_mtime_ns, remedy, version))


@lru_cache(maxsize=16)
def _document(path: Path, changed: int, sections: frozenset[str], remedy: str, version: int) -> dict[str, Any]:
    data = _parse(path, remedy, version)
    if not data.keys() >= sections:
        raise _damaged(path, remedy)
    return data


@lru_cache(maxsize=16)
def _decoded(kind: Hashable, path: Path, changed: int, remedy: str, version: int) -> Any:
    try:
        return decode(cast(type[Any], kind), _parse(path, remedy, version))
    except ValueError:
        raise _damaged(path, remedy) from None


def _parse(path: Path, remedy: str, version: int) -> dict[str, Any]:
    """Return a JSON object of this schema version."""
    try:
        data = json.loads(path.read_text())
        stored_version = data.get(
            "schema_version", data.get("settings", {}).get("schema_version", 1 if data else version)
        )
    except (ValueError, AttributeError):
        raise _damaged(path, remedy) from None
    if stored_version != version:
        raise ArtifactError(
            f"{path} has schema version {stored_version}, not {version}; fetch artifacts/ again or run: {remedy}"
        )
    return dict(data)


def _damaged(path: Path, remedy: str) -> ArtifactError:
    return ArtifactError(f"{path} is damaged; fetch artifacts/ again or run: {remedy}")


@lru_cache(maxsize=4096)
def _name_below(root: Path, path: Path) -> str:
    """Return a path's name below a folder; empty outside it."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else ""


@lru_cache(maxsize=4096)
def _matches(root: Path, name: str, size: int, changed: int, manifest_changed: int) -> bool:
    entry = read_manifest().get(name)
    return entry is not None and size == entry["size"] and sha256(root / name) == entry["sha256"]


def check_all() -> list[str]:
    """Return a line for each committed artifact that is missing, damaged or not listed; empty if all are intact."""
    root = artifacts_dir()
    problems = []
    manifest = read_manifest()
    for name in manifest:
        try:
            check_file(root / name)
        except ArtifactError as error:
            problems.append(str(error))
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if _is_listed(path, root) and name not in manifest:
            problems.append(f"{path} is not listed in {MANIFEST}.")
    return problems


def _is_listed(path: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    return path.is_file() and path.name not in (MANIFEST, LEDGER) and not hidden
