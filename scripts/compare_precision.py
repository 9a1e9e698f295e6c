"""Does training in bfloat16 cost accuracy? Trains a model in float32 too and compares validation figures, seed by seed.

Test films are not looked at. Prints a Markdown table for docs/decisions/0004-training-precision.md.

    python -m scripts.compare_precision --data DIR [--model cnn_adam]
"""

import argparse
import os
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from core.data.arrays import Films
from core.data.dataset import read_dataset
from core.evaluation.metrics import auroc
from core.evaluation.types import Scores
from core.models.registry import get_model
from core.paths import cache_dir
from core.runs.store import list_runs
from core.training.fit import Fit, fit, predict_logits
from core.training.run import load_splits


def main() -> None:
    """Train three seeds in float32, read the committed ones, print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and test/")
    parser.add_argument("--model", default="cnn_adam")
    arguments = parser.parse_args()
    spec = get_model(arguments.model)
    full = replace(spec, train=replace(spec.train, precision="float32"))
    films = load_splits(read_dataset(arguments.data), spec)
    print("| seed | arithmetic | validation AUROC | stress validation AUROC | lowest validation loss | epochs |")
    print("| --- | --- | --- | --- | --- | --- |")
    for run in [run for run in list_runs()[0] if run.record.model == spec.name and not run.own]:
        seed = run.record.seed
        loss = min(row["validation_loss"] for row in run.history())
        figures = run.record.selection["validation_auroc"], run.record.selection["stress_validation_auroc"], loss
        _print(seed, run.record.spec["train"]["precision"], figures, run.record.epochs)
        checkpoint = cache_dir() / "checkpoints" / f"{spec.name}-float32-s{seed}" / "state.npz"
        trained = fit(full, films["train"], films["validation"], seed=seed, checkpoint=checkpoint, resume=True)
        figures = (
            _auroc(trained, films["validation"]),
            _auroc(trained, films["stress_validation"]),
            min(epoch.validation_loss for epoch in trained.history),
        )
        _print(seed, "float32", figures, len(trained.history))


def _auroc(trained: Fit, films: Films) -> float:
    score = 1 / (1 + np.exp(-predict_logits(trained.model, films.pixels)))
    ids = films.table["sample_id"].to_numpy(dtype=str)
    return auroc(Scores(sample_id=ids, cluster_id=ids, y_true=films.y_true, y_score=score))


def _print(seed: int, arithmetic: str, figures: tuple[float, float, float], epochs: int) -> None:
    print(f"| {seed} | {arithmetic} | {' | '.join(f'{figure:.4f}' for figure in figures)} | {epochs} |", flush=True)


if __name__ == "__main__":
    main()
