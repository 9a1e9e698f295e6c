"""Read a data set laid out as ``<split>/<LABEL>/<film>``, such as Kaggle's copy."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from core.data.patients import LABEL_FOLDERS, patient_key
from core.errors import DataError
from core.imaging.decode import SUFFIXES

SPLIT_FOLDERS = ("train", "test")


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """The films of a data set, one row each.

    Parameters
    ----------
    root : Path
        The folder that holds ``train`` and ``test``.
    films : DataFrame
        ``sample_id`` (path below root), ``path``, ``folder`` (train or test), ``label``, ``y_true`` (1 is pneumonia),
        ``pathogen`` (bacteria, virus or empty), ``patient`` (narrow key), ``cluster_id`` (wide key), in order of name.
    notes : list of str
        What was left out and why, one line each.
    """

    root: Path
    films: pd.DataFrame
    notes: list[str] = field(default_factory=list)

    @cached_property
    def file_hashes(self) -> pd.Series:
        """sha256 of each file's bytes, indexed by sample_id."""

        def digest(path: str, sample_id: str) -> str:
            try:
                return hashlib.sha256(Path(path).read_bytes()).hexdigest()
            except OSError:
                return f"unreadable {sample_id}"  # differs from every other file's hash

        with ThreadPoolExecutor(4) as pool:
            hashes = list(pool.map(digest, self.films["path"], self.films["sample_id"]))
        return pd.Series(hashes, index=self.films["sample_id"])

    @cached_property
    def hash(self) -> str:
        """sha256 over all names and contents: the same for the same data in any folder."""
        lines = "".join(f"{name} {digest}\n" for name, digest in self.file_hashes.items())
        return hashlib.sha256(lines.encode()).hexdigest()


def read_dataset(folder: str | Path) -> Dataset:
    """Read a data set folder, its zip layout included.

    Parameters
    ----------
    folder : path
        Holds ``train/NORMAL``, ``train/PNEUMONIA``, ``test/NORMAL`` and ``test/PNEUMONIA``, or holds a folder which
        does (Kaggle's zip nests ``chest_xray/chest_xray``). ``__MACOSX`` and Kaggle's 16-image ``val`` are ignored.

    Raises
    ------
    DataError
        No such folder, or not laid out so.
    """
    path = Path(folder)
    if not path.is_dir():
        raise DataError(f"{path}: no such folder; pass the folder that holds train/ and test/ with --data.")
    root = _find_root(path)
    return Dataset(root=root, films=_read_films(root, SPLIT_FOLDERS), notes=_notes(path, root))


def read_labelled_folder(folder: str | Path) -> Dataset:
    """Read a folder of ``NORMAL`` and ``PNEUMONIA`` films without splits; ``folder`` is empty in each row.

    Raises
    ------
    DataError
        No such folder, or no films in it.
    """
    root = Path(folder)
    if not root.is_dir():
        raise DataError(f"{root}: no such folder; pass the folder that holds NORMAL/ and PNEUMONIA/ with --data.")
    return Dataset(root=root, films=_read_films(root, ("",)))


def _find_root(folder: Path) -> Path:
    for root in (folder, folder / "chest_xray", folder / "chest_xray" / "chest_xray"):
        if any((root / split / label).is_dir() for split in SPLIT_FOLDERS for label in LABEL_FOLDERS):
            return root
    raise DataError(f"{folder}: holds no train/NORMAL, train/PNEUMONIA, test/NORMAL or test/PNEUMONIA.")


def _notes(top: Path, root: Path) -> list[str]:
    """Return one line for each folder beside the films that is ignored."""
    notes = []
    folders = [folder for folder in (root, *root.parents) if folder == top or top in folder.parents]
    if any((folder / "__MACOSX").exists() for folder in folders):
        notes.append("Ignored __MACOSX: not part of the data.")
    if (root / "chest_xray").is_dir():
        notes.append("Ignored chest_xray/ inside the folder that was read: the zip holds the set twice.")
    if (root / "val").is_dir():
        count = sum(1 for path in (root / "val").rglob("[!.]*") if path.suffix.lower() in SUFFIXES)
        notes.append(f"Ignored val/ with {count} images: too few to choose a model on; validation is cut from train.")
    return notes


def _read_films(root: Path, splits: tuple[str, ...]) -> pd.DataFrame:
    rows = []
    for split in splits:
        for label, y_true in LABEL_FOLDERS.items():
            folder = root / split / label
            names = os.listdir(folder) if folder.is_dir() else []
            for name in names:
                if name.startswith(".") or not name.lower().endswith(SUFFIXES):
                    continue
                key = patient_key(name)
                rows.append(
                    {
                        "sample_id": (folder / name).relative_to(root).as_posix(),
                        "path": str(folder / name),
                        "folder": split,
                        "label": label,
                        "y_true": y_true,
                        "pathogen": key.pathogen,
                        "patient": key.narrow,
                        "cluster_id": key.wide,
                    }
                )
    if not rows:
        raise DataError(f"{root}: holds no films ({', '.join(SUFFIXES)}).")
    return pd.DataFrame(rows).sort_values("sample_id", ignore_index=True)
