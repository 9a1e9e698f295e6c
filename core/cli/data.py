"""``python -m core data``: audits a data set, and downloads it first on request."""

import argparse
import sys
from pathlib import Path

from core.cli.document import Document
from core.cli.format import table
from core.data.audit import audit
from core.data.dataset import read_dataset
from core.data.fetch import fetch_kaggle
from core.data.findings import Audit
from core.typed_json import decode
from core.wording import LICENCE

_SHOWN = 20  # names in the text; the JSON document lists up to 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder, or the source of the download."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--data", type=Path, metavar="DIR", help="folder with train/ and test/, or Kaggle's unpacked zip"
    )
    source.add_argument("--fetch", choices=["kaggle"], help="download the data set with kagglehub, then audit it")


def run(arguments: argparse.Namespace) -> Document:
    """Download if asked, audit, and return the findings with licence and citation."""
    if arguments.fetch:
        print("Downloading from Kaggle.", file=sys.stderr)
    dataset = read_dataset(fetch_kaggle() if arguments.fetch else arguments.data)
    print(f"Reading {len(dataset.films):,} films below {dataset.root}.", file=sys.stderr)
    return {**audit(dataset).to_dict(), "licence": "CC BY 4.0", "citation": LICENCE}


def text(document: Document) -> str:
    """Return the findings in aligned lines, licence and citation at the end."""
    findings = decode(Audit, document)
    parts = [
        f"{findings.root}\ndata hash {findings.data_hash[:16]}",
        f"{findings.films:,} films in train and test; the notebook that started this project counted "
        f"{findings.notebook_films:,}.",
        _counts(findings),
        _crossing(findings),
        _duplicates(findings),
        _left_out(findings),
        document["citation"],
    ]
    return "\n\n".join(part for part in parts if part)


def _counts(findings: Audit) -> str:
    rows: list[list[object]] = [
        [row.split, row.label, row.pathogen or "-", row.films, row.patients_wide, row.patients_narrow]
        for row in findings.counts
    ]
    wide, narrow = (findings.patients[reading] for reading in ("wide", "narrow"))
    for split in wide:
        films = sum(row.films for row in findings.counts if split in (row.split, "all"))
        rows.append([split, "both", "any", films, wide[split], narrow[split]])
    return (
        table(("split", "label", "pathogen", "films", "patients, wide", "patients, narrow"), rows)
        + "\nWide key: the number alone, NORMAL2- ignored. Narrow key: number and pathogen, NORMAL2- apart. "
        "Splits and intervals use the wide key."
    )


def _crossing(findings: Audit) -> str:
    rows = []
    for row in findings.crossing:
        touched = [f"{films:,} of {of:,}" for films, of in zip(row.films, row.films_of, strict=True)]
        rows.append((" | ".join(row.between), row.reading, row.label, row.keys, *touched))
    return (
        "Patient keys on both sides of a split\n"
        + table(("between", "key", "label", "keys", "films of the first side", "films of the second side"), rows)
        + "\nBeside test, train includes validation."
    )


def _duplicates(findings: Audit) -> str:
    kinds = {
        "identical files": findings.identical_bytes,
        "identical pixels": findings.identical_pixels,
        "near duplicates": findings.near,
    }
    rows = []
    for name, kind in kinds.items():
        where = ", ".join(f"{split} {count}" for split, count in kind.within_split.items() if count) or "-"
        extra = "-" if kind.extra_films is None else kind.extra_films
        across = (kind.across_splits, kind.across_labels, kind.across_patients)
        rows.append((name, kind.groups, kind.films, extra, where, *across))
    lines = [
        "Duplicates: groups of identical films, pairs of near duplicates beyond these "
        f"(fingerprints correlate at {findings.near_threshold} or above)",
        table(("kind", "groups", "films", "extra", "within a split", "across splits", "labels", "patients"), rows),
        "Near duplicates that are cropped by 2 % a side or turned by 2 degrees are mostly not found.",
    ]
    identical = findings.identical_pixels.listed
    telling = [group for group in identical if max(map(len, (group.splits, group.labels, group.patients))) > 1]
    named = [" = ".join(group.sample_ids) for group in telling]
    named += [f"{' ~ '.join(pair.sample_ids)} ({pair.correlation:.3f})" for pair in findings.near.listed]
    if named:
        lines.append("Across splits, labels or patients (=), and near duplicates (~, correlation):")
        lines += [f"  {name}" for name in _shorten(named)]
    return "\n".join(lines)


def _left_out(findings: Audit) -> str:
    lines = [f"  {film.sample_id}: {film.reason}" for film in findings.unreadable]
    head = [f"Unreadable files: {len(lines)}"]
    return "\n".join([*head, *_shorten(lines), *findings.notes])


def _shorten(lines: list[str]) -> list[str]:
    more = len(lines) - _SHOWN
    return lines if more <= 0 else [*lines[:_SHOWN], f"  and {more} more; --json lists them"]
