"""Do flips at test time, or three seeds together, score better on validation? Prints a Markdown table; no test film.

python scripts/compare_averaging.py --data DIR [MODEL...]
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from core.data.arrays import load_films
from core.data.dataset import read_dataset
from core.data.split import with_split
from core.runs import committed_runs
from core.serving import Model


def main() -> None:
    """Score both validations with each seed's graph, as they are and mirrored."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and test/")
    parser.add_argument(
        "models", nargs="*", default=["residual", "residual_long", "residual_pretrained"], metavar="MODEL"
    )
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
                [expit(model.score(np.ascontiguousarray(films.pixels[:, :, ::step]))[1]) for step in (1, -1)]
                for films in (plain, stress)
            ]
        scores[f"{name}, all seeds"] = np.mean(list(scores.values()), axis=0)
        for run_id, pair in scores.items():
            single = [roc_auc_score(plain.y_true, films[0]) for films in pair]
            both = [roc_auc_score(plain.y_true, np.mean(films, axis=0)) for films in pair]
            print(f"| {run_id} | {_three(single)} | {_three(both)} |")


def _three(figures: list[float]) -> str:
    return f"{np.mean(figures):.4f} ({figures[0]:.4f}, {figures[1]:.4f})"


if __name__ == "__main__":
    main()
