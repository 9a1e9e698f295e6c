"""The committed figures of explanations and the index follow from the real films; run with LUNGLENS_DATA set."""

import os
from pathlib import Path

import numpy as np
import pytest

from core.data.arrays import Films, load_films
from core.data.dataset import Dataset, read_dataset
from core.data.split import with_split
from core.explain.benchmark import choose_films, measure_similar
from core.explain.faithfulness import measure_areas, removal_order
from core.explain.methods import explain
from core.explain.neighbours import build_index, find_nearest_in, pooled_features, read_index
from core.explain.trust import read_explanations
from core.inference.model import Model
from core.inference.network import CAM
from core.runs.store import list_runs, served

RUNS = [run for run in list_runs()[0] if not run.own]


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    folder = os.environ.get("LUNGLENS_DATA", "")
    assert folder, "set LUNGLENS_DATA to the folder that holds train/ and test/"
    assert Path(folder).is_dir(), f"LUNGLENS_DATA={folder}: no such folder"
    return read_dataset(folder)


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(served(RUNS))


def films_of(dataset: Dataset, model: Model, split: str) -> Films:
    table = with_split(dataset)
    return load_films(dataset, table[table["split"] == split], model.run.input.height, model.run.input.width)


def test_the_index_is_what_the_films_give(dataset: Dataset, model: Model) -> None:
    again, stored = build_index(model, films_of(dataset, model, "train")), read_index(model.run)
    assert list(again.file) == list(stored.file)
    assert list(again.patient) == list(stored.patient)
    np.testing.assert_allclose(again.features, stored.features, atol=2e-3)
    np.testing.assert_allclose(again.nearest_distance, stored.nearest_distance, atol=2e-3)


def test_a_train_film_finds_itself(dataset: Dataset, model: Model) -> None:
    films = films_of(dataset, model, "train")
    index = read_index(model.run)
    for row in range(0, len(films.table), 500):
        pooled = pooled_features(model.network, films.pixels[row : row + 1])[0]
        assert find_nearest_in(index, pooled, 1)[0].distance < 1e-3


def test_neighbours_agree_as_committed(dataset: Dataset, model: Model) -> None:
    found = measure_similar(model, read_index(model.run), films_of(dataset, model, "validation"))
    stored = read_explanations().similar
    assert found.n == stored.n
    for label, figures in stored.labels.items():
        assert found.labels[label].agree == pytest.approx(figures.agree, abs=2e-3)


def test_figures_are_of_validation_films_of_different_patients(dataset: Dataset, model: Model) -> None:
    """The choice again, and the mean deletion and insertion of the activation map on it."""
    films = films_of(dataset, model, "validation")
    chosen = choose_films(films.table)
    stored = read_explanations().runs[model.run.run_id]
    assert (len(chosen), int(chosen["y_true"].sum())) == (stored.films, stored.positives)
    assert chosen["cluster_id"].is_unique
    assert set(chosen["split"]) == {"validation"}
    place = {sample: number for number, sample in enumerate(films.table["sample_id"])}
    images = films.pixels[[place[sample] for sample in chosen["sample_id"]]]
    toward = np.where(model.network.score(images)[0] >= model.run.record.threshold, 1, -1)
    areas = [
        measure_areas(model.network, image, removal_order(explain(model.network, image, CAM), answer), answer)
        for image, answer in zip(images, toward, strict=True)
    ]
    own = stored.methods[CAM].areas["own"]
    assert np.mean([area.deletion for area in areas]) == pytest.approx(own.deletion, abs=0.02)
    assert np.mean([area.insertion for area in areas]) == pytest.approx(own.insertion, abs=0.02)
