"""Score films with known labels by a model: a folder of labels or a split of a data set."""

from pathlib import Path

import numpy as np

from core.data.arrays import Variant, load_films
from core.data.dataset import read_dataset, read_labelled_folder
from core.data.patients import LABEL_FOLDERS
from core.data.split import with_split
from core.errors import DataError
from core.evaluation.types import Scores
from core.inference.model import Model
from core.runs.record import SPLITS, Run

SPLIT_CHOICES = ("train", *SPLITS)


def score_data(folder: Path, split: str, run: Run) -> tuple[str, Scores, str, list[str]]:
    """Score a labelled folder, or a split of a data set, by a run.

    Returns
    -------
    split : str
        ``labelled_folder`` for a folder without splits.
    scores : Scores
    data_hash : str
    unreadable : list of str
        One line for each film that was left out.

    Raises
    ------
    DataError
        No such folder, or films of one label alone.
    """
    if any((folder / label).is_dir() for label in LABEL_FOLDERS):
        dataset = read_labelled_folder(folder)
        rows, split = dataset.films, "labelled_folder"
    else:
        dataset = read_dataset(folder)
        films = with_split(dataset)
        rows = films[films["split"] == split.removeprefix("stress_")]
    if rows["label"].nunique() < 2:
        raise DataError(f"{folder}: films of both labels ({', '.join(LABEL_FOLDERS)}) are needed for an evaluation.")
    variant: Variant = "stress" if split == "stress_validation" else "plain"
    loaded = load_films(dataset, rows, run.input.height, run.input.width, variant)
    scores = Scores(
        sample_id=loaded.table["sample_id"].to_numpy(dtype=str),
        cluster_id=loaded.table["cluster_id"].to_numpy(dtype=str),
        y_true=loaded.y_true,
        y_score=Model(run).network.score(loaded.pixels)[0].astype(np.float64),
        name=f"{run.title}, {split.replace('_', ' ')}",
    )
    return split, scores, dataset.hash, loaded.unreadable
