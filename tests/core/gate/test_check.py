"""The committed gate on samples and on drawn pictures, and what it says; no data set is needed."""

import dataclasses
import io
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.not_films import DRAWN, change_film, draw_picture
from core.data.samples import list_not_films, list_samples
from core.errors import ArtifactError
from core.gate import Gate, GateAnswer, gate_rates, load_gate
from core.gate.check import GATE_FILE, REASONS
from core.gate.rates import RATES_FILE
from core.imaging.decode import decode_film, read_film
from core.imaging.film import Film, resize
from core.imaging.notes import Note, NoteKind
from core.manifest import write_manifest
from core.paths import artifacts_dir

SAMPLES = list_samples()
FRESH = range(5_000, 5_020)  # seeds that neither fitting nor checking used


@pytest.fixture(scope="module")
def gate() -> Gate:
    return load_gate()


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The gate's folder in a copy that a test may damage."""
    folder = tmp_path / "artifacts" / "gate"
    shutil.copytree(artifacts_dir() / "gate", folder)
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(folder.parent))
    write_manifest()
    return folder


def film(pixels: np.ndarray) -> Film:
    return Film(name="drawn", pixels=pixels, size=pixels.shape[::-1])


def encoded(pixels: np.ndarray, kind: str, **options: int) -> Film:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return decode_film(file.getvalue(), f"film.{kind.lower()}")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path.stem)
def test_samples_are_accepted(gate: Gate, sample) -> None:
    answer = gate.check(read_film(sample.path))
    assert (answer.verdict, answer.reason) == ("accept", "")
    assert 0 < answer.score <= 1


@pytest.mark.parametrize("picture", list_not_films(), ids=lambda picture: picture.path.stem)
def test_samples_that_are_no_film_are_refused(gate: Gate, picture) -> None:
    answer = gate.check(read_film(picture.path))
    assert (answer.verdict, answer.reason) == ("refuse", REASONS["other"])


@pytest.mark.parametrize("kind", DRAWN)
def test_drawn_pictures_of_fresh_seeds_are_refused(gate: Gate, kind: str) -> None:
    answers = [gate.check(film(draw_picture(kind, seed))) for seed in FRESH]
    assert sum(answer.verdict == "refuse" for answer in answers) >= 0.95 * len(answers)
    assert all(answer.reason for answer in answers if answer.verdict != "accept")


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        (lambda pixels: 255 - pixels, "invert"),
        (lambda pixels: np.rot90(pixels, 3), "turn left"),
        (lambda pixels: np.rot90(pixels, 2), "turn round"),
        (lambda pixels: np.rot90(pixels, 1), "turn right"),
    ],
)
def test_inverted_and_turned_films_are_refused_with_what_to_do(gate: Gate, change, remedy: str) -> None:
    for sample in SAMPLES:
        pixels = np.ascontiguousarray(change(read_film(sample.path).pixels))
        answer = gate.check(film(pixels))
        assert (answer.verdict, answer.reason) == ("refuse", REASONS[remedy]), sample.path.name


def test_mirrored_films_are_not_refused(gate: Gate) -> None:
    for sample in SAMPLES:
        pixels = np.ascontiguousarray(read_film(sample.path).pixels[:, ::-1])
        assert gate.check(film(pixels)).verdict != "refuse", sample.path.name


def test_small_parts_of_films_are_not_accepted(gate: Gate) -> None:
    parts = [change_film("cropped", read_film(sample.path).pixels, seed) for sample in SAMPLES for seed in FRESH[:5]]
    refused = sum(gate.check(film(part)).verdict == "refuse" for part in parts)
    assert refused >= 0.9 * len(parts)


@pytest.mark.parametrize("level", [0, 7, 128, 255])
def test_a_blank_picture_is_named_so(gate: Gate, level: int) -> None:
    answer = gate.check(film(np.full((300, 400), level, np.uint8)))
    assert answer == GateAnswer(verdict="refuse", reason=REASONS["blank"], score=0.0)


def test_a_picture_below_64_pixels_is_too_small_and_one_of_64_is_judged(gate: Gate) -> None:
    pixels = read_film(SAMPLES[0].path).pixels
    small = gate.check(film(resize(pixels, 63, 80)))
    assert small.verdict == "refuse"
    assert "80 × 63" in small.reason
    assert gate.check(film(resize(pixels, 64, 80))).verdict == "accept"


def test_the_size_of_the_original_counts_and_not_that_of_the_decoded_pixels(gate: Gate) -> None:
    pixels = read_film(SAMPLES[0].path).pixels
    assert gate.check(Film(name="film", pixels=pixels, size=(50, 50))).verdict == "refuse"


@pytest.mark.parametrize("sample", SAMPLES[::3], ids=lambda sample: sample.path.stem)
def test_answers_do_not_depend_on_resolution_codec_or_depth(gate: Gate, sample) -> None:
    original = read_film(sample.path).pixels
    large = np.asarray(Image.fromarray(original).resize((1664, 1280), Image.Resampling.BICUBIC))
    others = [
        encoded(original, "PNG"),
        encoded(large, "PNG"),
        encoded(large, "JPEG", quality=90),
        encoded(resize(original, 160, 208), "PNG"),
        encoded(original, "JPEG", quality=50),
        encoded(original.astype(np.uint16) * 257, "PNG"),
    ]
    answers = [gate.check(other) for other in (film(original), *others)]
    assert {answer.verdict for answer in answers} == {"accept"}
    assert max(answer.score for answer in answers) - min(answer.score for answer in answers) < 0.06


def test_the_same_film_has_the_same_answer(gate: Gate) -> None:
    again = read_film(SAMPLES[0].path)
    assert gate.check(again) == gate.check(again) == load_gate().check(again)


def test_between_the_limits_is_a_warning_with_a_reason(gate: Gate) -> None:
    picture = read_film(SAMPLES[0].path)
    score = gate.check(picture).score
    strict = Gate(scorer=dataclasses.replace(gate.scorer, refuse_below=score - 0.01, accept_from=score + 0.001))
    assert strict.check(picture) == GateAnswer(verdict="warn", reason=REASONS["warn"], score=score)


@pytest.mark.parametrize(
    ("kind", "warns"),
    [
        (NoteKind.OTHER_MODALITY, True),
        (NoteKind.OTHER_BODY_PART, True),
        (NoteKind.LATERAL_VIEW, True),
        (NoteKind.FOR_PROCESSING, False),
        (NoteKind.NO_WINDOW, False),
        (NoteKind.UNUSED_BITS, False),
    ],
)
def test_a_file_that_calls_itself_something_else_is_warned_of(gate: Gate, kind: NoteKind, warns: bool) -> None:
    """By the kind of the note and whatever the score, short of a refusal."""
    picture = read_film(SAMPLES[0].path)
    score = gate.check(picture).score
    noted = dataclasses.replace(picture, notes=(Note(kind, "Any text."),))
    borderline = Gate(scorer=dataclasses.replace(gate.scorer, refuse_below=score - 0.01, accept_from=score + 0.001))
    refusing = Gate(scorer=dataclasses.replace(gate.scorer, refuse_below=score + 0.001, accept_from=score + 0.01))
    said = REASONS["file says"] if warns else ""
    expected = GateAnswer(verdict="warn" if warns else "accept", reason=said, score=score)
    assert gate.check(noted) == expected
    assert borderline.check(noted).reason == " ".join(filter(None, [REASONS["warn"], said]))
    assert refusing.check(noted) == refusing.check(picture)


def test_a_check_is_quick(gate: Gate) -> None:
    picture = read_film(SAMPLES[0].path)
    gate.check(picture)
    seconds = []
    for _ in range(20):
        start = time.process_time()
        gate.check(picture)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.010


def test_a_missing_gate_is_named(no_artifacts: Path) -> None:
    with pytest.raises(ArtifactError, match=r"gate\.npz is missing"):
        load_gate()
    with pytest.raises(ArtifactError, match=r"gate\.json is missing"):
        gate_rates()


@pytest.mark.parametrize("name", [GATE_FILE, RATES_FILE])
def test_an_altered_file_is_refused(copied: Path, name: str) -> None:
    path = copied.parent / name
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ArtifactError, match=path.name):
        load_gate() if name == GATE_FILE else gate_rates()


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut off"])
def test_a_gate_that_cannot_be_read_is_damaged(copied: Path, content: bytes) -> None:
    (copied / "gate.npz").write_bytes(content)
    write_manifest()
    with pytest.raises(ArtifactError, match=r"gate\.npz is damaged"):
        load_gate()


def test_a_gate_of_another_shape_is_damaged(copied: Path) -> None:
    with np.load(copied / "gate.npz") as stored:
        numbers = {name: stored[name] for name in stored.files} | {"mean": np.zeros(5, np.float32)}
    np.savez(copied / "gate.npz", **numbers)
    write_manifest()
    with pytest.raises(ArtifactError, match=r"gate\.npz is damaged"):
        load_gate()


def test_a_film_at_a_limit_stays_on_its_good_side_on_every_machine(gate) -> None:
    for limit, good in ((gate.scorer.refuse_below, "warn"), (gate.scorer.accept_from, "accept")):
        assert gate.scorer.verdict(limit - 1e-6) == gate.scorer.verdict(limit) == good
        assert gate.scorer.verdict(limit - 1e-4) != good
