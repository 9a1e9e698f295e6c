"""The shipped samples, how a damaged set of them is reported, and that the generator refuses a copy."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.not_films import draw_picture
from core.data.samples import SAMPLES_FILE, list_not_films, list_samples
from core.errors import ArtifactError
from core.manifest import write_manifest
from core.paths import artifacts_dir
from scripts.film_model import SIZE, alignment, inverted, warped
from scripts.make_samples import PER_LABEL, Space, draw_label, labelled, make_encoders, too_near


@pytest.fixture(autouse=True)
def no_committed_split() -> None:
    """The committed artifacts stay: these tests are about them."""


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the samples in a copy of the artifacts that a test may damage."""
    folder = tmp_path / "artifacts" / SAMPLES_FILE.parent
    shutil.copytree(artifacts_dir() / SAMPLES_FILE.parent, folder)
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(folder.parent))
    write_manifest()
    return folder


def rewrite(folder: Path, **changes: object) -> None:
    index = folder / SAMPLES_FILE.name
    index.write_text(json.dumps(json.loads(index.read_text()) | changes))
    write_manifest()


def films(count: int) -> np.ndarray:
    """Pictures mixed at random from 8 smooth patterns, (count, SIZE, SIZE) uint8."""
    random = np.random.default_rng(5)
    patterns = random.normal(size=(8, 8, 8))
    coarse = np.clip(128 + 20 * np.tensordot(random.normal(size=(count, 8)), patterns, 1), 0, 255).astype(np.uint8)
    return np.stack([np.asarray(Image.fromarray(c).resize((SIZE, SIZE), Image.Resampling.BICUBIC)) for c in coarse])


def test_ships_at_least_three_films_of_each_label():
    labels = [sample.label for sample in list_samples()]
    assert {label: labels.count(label) >= 3 for label in labels} == {"NORMAL": True, "PNEUMONIA": True}


def test_all_samples_are_gray_of_one_wide_size_and_small():
    paths = [sample.path for sample in list_samples()]
    formats = set()
    for path in paths:
        with Image.open(path) as image:
            image.load()
            formats.add((image.format, image.mode, image.size, len(image.getexif())))
    assert formats == {("JPEG", "L", (416, 320), 0)}
    assert sum(path.stat().st_size for path in paths) < 600_000


def test_every_sample_says_that_it_is_synthetic():
    word = np.asarray(labelled(np.zeros((320, 416), np.uint8)), float)
    rows, columns = np.nonzero(word)
    box = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    for sample in list_samples():
        corner = np.asarray(Image.open(sample.path), float)[box]
        assert np.corrcoef(corner.ravel(), word[box].ravel())[0, 1] > 0.95, sample.path.name


def test_no_sample_is_nearer_to_a_training_film_than_the_bound():
    bound = json.loads((artifacts_dir() / SAMPLES_FILE).read_text())["settings"]["bound_percentile"]
    assert bound >= 5
    for sample in list_samples():
        assert min(sample.pixel.percentile, sample.feature.percentile) >= bound, sample.path.name


def test_titles_tell_the_samples_apart():
    titles = [sample.title for sample in list_samples()]
    assert len(set(titles)) == len(titles)
    assert titles[0] == "Synthetic, drawn as normal, 1"


def test_two_pictures_are_no_chest_film_and_say_that_they_are_synthetic():
    pictures = list_not_films()
    assert len({picture.title for picture in pictures}) == 2
    for picture in pictures:
        with Image.open(picture.path) as image:
            assert (image.format, image.mode, image.size, len(image.getexif())) == ("JPEG", "L", (416, 320), 0)
            shown = np.asarray(image, float)
        drawn = Image.fromarray(draw_picture(picture.kind, picture.seed)).resize((416, 320), Image.Resampling.BICUBIC)
        expected = np.asarray(labelled(np.asarray(drawn)), float)
        assert np.abs(shown - expected).mean() < 3, picture.path.name


def test_samples_and_pictures_that_are_no_film_are_told_apart():
    assert not {sample.path for sample in list_samples()} & {picture.path for picture in list_not_films()}


def test_missing_picture_is_named(copied: Path):
    (copied / "not-a-film-hand.jpg").unlink()
    with pytest.raises(ArtifactError, match=r"not-a-film-hand\.jpg"):
        list_not_films()


def test_missing_index_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(tmp_path))
    with pytest.raises(ArtifactError, match=r"samples\.json is missing"):
        list_samples()


def test_index_that_is_no_json_is_refused(copied: Path):
    (copied / SAMPLES_FILE.name).write_text("{")
    write_manifest()
    with pytest.raises(ArtifactError, match=r"samples\.json"):
        list_samples()


@pytest.mark.parametrize(
    "changes",
    [{"schema_version": 99}, {"samples": []}, {"samples": [{"file": "a.jpg"}]}, {"samples": None}, {"samples": [3]}],
)
def test_index_of_another_form_is_refused(copied: Path, changes: dict[str, object]):
    rewrite(copied, **changes)
    with pytest.raises(ArtifactError, match=r"samples\.json"):
        list_samples()


def test_unknown_label_is_refused(copied: Path):
    entries = json.loads((copied / SAMPLES_FILE.name).read_text())["samples"]
    rewrite(copied, samples=[entries[0] | {"label": "MAYBE"}])
    with pytest.raises(ArtifactError, match=r"samples\.json"):
        list_samples()


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-9])])
def test_missing_or_altered_film_is_named(copied: Path, damage):
    damage(copied / "synthetic-normal-2.jpg")
    with pytest.raises(ArtifactError, match=r"synthetic-normal-2\.jpg"):
        list_samples()


@pytest.fixture(scope="module")
def measured() -> tuple[np.ndarray, np.ndarray, dict, dict]:
    """100 pictures that stand for the training films, 20 others, and the encoders and spaces of the first."""
    real, own = np.split(films(120), [100])
    encoders = make_encoders(real, None)
    patients, labels = np.array([f"p{i}" for i in range(100)]), np.resize(["NORMAL", "PNEUMONIA"], 100)
    return real, own, encoders, {name: Space(encode(real), patients, labels) for name, encode in encoders.items()}


def test_a_copied_film_is_too_near_and_a_new_one_is_not(measured):
    real, own, encoders, spaces = measured
    copy = {name: spaces[name].measure(encode(real[7:8])[0], "NORMAL") for name, encode in encoders.items()}
    fresh = {name: spaces[name].measure(encode(own[:1])[0], "NORMAL") for name, encode in encoders.items()}
    assert too_near(copy) == ["pixel", "feature"]
    assert copy["pixel"]["nearest"] == pytest.approx(0, abs=1e-4)
    assert too_near(fresh) == []


def test_two_films_of_one_child_do_not_count_as_near():
    points = np.array([[0.0], [0.1], [5.0], [9.0]])
    space = Space(points, np.array(["a", "a", "b", "c"]), np.array(["NORMAL", "NORMAL", "NORMAL", "PNEUMONIA"]))
    assert space.real["NORMAL"][:, 0] == pytest.approx([5.0, 4.9, 4.0])


class Copier:
    """A generator which copies real films up to its tenth seed, then draws one of its own each time."""

    def __init__(self, real: np.ndarray, own: np.ndarray) -> None:
        self.real, self.own = real, own

    def draw(self, seed: int) -> np.ndarray:
        return (self.real[seed] if seed < 10 else self.own[seed - 10]).astype(float)


def test_copies_are_passed_over_and_never_written(measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(tmp_path))
    real, own, encoders, spaces = measured
    entries = draw_label("NORMAL", Copier(real, own), encoders, spaces)  # type: ignore[arg-type]
    assert all("too near" in entry["reason"] for entry in entries[:10])
    assert len(list((tmp_path / "samples").iterdir())) == PER_LABEL


def test_alignment_brings_a_moved_film_back():
    rows, columns = np.mgrid[:80, :80]
    atlas = 200 * np.exp(-((rows - 40) ** 2 / 200 + (columns - 40) ** 2 / 400)) + 20 * np.sin(columns / 4)
    moved = np.roll(atlas, (3, -4), (0, 1))
    back = warped(moved, alignment(moved, atlas))
    middle = np.s_[15:65, 15:65]
    assert np.abs(back - atlas)[middle].mean() < 0.25 * np.abs(moved - atlas)[middle].mean()


def test_inverted_field_undoes_the_field():
    rows, columns = np.mgrid[:80, :80] / 79
    bump = np.sin(np.pi * rows) * np.sin(np.pi * columns)
    field = np.stack([4 * bump, -3 * bump])
    inverse = inverted(field)
    there_and_back = inverse + np.stack([warped(part, inverse) for part in field])
    assert np.abs(there_and_back).max() < 0.05
