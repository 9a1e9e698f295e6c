"""Which model it is and how it came about; from the run record and the tables of the search."""

from collections.abc import Callable, Sequence
from pathlib import Path

from core.evaluation.threshold import ThresholdRule
from core.manifest import check_file
from core.paths import artifacts_dir
from core.reports.model_card.subject import CardSubject
from core.runs.store import list_runs
from core.training.search_files import EXPERIMENTS_FILE, TRIALS_FILE, read_experiment_rows, read_trial_rows
from core.wording import format_percent

TABLES: dict[str, tuple[Callable[[Path], Sequence[object]], str]] = {
    EXPERIMENTS_FILE: (read_experiment_rows, "experiments with single changes"),
    TRIALS_FILE: (read_trial_rows, "trials of the search"),
}


def version(subject: CardSubject) -> str:
    """Version, hash and what it runs on."""
    record = subject.run.record
    before = subject.run.pretraining
    epochs = f"{before}, then {record.epochs} with them" if before else f"{record.epochs} epochs"
    return (
        f"{record.run_id}, trained {record.created[:10]}, {epochs}, on data {record.data_hash[:12]}; model.onnx sha256 "
        f"{record.weights_hash}; {record.parameters:,} parameters, {record.multiply_adds / 1e6:.0f} million "
        f"multiply-adds a film; keras {record.versions.get('keras', 'unknown')}, onnxruntime "
        f"{record.versions.get('onnxruntime', 'unknown')}."
    )


def preprocessing(subject: CardSubject) -> str:
    """From the file to what the model sees."""
    size = subject.run.input
    return (
        f"The film is turned upright, made gray and resized to {size.width} × {size.height} pixels with an antialiased "
        "filter, whatever its shape; 16-bit films to 8 bit. The same function serves training, tests, app and commands."
    )


def tuning(subject: CardSubject) -> str:
    """How many models were tried before this one."""
    record = subject.run.record
    seeds = [run for run in list_runs()[0] if not run.own and run.record.model == record.model]
    everyone = [run for run in list_runs()[0] if not run.own]
    tried = [
        f"{len(read(check_file(path)))} {words}"
        for name, (read, words) in TABLES.items()
        if (path := artifacts_dir() / "search" / name).is_file()
    ]
    return (
        f"{len(seeds)} seed{'s' if len(seeds) != 1 else ''} of this model; the median by the selection figure "
        f"represents it (seed {record.seed}); {len({run.record.model for run in everyone})} models in "
        f"{len(everyone)} runs" + (f", {' and '.join(tried)}, all judged on validation." if tried else ".")
    )


def threshold(subject: CardSubject) -> str:
    """Where the threshold comes from."""
    record = subject.run.record
    rule = ThresholdRule(**{key: value for key, value in record.threshold_rule.items() if key != "split"})
    split = str(record.threshold_rule.get("split", "validation")).replace("_", " ")
    title = rule.title[0].lower() + rule.title[1:]
    return f"{record.threshold:.4f}: {title}, chosen on {split} and frozen before this model met a test film."


def calibration(subject: CardSubject) -> str:
    """Score to probability, and the conformal set."""
    run = subject.run
    low, high = run.conformal.abstain_band
    return (
        f"Probability: {run.calibration.method} calibration on validation "
        f"({format_percent(run.calibration.prevalence)} "
        f"pneumonia), moved to the reader's prevalence. Set: class-conditional conformal at "
        f"{format_percent(run.conformal.alpha, 0)} error; between scores of {low:.3f} and {high:.3f} it makes "
        "no call."
    )
