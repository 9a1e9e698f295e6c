"""What the searches tried, as tidy tables: the list of experiments and the trials, validation figures only."""

import json
from typing import Any

import pandas as pd

from core.errors import ArtifactError
from core.manifest import check_file, is_expected
from core.models.residual import STRONG
from core.models.spec import Augmentation
from core.paths import artifacts_dir
from core.runs.store import SELECTION_TOLERANCE
from core.training.experiments import COLUMNS, EXPERIMENTS, Experiment

EXPERIMENTS_FILE, TRIALS_FILE, SETTINGS_FILE = "experiments.csv", "trials.csv", "settings.json"
FIGURES = ("validation_auroc", "stress_validation_auroc", "mean")
RECORDED = ("epochs", "parameters", "seconds")
SEARCHES = {
    "grid": ("Grid on the notebook's CNN", "python -m core search --data DIR"),
    "residual": ("Sampled settings of our residual net", "python -m core search --data DIR --search residual"),
}


def read_experiments() -> pd.DataFrame:
    """One row for each experiment and seed that has run, in the list's order.

    Returns
    -------
    DataFrame
        The columns of `core.training.experiments.COLUMNS`, and ``title``, ``question``, ``network``, ``side`` (pixels),
        ``width`` (filters of the first block), ``depth`` (blocks), ``augmentation``, ``contrast`` and ``lesson`` (what
        it learns from). Empty if none has run.

    Raises
    ------
    ArtifactError
        The table is damaged.
    """
    path = artifacts_dir() / "search" / EXPERIMENTS_FILE
    if not is_expected(path):
        return pd.DataFrame(columns=list(COLUMNS))
    try:
        frame = pd.read_csv(check_file(path))[list(COLUMNS)]
        settings = [_settings(EXPERIMENTS[name]) for name in frame["experiment"]]
    except (ValueError, KeyError):
        raise ArtifactError(f"{path} is damaged; run: python -m scripts.run_experiments DATA") from None
    return pd.concat([frame, pd.DataFrame(settings, index=frame.index)], axis=1)


def not_run(frame: pd.DataFrame) -> list[str]:
    """Names of the list's experiments without a row."""
    return [name for name in EXPERIMENTS if name not in set(frame["experiment"])]


def by_experiment(frame: pd.DataFrame) -> pd.DataFrame:
    """One row for each experiment, the highest median of ``mean`` first; ``low`` and ``high`` are its range over seeds.

    The median is of the seeds that have run, the lower of two middle ones, as `representative` takes it.
    """
    rows = []
    for _, group in frame.groupby("experiment", sort=False):
        ranked = group.sort_values("mean")
        middle = ranked.iloc[(len(ranked) - 1) // 2]
        rows.append(
            {
                **middle[["experiment", "title", "question", "epochs", "parameters", *FIGURES]],
                "seeds": len(group),
                "low": group["mean"].min(),
                "high": group["mean"].max(),
            }
        )
    return pd.DataFrame(rows).sort_values("mean", ascending=False, ignore_index=True)


def by_the_rule(table: pd.DataFrame) -> str:
    """The experiment that the rule takes: of those within `SELECTION_TOLERANCE` of the highest ``mean`` the smallest
    network, of equally small ones the one with the highest ``mean``.

    Parameters
    ----------
    table : DataFrame
        Of `by_experiment`.
    """
    close = table[table["mean"] >= table["mean"].max() - SELECTION_TOLERANCE]
    return str(close.sort_values(["parameters", "mean"], ascending=[True, False])["experiment"].iloc[0])


def read_trials(search: str) -> pd.DataFrame:
    """The trials of one search, the best first; empty if it has not run.

    Returns
    -------
    DataFrame
        ``trial``, ``state`` (``complete`` or ``pruned``), a column for each setting of this search, then `RECORDED` and
        `FIGURES`, which a pruned trial lacks.

    Raises
    ------
    ArtifactError
        The table is damaged.
    """
    path = artifacts_dir() / "search" / TRIALS_FILE
    if not is_expected(path):
        return pd.DataFrame()
    try:
        frame = pd.read_csv(check_file(path))
        frame = frame[frame["search"] == search].sort_values("mean", ascending=False, ignore_index=True)
        frame = frame[["trial", "state", *settings_of(frame), *RECORDED, *FIGURES]]
    except (ValueError, KeyError):
        raise ArtifactError(f"{path} is damaged; run: python -m core search --data DIR") from None
    return frame


def settings_of(trials: pd.DataFrame) -> list[str]:
    """The columns of trials that are settings of their search."""
    known = {"search", "trial", "state", *RECORDED, *FIGURES}
    return [str(name) for name in trials if name not in known and trials[name].notna().any()]


def read_plan(search: str) -> dict[str, Any]:
    """How a search was done: sampler, pruner, trials, epochs, space; empty if that is not known.

    Raises
    ------
    ArtifactError
        The record is damaged.
    """
    path = artifacts_dir() / "search" / SETTINGS_FILE
    if not is_expected(path):
        return {}
    try:
        return dict(json.loads(check_file(path).read_text(encoding="utf-8")).get(search, {}))
    except (ValueError, AttributeError, TypeError):
        raise ArtifactError(f"{path} is damaged; run: python -m core search --data DIR") from None


def _settings(experiment: Experiment) -> dict[str, Any]:
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
        "lesson": "teachers" if spec.distillation else "films first" if spec.pretraining else "labels",
    }


def _in_words(changes: Augmentation) -> str:
    if changes == Augmentation():
        return "none"
    if changes.crop == (1.0, 1.0):
        return "light"
    if changes.gamma == 1.0:
        return "frame only"
    return "strong" if changes == STRONG else "stronger"
