"""Train the committed runs: every model of the registry with seeds 0, 1 and 2, into artifacts/.

Models which start from downloaded weights are trained only when they are named.

Runs that are already there are left alone, an interrupted one goes on from its checkpoint. At the end Keras files are
kept for the served model and the notebook's best alone, of the models in `LARGE` the median seed's weights alone, and
the manifest is written anew.

    python -m scripts.train_all --data DIR [MODEL-sSEED ...]
"""

import argparse
import os
from pathlib import Path

from core.manifest import write_manifest
from core.models.registry import MODELS, get_model
from core.paths import artifacts_dir
from core.runs.record import GRAPH
from core.runs.store import list_runs, representative, served

SEEDS = (0, 1, 2)
NOTEBOOK_BEST = "cnn_adam"
# With the weights of three seeds of these, artifacts/ would pass 80 MB; of the other two, record and scores stay.
LARGE = ("cnn_sgd", "cnn_rmsprop", "cnn_adam_128", "cnn_adam_224")


def main() -> None:
    """Train what is missing, then tidy up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and test/")
    parser.add_argument("run_ids", nargs="*", metavar="MODEL-sSEED", help="only these runs")
    parser.add_argument("--keep", action="store_true", help="leave all weights and Keras files")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from core.training.run import train_run

    from_scratch = [name for name, spec in MODELS.items() if not spec.layers.get("weights")]
    for run_id in arguments.run_ids or [f"{name}-s{seed}" for name in from_scratch for seed in SEEDS]:
        if (artifacts_dir() / run_id / "run.json").exists():
            continue
        name, seed = run_id.rsplit("-s", 1)
        train_run(get_model(name), arguments.data, artifacts_dir(), seed=int(seed), resume=True, own=False)
    if not arguments.keep:
        drop_weights()
    write_manifest()


def drop_weights() -> None:
    """Keep the Keras file of the served run and of the notebook's best model's representative; of large models keep the
    representative's graph.
    """
    runs = [run for run in list_runs()[0] if not run.own]
    representatives = {run.run_id for run in representative(runs)}
    run_ids = {served(runs).run_id} | {
        run_id for run_id in representatives if run_id.rpartition("-s")[0] == NOTEBOOK_BEST
    }
    for run in runs:
        if run.run_id not in run_ids:
            (run.folder / "model.keras").unlink(missing_ok=True)
        if run.record.model in LARGE and run.run_id not in representatives:
            (run.folder / GRAPH).unlink(missing_ok=True)


if __name__ == "__main__":
    main()
