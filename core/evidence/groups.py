"""Subgroups of the test films and variation over seeds, from stored scores."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from core.data.patients import patient_key
from core.evaluation.evaluate import Evaluation, evaluate
from core.evaluation.subgroups import evaluate_subgroups, seed_variation
from core.evaluation.types import Scores
from core.runs.record import SPLITS, Run

NUMBER_NOTE = "Subgroups: patient number also in the folder train, or not."


def subgroups(scores: Scores, threshold: float) -> dict[str, dict[str, Any]]:
    """`Evaluation.to_dict` of ``bacteria`` and ``virus``, each with all normals, and of ``first_film`` of each patient.

    A pathogen is read from the film's name; a data set without such names has the first films alone.
    """
    pathogen = np.array([patient_key(name.rsplit("/", 1)[-1]).pathogen for name in scores.sample_id])
    known = evaluate_subgroups(scores, threshold, pathogen)
    first = evaluate(first_films(scores), threshold)
    return {name: group.to_dict() for name, group in known.items()} | {"first_film": first.to_dict()}


def by_number(scores: Scores, threshold: float, trained: Collection[str]) -> dict[str, Evaluation]:
    """Return the evaluation of test films whose patient number the folder train holds as well, and of the others.

    Parameters
    ----------
    scores : Scores
    threshold : float
    trained : collection of str
        Patient keys of the folder train, the number alone.

    Returns
    -------
    dict
        ``shared`` and ``new``; one without films is left out.
    """
    shared = np.isin(scores.cluster_id, list(trained))
    return {
        name: evaluate(scores.take(films, title), threshold)
        for name, films, title in (("shared", shared, "Number also in train"), ("new", ~shared, "Number not in train"))
        if films.any()
    }


def first_films(scores: Scores) -> Scores:
    """One film for each patient of each class, the first by name."""
    order = np.argsort(scores.sample_id)
    key = [f"{label} {cluster}" for label, cluster in zip(scores.y_true, scores.cluster_id, strict=True)]
    _, first = np.unique(np.array(key)[order], return_index=True)
    return scores.take(np.sort(order[first]), "First film of each patient")


def variation(runs: Sequence[Run], *, with_test: bool) -> list[dict[str, Any]]:
    """Mean and range of every figure over the seeds of each model: split, model, metric, seeds, mean, lowest, highest.

    Figures are those of `core.results.store`; a model with one seed has no range yet and is left out.
    """
    rows: list[dict[str, Any]] = []
    for split in SPLITS:
        scored = [run for run in runs if run.has_scores(split)]
        if split == "test" and not with_test:
            continue
        by_model: dict[str, list[Run]] = {}
        for run in scored:
            by_model.setdefault(run.record.model, []).append(run)
        evaluations = {
            model: [evaluate(run.scores(split), run.record.threshold, draws=1) for run in group]
            for model, group in by_model.items()
            if len(group) > 1
        }
        if evaluations:
            frame = seed_variation(evaluations)
            frame.insert(0, "split", split)
            rows += [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
    return rows
