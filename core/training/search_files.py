"""Read the rows of ``experiments.csv`` and ``trials.csv``; pages that only count them need no pandas for it."""

import csv
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from core.errors import ArtifactError
from core.typed_json import decode

EXPERIMENTS_FILE, TRIALS_FILE, SETTINGS_FILE = "experiments.csv", "trials.csv", "settings.json"
FIGURES = ("epochs", "parameters", "seconds", "validation_auroc", "stress_validation_auroc", "mean")
Value = int | float | str


@dataclass(frozen=True, kw_only=True)
class ExperimentRow:
    """One training of the list of experiments; the columns of ``experiments.csv``, in their order."""

    experiment: str
    seed: int
    epochs: int
    precision: str
    parameters: int
    seconds: float
    validation_auroc: float
    stress_validation_auroc: float
    mean: float
    sensitivity: float
    specificity: float


COLUMNS = tuple(field.name for field in fields(ExperimentRow))


@dataclass(frozen=True, kw_only=True)
class TrialRow:
    """One trial of a search.

    Parameters
    ----------
    search : str
    trial : int
    state : {"complete", "pruned"}
    settings : dict of str to number or str
        Those of its search.
    epochs, parameters, seconds, validation_auroc, stress_validation_auroc, mean
        None where a pruned trial lacks them.
    """

    search: str
    trial: int
    state: str
    settings: dict[str, Value]
    epochs: int | None = None
    parameters: int | None = None
    seconds: float | None = None
    validation_auroc: float | None = None
    stress_validation_auroc: float | None = None
    mean: float | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the row as one level, settings between state and figures; None where a figure is lacking."""
        figures = {name: getattr(self, name) for name in FIGURES}
        return {"search": self.search, "trial": self.trial, "state": self.state, **self.settings, **figures}


def read_experiment_rows(path: Path) -> list[ExperimentRow]:
    """Return the rows of ``experiments.csv``; none where there is no file yet.

    Raises
    ------
    ArtifactError
        The table is damaged.
    """
    try:
        return [_experiment(row) for row in _rows(path, COLUMNS)]
    except ValueError:
        raise ArtifactError(f"{path} is damaged; run: python -m scripts.run_experiments DATA") from None


def read_trial_rows(path: Path) -> list[TrialRow]:
    """Return the rows of ``trials.csv``, of all searches; none where there is no file yet.

    Raises
    ------
    ArtifactError
        The table is damaged.
    """
    try:
        return [_trial(row) for row in _rows(path, ("search", "trial", "state", "mean"))]
    except (ValueError, TypeError, AttributeError):
        raise ArtifactError(f"{path} is damaged; run: python -m core search --data DIR") from None


def _experiment(row: dict[str, str]) -> ExperimentRow:
    numbers = {name: _value(row[name]) for name in COLUMNS if name not in ("experiment", "precision")}
    return decode(ExperimentRow, {**row, **numbers})


def _trial(row: dict[str, str]) -> TrialRow:
    values = {name: _value(text) for name, text in row.items() if text}
    search, state, trial = row["search"], row["state"], int(row["trial"])
    figures: dict[str, Any] = {name: values[name] for name in FIGURES if name in values}
    known = {"search", "trial", "state", *figures}
    settings = {name: value for name, value in values.items() if name not in known}
    return TrialRow(search=search, trial=trial, state=state, settings=settings, **figures)


def _rows(path: Path, needed: tuple[str, ...]) -> list[dict[str, str]]:
    """Return the rows of a CSV file; raises `ValueError` where it lacks a column."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if not set(needed) <= set(reader.fieldnames or ()):
            raise ValueError("a column is missing")
        return list(reader)


def _value(text: str) -> Value:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
