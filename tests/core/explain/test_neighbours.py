"""The index finds films by direction, keeps patients apart in its distances, and serves one model only."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core.data.arrays import Films
from core.data.patients import patient_key
from core.errors import ArtifactError
from core.explain.neighbours import (
    INDEX,
    SHARES,
    Index,
    build_index,
    find_nearest,
    find_nearest_in,
    pooled_features,
    read_index,
    write_index,
)
from core.imaging.decode import decode_film
from core.inference.model import Model
from core.manifest import write_manifest
from core.paths import artifacts_dir
from core.runs.store import list_runs, read_run, served

COUNT = 40


@pytest.fixture(params=["dense-s3", "cnn_adam_dropout-s3"])
def model(request, trained_folder) -> Model:
    return Model(read_run(trained_folder / request.param, own=True))


@pytest.fixture
def films(make_film) -> Films:
    """Forty drawn films of 64 pixels, two of each patient."""
    names = [f"train/NORMAL/IM-{number // 2:04d}-{number % 2:04d}.jpeg" for number in range(COUNT)]
    pixels = np.stack([decode_film(make_film(seed=n, width=64, height=64), "film").pixels for n in range(COUNT)])
    keys = [patient_key(name.rsplit("/", 1)[1]).wide for name in names]
    table = pd.DataFrame({"sample_id": names, "label": "NORMAL", "cluster_id": keys})
    return Films(pixels=pixels, table=table, unreadable=[])


def test_pooled_features_are_means_over_the_film(model: Model, films: Films) -> None:
    found = pooled_features(model.network, films.pixels, batch_size=7)
    layer = (model.network.maps or model.network.layers)[-1].name
    for row in (0, COUNT - 1):
        value = model.network.feature_map(films.pixels[row], layer)
        expected = value.mean(axis=(0, 1)) if model.network.maps else value
        np.testing.assert_allclose(found[row], expected, atol=1e-5)


def test_a_film_is_nearest_to_itself(model: Model, films: Films) -> None:
    index = build_index(model, films)
    pooled = pooled_features(model.network, films.pixels)
    for row in range(0, COUNT, 7):
        found = find_nearest_in(index, pooled[row], 3)
        assert found[0].file == films.table["sample_id"][row]
        assert found[0].distance == pytest.approx(0, abs=2e-3)  # features are stored in half precision
        assert [one.distance for one in found] == sorted(one.distance for one in found)


def test_distances_are_those_of_a_plain_loop(model: Model, films: Films) -> None:
    index = build_index(model, films)
    between = 1 - index.features @ index.features.T
    pairs, closest = [], []
    for i in range(COUNT):
        others = [j for j in range(COUNT) if index.patient[i] != index.patient[j]]
        closest.append(min(between[i, j] for j in others))
        pairs += [between[i, j] for j in others if i < j]
    np.testing.assert_allclose(index.nearest_distance, np.sort(closest), atol=1e-5)
    np.testing.assert_allclose(index.pair_distance, np.quantile(pairs, SHARES), atol=1e-5)


def test_percentiles_count_what_is_nearer() -> None:
    """Features along one circle: the angle between two is known."""
    angle = np.radians(np.arange(0, 180, 10))
    features = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    index = Index(
        run_id="r",
        weights_hash="h",
        file=np.array([f"{n}" for n in range(18)]),
        label=np.array(["NORMAL"] * 18),
        patient=np.array([f"p{n}" for n in range(18)]),
        features=features,
        mean=np.zeros(2, np.float32),
        scale=np.ones(2, np.float32),
        pair_distance=np.linspace(0, 2, len(SHARES)).astype(np.float32),
        nearest_distance=np.linspace(0, 1, 11).astype(np.float32),
    )
    found = find_nearest_in(index, np.array([0.0, 7.0], np.float32), 2)
    assert found[0].file == "9"
    assert found[0].distance == pytest.approx(0, abs=1e-6)
    assert found[0].percentile == pytest.approx(0, abs=1e-3)
    assert found[1].distance == pytest.approx(1 - np.cos(np.radians(10)), abs=1e-6)
    far = find_nearest_in(index, np.array([0.0, -1.0], np.float32), 18)[-1]
    assert far.distance == pytest.approx(2, abs=1e-6)
    assert (far.percentile, far.nearest_percentile) == pytest.approx((100, 100), abs=0.01)


def test_index_survives_the_disk(model: Model, films: Films, no_artifacts, film_bytes) -> None:
    index = build_index(model, films)
    path = write_index(index)
    write_manifest()
    assert path.stat().st_size < 1_500_000
    read = read_index(model.run)
    for field in dataclasses.fields(Index):
        np.testing.assert_array_equal(getattr(read, field.name), getattr(index, field.name), err_msg=field.name)
    film = decode_film(film_bytes, "film.jpeg")
    assert len(find_nearest(model, film, 4)) == 4


def test_index_of_another_model_is_refused(model: Model, films: Films, no_artifacts) -> None:
    write_index(dataclasses.replace(build_index(model, films), weights_hash="other"))
    write_manifest()
    with pytest.raises(ArtifactError, match=r"not of .* with its present weights; run: python -m scripts"):
        read_index(model.run)


def test_missing_and_damaged_indexes_are_named(model: Model, films: Films, no_artifacts) -> None:
    with pytest.raises(ArtifactError, match="missing"):
        read_index(model.run)
    path = write_index(build_index(model, films))
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(ArtifactError, match="damaged"):
        read_index(model.run)
    write_manifest()
    with pytest.raises(ArtifactError, match="damaged"):
        read_index(model.run)


def test_committed_index_is_of_the_served_model(film_bytes) -> None:
    """Numbers of train films alone, small, and none of validation or test."""
    run = served(run for run in list_runs()[0] if not run.own)
    index = read_index(run)
    assert (artifacts_dir() / INDEX).stat().st_size < 1_500_000
    split = pd.read_csv(artifacts_dir() / "split.csv", dtype=str).set_index("sample_id")["split"]
    assert set(index.file) == set(split.index[split == "train"])
    assert [patient_key(name.rsplit("/", 1)[1]).wide for name in index.file] == list(index.patient)
    assert [name.split("/")[1] for name in index.file] == list(index.label)
    np.testing.assert_allclose(np.linalg.norm(index.features, axis=1), 1, atol=2e-3)
    found = find_nearest(Model(run), decode_film(film_bytes, "film.jpeg"), 5)
    assert len({one.file for one in found}) == 5
