"""What the searches tried, as tidy tables: the list of experiments and the trials, validation figures only."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from core.errors import ArtifactError
from core.manifest import check_file, is_expected, read_as
from core.models.residual import STRONG
from core.models.spec import Augmentation
from core.paths import artifacts_dir
from core.runs.selection import choose_within_tolerance, median_seed
from core.training.experiments import EXPERIMENTS, Experiment
from core.training.search_files import (
    EXPERIMENTS_FILE,
    FIGURES,
    SETTINGS_FILE,
    TRIALS_FILE,
    ExperimentRow,
    TrialRow,
    read_experiment_rows,
    read_trial_rows,
)

SEARCHES = {
    "grid": ("Grid on the notebook's CNN", "python -m core search --data DIR"),
    "residual": ("Sampled settings of our residual net", "python -m core search --data DIR --search residual"),
}


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One experiment over its seeds.

    Parameters
    ----------
    name, title, question : str
    seeds : int
        How many have run.
    epochs, parameters, validation_auroc, stress_validation_auroc, mean
        Of the median seed by ``mean``, the selection figure.
    low, high : float
        Range of ``mean`` over the seeds.
    """

    name: str
    title: str
    question: str
    seeds: int
    epochs: int
    parameters: int
    validation_auroc: float
    stress_validation_auroc: float
    mean: float
    low: float
    high: float


def read_experiments() -> list[ExperimentRow]:
    """Return a row for each experiment and seed that has run, in the list's order; none if none has run.

    Raises
    ------
    ArtifactError
        The table is damaged.
    """
    path = artifacts_dir() / "search" / EXPERIMENTS_FILE
    if not is_expected(path):
        return []
    rows = read_experiment_rows(check_file(path))
    if not {row.experiment for row in rows} <= EXPERIMENTS.keys():
        raise ArtifactError(f"{path} is damaged; run: python -m scripts.run_experiments DATA")
    return rows


def experiments_frame(rows: Iterable[ExperimentRow]) -> pd.DataFrame:
    """Return rows with the settings of their experiments.

    Returns
    -------
    DataFrame
        The columns of ``experiments.csv``, and ``title``, ``question``, ``network``, ``side`` (pixels), ``width``
        (filters of the first block), ``depth`` (blocks), ``augmentation``, ``contrast`` and ``target`` (what it learns
        from).
    """
    return pd.DataFrame([asdict(row) | _settings(EXPERIMENTS[row.experiment]) for row in rows])


def not_run(rows: Iterable[ExperimentRow]) -> list[str]:
    """Return the names of the list's experiments without a row."""
    run = {row.experiment for row in rows}
    return [name for name in EXPERIMENTS if name not in run]


def configurations(rows: Iterable[ExperimentRow]) -> list[Configuration]:
    """Return one for each experiment that has run, the highest ``mean`` first."""
    by_name: dict[str, list[ExperimentRow]] = {}
    for row in rows:
        by_name.setdefault(row.experiment, []).append(row)
    return sorted(map(_configuration, by_name.values()), key=lambda trial: -trial.mean)


def _configuration(seeds: Sequence[ExperimentRow]) -> Configuration:
    median = median_seed(seeds, _mean)
    spec = EXPERIMENTS[median.experiment].spec
    return Configuration(
        name=median.experiment,
        title=spec.title,
        question=spec.reason,
        seeds=len(seeds),
        epochs=median.epochs,
        parameters=median.parameters,
        validation_auroc=median.validation_auroc,
        stress_validation_auroc=median.stress_validation_auroc,
        mean=median.mean,
        low=min(map(_mean, seeds)),
        high=max(map(_mean, seeds)),
    )


def _mean(row: ExperimentRow) -> float:
    return row.mean


def chosen_by_rule(tried: Iterable[Configuration]) -> Configuration:
    """Return the configuration that `choose_within_tolerance` takes, as it takes the served model."""
    return choose_within_tolerance(tried, figure=lambda trial: trial.mean, size=lambda trial: trial.parameters)


def read_trials(search: str) -> list[TrialRow]:
    """Return the trials of one search, the best first, pruned ones last; none if it has not run.

    Raises
    ------
    ArtifactError
        The table is damaged.
    """
    path = artifacts_dir() / "search" / TRIALS_FILE
    if not is_expected(path):
        return []
    rows = [row for row in read_trial_rows(check_file(path)) if row.search == search]
    return sorted(rows, key=lambda row: (row.mean is None, -(row.mean or 0.0)))


def trials_frame(trials: Sequence[TrialRow]) -> pd.DataFrame:
    """Return trials as a table: ``trial``, ``state``, a column for each setting, then the figures."""
    columns = ["trial", "state", *settings_of(trials), *FIGURES]
    return pd.DataFrame([row.to_dict() for row in trials], columns=columns)


def settings_of(trials: Iterable[TrialRow]) -> list[str]:
    """Return the names of the settings of these trials, in alphabetical order."""
    return sorted({name for row in trials for name in row.settings})


@dataclass(frozen=True, kw_only=True)
class SearchPlan:
    """How a search was done: its sampler, how many trials were planned, and up to how many epochs each."""

    sampler: str
    trials: int
    epochs: int


def read_plan(search: str) -> SearchPlan | None:
    """Return how a search was done; None if that is not known.

    Raises
    ------
    ArtifactError
        The record is damaged.
    """
    if not is_expected(artifacts_dir() / "search" / SETTINGS_FILE):
        return None
    return read_as(dict[str, SearchPlan], f"search/{SETTINGS_FILE}", "python -m core search --data DIR").get(search)


def _settings(experiment: Experiment) -> dict[str, object]:
    spec = experiment.spec
    stages = spec.layers.get("blocks") or spec.layers["filters"]
    return {
        "title": spec.title,
        "question": spec.reason,
        "network": "residual" if "blocks" in spec.layers else "notebook's CNN",
        "side": spec.input.height,
        "width": stages[0],
        "depth": len(stages),
        "augmentation": _in_words(spec.train.augmentation),
        "contrast": spec.layers.get("contrast", "none"),
        "target": "teachers" if spec.distillation else "films first" if spec.pretraining else "labels",
    }


def _in_words(changes: Augmentation) -> str:
    if changes == Augmentation():
        return "none"
    if changes.crop == (1.0, 1.0):
        return "light"
    if changes.gamma == 1.0:
        return "frame only"
    return "strong" if changes == STRONG else "stronger"
