"""Null baselines that need no picture: what a score is worth that knows the prevalence alone."""

from dataclasses import replace

import numpy as np

from core.evaluation.types import Scores


def prevalence_baseline(scores: Scores, prevalence: float) -> Scores:
    """Return the same films, each with the prevalence of the training films as its score."""
    return replace(scores, y_score=np.full(len(scores), prevalence), name="Prevalence alone")
