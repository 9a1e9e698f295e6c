"""Seconds of the evaluation with 2,000 cluster draws, beside scikit-learn's AUROC in a plain loop in the same run.

Run it from the repository root: python benchmarks/evaluation.py

Ours gives the intervals of all figures; the peer draws the same patients and computes the AUROC alone, timed over a few
draws and extrapolated to 2,000.
"""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.evaluation.bootstrap import resampling
from core.evaluation.evaluate import evaluate
from core.evaluation.types import Scores

DRAWS = 2_000
PEER_DRAWS = 20
ROWS = (1_000, 10_000, 100_000)
FILMS_PER_PATIENT = 1.5


def make_scores(rows: int, seed: int = 0) -> Scores:
    """Overlapping classes, with patients of one class each."""
    rng = np.random.default_rng(seed)
    y_true = (rng.random(rows) < 0.6).astype(np.int64)
    patient = rng.integers(0, int(rows / FILMS_PER_PATIENT), rows)
    return Scores(
        sample_id=np.arange(rows).astype(str),
        cluster_id=np.char.add(np.char.add(y_true.astype(str), "-"), patient.astype(str)),
        y_true=y_true,
        y_score=1 / (1 + np.exp(-(rng.normal(size=rows) + 2 * y_true - 1))),
    )


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peer(scores: Scores) -> None:
    """AUROC of `PEER_DRAWS` draws of patients, one after the other."""
    samples = resampling(scores, draws=PEER_DRAWS)
    code = samples.code(scores)
    for counts in np.concatenate(list(samples.counts(PEER_DRAWS))):
        films = np.repeat(np.arange(len(scores)), counts[code])
        roc_auc_score(scores.y_true[films], scores.y_score[films])


def main() -> None:
    """Print one line for each number of rows."""
    evaluate(make_scores(100), 0.5, draws=10)  # imports
    print(f"{'rows':>8} {'ours, s':>9} {'peer, s':>9} {'peer/ours':>9} {'peak, MB':>9}")
    for rows in ROWS:
        scores = make_scores(rows)
        ours = seconds(lambda scores=scores: evaluate(scores, 0.5, draws=DRAWS))
        theirs = seconds(lambda scores=scores: peer(scores)) * DRAWS / PEER_DRAWS
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{rows:>8} {ours:>9.2f} {theirs:>9.1f} {theirs / ours:>9.1f} {peak:>9.0f}")


if __name__ == "__main__":
    main()
