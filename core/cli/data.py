"""``python -m core data``: audits a data set, and downloads it first on request."""

import argparse
import sys
from pathlib import Path
from typing import Any

from core.cli.format import table
from core.data.audit import audit
from core.data.dataset import read_dataset
from core.data.fetch import fetch_kaggle
from core.wording import LICENCE

_SHOWN = 20  # names in the text; the JSON document lists up to 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder, or the source of the download."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--data", type=Path, metavar="DIR", help="folder with train/ and test/, or Kaggle's unpacked zip"
    )
    source.add_argument("--fetch", choices=["kaggle"], help="download the data set with kagglehub, then audit it")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Download if asked, audit, and return the findings with licence and citation."""
    if arguments.fetch:
        print("Downloading from Kaggle.", file=sys.stderr)
    dataset = read_dataset(fetch_kaggle() if arguments.fetch else arguments.data)
    print(f"Reading {len(dataset.films):,} films below {dataset.root}.", file=sys.stderr)
    return {**audit(dataset).to_dict(), "licence": "CC BY 4.0", "citation": LICENCE}


def text(document: dict[str, Any]) -> str:
    """Return the findings in aligned lines, licence and citation at the end."""
    parts = [
        f"{document['root']}\ndata hash {document['data_hash'][:16]}",
        f"{document['films']:,} films in train and test; the notebook that started this project counted "
        f"{document['notebook_films']:,}.",
        _counts(document),
        _crossing(document),
        _duplicates(document),
        _left_out(document),
        document["citation"],
    ]
    return "\n\n".join(part for part in parts if part)


def _counts(document: dict[str, Any]) -> str:
    keys = ("split", "label", "pathogen", "films", "patients_wide", "patients_narrow")
    rows = [[_dash(row[key] or None) for key in keys] for row in document["counts"]]
    wide, narrow = (document["patients"][reading] for reading in ("wide", "narrow"))
    for split in wide:
        films = sum(row["films"] for row in document["counts"] if split in (row["split"], "all"))
        rows.append([split, "both", "any", films, wide[split], narrow[split]])
    return (
        table(("split", "label", "pathogen", "films", "patients, wide", "patients, narrow"), rows)
        + "\nWide key: the number alone, NORMAL2- ignored. Narrow key: number and pathogen, NORMAL2- apart. "
        "Splits and intervals use the wide key."
    )


def _crossing(document: dict[str, Any]) -> str:
    rows = []
    for row in document["crossing"]:
        first, second = row["between"]
        touched = [f"{films:,} of {total:,}" for films, total in zip(row["films"], row["films_of"], strict=True)]
        rows.append((f"{first} | {second}", row["reading"], row["label"], row["keys"], *touched))
    return (
        "Patient keys on both sides of a split\n"
        + table(("between", "key", "label", "keys", "films of the first side", "films of the second side"), rows)
        + "\nBeside test, train includes validation."
    )


def _duplicates(document: dict[str, Any]) -> str:
    kinds = {"identical_bytes": "identical files", "identical_pixels": "identical pixels", "near": "near duplicates"}
    rows = []
    for key, name in kinds.items():
        counts = document[key]
        where = ", ".join(f"{split} {count}" for split, count in counts["within_split"].items() if count) or "-"
        across = [counts[f"across_{kind}"] for kind in ("splits", "labels", "patients")]
        rows.append((name, counts["groups"], counts["films"], _dash(counts["extra_films"]), where, *across))
    lines = [
        "Duplicates: groups of identical films, pairs of near duplicates beyond these "
        f"(fingerprints correlate at {document['near_threshold']} or above)",
        table(("kind", "groups", "films", "extra", "within a split", "across splits", "labels", "patients"), rows),
        "Near duplicates that are cropped by 2 % a side or turned by 2 degrees are mostly not found.",
    ]
    identical = document["identical_pixels"]["listed"]
    telling = [group for group in identical if max(len(group[k]) for k in ("splits", "labels", "patients")) > 1]
    named = [" = ".join(group["sample_ids"]) for group in telling]
    named += [f"{' ~ '.join(pair['sample_ids'])} ({pair['correlation']:.3f})" for pair in document["near"]["listed"]]
    if named:
        lines.append("Across splits, labels or patients (=), and near duplicates (~, correlation):")
        lines += [f"  {name}" for name in _shorten(named)]
    return "\n".join(lines)


def _left_out(document: dict[str, Any]) -> str:
    lines = [f"  {film['sample_id']}: {film['reason']}" for film in document["unreadable"]]
    head = [f"Unreadable files: {len(lines)}"]
    return "\n".join([*head, *_shorten(lines), *document["notes"]])


def _shorten(lines: list[str]) -> list[str]:
    left_out = len(lines) - _SHOWN
    return lines if left_out <= 0 else [*lines[:_SHOWN], f"  and {left_out} more; --json lists them"]


def _dash(value: object) -> object:
    return "-" if value is None else value
