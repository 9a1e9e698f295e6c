"""Seconds of the evaluation with 2,000 cluster draws, beside scikit-learn's AUROC in a plain loop in the same run.

Run it from the repository root: python -m benchmarks.evaluation [--quick]

Ours gives the intervals of all figures; the peer draws the same patients and computes the AUROC alone, timed over a few
draws and extrapolated to 2,000.
"""

import resource
from collections.abc import Callable
from time import perf_counter

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks.tools.report import headline, parser, table
from core.evaluation.bootstrap import resampling
from core.evaluation.evaluate import evaluate
from core.evaluation.types import Scores

DRAWS = 2_000
PEER_DRAWS = 20
ROWS = (1_000, 10_000, 100_000, 1_000_000)
QUICK_ROWS = (1_000, 3_000)
FILMS_PER_PATIENT = 1.5
COLUMNS = ["rows", "ours, s", "microseconds a row", "peer, s", "peer/ours", "peak, MB"]


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
    start = perf_counter()
    work()
    return perf_counter() - start


def peer(scores: Scores, draws: int) -> None:
    """AUROC of so many draws of patients, one after the other."""
    samples = resampling(scores, draws=draws)
    code = samples.code(scores)
    for counts in np.concatenate(list(samples.counts(draws))):
        films = np.repeat(np.arange(len(scores)), counts[code])
        roc_auc_score(scores.y_true[films], scores.y_score[films])


def measure(rows: int) -> list[str]:
    """One line of the table."""
    scores = make_scores(rows)
    draws = PEER_DRAWS if rows <= 100_000 else 2
    ours = seconds(lambda: evaluate(scores, 0.5, draws=DRAWS))
    peer_seconds = seconds(lambda: peer(scores, draws)) * DRAWS / draws
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        f"{rows:,}",
        f"{ours:.2f}",
        f"{1e6 * ours / rows:.0f}",
        f"{peer_seconds:.1f}",
        f"{peer_seconds / ours:.1f}",
        f"{peak:.0f}",
    ]


def growth(*, quick: bool) -> str:
    """The table, a line for each number of rows."""
    evaluate(make_scores(100), 0.5, draws=10)  # imports
    return table(COLUMNS, [measure(rows) for rows in (QUICK_ROWS if quick else ROWS)])


def main() -> None:
    """Print the table."""
    arguments = parser(__doc__, data=False).parse_args()
    headline("Evaluation with intervals", quick=arguments.quick)
    print("\n" + growth(quick=arguments.quick))


if __name__ == "__main__":
    main()
