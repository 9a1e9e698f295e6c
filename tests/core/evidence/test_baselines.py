"""Baselines find a planted shortcut, and nothing where there is none."""

import json

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import read_dataset
from core.data.split import with_split
from core.errors import ArtifactError, DataError
from core.evaluation.metrics import auroc
from core.evaluation.tables import read_scores
from core.evidence.baselines import (
    ASPECT_ESTIMATE,
    BYTE_SIZE,
    NATIVE_ASPECT,
    THUMBNAIL_8,
    baseline_scores,
    baseline_specs,
    fit_baseline,
    read_baseline,
    write_baseline,
)
from core.evidence.measures import THUMBNAIL_COLUMNS, measure_films
from core.files import sha256
from core.manifest import write_manifest

SPECS = (BYTE_SIZE, ASPECT_ESTIMATE, THUMBNAIL_8)


def drawn(seed: int, shift: float, n: int = 400) -> pd.DataFrame:
    """Measured films by numbers alone: pneumonia differs by `shift` standard deviations in everything."""
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % 2
    frame = pd.DataFrame(
        {
            "sample_id": [f"film-{i}" for i in range(n)],
            "cluster_id": [f"patient-{i}" for i in range(n)],
            "y_true": truth,
            "byte_size": np.exp(rng.normal(9 - 0.1 * shift * truth, 0.1)),
            "aspect_estimate": np.exp(rng.normal(0.2 + 0.1 * shift * truth, 0.1)),
            "native_aspect": 1.0,
        }
    )
    thumbnails = np.clip(rng.normal(0.5 + 0.02 * shift * truth[:, None], 0.05, (n, 64)), 0, 1)
    return pd.concat([frame, pd.DataFrame(thumbnails, columns=THUMBNAIL_COLUMNS)], axis=1)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_a_planted_shortcut_is_found(spec) -> None:
    baseline = fit_baseline(spec, drawn(0, shift=2))
    scores = baseline.scores(drawn(1, shift=2))
    assert auroc(scores) > 0.88
    assert ((scores.y_score > 0) & (scores.y_score < 1)).all()


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_without_a_shortcut_nothing_is_found(spec) -> None:
    assert auroc(fit_baseline(spec, drawn(0, shift=0)).scores(drawn(1, shift=0))) == pytest.approx(0.5, abs=0.09)


def test_planted_films_are_told_apart_by_their_files(planted_folder, no_artifacts) -> None:
    """Noise makes the pneumonia files larger, and they are brighter: size and thumbnail see it in unseen films."""
    films = measure_films(with_split(read_dataset(planted_folder))).table
    train, test = (films[films["split"] == split] for split in ("train", "test"))
    for spec in (BYTE_SIZE, THUMBNAIL_8):
        assert auroc(fit_baseline(spec, train).scores(test)) > 0.95


def test_the_score_is_the_logistic_of_the_record(no_artifacts) -> None:
    films = {"validation": drawn(1, shift=1), "stress_validation": drawn(2, shift=1)}
    path = write_baseline(fit_baseline(BYTE_SIZE, drawn(0, shift=1)), films, "hash")
    record = json.loads(path.read_text())
    value = (np.log(films["validation"]["byte_size"]) - record["mean"][0]) / record["scale"][0]
    expected = 1 / (1 + np.exp(-(record["intercept"] + record["weights"][0] * value)))
    stored = read_scores(path.parent / "scores_validation.csv")
    assert stored.y_score == pytest.approx(expected.to_numpy(), abs=1e-12)


def test_threshold_keeps_sensitivity_on_stress_validation(no_artifacts) -> None:
    films = {"validation": drawn(1, shift=1), "stress_validation": drawn(2, shift=1), "test": drawn(3, shift=1)}
    record = json.loads(write_baseline(fit_baseline(THUMBNAIL_8, drawn(0, shift=1)), films, "hash").read_text())
    write_manifest()
    assert record["threshold_rule"]["split"] == "stress_validation"
    assert record["splits"] == list(films)
    stress = baseline_scores("thumbnail", "stress_validation")
    found = stress.y_score[stress.y_true == 1] >= record["threshold"]
    assert 0.95 <= found.mean() < 0.956
    assert stress.name == "Thumbnail of 8 x 8 pixels"


def test_where_stress_films_have_no_file_validation_decides(no_artifacts) -> None:
    films = {"validation": drawn(1, shift=1), "stress_validation": drawn(2, shift=1).assign(byte_size=np.nan)}
    path = write_baseline(fit_baseline(BYTE_SIZE, drawn(0, shift=1)), films, "hash")
    record = json.loads(path.read_text())
    assert record["threshold_rule"]["split"] == "validation"
    assert record["splits"] == ["validation"]
    assert not (path.parent / "scores_stress_validation.csv").exists()


def test_tables_of_an_older_fit_do_not_stay(no_artifacts) -> None:
    fitted = fit_baseline(BYTE_SIZE, drawn(0, shift=1))
    films = {"validation": drawn(1, shift=1)}
    path = write_baseline(fitted, {**films, "test": drawn(3, shift=1)}, "hash")
    assert (path.parent / "scores_test.csv").exists()
    write_baseline(fitted, films, "hash")
    assert not (path.parent / "scores_test.csv").exists()


def test_the_same_films_give_the_same_record(no_artifacts) -> None:
    films = {"validation": drawn(1, shift=1)}
    first = sha256(write_baseline(fit_baseline(BYTE_SIZE, drawn(0, shift=1)), films, "hash"))
    assert sha256(write_baseline(fit_baseline(BYTE_SIZE, drawn(0, shift=1)), films, "hash")) == first


def test_native_aspect_ratio_where_files_are_not_square() -> None:
    square = drawn(0, shift=0)
    assert baseline_specs(square)[1] is ASPECT_ESTIMATE
    native = square.assign(native_aspect=np.linspace(0.9, 1.6, len(square)))
    assert baseline_specs(native)[1] is NATIVE_ASPECT


def test_one_class_cannot_be_fitted() -> None:
    with pytest.raises(DataError, match="both labels"):
        fit_baseline(BYTE_SIZE, drawn(0, shift=0).assign(y_true=1))


def test_damaged_record_is_named(no_artifacts) -> None:
    path = write_baseline(fit_baseline(BYTE_SIZE, drawn(0, shift=1)), {"validation": drawn(1, shift=1)}, "hash")
    path.write_text("{")
    write_manifest()
    with pytest.raises(ArtifactError, match=r"baseline\.json is damaged"):
        read_baseline("byte_size")
    with pytest.raises(ArtifactError, match="missing"):
        read_baseline("thumbnail")
