"""Seeded score tables for the tests of the evaluation."""

import numpy as np

from core.evaluation.evaluate import Evaluation
from core.evaluation.metrics import Confusion
from core.evaluation.types import Estimate, Scores


def scores_of(y_true, y_score, cluster_id=None, name="a"):
    """Scores from plain lists; each film is its own patient unless told otherwise."""
    sample_id = np.array([f"film-{i}" for i in range(len(y_true))])
    return Scores(
        sample_id=sample_id,
        cluster_id=sample_id if cluster_id is None else np.asarray(cluster_id, dtype=str),
        y_true=np.asarray(y_true, dtype=np.int64),
        y_score=np.asarray(y_score, dtype=np.float64),
        name=name,
    )


def seeded(seed, n=120, *, digits=2, per_patient=1, shift=1.5, name="a"):
    """Overlapping classes; few digits make ties, and patients hold films of one class."""
    rng = np.random.default_rng(seed)
    y_true = (rng.random(n) < 0.6).astype(int)
    y_true[:4] = 0, 1, 0, 1
    y_score = np.round(1 / (1 + np.exp(-(rng.normal(size=n) + shift * (y_true - 0.5)))), digits)
    patient = rng.integers(0, max(1, n // per_patient), n)
    cluster_id = (
        [f"{label}-{number}" for label, number in zip(y_true, patient, strict=True)] if per_patient > 1 else None
    )
    return scores_of(y_true, y_score, cluster_id, name)


def evaluation_with(**metrics: Estimate) -> Evaluation:
    """Return an evaluation of 100 films that holds these figures alone."""
    return Evaluation(
        name="model",
        n=100,
        positives=60,
        clusters=80,
        prevalence=0.6,
        threshold=0.4,
        confusion=Confusion(tp=57, fp=5, tn=35, fn=3),
        metrics=metrics,
        by_film={},
        draws=2000,
        seed=0,
    )
