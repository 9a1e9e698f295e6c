"""Single films behind the figures: where two models differ, and where one is sure and wrong."""

from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from core.data.patients import patient_key
from core.evaluation.tables import align_samples
from core.evaluation.types import Scores
from core.types import StrArray

NORMAL, BACTERIAL, VIRAL, PNEUMONIA = "normal", "bacterial pneumonia", "viral pneumonia", "pneumonia"
_PATHOGENS = {"bacteria": BACTERIAL, "virus": VIRAL}


def kinds(scores: Scores) -> StrArray:
    """Return the kind of each film by label and file name, (n,) str: normal, bacterial, viral or plain pneumonia."""
    names = [
        NORMAL if label == 0 else _PATHOGENS.get(patient_key(PurePosixPath(name).name).pathogen, PNEUMONIA)
        for name, label in zip(scores.sample_id, scores.y_true, strict=True)
    ]
    return np.array(names, dtype=str)


def disagreements(first: Scores, second: Scores, threshold_first: float, threshold_second: float) -> pd.DataFrame:
    """Films on which two models give different verdicts, the widest gap of distances from the thresholds first.

    Returns
    -------
    DataFrame
        ``sample_id``, ``kind``, ``first`` and ``second`` (scores), ``right`` (name of the model that is right).

    Raises
    ------
    InputError
        If the tables hold different films or labels.
    """
    first, second = align_samples([first, second])
    alarm_first, alarm_second = first.y_score >= threshold_first, second.y_score >= threshold_second
    films = np.flatnonzero(alarm_first != alarm_second)
    gap = np.abs((first.y_score - threshold_first) - (second.y_score - threshold_second))[films]
    films = films[np.argsort(-gap, kind="stable")]
    first_right = alarm_first[films] == (first.y_true[films] == 1)
    return pd.DataFrame(
        {
            "sample_id": first.sample_id[films],
            "kind": kinds(first.take(films)),
            "first": first.y_score[films],
            "second": second.y_score[films],
            "right": np.where(first_right, first.name, second.name),
        }
    )


def failures(scores: Scores, threshold: float) -> pd.DataFrame:
    """Films that a model gets wrong, the ones that it was surest of first.

    Returns
    -------
    DataFrame
        ``sample_id``, ``kind``, ``score``, ``error`` (``missed`` or ``false alarm``) and ``sureness``: the way from
        the threshold to the end of the scale that the score has gone, in [0, 1].
    """
    alarm = scores.y_score >= threshold
    films = np.flatnonzero(alarm != (scores.y_true == 1))
    score = scores.y_score[films]
    room = np.where(alarm[films], 1 - threshold, threshold)
    sureness = np.divide(np.abs(score - threshold), room, out=np.zeros(len(films)), where=room > 0)
    frame = pd.DataFrame(
        {
            "sample_id": scores.sample_id[films],
            "kind": kinds(scores.take(films)),
            "score": score,
            "error": np.where(alarm[films], "false alarm", "missed"),
            "sureness": np.clip(sureness, 0, 1),
        }
    )
    return frame.sort_values(["sureness", "sample_id"], ascending=[False, True], ignore_index=True)
