"""What the model was trained and tested on, and what is wrong with it; from ``data.json``."""

from core.data.findings import DATA_SPLITS, KeyReading
from core.data.patients import LABEL_FOLDERS
from core.evidence.data_card import read_data_card
from core.reports.model_card.subject import CardSubject, Gap
from core.wording import LICENCE, format_percent

_READINGS: dict[KeyReading, str] = {"wide": "the number alone", "narrow": "number and pathogen"}
_KINDS = (("NORMAL", "", "normal"), ("PNEUMONIA", "bacteria", "bacterial"), ("PNEUMONIA", "virus", "viral"))


def source(subject: CardSubject) -> str:
    """Source, licence and citation."""
    return f"{LICENCE} Copies of the films squashed to 224 × 224 pixels were used."


def dates(subject: CardSubject) -> Gap:
    """When the films were taken."""
    return Gap("Not known: the files carry no date of examination. The data set was published in 2018.")


def eligibility(subject: CardSubject) -> str:
    """Which films are in."""
    audit = read_data_card().audit
    return (
        f"Every readable film of the folders train and test: {audit.films:,}; {len(audit.unreadable)} could not be "
        "read. How the centre chose children and films is not known."
    )


def flow(subject: CardSubject) -> str:
    """From the files to the splits."""
    audit = read_data_card().audit
    parts = []
    for split in DATA_SPLITS:
        kinds = [f"{audit.count_films(split, label, pathogen):,} {word}" for label, pathogen, word in _KINDS]
        parts.append(
            f"{split} {audit.count_films(split):,} films of {audit.patients['wide'][split]:,} patient keys "
            f"({', '.join(kinds)})"
        )
    return (
        f"{audit.films:,} films: {'; '.join(parts)}. Validation is a fifth of the folder train, drawn by patient; "
        "test is the folder test as published."
    )


def reference(subject: CardSubject) -> str:
    """How the labels came about."""
    return (
        "The data set's labels: graded by two physicians, a third for the evaluation set; no outcome is "
        "known. Readers of children's films agree on consolidation with kappa 0.4 to 0.6 "
        "(10.1002/ppul.22806)."
    )


def patients(subject: CardSubject) -> str:
    """Patient key and overlap."""
    audit = read_data_card().audit
    parts = []
    for reading, words in _READINGS.items():
        rows = [audit.crossed(label, reading) for label in LABEL_FOLDERS]
        keys = sum(row.keys for row in rows)
        touched, of = sum(row.films[1] for row in rows), sum(row.films_of[1] for row in rows)
        parts.append(f"by {words}, {keys:,} keys are in both folders and affect {touched:,} of {of:,} test films")
    return (
        "The key is read from the file name and ambiguous: "
        f"{'; '.join(parts)}. The split of train and validation and the intervals use the number as the key."
    )


def duplicates(subject: CardSubject) -> str:
    """Exact and near duplicates."""
    audit = read_data_card().audit
    same = audit.identical_pixels
    return (
        f"{same.groups} groups of identical films, {same.extra_films} films too many; {same.across_splits} groups "
        f"across splits, {same.across_labels} across labels. Near duplicates beyond these: {audit.near.groups}."
    )


def prevalence(subject: CardSubject) -> str:
    """Share of pneumonia by split."""
    audit = read_data_card().audit
    shares = [f"{split} {format_percent(audit.prevalence(split))}" for split in DATA_SPLITS]
    return (
        f"Pneumonia: {', '.join(shares)}. Of children who are imaged in emergency departments 8.5 to 22 % have it, so "
        "that predictive values of these films hold nowhere else."
    )


def age_and_sex(subject: CardSubject) -> Gap:
    """Return the gap about the children: what is not known of them."""
    return Gap(
        "Missing: no file tells age, sex, origin or device, so nothing is known of how the model treats any such "
        "group. The centre says that all children were 1 to 5 years old."
    )
