"""What is killed while it writes artifacts, in a child of `forks`; all numbers are the version that is written."""

import json
import os
from pathlib import Path

import numpy as np

from core.files import atomic_path, replace_folder, restore_folder, write_text
from core.manifest import write_manifest
from core.paths import artifacts_dir
from core.runs.ledger import record_look

NUMBERS = 60_000  # half a megabyte: a file that is not written in one go


def write_all(version: int) -> None:
    """Text, arrays, a whole folder, a line of the ledger and the manifest, as the scripts do, one after the other."""
    root = artifacts_dir()
    write_text(root / "results.json", json.dumps({"version": version, "numbers": [version] * NUMBERS}))
    with atomic_path(root / "means.npy") as temporary, temporary.open("wb") as file:
        np.save(file, np.full(NUMBERS, version, np.int64))
    with atomic_path(root / "index.npz") as temporary, temporary.open("wb") as file:
        np.savez(file, first=np.full(NUMBERS, version), last=np.full(NUMBERS, version))
    restore_folder(root / "run-s0")
    building = root / ".run-s0.building"
    building.mkdir(exist_ok=True)
    for name in ("a.json", "b.json"):
        (building / name).write_text(json.dumps([version] * NUMBERS))
    replace_folder(building, root / "run-s0")
    record_look(root, run=f"run-s{version}", weights_hash=f"{version}", data_hash="films")
    write_manifest()


def make_results(readme: str) -> int:
    """``scripts/make_results.py`` on the artifacts at hand, with one document of ours in place of README and docs."""
    from scripts import make_results as script

    script.documents = lambda: [Path(readme)]
    os.chdir(artifacts_dir())
    return int(script.main())
