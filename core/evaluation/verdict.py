"""The verdict on one film, from threshold and conformal set together."""

from collections.abc import Collection
from enum import StrEnum


class Verdict(StrEnum):
    """What a model decides about a film."""

    FLAGGED = "flagged"
    NOT_FLAGGED = "not_flagged"
    NO_CALL = "no_call"


def verdict_of(positive: bool, conformal_set: Collection[str]) -> Verdict:
    """Return the verdict of a film.

    Parameters
    ----------
    positive : bool
        score >= threshold.
    conformal_set : collection of str
        Labels that the score does not exclude: of ``normal`` and ``pneumonia`` one, both or none.

    Returns
    -------
    Verdict
        ``NO_CALL`` unless the set is the one label on the threshold's side.
    """
    if list(conformal_set) != ["pneumonia" if positive else "normal"]:
        return Verdict.NO_CALL
    return Verdict.FLAGGED if positive else Verdict.NOT_FLAGGED
