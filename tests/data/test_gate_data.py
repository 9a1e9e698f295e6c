"""The gate's committed rates, measured again on the real films.

Run by name with the data set's folder in LUNGLENS_DATA and that of the other pictures (AbdomenCT, BreastMRI, ChestCT,
CXR) in LUNGLENS_OTHER; failing where one is missing. The test films are not looked at.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.arrays import load_films
from core.data.dataset import read_dataset
from core.data.split import with_split
from core.gate import load_gate
from core.gate.features import SIDE
from core.gate.material import KINDS, Material, make_material, read_other_images
from core.gate.measure import count_verdicts, measure_films, measure_separability, wrap_thumbnails
from core.gate.rates import RATES_FILE
from core.gate.scorer import GateScorer
from core.imaging.decode import read_film
from core.paths import artifacts_dir
from core.types import UInt8Array


def folder(name: str) -> Path:
    value = os.environ.get(name, "")
    assert value, f"set {name}"
    assert Path(value).is_dir(), f"{name}={value}: no such folder"
    return Path(value)


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    return json.loads((artifacts_dir() / RATES_FILE).read_text())


@pytest.fixture(scope="module")
def scorer() -> GateScorer:
    return load_gate().scorer


@pytest.fixture(scope="module")
def validation() -> dict[str, UInt8Array]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUNGLENS_CACHE", os.environ.get("LUNGLENS_CACHE_REAL", ".cache"))
        dataset = read_dataset(folder("LUNGLENS_DATA"))
        table = with_split(dataset)
        films = table[table["split"] == "validation"]
        return {
            "plain": load_films(dataset, films, SIDE, SIDE).pixels,
            "stress": load_films(dataset, films, SIDE, SIDE, "stress").pixels,
            "for material": load_films(dataset, films, 128, 128).pixels,
        }


@pytest.fixture(scope="module")
def check(validation: dict[str, UInt8Array]) -> Material:
    return make_material(validation["for material"], read_other_images(folder("LUNGLENS_OTHER")), 1)


@pytest.mark.parametrize("variant", ["plain", "stress"])
def test_verdicts_on_validation(variant, validation, scorer, stored) -> None:
    assert (
        asdict(count_verdicts(scorer, measure_films(scorer.basis, wrap_thumbnails(validation[variant]))))
        == stored["validation"][variant]
    )


def test_verdicts_on_matched_material(check, scorer, stored) -> None:
    films = [carrier.film for carrier in check.films]
    assert asdict(count_verdicts(scorer, measure_films(scorer.basis, films))) == stored["validation"]["matched"]
    adults = [carrier.film for carrier in check.adults]
    assert asdict(count_verdicts(scorer, measure_films(scorer.basis, adults))) == stored["adults"]
    for kind in KINDS:
        pictures = [carrier.film for carrier in check.kinds[kind]]
        assert asdict(count_verdicts(scorer, measure_films(scorer.basis, pictures))) == stored["kinds"][kind], kind


def test_neither_size_nor_weight_of_the_file_tells(check, stored) -> None:
    found = measure_separability(check)
    assert found.all_kinds == pytest.approx(stored["matching"]["all_kinds"], abs=1e-3)
    assert found.pictures_of_bodies == pytest.approx(stored["matching"]["pictures_of_bodies"], abs=1e-3)


def test_one_by_one_through_the_decoder_is_the_same(scorer, validation, stored) -> None:
    dataset = read_dataset(folder("LUNGLENS_DATA"))
    table = with_split(dataset)
    paths = table[table["split"] == "validation"]["path"].iloc[::20]
    gate = load_gate()
    one_by_one = [gate.check(read_film(Path(path))).verdict for path in paths]
    scores = scorer.score_parts(
        measure_films(scorer.basis, wrap_thumbnails(np.ascontiguousarray(validation["plain"][::20]))).parts
    )
    assert one_by_one == [scorer.verdict(float(score)) for score in scores]
