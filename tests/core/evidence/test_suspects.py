"""Suspect labels: films that every model contradicts with confidence, and no others."""

import numpy as np
import pytest

from core.evaluation.calibration import shift_prevalence
from core.evidence.suspects import LIMIT, suspects
from core.runs.store import committed_runs, representative

RUNS = representative(committed_runs())


def own(run, split: str) -> dict[str, float]:
    """Probability of each film's own label at equal shares, by the definition."""
    scores = run.scores(split)
    said = shift_prevalence(run.calibration.apply(scores.y_score), old=run.calibration.prevalence, new=0.5)
    return dict(zip(scores.sample_id, np.where(scores.y_true == 1, said, 1 - said), strict=True))


def test_a_film_is_suspect_if_no_model_is_for_its_label() -> None:
    found = suspects(RUNS)
    by_run = [own(run, "validation") for run in RUNS]
    expected = {film for film in by_run[0] if max(table[film] for table in by_run) < LIMIT}
    assert set(found["sample_id"]) == expected
    for row in found.itertuples():
        assert row.highest == pytest.approx(max(table[row.sample_id] for table in by_run))
        assert row.label == ("pneumonia" if "person" in row.sample_id else "normal")
    assert found["highest"].is_monotonic_increasing


def test_one_model_suspects_more_than_all_together() -> None:
    alone, together = suspects(RUNS[-1:]), suspects(RUNS)
    assert set(together["sample_id"]) <= set(alone["sample_id"])
    assert len(alone)


def test_a_higher_limit_suspects_more() -> None:
    assert set(suspects(RUNS, limit=0.05)["sample_id"]) <= set(suspects(RUNS, limit=0.3)["sample_id"])
