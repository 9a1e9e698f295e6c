"""Fit the input gate, measure it and write ``artifacts/gate``.

    python -m scripts.make_gate --data DIR --other DIR [--native DIR]
    python -m scripts.make_gate --data DIR --test

DIR of ``--data`` holds train/ and test/; that of ``--other`` holds AbdomenCT, BreastMRI, ChestCT and CXR (MedNIST);
that of ``--native`` the originals of some train films. All is chosen on validation. ``--test`` fits nothing: it counts
the test films that the committed gate refuses, and enters that look into the test ledger.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from core.data.arrays import load_films
from core.data.dataset import read_dataset
from core.data.split import with_split
from core.errors import LungLensError
from core.files import atomic_path, sha256, write_text
from core.gate import fit, material
from core.gate.check import GATE_FILE, LEAST_SPREAD, load_gate
from core.gate.features import SIDE
from core.gate.fit import Fitting, describe_all, describe_material, fit_basis, fit_scorer, with_limits
from core.gate.material import KINDS, Material, make_material, read_other_images
from core.gate.measure import (
    ScorerInputs,
    count_verdicts,
    make_small_films,
    measure_films,
    measure_separability,
    summarise_refusals,
    wrap_thumbnails,
)
from core.gate.rates import RATES_FILE, SCHEMA_VERSION
from core.gate.scorer import GateScorer
from core.imaging.decode import read_film
from core.imaging.film import Film
from core.manifest import write_manifest
from core.paths import artifacts_dir
from core.runs.ledger import record_look
from core.types import UInt8Array

TEST_NOTE = "Input gate: share of the test films that it refuses; labels were not used."


def fit_scorers(fitting: Fitting, plain: UInt8Array, stressed: UInt8Array) -> tuple[GateScorer, dict[str, GateScorer]]:
    """The scorer, and for each kind the one that never saw it; limits from validation thumbnails (n, 64, 64)."""
    basis = fit_basis(fitting.films, fitting.adults)
    films, adults = basis.parts(fitting.films), basis.parts(fitting.adults)
    kinds = {kind: basis.parts(features) for kind, features in fitting.kinds.items()}
    plain_parts, stress_parts = (basis.parts(describe_all(small)) for small in (plain, stressed))

    def fitted(left_out: str | None) -> GateScorer:
        seen = {kind: parts for kind, parts in kinds.items() if kind != left_out}
        return with_limits(fit_scorer(basis, films, adults, seen), plain_parts, stress_parts)

    return fitted(None), {kind: fitted(kind) for kind in KINDS}


def measure(
    scorer: GateScorer, left_out: dict[str, GateScorer], check: Material, plain: UInt8Array, stressed: UInt8Array
) -> dict[str, Any]:
    """Everything on validation."""

    def seen(films: list[Film]) -> ScorerInputs:
        return measure_films(scorer.basis, films)

    kinds = {kind: seen([image.film for image in check.kinds[kind]]) for kind in KINDS}
    known = {kind: count_verdicts(scorer, pictures) for kind, pictures in kinds.items()}
    unknown = {kind: count_verdicts(left_out[kind], pictures) for kind, pictures in kinds.items()}
    return {
        "validation": {
            "plain": count_verdicts(scorer, seen(wrap_thumbnails(plain))),
            "stress": count_verdicts(scorer, seen(wrap_thumbnails(stressed))),
            "matched": count_verdicts(scorer, seen([image.film for image in check.films])),
            "mirrored": count_verdicts(scorer, seen(wrap_thumbnails(np.ascontiguousarray(plain[:, :, ::-1])))),
        },
        "adults": count_verdicts(scorer, seen([image.film for image in check.adults])),
        "kinds": known | {"too small": count_verdicts(scorer, seen(make_small_films(check)))},
        "left_out": unknown,
        "summary": {"kinds": summarise_refusals(known), "left_out": summarise_refusals(unknown)},
        "matching": measure_separability(check),
    }


def look_at_test(data: Path) -> dict[str, Any]:
    """Count the committed gate's verdicts on the test films, record the look and add the figures to its record."""
    path = artifacts_dir() / RATES_FILE
    dataset, document = read_dataset(data), json.loads(path.read_text())
    table = with_split(dataset)
    films = load_films(dataset, table[table["split"] == "test"], SIDE, SIDE)
    record_look(
        artifacts_dir(), run="gate", weights_hash=document["weights_hash"], data_hash=dataset.hash, note=TEST_NOTE
    )
    scorer = load_gate().scorer
    document["test"] = count_verdicts(scorer, measure_films(scorer.basis, wrap_thumbnails(films.pixels)))
    return document


def write_record(document: dict[str, Any]) -> None:
    """Write ``gate.json`` and the manifest."""
    write_text(artifacts_dir() / RATES_FILE, json.dumps(document, indent=1, default=asdict) + "\n")
    write_manifest()


def make_gate(arguments: argparse.Namespace) -> dict[str, Any]:
    """Fit, write the gate and measure it."""
    dataset = read_dataset(arguments.data)
    table, other = with_split(dataset), read_other_images(arguments.other)
    train, validation = (table[table["split"] == split] for split in ("train", "validation"))
    stressed_train = load_films(dataset, train, SIDE, SIDE, "stress").pixels
    plain, stressed = (load_films(dataset, validation, SIDE, SIDE, variant).pixels for variant in ("plain", "stress"))
    fitting = describe_material(make_material(load_films(dataset, train, 128, 128).pixels, other, 0), stressed_train)
    scorer, left_out = fit_scorers(fitting, plain, stressed)
    with atomic_path(artifacts_dir() / GATE_FILE) as temporary:
        scorer.save(temporary)
    print("fitted", flush=True)
    weights_hash = sha256(artifacts_dir() / GATE_FILE)
    check = make_material(load_films(dataset, validation, 128, 128).pixels, other, 1)
    document = {
        "schema_version": SCHEMA_VERSION,
        "weights_hash": weights_hash,
        "data_hash": dataset.hash,
        "settings": {name.lower(): getattr(fit, name) for name in fit.__dict__ if name.isupper()}
        | {name.lower(): getattr(material, name) for name in ("SIZES", "ASPECT", "FILM_QUALITY", "PER_KIND")}
        | {"side": SIDE, "least_spread": LEAST_SPREAD},
        "limits": {name: getattr(scorer, name) for name in ("refuse_below", "accept_from")},
        **measure(scorer, left_out, check, plain, stressed),
        "native": None,
        "test": None,
    }
    if arguments.native:
        originals = [read_film(path) for path in sorted(arguments.native.glob("*/*.jp*g"))]
        document["native"] = count_verdicts(scorer, measure_films(scorer.basis, originals))
    return document


def main() -> int:
    """Read the arguments and make the gate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and test/")
    parser.add_argument("--other", type=Path, help="folder with MedNIST's pictures")
    parser.add_argument("--native", type=Path, help="folder with originals of train films")
    parser.add_argument("--test", action="store_true", help="only count the refused test films, and record it")
    arguments = parser.parse_args()
    if not arguments.test and arguments.other is None:
        parser.error("--other is needed to fit")
    try:
        document = look_at_test(arguments.data) if arguments.test else make_gate(arguments)
        write_record(document)
    except LungLensError as error:
        print(error, file=sys.stderr)
        return 2
    for name in ("limits", "summary"):
        print(name, json.dumps(document[name]))
    for name, rates in {
        **document["validation"],
        **{key: document[key] for key in ("adults", "native", "test")},
    }.items():
        print(f"{name:10}", rates and {key: rates[key] for key in ("n", "accept", "warn", "refuse")})
    for kind in KINDS:
        print(f"{kind:10}", *(f"{document[key][kind]['refused']['value']:.3f}" for key in ("kinds", "left_out")))
    print("matching", json.dumps(document["matching"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
