import numpy as np
import pandas as pd
import pytest

from core.data.dataset import read_dataset
from core.data.patients import patient_key
from core.data.split import check_trainable, split_train, with_split
from core.errors import DataError
from core.manifest import write_manifest


def table_of(names_by_label):
    """Rows of a train folder from file names alone."""
    rows = [
        {"sample_id": f"train/{label}/{name}", "label": label, "cluster_id": patient_key(name).wide}
        for label, names in names_by_label.items()
        for name in names
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def films():
    """500 films of about 200 children, up to nine each, with both prefixes and pathogens."""
    draw = np.random.default_rng(5)
    normal = {f"{draw.choice(['', 'NORMAL2-'])}IM-{draw.integers(120):04d}-{i:04d}.jpeg" for i in range(200)}
    ill = {f"person{draw.integers(90)}_{draw.choice(['bacteria', 'virus'])}_{i}.jpeg" for i in range(300)}
    return table_of({"NORMAL": sorted(normal), "PNEUMONIA": sorted(ill)})


@pytest.fixture
def hashes(films):
    """Every film differs, but for ten pairs of different children."""
    digests = np.arange(len(films))
    digests[10:20] = digests[180:190]
    digests[210:220] = digests[480:490]
    return pd.Series(digests.astype(str), index=films["sample_id"].to_numpy())


def sides(films, split, column):
    by_film = films.assign(split=split[films["sample_id"]].to_numpy())
    return by_film.groupby(column)["split"].nunique()


def test_no_patient_crosses(films, hashes):
    split = split_train(films, hashes)
    assert (sides(films, split, ["label", "cluster_id"]) == 1).all()


def test_duplicates_follow_their_patient(films, hashes):
    assert films.assign(digest=hashes.to_numpy()).groupby("digest")["cluster_id"].nunique().max() == 2
    split = split_train(films, hashes)
    assert (sides(films.assign(digest=hashes.to_numpy()), split, "digest") == 1).all()


def test_duplicates_under_two_labels_stay_together(films, hashes):
    hashes.iloc[:40] = hashes.iloc[-40:].to_numpy()
    split = split_train(films, hashes)
    assert (sides(films.assign(digest=hashes.to_numpy()), split, "digest") == 1).all()
    assert (sides(films, split, ["label", "cluster_id"]) == 1).all()


def test_chain_of_duplicates_is_one_group():
    """b shares films with a and with c, so that all three move together, whichever is drawn."""
    names = [f"person{child}_virus_{i}.jpeg" for child in range(60) for i in range(2)]
    films = table_of({"PNEUMONIA": names})
    digests = [name if i % 2 else f"chain {i // 2 % 60 // 3}" for i, name in enumerate(names)]
    for first in range(0, 60, 3):  # the second film of child b equals the second of child c
        digests[2 * (first + 1) + 1] = digests[2 * (first + 2) + 1] = f"link {first}"
        digests[2 * (first + 2)] = f"own {first}"
    split = split_train(films, pd.Series(digests, index=films["sample_id"].to_numpy()))
    trio = films["cluster_id"].str.removeprefix("person").astype(int) // 3
    assert (sides(films.assign(trio=trio), split, "trio") == 1).all()
    assert set(split) == {"train", "validation"}


def test_a_fifth_of_each_label_and_at_most_one_patient_more(films):
    split = split_train(films, pd.Series(films["sample_id"].to_numpy(), index=films["sample_id"].to_numpy()))
    for label, rows in films.groupby("label"):
        beyond = (split[rows["sample_id"]] == "validation").sum() - 0.2 * len(rows)
        assert 0 <= beyond < rows["cluster_id"].value_counts().max(), label


def test_deterministic_and_independent_of_row_order(films, hashes):
    split = split_train(films, hashes)
    shuffled = films.sample(frac=1, random_state=1)
    again = split_train(shuffled, hashes.sample(frac=1, random_state=2))
    pd.testing.assert_series_equal(split.sort_index(), again.sort_index())


def test_with_split_names_every_film(make_dataset):
    films = with_split(read_dataset(make_dataset()))
    assert set(films.loc[films["folder"] == "test", "split"]) == {"test"}
    assert set(films.loc[films["folder"] == "train", "split"]) == {"train", "validation"}


def test_committed_names_are_used_where_they_fit(make_dataset, tmp_path):
    dataset = read_dataset(make_dataset())
    ruled = with_split(dataset)
    train = ruled[ruled["folder"] == "train"]
    swapped = train["split"].map({"train": "validation", "validation": "train"})
    (tmp_path / "artifacts").mkdir()
    committed = tmp_path / "artifacts" / "split.csv"
    train[["sample_id"]].assign(split=swapped).sample(frac=1, random_state=0).to_csv(committed, index=False)
    write_manifest()
    used = with_split(dataset)
    assert list(used.loc[used["folder"] == "train", "split"]) == list(swapped)

    train[["sample_id"]].assign(split=swapped).iloc[1:].to_csv(committed, index=False)
    write_manifest()
    assert list(with_split(dataset)["split"]) == list(ruled["split"])


@pytest.mark.parametrize("split", ["train", "validation"])
@pytest.mark.parametrize("label", ["NORMAL", "PNEUMONIA"])
def test_films_of_both_labels_are_needed_for_training(split, label):
    films = pd.DataFrame(
        [(side, name) for side in ("train", "validation") for name in ("NORMAL", "PNEUMONIA")],
        columns=["split", "label"],
    )
    check_trainable(films, "folder")
    with pytest.raises(DataError, match=f"folder: no {label} films for {split}"):
        check_trainable(films[(films["split"] != split) | (films["label"] != label)], "folder")
