"""The committed artifacts as links, of which a test damages one: cut off, a bit turned, gone, swapped, or older."""

import io
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.files import sha256
from core.manifest import LEDGER, MANIFEST
from core.paths import ROOT
from core.runs.store import list_runs, representative, served

COMMITTED = ROOT / "artifacts"
HOW = ("cut off", "a bit turned", "gone", "swapped", "older")


@lru_cache(maxsize=1)  # asked before anything is damaged
def ours() -> tuple[str, str]:
    """Run ids of the served run and of another one."""
    runs = [run for run in list_runs()[0] if not run.own]
    first = served(runs)
    return first.run_id, next(run.run_id for run in representative(runs) if run.run_id != first.run_id)


def linked(folder: Path) -> Path:
    """A folder that looks like the committed artifacts, each file a link to the real one."""
    for name in [*json.loads((COMMITTED / MANIFEST).read_text())["files"], LEDGER]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(COMMITTED / name)
    (folder / MANIFEST).write_bytes((COMMITTED / MANIFEST).read_bytes())
    return folder


def damage(root: Path, name: str, how: str) -> None:
    """Damage a file below the root; an older one stands in the manifest, as in an older copy of the folder."""
    path = root / name
    data = path.read_bytes()
    path.unlink()
    if name == MANIFEST and how in ("a bit turned", "older"):
        path.write_text(_other_manifest(data, how))
    elif how == "cut off":
        path.write_bytes(data[: len(data) // 2])
    elif how == "a bit turned":
        middle = len(data) // 2
        path.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
    elif how == "swapped":
        path.write_bytes(_other(name).read_bytes())
    elif how == "older":
        path.write_bytes(_older(name)(data))
        listed = json.loads((root / MANIFEST).read_text())
        listed["files"][name] = {"size": path.stat().st_size, "sha256": sha256(path)}
        (root / MANIFEST).write_text(json.dumps(listed))


def _other_manifest(data: bytes, how: str) -> str:
    """A manifest that has another hash for the served graph, or, as one from before it, none."""
    document = json.loads(data)
    served_graph = f"{ours()[0]}/model.onnx"
    if how == "older":
        del document["files"][served_graph]
    else:
        digest = document["files"][served_graph]["sha256"]
        document["files"][served_graph]["sha256"] = f"{int(digest, 16) ^ 1:064x}"
    return json.dumps(document)


def _other(name: str) -> Path:
    """Another file of the same form."""
    alike = [path for path in COMMITTED.rglob(f"*{Path(name).suffix}") if path != COMMITTED / name]
    same = [path for path in alike if path.name == Path(name).name]
    return sorted(same or alike or [COMMITTED / "split.csv"])[0]


def _older(name: str) -> Callable[[bytes], bytes]:
    """What makes an older form of a file: its version counted down or, for a table, another column."""
    makers = {".json": _older_json, ".npz": _older_npz, ".npy": _older_npy, ".csv": _older_csv}
    return makers.get(Path(name).suffix, bytes.swapcase)


def _older_json(data: bytes) -> bytes:
    document = json.loads(data)
    inner = document.get("settings")
    within = isinstance(inner, dict) and "schema_version" in inner
    (inner if within else document)["schema_version"] = 0
    return json.dumps(document).encode()


def _older_npz(data: bytes) -> bytes:
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        arrays = {key: stored[key] for key in stored.files}
    file = io.BytesIO()
    np.savez(file, **{**arrays, "version": np.array(0)})
    return file.getvalue()


def _older_npy(data: bytes) -> bytes:
    file = io.BytesIO()
    np.save(file, np.load(io.BytesIO(data))[..., ::2])
    return file.getvalue()


def _older_csv(data: bytes) -> bytes:
    header, _, rows = data.partition(b"\n")
    return header.replace(b",", b",old_") + b"\n" + rows
