"""Films for the benchmarks: of a data set folder, of a plain folder, or the committed samples enlarged."""

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from core.data.dataset import read_dataset
from core.data.patients import LABEL_FOLDERS
from core.data.samples import list_samples
from core.imaging.film import resize
from core.types import UInt8Array

NATIVE = (1_320, 1_000)  # width and height of a middling film as scanned, pixels


def film_files(data: Path | None, count: int) -> list[Path]:
    """Up to so many film files: evenly from a data set's test films, or the committed samples."""
    if data is None:
        return [sample.path for sample in list_samples()][:count]
    films = read_dataset(data).films
    tests = films.loc[films["folder"] == "test", "path"].tolist() or films["path"].tolist()
    return [Path(path) for path in tests[:: max(1, len(tests) // count)][:count]]


def draw_films(width: int, height: int) -> list[UInt8Array]:
    """The committed samples at another size with the grain of a detector: (height, width) uint8 each."""
    films = []
    for seed, sample in enumerate(list_samples()):
        with Image.open(sample.path) as picture:
            large = resize(np.array(picture.convert("L")), height, width)
        grain = np.random.default_rng(seed).normal(0, 2, large.shape)
        films.append(np.clip(large + grain, 0, 255).astype(np.uint8))
    return films


def jpeg(film: UInt8Array) -> bytes:
    """A film as the bytes of a JPEG file."""
    file = io.BytesIO()
    Image.fromarray(film).save(file, "JPEG", quality=90)
    return file.getvalue()


def stamped(data: bytes, note: str) -> bytes:
    """The same JPEG with a comment in it: other bytes, which no cache has seen, and equal pixels."""
    comment = note.encode()
    return data[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + data[2:]


def write_archive(folder: Path, sources: list[bytes], count: int) -> Path:
    """A folder of so many JPEG files in folders of 1,000, linked to a few stored ones."""
    store = folder.with_name(folder.name + ".store")
    store.mkdir(parents=True)
    originals = []
    for number, data in enumerate(sources):
        originals.append(store / f"{number}.jpeg")
        originals[-1].write_bytes(data)
    for number in range(count):
        place = folder / f"{number // 1000:03d}"
        if number % 1000 == 0:
            place.mkdir(parents=True)
        _link(originals[number % len(originals)], place / f"{number:06d}.jpeg")
    return folder


def write_dataset(folder: Path, films: dict[str, list[UInt8Array]], count: int, seed: int = 0) -> Path:
    """A folder laid out as Kaggle's, ``train/<LABEL>/<patient>.jpeg``, with so many train films of as many patients."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        label = list(LABEL_FOLDERS)[number % 2]
        film = films[label][number // 2 % len(films[label])]
        other = np.clip(film + rng.normal(0, 2, film.shape), 0, 255).astype(np.uint8)
        name = f"IM-{number:04d}-0001.jpeg" if label == "NORMAL" else f"person{number}_virus_1.jpeg"
        path = folder / "train" / label / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(other))
    return folder


def link_dataset(folder: Path, data: Path, count: int) -> Path:
    """Evenly taken train films of a data set, linked into a folder of the same layout."""
    films = read_dataset(data).films
    films = films[films["folder"] == "train"]
    for row in films.iloc[:: max(1, len(films) // count)].head(count).itertuples():
        path = folder / str(row.sample_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(Path(str(row.path)).resolve())
    return folder


def _link(source: Path, target: Path) -> None:
    """A hard link, or a copy where the file system has none or no more of them."""
    try:
        os.link(source, target)
    except OSError:
        target.write_bytes(source.read_bytes())
