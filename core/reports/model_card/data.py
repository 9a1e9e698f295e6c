"""What the model was trained and tested on, and what is wrong with it; from ``data.json``."""

from typing import Any

from core.evidence.data_card import SPLITS, read_data_card
from core.reports.model_card.subject import Gap, Subject
from core.wording import LICENCE, format_percent

_READINGS = {"wide": "the number alone", "narrow": "number and pathogen"}


def source(subject: Subject) -> str:
    """Source, licence and citation."""
    return f"{LICENCE} Copies of the films squashed to 224 × 224 pixels were used."


def dates(subject: Subject) -> Gap:
    """When the films were taken."""
    return Gap("Not known: the files carry no date of examination. The data set was published in 2018.")


def eligibility(subject: Subject) -> str:
    """Which films are in."""
    audit = _audit()
    unreadable = len(audit["unreadable"])
    return (
        f"Every readable film of the folders train and test: {audit['films']:,}; {unreadable} could not be read. How "
        "the centre chose children and films is not known."
    )


def flow(subject: Subject) -> str:
    """From the files to the splits."""
    audit = _audit()
    parts = []
    for split in SPLITS:
        normal, bacterial, viral = (
            _films(audit, split, label=label, pathogen=pathogen)
            for label, pathogen in (("NORMAL", ""), ("PNEUMONIA", "bacteria"), ("PNEUMONIA", "virus"))
        )
        total = _films(audit, split)
        patients = audit["patients"]["wide"][split]
        parts.append(
            f"{split} {total:,} films of {patients:,} patient keys ({normal:,} normal, {bacterial:,} bacterial, "
            f"{viral:,} viral)"
        )
    return (
        f"{audit['films']:,} films: {'; '.join(parts)}. Validation is a fifth of the folder train, drawn by patient; "
        "test is the folder test as published."
    )


def reference(subject: Subject) -> str:
    """How the labels came about."""
    return (
        "The data set's labels: graded by two physicians, a third for the evaluation set; no outcome is "
        "known. Readers of children's films agree on consolidation with kappa 0.4 to 0.6 "
        "(10.1002/ppul.22806)."
    )


def patients(subject: Subject) -> str:
    """Patient key and overlap."""
    crossing = [row for row in _audit()["crossing"] if tuple(row["between"]) == ("train", "test")]
    parts = []
    for reading, words in _READINGS.items():
        rows = [row for row in crossing if row["reading"] == reading]
        keys = sum(row["keys"] for row in rows)
        touched, of = (sum(row[name][1] for row in rows) for name in ("films", "films_of"))
        parts.append(f"by {words}, {keys:,} keys stand in both folders and touch {touched:,} of {of:,} test films")
    return (
        "The key is read from the file name and ambiguous: "
        f"{'; '.join(parts)}. Train and validation are kept apart, and intervals drawn, by the number alone."
    )


def duplicates(subject: Subject) -> str:
    """Exact and near duplicates."""
    audit = _audit()
    same, near = audit["identical_pixels"], audit["near"]
    return (
        f"{same['groups']} groups of identical films, {same['extra_films']} films too many; {same['across_splits']} "
        f"groups across splits, {same['across_labels']} across labels. Near duplicates beyond these: {near['groups']}."
    )


def prevalence(subject: Subject) -> str:
    """Share of pneumonia by split."""
    audit = _audit()
    shares = [
        f"{split} {format_percent(_films(audit, split, label='PNEUMONIA') / _films(audit, split))}" for split in SPLITS
    ]
    return (
        f"Pneumonia: {', '.join(shares)}. Of children who are imaged in emergency departments 8.5 to 22 % have it, so "
        "that predictive values of these films hold nowhere else."
    )


def age_and_sex(subject: Subject) -> Gap:
    """What is missing of the children."""
    return Gap(
        "Missing: no file tells age, sex, origin or device, so nothing is known of how the model treats any such "
        "group. The centre says that all children were 1 to 5 years old."
    )


def _audit() -> dict[str, Any]:
    return dict(read_data_card()["audit"])


def _films(audit: dict[str, Any], split: str, **wanted: str) -> int:
    return sum(
        row["films"]
        for row in audit["counts"]
        if row["split"] == split and all(row[key] == value for key, value in wanted.items())
    )
