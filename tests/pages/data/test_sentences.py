"""What Data says is wrong with a data set: none, one and many patients, copies and pairs."""

from dataclasses import replace

import pytest

from core.data.findings import Audit, Count, Crossing, Duplicates, KeyReading
from core.evaluation.types import Estimate
from core.evidence.types import ImageShift, SplitAuroc
from core.wording import format_figure
from pages.data.parts import copies_in_words, duplicates_in_words, patients_in_words
from pages.data.shift import findings_in_words

NONE = Duplicates(
    groups=0, films=0, extra_films=0, within_split={}, across_splits=0, across_labels=0, across_patients=0, listed=()
)


def crossing(label: str, reading: KeyReading, keys: int, between: tuple[str, str] = ("train", "test")) -> Crossing:
    return Crossing(between=between, reading=reading, label=label, keys=keys, films=(9, 2 * keys), films_of=(900, 300))


def audit(
    *, normal: int = 0, pneumonia: int = 0, narrow: int = 0, inside: int = 0, share: int = 700, **changes: object
) -> Audit:
    """An audit with so many shared patient numbers, and so many pneumonias of 1,000 films in every split."""
    made = Audit(
        data_hash="0" * 64,
        films=3000,
        notebook_films=5385,
        counts=tuple(
            Count(split=split, label=label, pathogen="", films=films, patients_wide=5, patients_narrow=6)
            for split in ("train", "validation", "test")
            for label, films in (("NORMAL", 1000 - share), ("PNEUMONIA", share))
        ),
        patients={"wide": {"all": 1234}, "narrow": {"all": 2345}},
        crossing=(
            crossing("NORMAL", "wide", normal),
            crossing("PNEUMONIA", "wide", pneumonia),
            crossing("NORMAL", "narrow", 0),
            crossing("PNEUMONIA", "narrow", narrow),
            crossing("NORMAL", "wide", inside, ("train", "validation")),
        ),
        identical_bytes=NONE,
        identical_pixels=NONE,
        near=NONE,
        near_threshold=0.88,
        unreadable=(),
        notes=(),
    )
    return replace(made, **changes)


def shift(low: float) -> ImageShift:
    apart = {"normal": Estimate(value=0.9, low=low, high=0.93, method="made up")}
    apart["pneumonia"] = Estimate(value=0.6, low=0.55, high=0.7, method="made up")
    rows = [
        SplitAuroc(label=label, before="train", after="test", looks_at="both", n=(9, 9), auroc=auroc)
        for label, auroc in apart.items()
    ]
    return ImageShift(means={}, differences=(), tell_apart=tuple(rows))


@pytest.mark.parametrize(
    ("share", "claim"), [(700, "Far more pneumonia than in practice"), (200, "How frequent pneumonia is")]
)
def test_the_share_of_pneumonia(share: int, claim: str) -> None:
    line = findings_in_words(audit(share=share), shift(0.8))[0]
    assert line.startswith(f"**{claim}.** {share / 10:.1f} % of the training images and {share / 10:.1f} % of the test")


@pytest.mark.parametrize(
    ("normal", "pneumonia", "line"),
    [
        (94, 170, "**Patients may overlap.** Up to 528 of 600 test images may show children who are also in the "),
        (1, 0, "**Patients may overlap.** Up to 2 of 600 test images may show children who are also in the "),
        (0, 0, "**No patient is known to overlap.** No number of the 600 test images is in the training set."),
    ],
)
def test_patients_that_may_overlap(normal: int, pneumonia: int, line: str) -> None:
    assert findings_in_words(audit(normal=normal, pneumonia=pneumonia), shift(0.8))[1].startswith(line)


@pytest.mark.parametrize(
    ("low", "claim"), [(0.71, "Normal test images look different"), (0.69, "Test images look different")]
)
def test_how_test_images_differ(low: float, claim: str) -> None:
    moved = shift(low)
    line = findings_in_words(audit(), moved)[2]
    assert line.startswith(f"**{claim}.** ")
    normal, pneumonia = (format_figure(moved.split_auroc(label, "train", "test")) for label in ("normal", "pneumonia"))
    assert f"with AUROC {normal}, images labelled pneumonia with {pneumonia}; chance" in line


@pytest.mark.parametrize(
    ("counts", "parts"),
    [
        (
            {"pneumonia": 1, "narrow": 1, "inside": 1},
            (
                "share 1 number of pneumonia films (2 of 300 pneumonia test films) and 0 numbers of normal films",
                "there are 2,345 patients; 1 of them is in both.",
                "training and validation share 1 number.",
            ),
        ),
        (
            {"normal": 94, "pneumonia": 170, "narrow": 3, "inside": 2},
            (
                "share 170 numbers of pneumonia films (340 of 300 pneumonia test films) and 94 numbers of normal films",
                "there are 2,345 patients; 3 of them are in both.",
                "training and validation share 2 numbers.",
            ),
        ),
        ({}, ("there are 1,234 patients;", "none of them is in both.", "training and validation share no number.")),
    ],
)
def test_patients_by_either_key(counts: dict[str, int], parts: tuple[str, ...]) -> None:
    text = " ".join(patients_in_words(audit(**counts)))
    for part in parts:
        assert part in text


ONE = replace(NONE, groups=1, films=2, extra_films=1, within_split={"train": 1, "test": 0})
MANY = replace(
    NONE, groups=30, films=62, extra_films=32, within_split={"train": 19, "test": 6}, across_splits=5, across_patients=1
)


@pytest.mark.parametrize(
    ("same", "near", "copies", "text"),
    [
        (NONE, NONE, "Duplicates: none", "**Duplicates: none.** No further pair looks like the same child"),
        (ONE, ONE, "Duplicates: 1 extra copy of 1 image", "Groups of copies: 1 in train, none in two splits, none "),
        (ONE, ONE, "Duplicates: 1 extra copy of 1 image", " 1 further pair looks like the same child"),
        (
            MANY,
            MANY,
            "Duplicates: 32 extra copies of 30 images",
            " 19 in train, 6 in test, 5 in two splits, none ",
        ),
        (MANY, MANY, "Duplicates: 32 extra copies of 30 images", " 30 further pairs look like the same child"),
    ],
)
def test_duplicates(same: Duplicates, near: Duplicates, copies: str, text: str) -> None:
    audited = audit(identical_pixels=same, near=near)
    assert copies_in_words(audited) == copies
    assert duplicates_in_words(audited).startswith(f"**{copies}.**")
    assert text in duplicates_in_words(audited)
