"""Do flips at test time, or three seeds together, score better on validation? Prints a Markdown table; no test film.

python -m scripts.compare_averaging --data DIR [MODEL...] [--tried NAME...]

Of configurations that were tried but not committed, ``--tried``, the seeds alone are averaged, from the scores that
`run_experiments.py` leaves in ``runs/experiments/``.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from core.data.arrays import load_films
from core.data.dataset import read_dataset
from core.data.split import with_split
from core.evaluation.tables import align_samples, read_scores
from core.inference.model import Model
from core.paths import runs_dir
from core.runs.store import committed_runs
from core.training.experiments import SEEDS


def main() -> None:
    """Score both validations with each seed's graph, as they are and mirrored."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and test/")
    parser.add_argument(
        "models", nargs="*", default=["residual", "residual_long", "residual_pretrained"], metavar="MODEL"
    )
    parser.add_argument("--tried", nargs="*", default=[], metavar="NAME", help="configurations of the list")
    arguments = parser.parse_args()
    dataset = read_dataset(arguments.data)
    table = with_split(dataset)
    rows = table[table["split"] == "validation"]
    print("| run | as it is | averaged with its mirror image |")
    print("| --- | --- | --- |")
    for name in arguments.models:
        runs = [run for run in committed_runs() if run.record.model == name]
        size = runs[0].input
        plain = load_films(dataset, rows, size.height, size.width)
        stress = load_films(dataset, rows, size.height, size.width, "stress")
        scores = {}
        for run in runs:
            model = Model(run)
            scores[run.run_id] = [
                [expit(model.network.score(np.ascontiguousarray(films.pixels[:, :, ::step]))[1]) for step in (1, -1)]
                for films in (plain, stress)
            ]
        scores[f"{name}, all seeds"] = np.mean(list(scores.values()), axis=0)
        for run_id, pair in scores.items():
            single = [roc_auc_score(plain.y_true, films[0]) for films in pair]
            aurocs = [roc_auc_score(plain.y_true, np.mean(films, axis=0)) for films in pair]
            print(f"| {run_id} | {_three(single)} | {_three(aurocs)} |")

    for name in arguments.tried:
        averages = [_together(name, split) for split in ("validation", "stress_validation")]
        print(f"| {name}, all seeds | {_three(averages)} | |")


def _together(name: str, split: str) -> float:
    """AUROC of the mean score of the seeds of a configuration that was tried."""
    tables = [read_scores(runs_dir() / "experiments" / f"{name}-s{seed}-{split}.csv") for seed in SEEDS]
    return float(roc_auc_score(tables[0].y_true, np.mean([table.y_score for table in align_samples(tables)], axis=0)))


def _three(figures: list[float]) -> str:
    return f"{np.mean(figures):.4f} ({figures[0]:.4f}, {figures[1]:.4f})"


if __name__ == "__main__":
    main()
