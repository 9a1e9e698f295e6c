"""Films that every model gets wrong: whether their errors are their own or the films'."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.errors import InputError
from core.evaluation.bootstrap import share_interval
from core.evaluation.tables import align_samples
from core.evaluation.types import LABELS, Estimate, Scores
from core.runs.record import Run, ScoredSplit
from core.types import BoolArray

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class SharedErrors:
    """Films of one label that all models get wrong at their frozen thresholds.

    Parameters
    ----------
    label : {"normal", "pneumonia"}
    films, wrong : int
        Films of the label, and those that all models get wrong.
    share : Estimate
        ``wrong / films``, by patient.
    by_chance : float in [0, 1]
        The share if the models erred independently: the product of their error rates.
    """

    label: str
    films: int
    wrong: int
    share: Estimate
    by_chance: float


def shared_errors(runs: Sequence[Run], split: ScoredSplit = "test") -> list[SharedErrors]:
    """How many films all runs get wrong, normal first, from their stored scores.

    Raises
    ------
    InputError
        Fewer than two runs, or runs that were scored on different films.
    """
    first, wrong = _wrong(runs, split)[1:]
    by_all: BoolArray = np.all(wrong, axis=0)
    groups = []
    for value, label in enumerate(LABELS):
        chosen = first.y_true == value
        groups.append(
            SharedErrors(
                label=label,
                films=int(chosen.sum()),
                wrong=int(by_all[chosen].sum()),
                share=share_interval(by_all[chosen], first.take(chosen)),
                by_chance=float(wrong[:, chosen].mean(axis=1).prod()),
            )
        )
    return groups


def shared_films(runs: Sequence[Run], split: ScoredSplit = "test") -> "pd.DataFrame":
    """Return the films that all runs get wrong; raises as `shared_errors` does.

    Returns
    -------
    DataFrame
        A row for each such film: sample_id, label, and the score of each run by its title; by label and name.
    """
    import pandas as pd  # pandas doubles the start of pages that only read figures

    tables, first, wrong = _wrong(runs, split)
    by_all: BoolArray = np.all(wrong, axis=0)
    films = pd.DataFrame(
        {
            "sample_id": first.sample_id[by_all],
            "label": [LABELS[int(truth)] for truth in first.y_true[by_all]],
            **{run.title: table.y_score[by_all] for run, table in zip(runs, tables, strict=True)},
        }
    )
    return films.sort_values(["label", "sample_id"], ignore_index=True)


def _wrong(runs: Sequence[Run], split: ScoredSplit) -> tuple[list[Scores], Scores, BoolArray]:
    """Scores of the runs on the same films, the first of them, and which films each gets wrong, (runs, films)."""
    if len(runs) < 2:
        raise InputError("Failures are shared by two or more models; there are fewer.")
    tables = align_samples([run.scores(split) for run in runs])
    wrong = np.array([_is_wrong(table, run.record.threshold) for run, table in zip(runs, tables, strict=True)])
    return tables, tables[0], wrong


def _is_wrong(scores: Scores, threshold: float) -> BoolArray:
    wrong: BoolArray = (scores.y_score >= threshold) != (scores.y_true == 1)
    return wrong
