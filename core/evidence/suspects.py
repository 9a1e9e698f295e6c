"""Films whose label every model contradicts with confidence: hard films or wrong labels; scores cannot tell which."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.evaluation.calibration import shift_prevalence
from core.evaluation.tables import align_samples
from core.evaluation.types import LABELS
from core.runs.record import Run, ScoredSplit

LIMIT = 0.1


def suspects(runs: Sequence[Run], split: ScoredSplit = "validation", limit: float = LIMIT) -> pd.DataFrame:
    """Films to whose label no model gives a probability of ``limit`` or more.

    The idea is that of confident learning (10.1613/jair.1.12125), with calibrated probabilities of several models in
    place of cross-validated ones of one model. Probabilities are taken at equal shares of both labels, so that neither
    label is suspected for being rare.

    Parameters
    ----------
    runs : sequence of Run
        At least one; scored on the same films, which they did not learn from.
    split : str
    limit : float in (0, 1)

    Returns
    -------
    DataFrame
        ``sample_id``, ``label``, ``highest``: the largest probability of its own label that a model gives; most suspect
        first.
    """
    tables = align_samples([run.scores(split) for run in runs])
    first = tables[0]
    own = []
    for run, table in zip(runs, tables, strict=True):
        calibrated = run.calibration.apply(table.y_score)
        probability = shift_prevalence(calibrated, old=run.calibration.prevalence, new=0.5)
        own.append(np.where(first.y_true == 1, probability, 1 - probability))
    highest = np.max(own, axis=0)
    frame = pd.DataFrame(
        {
            "sample_id": first.sample_id,
            "label": [LABELS[int(truth)] for truth in first.y_true],
            "highest": highest,
        }
    )
    rows: pd.DataFrame = frame.loc[highest < limit]
    return rows.sort_values(["highest", "sample_id"], ignore_index=True)
