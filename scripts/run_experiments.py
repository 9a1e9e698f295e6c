"""Run the list of experiments that are not done yet: `python -m scripts.run_experiments DATA [NAME...]`.

Several of these processes share the work: each takes the next run that nobody has claimed. Rows go to
`runs/experiments/`, the table to `artifacts/search/experiments.csv`; a run in that table is done, wherever it was made,
and so is a committed run of the same model.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from core.data.dataset import read_dataset
from core.manifest import write_manifest
from core.paths import artifacts_dir, runs_dir
from core.runs.store import committed_runs
from core.training.experiments import EXPERIMENTS, SEEDS, run_experiment, write_table
from core.training.search_files import read_experiment_rows


def claim(path: Path) -> bool:
    """Whether this process is the first to claim a run, or its last claimant is gone."""
    try:
        with path.open("x") as file:
            file.write(str(os.getpid()))
        return True
    except FileExistsError:
        owner = path.read_text()
        if owner and Path("/proc").is_dir() and not Path("/proc", owner).exists():
            path.unlink(missing_ok=True)
            return claim(path)
        return False


def main(data: str, *names: str) -> int:
    """Run what is left of the list, or of the named experiments."""
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    dataset = read_dataset(data)
    out = runs_dir() / "experiments"
    out.mkdir(parents=True, exist_ok=True)
    table = artifacts_dir() / "search" / "experiments.csv"
    write_table(out, table, committed_runs())
    write_manifest()
    done = {(row.experiment, row.seed) for row in read_experiment_rows(table)}
    for name in names or EXPERIMENTS:
        for seed in SEEDS:
            run = out / f"{name}-s{seed}"
            if (name, seed) in done or run.with_suffix(".json").exists() or not claim(run.with_suffix(".claim")):
                continue
            keras.backend.clear_session()
            row = run_experiment(EXPERIMENTS[name], dataset, seed, out)
            print(row, flush=True)
            run.with_suffix(".claim").unlink()
            write_table(out, table)
            write_manifest()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
