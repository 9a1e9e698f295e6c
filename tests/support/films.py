"""X-rays that resemble real ones at a glance, drawn: single images, encoded files, a small data set."""

import io
from pathlib import Path

import numpy as np
from PIL import Image


def draw_film(seed: int = 0, width: int = 320, height: int = 256) -> np.ndarray:
    """Draw what resembles a frontal chest film at a glance, with nothing taken from a real one.

    Returns
    -------
    film : (height, width) uint8, dark lungs between a bright mediastinum and a bright diaphragm, with ribs and noise
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    body = 0.75 * (np.abs(x) < 0.92 - 0.15 * np.maximum(-y - 0.4, 0))
    lungs = sum(np.exp(-((((x - side * 0.42) / 0.27) ** 2 + ((y + 0.1) / 0.58) ** 2) ** 2)) for side in (-1, 1))
    ribs = 0.06 * np.sin(18 * (y - 0.5 * np.abs(x))) * lungs
    noise = rng.normal(0, 0.02, body.shape)
    film = body - rng.uniform(0.45, 0.6) * lungs * (body > 0) + ribs + noise
    return np.clip(film * 255, 0, 255).astype(np.uint8)


def jpeg(pixels: np.ndarray) -> bytes:
    """Return gray levels as the bytes of a JPEG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90)
    return file.getvalue()


def png(image: Image.Image) -> bytes:
    """Return an image as the bytes of a PNG file."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def draw_dataset(root: Path, patients: int = 10) -> Path:
    """Write train and test films of drawn patients, two films each; pneumonia films have a bright patch."""
    for split, count in (("train", patients), ("test", 4)):
        for label in ("NORMAL", "PNEUMONIA"):
            folder = root / split / label
            folder.mkdir(parents=True)
            for patient in range(count):
                for film in range(2):
                    number = patient + (100 if split == "test" else 0)
                    pixels = draw_film(seed=1000 * number + film + 500 * (label == "NORMAL"), width=96, height=80)
                    name = f"IM-{number:04d}-{film:04d}.jpeg"
                    if label == "PNEUMONIA":
                        pixels[30:60, 20:45] = np.maximum(pixels[30:60, 20:45], 190)
                        name = f"person{number}_{'virus' if film else 'bacteria'}_{film}.jpeg"
                    Image.fromarray(pixels).save(folder / name, quality=90)
    return root
