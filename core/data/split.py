"""Split the train folder into training and validation films, by patient."""

from pathlib import Path

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.data.patients import LABEL_FOLDERS
from core.errors import ArtifactError, DataError
from core.manifest import check_file, is_expected
from core.paths import artifacts_dir

SEED = 2018
VALIDATION_SHARE = 0.2
SPLIT_FILE = "split.csv"


def split_train(films: pd.DataFrame, file_hashes: pd.Series) -> pd.Series:
    """Assign each film of the train folder to ``train`` or ``validation``.

    Whole patients move together (the wide key), exact duplicates follow the patient of their first copy, each label is
    split on its own, and patients are drawn in a seeded order until a fifth of the label's films is reached. Patients
    joined by the same film under two labels are split with the label that sorts first.

    Parameters
    ----------
    films : DataFrame
        Rows of `Dataset.films` whose folder is train.
    file_hashes : Series
        sha256 by sample_id.

    Returns
    -------
    Series
        ``train`` or ``validation`` by sample_id.
    """
    group = _groups(films, file_hashes)
    split = pd.Series("train", index=films["sample_id"].to_numpy())
    label_of_group = films.groupby(group[films["sample_id"]].to_numpy())["label"].transform("min")
    for label, rows in films.groupby(label_of_group.to_numpy(), sort=True):
        sizes = group[rows["sample_id"]].value_counts().sort_index()
        order = np.random.default_rng([SEED, len(str(label))]).permutation(len(sizes))
        target = VALIDATION_SHARE * len(rows)
        before = np.concatenate([[0], np.cumsum(sizes.to_numpy()[order])[:-1]])
        chosen = sizes.index[order[before < target]]
        members = rows["sample_id"][group[rows["sample_id"]].isin(chosen).to_numpy()]
        split[members.to_numpy()] = "validation"
    return split


def _groups(films: pd.DataFrame, file_hashes: pd.Series) -> pd.Series:
    """Return label and patient key joined across exact duplicates (connected components by repeated minimum)."""
    ids = films["sample_id"].to_numpy()
    patient = (films["label"] + "/" + films["cluster_id"]).to_numpy()
    digest = file_hashes[ids].to_numpy()
    group = pd.Series(patient, index=ids)
    while True:
        joined = group.groupby(digest).transform("min").groupby(patient).transform("min")
        if joined.equals(group):
            return group
        group = joined


def with_split(dataset: Dataset) -> pd.DataFrame:
    """Return the films with a ``split`` column: train, validation or test.

    The committed file names are used where they are exactly the films of the train folder; another data set is split by
    the same rule.

    Raises
    ------
    ArtifactError
        The committed file names are damaged.
    """
    films = dataset.films.copy()
    in_train = films["folder"] == "train"
    films["split"] = "test"
    train = films[in_train]
    committed = artifacts_dir() / SPLIT_FILE
    if is_expected(committed):
        try:
            split = pd.read_csv(check_file(committed), dtype=str).set_index("sample_id")["split"]
        except (ValueError, KeyError):
            raise ArtifactError(f"{committed} is damaged; fetch artifacts/ again.") from None
        if set(split.index) == set(train["sample_id"]):
            films.loc[in_train, "split"] = split[train["sample_id"]].to_numpy()
            return films
    films.loc[in_train, "split"] = split_train(train, dataset.file_hashes)[train["sample_id"]].to_numpy()
    return films


def check_trainable(films: pd.DataFrame, folder: str | Path) -> None:
    """Raise `DataError` unless train and validation, the column ``split``, hold films of both labels."""
    for label in LABEL_FOLDERS:
        for split in ("train", "validation"):
            if not ((films["split"] == split) & (films["label"] == label)).any():
                raise DataError(f"{folder}: no {label} films for {split}; both labels of several patients are needed.")
