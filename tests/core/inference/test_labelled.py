"""A reader's own table and films: matched to ours, or refused with a line that says what to do."""

import io
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from core.errors import InputError
from core.evaluation.types import Scores
from core.imaging.archive import Entry
from core.imaging.decode import decode_film
from core.imaging.film import Film
from core.inference.labelled import label_of, match_to_ours, score_labelled

NAMES = ["test/NORMAL/a.jpeg", "test/NORMAL/b.jpeg", "test/PNEUMONIA/c.jpeg", "test/PNEUMONIA/d.jpeg"]


def table(names: list[str], truth: list[int], score: list[float], name: str = "mine.csv") -> Scores:
    ids = np.array(names)
    return Scores(sample_id=ids, cluster_id=ids, y_true=np.array(truth), y_score=np.array(score), name=name)


@pytest.fixture
def ours() -> Scores:
    return replace(table(NAMES, [0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], "ours"), cluster_id=np.array(["p", "p", "q", "r"]))


@pytest.mark.parametrize("short", [False, True], ids=["sample_id", "file_name"])
def test_films_in_another_order_get_our_names_and_patients(ours, short):
    names = [name.rsplit("/", 1)[-1] if short else name for name in reversed(NAMES)]
    found = match_to_ours(table(names, [1, 1, 0, 0], [0.4, 0.3, 0.2, 0.1]), ours, "test")
    assert found.sample_id.tolist() == NAMES
    assert found.cluster_id.tolist() == ["p", "p", "q", "r"]
    assert found.y_score.tolist() == [0.1, 0.2, 0.3, 0.4]
    assert found.name == "mine.csv"


def test_other_films_are_not_ours(ours):
    assert match_to_ours(table(["x", "y", NAMES[0]], [0, 1, 0], [0.1, 0.2, 0.3]), ours, "test") is None


@pytest.mark.parametrize(
    ("names", "truth", "said"),
    [
        (NAMES[:3], [0, 0, 1], "lacks 1, such as test/PNEUMONIA/d.jpeg"),
        ([*NAMES, "new.jpeg"], [0, 0, 1, 1, 1], "holds 1 others, such as new.jpeg"),
        (NAMES, [0, 1, 1, 1], "y_true of 1 films differs"),
        (["x/a.jpeg", "y/a.jpeg", "x/b.jpeg", "c.jpeg", "d.jpeg"], [0, 0, 0, 1, 1], "some of them twice"),
    ],
)
def test_what_cannot_be_paired_is_named(ours, names, truth, said):
    with pytest.raises(InputError, match=said):
        match_to_ours(table(names, truth, [0.5] * len(names)), ours, "test")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("mine.zip/NORMAL/a.png", 0),
        ("set/pneumonia/deep/a.png", 1),
        ("PNEUMONIA/NORMAL/a.png", 0),
        (r"set\NORMAL\a.png", 0),
        ("NORMAL.png", None),
        ("other/a.png", None),
    ],
)
def test_label_is_the_nearest_folder(name, label):
    assert label_of(name) == label


class Brightness:
    """A stand-in for a model: its score is the film's mean."""

    run = SimpleNamespace(title="Brightness")
    network = SimpleNamespace(score=lambda images: (images.mean(axis=(1, 2)) / 255, None))

    def prepare(self, film):
        return film.pixels


def film(level: int) -> Film:
    data = io.BytesIO()
    Image.new("L", (64, 64), level).save(data, "PNG")
    return decode_film(data.getvalue(), "film.png")


def test_labelled_films_are_scored_and_the_rest_is_named():
    entries = [
        Entry(file="z/NORMAL/IM-0001-0001.png", film=film(51)),
        Entry(file="z/NORMAL/IM-0001-0002.png", film=film(102)),
        Entry(file="z/PNEUMONIA/b.png", film=film(204)),
        Entry(file="z/other/c.png", film=film(204)),
        Entry(file="z/NORMAL/d.png", error=InputError("damaged", file="d.png")),
    ]
    notes: list[str] = []
    *steps, (scores,) = score_labelled(entries, [Brightness()], notes)
    assert len(steps) == len(entries)
    assert not any(steps)
    assert scores.name == "Brightness"
    assert scores.y_true.tolist() == [0, 0, 1]
    assert scores.y_score.tolist() == pytest.approx([0.2, 0.4, 0.8])
    assert scores.cluster_id[0] == scores.cluster_id[1] == "IM-0001"
    assert notes == ["z/other/c.png: is in no folder named NORMAL or PNEUMONIA.", "d.png: damaged"]


def test_one_label_alone_is_no_evaluation():
    with pytest.raises(InputError, match="both labels"):
        list(score_labelled([Entry(file="NORMAL/a.png", film=film(9))], [Brightness()], []))
