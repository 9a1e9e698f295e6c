"""Draw the synthetic sample films, measure that none copies a child's film, and write ``artifacts/samples``.

    python -m scripts.make_samples --data DIR [--model NAME]
    python -m scripts.make_samples --not-films

Each label's films go through the same steps (`scripts.film_model`); the samples have one size and aspect ratio.

Samples are taken in the order of their seeds. A seed is passed over for two reasons only: the film is nearer to a
training film than the bound allows, or it does not look like a film (`REJECTED_BY_EYE`, with the reason). No model is
asked what it thinks of a film; ``--model`` only adds that model's last layer as a further space to measure in.

Beside them stand drawn pictures that are no chest film (`NOT_FILMS`); ``--not-films`` draws only these anew, without
the data set.
"""

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage
from sklearn.decomposition import PCA

from core.data.arrays import load_films
from core.data.dataset import read_dataset
from core.data.not_films import draw_picture
from core.data.patients import LABEL_FOLDERS
from core.data.samples import SAMPLES_FILE, SCHEMA_VERSION
from core.errors import LungLensError
from core.files import atomic_path, write_text
from core.imaging.film import resize
from core.inference.model import Model
from core.manifest import write_manifest
from core.paths import artifacts_dir
from core.runs.store import find_run, list_runs
from scripts import film_model
from scripts.film_model import SIZE, Array, FilmModel

SAMPLE_SIZE = (416, 320)  # px, the same aspect ratio for both classes
CROP = 3  # px, rim that is cut off on each side
JPEG_QUALITY = 90
BOUND_PERCENTILE = 5.0  # of the nearest distances between real films of different children
PER_LABEL = 4
NOT_FILMS = (  # file, title, kind, seed: seeds from 1000 on are used for nothing else
    ("not-a-film-landscape.jpg", "Drawn landscape", "scene", 1002),
    ("not-a-film-hand.jpg", "Drawn X-ray of a hand", "bones", 1005),
)
REJECTED_BY_EYE = {
    ("PNEUMONIA", 0): "upright bars beside the body",
    ("PNEUMONIA", 1): "a dark smear at the lower edge",
    ("PNEUMONIA", 3): "too blurred to show heart and diaphragm",
}


def framed(film: Array) -> Array:
    """The film at its shipped size, (H, W) uint8, less a narrow rim where displacements fade out."""
    inner = np.round(film[CROP:-CROP, CROP:-CROP]).astype(np.uint8)
    return np.asarray(Image.fromarray(inner).resize(SAMPLE_SIZE, Image.Resampling.BICUBIC))


def labelled(pixels: Array) -> Image.Image:
    """The film with the word SYNTHETIC in its upper right corner, beside the neck and off the lungs."""
    image = Image.fromarray(pixels)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=11)
    place = (SAMPLE_SIZE[0] - 6, 5)
    left, top, right, bottom = draw.textbbox(place, "SYNTHETIC", font=font, anchor="rt")
    draw.rectangle((left - 3, top - 3, right + 2, bottom + 2), fill=0)
    draw.text(place, "SYNTHETIC", font=font, anchor="rt", fill=230)
    return image


def pixel_space(films: Array) -> Array:
    """Films (n, SIZE, SIZE) at 32 px with mean 0 and spread 1 each, so that neither exposure nor sharpness tells."""
    step = SIZE // 32
    small = films.reshape(len(films), 32, step, 32, step).mean((2, 4), dtype=np.float32).reshape(len(films), -1)
    small -= small.mean(1, keepdims=True)
    return np.asarray(small / small.std(1, keepdims=True) / np.sqrt(small.shape[1]))


def edge_histograms(film: Array) -> Array:
    """Histograms of 8 edge directions in 8 x 8 cells, of length 1 (Dalal and Triggs 2005, no overlap)."""
    rows, columns = np.gradient(ndimage.gaussian_filter(film.astype(np.float32), 1.5))
    direction = np.floor(np.arctan2(rows, columns) % np.pi / np.pi * 8).astype(int) % 8
    cell = np.arange(SIZE) // (SIZE // 8)
    bins = (cell[:, None] * 8 + cell[None, :]) * 8 + direction
    counts = np.bincount(bins.ravel(), np.hypot(rows, columns).ravel(), minlength=512).reshape(64, 8)
    return (counts / (np.linalg.norm(counts, axis=1, keepdims=True) + 1e-6)).astype(np.float32).ravel()


class Space:
    """A space of films with the distances from each real film to the nearest one of another child."""

    def __init__(self, points: Array, patients: Array, labels: Array) -> None:
        self.points, self.patients = points, patients
        nearest = [self._first_two(point, patients != patient) for point, patient in zip(points, patients, strict=True)]
        self.real = {label: np.array(nearest)[labels == label] for label in LABEL_FOLDERS}

    def _first_two(self, point: Array, allowed: Array) -> tuple[float, float]:
        """Distance to the nearest film, and to the nearest film of any second child."""
        distance = np.where(allowed, np.linalg.norm(self.points - point, axis=1), np.inf)
        first = int(np.argmin(distance))
        return float(distance[first]), float(distance[self.patients != self.patients[first]].min())

    def measure(self, point: Array, label: str) -> dict[str, float]:
        """Nearest distance of a drawn film, and its place among real films of the same label."""
        first, second = self._first_two(point, np.ones(len(self.points), bool))
        real = self.real[label]
        return {
            "nearest": round(first, 4),
            "percentile": round(100 * float(np.mean(real[:, 0] < first)), 1),
            "ratio_to_median": round(first / float(np.median(real[:, 0])), 3),
            "nearest_to_second": round(first / second, 3),
            "nearest_to_second_percentile": round(100 * float(np.mean(real[:, 0] / real[:, 1] < first / second)), 1),
        }

    def summary(self, label: str) -> dict[str, float]:
        """Percentiles of the real films' nearest distances to another child."""
        marks = (1, 5, 25, 50, 75, 95)
        values = np.percentile(self.real[label][:, 0], marks)
        return {f"p{mark}": round(float(value), 4) for mark, value in zip(marks, values, strict=True)}


def penultimate(model: Model, films: Array) -> Array:
    """Outputs of the layer before the logit for films (n, SIZE, SIZE), one row each."""
    shape, layer = model.run.input, model.run.record.layers[-1].name
    batches = [films[start : start + 64] for start in range(0, len(films), 64)]
    parts = []
    for batch in batches:
        images = np.stack([resize(film, shape.height, shape.width) for film in batch])
        parts.append(model.network.outputs(images, [layer])[layer].reshape(len(batch), -1))
    return np.concatenate(parts)


def make_encoders(films: Array, model: Model | None) -> dict[str, Any]:
    """Functions from films (n, SIZE, SIZE) uint8 to points, by the name of their space."""
    edges = PCA(64, svd_solver="randomized", random_state=0).fit(np.stack([edge_histograms(film) for film in films]))
    encoders = {
        "pixel": pixel_space,
        "feature": lambda batch: edges.transform(np.stack([edge_histograms(film) for film in batch])),
    }
    if model is not None:
        encoders["model"] = lambda batch: penultimate(model, batch)
    return encoders


def too_near(measures: dict[str, dict[str, float]]) -> list[str]:
    """Names of the spaces in which a drawn film is nearer to a child's film than the bound allows."""
    return [name for name, measure in measures.items() if measure["percentile"] < BOUND_PERCENTILE]


def draw_label(
    label: str, drawing: FilmModel, encoders: dict[str, Any], spaces: dict[str, Space]
) -> list[dict[str, Any]]:
    """Write one label's samples; one entry for each seed that was tried, with the reason where it was passed over."""
    entries: list[dict[str, Any]] = []
    accepted = 0
    while accepted < PER_LABEL:
        seed = len(entries)
        pixels = framed(drawing.draw(seed))
        square = resize(pixels, SIZE, SIZE)[None]
        measures = {name: spaces[name].measure(encode(square)[0], label) for name, encode in encoders.items()}
        near = too_near(measures)
        reason = f"too near to a training film: {', '.join(near)}" if near else REJECTED_BY_EYE.get((label, seed))
        entry: dict[str, Any] = {"label": label, "seed": seed}
        if reason:
            entry["reason"] = reason
        else:
            accepted += 1
            entry["file"] = f"synthetic-{label.lower()}-{accepted}.jpg"
            with atomic_path(artifacts_dir() / SAMPLES_FILE.parent / entry["file"]) as temporary:
                labelled(pixels).save(temporary, quality=JPEG_QUALITY)
        entries.append(entry | measures)
        print(label, seed, reason or "kept", {name: measure["percentile"] for name, measure in measures.items()})
    return entries


def draw_not_films() -> list[dict[str, Any]]:
    """Write the pictures that are no chest film, at the samples' size; one entry for each."""
    entries = []
    for file, title, kind, seed in NOT_FILMS:
        picture = Image.fromarray(draw_picture(kind, seed)).resize(SAMPLE_SIZE, Image.Resampling.BICUBIC)
        with atomic_path(artifacts_dir() / SAMPLES_FILE.parent / file) as temporary:
            labelled(np.asarray(picture)).save(temporary, quality=JPEG_QUALITY)
        entries.append({"file": file, "title": title, "kind": kind, "seed": seed})
    return entries


def redraw_not_films() -> None:
    """Write these pictures and their entries anew, and leave the samples as they are."""
    path = artifacts_dir() / SAMPLES_FILE
    document = json.loads(path.read_text()) | {"not_films": draw_not_films()}
    write_text(path, json.dumps(document, indent=1) + "\n")
    write_manifest()


def make_samples(data: Path, model_name: str | None) -> None:
    """Draw, measure and write all samples."""
    dataset = read_dataset(data)
    loaded = load_films(dataset, dataset.films[dataset.films["folder"] == "train"], SIZE, SIZE)
    films, table = loaded.pixels, loaded.table
    labels, patients = table["label"].to_numpy(), table["cluster_id"].to_numpy()
    model = Model(find_run(model_name, list_runs()[0])) if model_name else None
    encoders = make_encoders(films, model)
    spaces = {name: Space(encode(films), patients, labels) for name, encode in encoders.items()}
    per_label = min(int((labels == label).sum()) for label in LABEL_FOLDERS)
    entries = []
    with ProcessPoolExecutor() as pool:
        for label in LABEL_FOLDERS:
            rows = np.random.default_rng(0).permutation(np.flatnonzero(labels == label))[:per_label]
            entries += draw_label(label, FilmModel(films[np.sort(rows)], pool), encoders, spaces)
    document = {
        "schema_version": SCHEMA_VERSION,
        "settings": {
            **{name.lower(): getattr(film_model, name) for name in film_model.SETTINGS},
            "crop": CROP,
            "films_per_label": per_label,
            "jpeg_quality": JPEG_QUALITY,
            "bound_percentile": BOUND_PERCENTILE,
            "data_hash": dataset.hash,
            "model": model.run.run_id if model else None,
        },
        "real_nearest": {
            name: {label: space.summary(label) for label in LABEL_FOLDERS} for name, space in spaces.items()
        },
        "samples": [entry for entry in entries if "file" in entry],
        "passed_over": [entry for entry in entries if "file" not in entry],
        "not_films": draw_not_films(),
    }
    write_text(artifacts_dir() / SAMPLES_FILE, json.dumps(document, indent=1) + "\n")
    write_manifest()


def main() -> None:
    """Read the arguments and make the samples."""
    parser = argparse.ArgumentParser(description="Draw the synthetic sample films into artifacts/samples.")
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--data", type=Path, help="the folder that holds train/ and test/")
    wanted.add_argument("--not-films", action="store_true", help="only draw the pictures that are no chest film")
    parser.add_argument("--model", help="also measure in the space of this trained model's last layer before the logit")
    arguments = parser.parse_args()
    try:
        redraw_not_films() if arguments.not_films else make_samples(arguments.data, arguments.model)
    except LungLensError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
