"""The data card: counted and averaged from films on hand-made data, and whole as it is committed."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.dataset import read_dataset
from core.data.findings import DATA_SPLITS
from core.data.patients import LABEL_FOLDERS
from core.data.split import with_split
from core.errors import ArtifactError, DataError
from core.evidence import data_card
from core.evidence.data_card import (
    EDGES,
    MEAN_SIDE,
    NOTE,
    make_data_card,
    read_data_card,
    read_means,
)
from core.evidence.read import read_evidence
from core.manifest import write_manifest
from core.paths import artifacts_dir
from core.runs.ledger import read_ledger
from core.runs.store import list_runs


@pytest.fixture
def flat_films(tmp_path: Path) -> Path:
    """Films of one gray level each: 60 and 62 for normal, 100 and 104 for pneumonia, in every split."""
    root = tmp_path / "flat"
    for folder, count in (("train", 10), ("test", 4)):
        for label, level in (("NORMAL", 60), ("PNEUMONIA", 100)):
            (root / folder / label).mkdir(parents=True)
            for number in range(count):
                gray = level + (number % 2) * (2 if label == "NORMAL" else 4)
                name = f"IM-{number:04d}-0001.png" if label == "NORMAL" else f"person{number}_virus_1.png"
                Image.new("L", (240, 200), gray).save(root / folder / label / name)
    return root


def test_means_and_distributions_are_those_of_the_films(flat_films: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_card, "LEAST_FILMS", 2)
    table = with_split(read_dataset(flat_films))
    means, found = data_card.summarise(table)
    assert means.shape == (3, 2, MEAN_SIDE, MEAN_SIDE)
    for i, split in enumerate(DATA_SPLITS):
        for j, label in enumerate(LABEL_FOLDERS):
            rows = table[(table["split"] == split) & (table["label"] == label)]
            odd = rows["path"].str.extract(r"(?:IM-0*|person)(\d+)")[0].astype(int) % 2
            expected = (60 if label == "NORMAL" else 100) + (2 if label == "NORMAL" else 4) * odd.mean()
            np.testing.assert_allclose(means[i, j], expected, rtol=1e-6)
            levels = found["gray_level"][split][label]
            assert levels.n == len(rows)
            assert levels.mean == pytest.approx(expected, abs=1e-5)
            assert sum(levels.counts) == len(rows) * 224 * 224
            assert sum(found["aspect_estimate"][split][label].counts) == len(rows)
            assert found["aspect_estimate"][split][label].mean == 1  # nothing to tell rows from columns


def test_a_film_beyond_the_edges_counts_into_the_outermost_bin() -> None:
    group = data_card._Group()
    group.add(np.zeros((64, 64), np.uint8))
    group.add(np.full((64, 64), 255, np.uint8))
    dark = group.distribution("gray_mean").counts
    assert (dark[0], dark[-1], sum(dark)) == (1, 1, 2)


def test_a_mean_of_few_films_is_refused(flat_films: Path) -> None:
    with pytest.raises(DataError, match="could show a child"):
        data_card.summarise(with_split(read_dataset(flat_films)))


def test_the_card_is_written_with_its_look_at_test(
    flat_films: Path, no_artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_card, "LEAST_FILMS", 2)
    dataset = read_dataset(flat_films)
    made = make_data_card(dataset)
    assert read_data_card() == made  # no figure is undefined
    assert "root" not in made.to_dict()["audit"]
    assert read_means().max() == pytest.approx(104, abs=4)
    assert [(line.run, line.note, line.data_hash) for line in read_ledger(no_artifacts)] == [
        ("films", NOTE, dataset.hash)
    ]
    first = {path.name: path.read_bytes() for path in no_artifacts.iterdir()}
    make_data_card(dataset)
    assert {path.name: path.read_bytes() for path in no_artifacts.iterdir()} == first


def test_damaged_means_are_named(no_artifacts: Path) -> None:
    (no_artifacts / data_card.MEANS).write_bytes(b"no array")
    write_manifest()
    with pytest.raises(ArtifactError, match=r"data_means\.npy is damaged"):
        read_means()


def test_the_committed_card_is_of_the_data_of_the_runs() -> None:
    card = read_data_card()
    runs = [run for run in list_runs()[0] if not run.own]
    assert {run.record.data_hash for run in runs} == {card.settings["data_hash"], card.audit.data_hash}
    films = {split: card.audit.count_films(split) for split in DATA_SPLITS}
    assert all(run.record.films == films for run in runs)
    assert card.settings["edges"] == EDGES
    assert str(Path.home()) not in json.dumps(card.to_dict())


def test_the_committed_card_agrees_with_the_committed_evidence() -> None:
    card, shift = read_data_card(), read_evidence().image_shift.means
    for label in LABEL_FOLDERS:
        for split in DATA_SPLITS:
            for name in ("gray_mean", "aspect_estimate"):
                known, found = shift[label.lower()][name][split], card.distributions[name][split][label]
                assert (found.n, sum(found.counts)) == (known.n, known.n)
                assert found.mean == pytest.approx(known.mean, abs=1e-5)


def test_the_committed_means_have_the_mean_gray_level_of_the_films() -> None:
    levels = read_data_card().distributions["gray_level"]
    for i, split in enumerate(DATA_SPLITS):
        for j, label in enumerate(LABEL_FOLDERS):
            assert read_means()[i, j].mean() == pytest.approx(levels[split][label].mean, abs=0.5)


def test_the_look_at_test_is_on_record() -> None:
    assert NOTE in {line.note for line in read_ledger(artifacts_dir())}
