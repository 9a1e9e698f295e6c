"""Search for hyperparameters with Optuna: a full grid on the notebook's CNN, a sampler with pruning on our net.

Every trial is kept in a SQLite file in the cache folder, so that a killed search resumes and ends like an undisturbed
one: what is drawn for a trial depends on the finished trials alone, so one that was cut off is drawn again and resumes
from its own checkpoint. Trials are judged on validation; test stays unread.
"""

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from math import prod
from pathlib import Path
from typing import Any

import keras
import optuna
from optuna.trial import FrozenTrial, TrialState
from scipy.special import expit
from tqdm import tqdm

from core.data.dataset import Dataset
from core.errors import StorageError
from core.evaluation.freeze import selection_figures
from core.files import remove_leftovers, write_text
from core.models.notebook_cnn import FILTERS
from core.models.registry import get_model
from core.models.spec import ModelSpec
from core.paths import cache_dir
from core.training.fit import fit, predict_logits
from core.training.processor import with_supported_precision
from core.training.run import SplitFilms, load_splits, score_table, serving_model
from core.training.search_files import FIGURES, SETTINGS_FILE, TRIALS_FILE, TrialRow, read_trial_rows
from core.training.state import Epoch

SEED = 0
Settings = Mapping[str, Any]
GRID: dict[str, list[Any]] = {
    "optimizer": ["sgd", "rmsprop", "adam"],
    "learning_rate": [3e-4, 1e-3, 1e-2],
    "dropout": [0.0, 0.3],
    "dense": [128, 512],
    "batch_size": [32, 64],
}
RANGES: dict[str, Any] = {
    "learning_rate": optuna.distributions.FloatDistribution(5e-4, 5e-3, log=True),
    "weight_decay": optuna.distributions.FloatDistribution(1e-5, 1e-2, log=True),
    "dropout": optuna.distributions.FloatDistribution(0.0, 0.5),
    "crop": optuna.distributions.FloatDistribution(0.5, 0.85),
    "gamma": optuna.distributions.FloatDistribution(1.0, 2.2),
    "noise": optuna.distributions.FloatDistribution(0.0, 16.0),
    "width": optuna.distributions.CategoricalDistribution([12, 16, 24]),
}


def grid_spec(settings: Settings, epochs: int) -> ModelSpec:
    """Return the notebook's CNN with the settings of one point of the grid; dropout precedes the dense layer."""
    spec = get_model("cnn_adam")
    dense = (settings["dropout"], settings["dense"]) if settings["dropout"] else (settings["dense"],)
    train = replace(
        spec.train,
        optimizer=settings["optimizer"],
        learning_rate=settings["learning_rate"],
        batch_size=settings["batch_size"],
        max_epochs=epochs,
    )
    return replace(spec, name="search_grid", layers={"filters": FILTERS, "dense": dense}, train=train)


def residual_spec(settings: Settings, epochs: int) -> ModelSpec:
    """Our residual net with sampled settings."""
    spec = get_model("residual")
    augmentation = replace(
        spec.train.augmentation, crop=(settings["crop"], 1.1), gamma=settings["gamma"], noise=settings["noise"]
    )
    train = replace(
        spec.train,
        learning_rate=settings["learning_rate"],
        weight_decay=settings["weight_decay"],
        augmentation=augmentation,
        max_epochs=epochs,
    )
    layers = {
        **spec.layers,
        "dropout": settings["dropout"],
        "blocks": tuple(settings["width"] * factor for factor in (1, 2, 4, 8)),
    }
    return replace(spec, name="search_residual", layers=layers, train=train)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One search: its space, how many trials of how many epochs, and the spec of a point.

    Parameters
    ----------
    name : str
    space : dict
        A list of values for each setting, to try all combinations, or an Optuna distribution for each.
    trials, epochs : int
    spec : callable
        Takes the settings of a point and the number of epochs.
    """

    name: str
    space: dict[str, Any]
    trials: int
    epochs: int
    spec: Callable[[Settings, int], ModelSpec]

    @property
    def is_grid(self) -> bool:
        """Whether every combination is tried."""
        return all(isinstance(values, list) for values in self.space.values())


PLANS = {
    "grid": Plan(name="grid", space=GRID, trials=prod(map(len, GRID.values())), epochs=8, spec=grid_spec),
    "residual": Plan(name="residual", space=RANGES, trials=40, epochs=12, spec=residual_spec),
}


@contextmanager
def open_study(plan: Plan, dataset: Dataset) -> Iterator[optuna.Study]:
    """Open the stored study of a plan on these data, or create it; cut-off trials count as failed."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)  # the traceback of a failed trial is a warning
    folder = cache_dir() / "search"
    folder.mkdir(parents=True, exist_ok=True)
    storage = optuna.storages.RDBStorage(f"sqlite:///{folder / 'search.sqlite'}")
    try:
        yield _stored_study(plan, dataset, storage)
    finally:  # Optuna leaves its connections open
        storage.remove_session()
        storage.engine.dispose()


def _stored_study(plan: Plan, dataset: Dataset, storage: optuna.storages.BaseStorage) -> optuna.Study:
    study = optuna.create_study(
        storage=storage,
        study_name=f"{plan.name}-{plan.epochs}-{dataset.hash[:12]}",
        sampler=_sampler(plan, 0),
        pruner=optuna.pruners.NopPruner()
        if plan.is_grid
        else optuna.pruners.MedianPruner(n_startup_trials=6, n_warmup_steps=plan.epochs // 3),
        direction="maximize",
        load_if_exists=True,
    )
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
    return study


class _Grid(optuna.samplers.GridSampler):  # type: ignore[misc]
    """Sampler of the points of a grid in shuffled order; a failed trial leaves its point to be tried again."""

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        tried = {earlier.system_attrs.get("grid_id") for earlier in finished_trials(study)}
        point = next((number for number in range(len(self._all_grids)) if number not in tried), 0)
        study._storage.set_trial_system_attr(trial._trial_id, "search_space", self._search_space)
        study._storage.set_trial_system_attr(trial._trial_id, "grid_id", point)


def _sampler(plan: Plan, finished: int) -> optuna.samplers.BaseSampler:
    """Return the sampler of the trial after so many finished ones, the same after a cut-off as without one."""
    return _Grid(plan.space, seed=SEED) if plan.is_grid else optuna.samplers.TPESampler(seed=SEED + finished)


def run_search(plan: Plan, dataset: Dataset, out: Path, *, progress: bool = True) -> list[TrialRow]:
    """Run what is left of a plan, writing ``trials.csv`` and ``settings.json`` after each trial; returns its rows.

    Parameters
    ----------
    plan : Plan
    dataset : Dataset
    out : Path
        Folder of the tables; rows of other plans in it stay.
    progress : bool
        Show trials, remaining time and the best figure on standard error.

    Raises
    ------
    StorageError
        The disk is full or read-only; finished trials are kept.
    """
    for name in (TRIALS_FILE, SETTINGS_FILE):
        remove_leftovers(out / name)
    with _storage_errors(), open_study(plan, dataset) as study:
        return _search(plan, study, dataset, out, progress)


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except optuna.exceptions.StorageInternalError as error:
        reason = getattr(error.__cause__, "orig", error)  # SQLite's own message
        raise StorageError(
            f"{cache_dir() / 'search'}: the trials cannot be written ({reason}); those that are done are kept. "
            "Make room, then run it again."
        ) from None


def _search(plan: Plan, study: optuna.Study, dataset: Dataset, out: Path, progress: bool) -> list[TrialRow]:
    films: dict[tuple[int, int], SplitFilms] = {}
    finished = len(finished_trials(study))
    bar = tqdm(total=max(plan.trials, finished), initial=finished, unit="trial", desc=plan.name, disable=not progress)

    def after_trial(study: optuna.Study, trial: FrozenTrial) -> None:
        write_trials(plan, study, dataset, out)
        bar.update()
        completed = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        if completed:
            bar.set_postfix(best=f"{study.best_value:.4f}")

    try:
        while finished < plan.trials:
            study.sampler = _sampler(plan, finished)
            study.optimize(lambda trial: _objective(trial, plan, dataset, films), n_trials=1, callbacks=[after_trial])
            finished = len(finished_trials(study))
    finally:
        bar.close()
    return write_trials(plan, study, dataset, out)


def finished_trials(study: optuna.Study) -> list[FrozenTrial]:
    """Return the trials that need not run again."""
    trials: list[FrozenTrial] = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
    return trials


def _objective(trial: optuna.Trial, plan: Plan, dataset: Dataset, films: dict[tuple[int, int], SplitFilms]) -> float:
    settings = {name: _suggest(trial, name, values) for name, values in plan.space.items()}
    spec = with_supported_precision(plan.spec(settings, plan.epochs))
    size = (spec.input.height, spec.input.width)
    if size not in films:
        films[size] = load_splits(dataset, spec, test=False)
    history: list[Epoch] = []

    def after_epoch(epoch: Epoch) -> None:
        history.append(epoch)
        trial.report(-epoch.validation_loss, epoch.epoch)
        if trial.should_prune():
            _store_cost(trial, history)
            raise optuna.TrialPruned

    point = hashlib.sha256(json.dumps([plan.name, plan.epochs, settings], sort_keys=True).encode()).hexdigest()[:16]
    checkpoint = cache_dir() / "search" / point / "state.npz"
    keras.backend.clear_session()
    try:
        trained = fit(
            spec,
            films[size]["train"],
            films[size]["validation"],
            seed=SEED,
            checkpoint=checkpoint,
            resume=checkpoint.is_file(),
            progress=False,
            on_epoch=after_epoch,
        )
    except optuna.TrialPruned:
        shutil.rmtree(checkpoint.parent, ignore_errors=True)
        raise
    _store_cost(trial, trained.history)
    model = serving_model(spec, trained.model)
    plain, stress = (
        score_table(part, expit(predict_logits(model, part.pixels)), name)
        for name, part in films[size].items()
        if name != "train"
    )
    figures = selection_figures(plain, stress)
    for name, value in {**figures, "parameters": model.count_params()}.items():
        trial.set_user_attr(name, value)
    shutil.rmtree(checkpoint.parent, ignore_errors=True)
    return figures["mean"]


def _suggest(trial: optuna.Trial, name: str, values: Any) -> Any:
    if isinstance(values, list):
        return trial.suggest_categorical(name, values)
    if isinstance(values, optuna.distributions.CategoricalDistribution):
        return trial.suggest_categorical(name, list(values.choices))
    return trial.suggest_float(name, values.low, values.high, log=values.log)


def _store_cost(trial: optuna.Trial, history: list[Epoch]) -> None:
    trial.set_user_attr("epochs", len(history))
    trial.set_user_attr("seconds", round(sum(epoch.seconds for epoch in history), 1))


def write_trials(plan: Plan, study: optuna.Study, dataset: Dataset, out: Path) -> list[TrialRow]:
    """Write the trials of a plan beside those of other plans; returns the plan's rows."""
    rows = [
        TrialRow(
            search=plan.name,
            trial=number,  # Optuna counts the trials that were cut off, too
            state=trial.state.name.lower(),
            settings=trial.params,
            **{name: _round(trial.user_attrs.get(name)) for name in FIGURES},
        )
        for number, trial in enumerate(finished_trials(study))
    ]
    table = [*(row for row in read_trial_rows(out / TRIALS_FILE) if row.search != plan.name), *rows]
    settings = sorted({name for row in table for name in row.settings})
    text = io.StringIO()
    columns = ["search", "trial", "state", *settings, *FIGURES]
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.to_dict() for row in table)
    write_text(out / TRIALS_FILE, text.getvalue())
    path = out / SETTINGS_FILE
    document = json.loads(path.read_text()) if path.is_file() else {}
    document[plan.name] = {
        "sampler": "GridSampler" if plan.is_grid else "TPESampler",
        "pruner": type(study.pruner).__name__,
        "seed": SEED,
        "trials": plan.trials,
        "epochs": plan.epochs,
        "space": {
            name: values if isinstance(values, list) else values._asdict() for name, values in plan.space.items()
        },
        "train": asdict(plan.spec(rows[0].settings, plan.epochs).train) if rows else None,
        "judged_by": "mean of the AUROCs on plain and on stress validation",
        "data_hash": dataset.hash,
        "optuna": version("optuna"),
    }
    write_text(path, json.dumps(document, indent=1) + "\n")
    return rows


def _round(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value
