"""Trained models on disk: the record of a run, the list of runs, and which one is served."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from core.errors import ArtifactError, UnknownModelError
from core.manifest import check_file, list_artifacts
from core.models.registry import MODELS, get_model
from core.paths import artifacts_dir, runs_dir
from core.runs.record import Run, RunRecord
from core.runs.selection import choose_within_tolerance, median_seed

OWN = "own:"  # before the id of a run of the user's


def read_run(folder: Path, *, own: bool) -> Run:
    """Read a run folder; raises `ArtifactError` if it is missing, damaged, swapped or of another schema version."""
    path = check_file(folder / "run.json")
    record = _read_record(path, path.stat().st_mtime_ns)
    if record.run_id != folder.name and not folder.name.startswith("."):  # hidden while it is being written
        raise ArtifactError(f"{path} is the record of {record.run_id}, not of {folder.name}; fetch it again.")
    return Run(record=record, folder=folder, own=own)


@lru_cache(maxsize=512)
def _read_record(path: Path, changed: int) -> RunRecord:
    return RunRecord.from_json(path.read_text(encoding="utf-8", errors="replace"), path)


def list_runs() -> tuple[list[Run], list[str]]:
    """All runs that can be read, ours first, in the registry's order, and one line for each that cannot."""
    ours, damaged = _read_all(own=False)
    user_runs, also_damaged = _read_all(own=True)
    return ours + user_runs, [*damaged.values(), *also_damaged.values()]


def _read_all(*, own: bool) -> tuple[list[Run], dict[str, str]]:
    """Return the readable runs of a folder, and the errors of the others by the name of their folder."""
    runs, problems = [], {}
    there = (runs_dir() if own else artifacts_dir()).glob("*/run.json")
    for path in sorted(there if own else {*there, *list_artifacts("*/run.json")}):
        try:
            run = read_run(path.parent, own=own)
        except ArtifactError as error:
            problems[path.parent.name] = str(error)
            continue
        if run.record.model in MODELS:
            runs.append(run)
        else:
            problems[path.parent.name] = f"{path}: the registry has no model named {run.record.model!r}."
    order = list(MODELS)
    return sorted(runs, key=lambda run: (order.index(run.record.model), run.record.seed)), problems


def choose_run(name: str | None) -> Run:
    """Return the run for a model's name or a run id, as `find_run` does; None is the served one.

    Raises
    ------
    UnknownModelError
        No such model or run, or the model has not been trained.
    ArtifactError
        The run, or for None or a model's name one of those that it is chosen among, is missing or damaged: another
        would take its place unsaid.
    """
    ours, damaged = _read_all(own=False)
    user_runs, also_damaged = _read_all(own=True)
    for run_id, problem in damaged.items():
        if name is None:
            raise ArtifactError(f"{problem} Which model is served cannot be told without it; name one to go on.")
        if name in (run_id, run_id.rpartition("-s")[0]):
            raise ArtifactError(problem)
    if name is not None and (problem := also_damaged.get(name.removeprefix(OWN), "")):
        raise ArtifactError(problem)
    return find_run(name, ours + user_runs)


def committed_runs() -> list[Run]:
    """Our runs without the user's own; raises `ArtifactError` if one run, whoever's, cannot be read."""
    runs, problems = list_runs()
    if problems:
        raise ArtifactError(" ".join(problems))
    return [run for run in runs if not run.own]


def representative(runs: Iterable[Run]) -> list[Run]:
    """Return one run for each model, the `median_seed` by selection figure, and own runs."""
    by_model: dict[str, list[Run]] = {}
    own = []
    for run in runs:
        if run.own:
            own.append(run)
        else:
            by_model.setdefault(run.record.model, []).append(run)
    return [median_seed(group, _selection) for group in by_model.values()] + own


def seeds_of(run: Run, runs: Iterable[Run]) -> list[Run]:
    """Return a run and, of ``runs``, the other committed seeds of its model, the run first; a user's own run alone."""
    if run.own:
        return [run]
    others = [
        other
        for other in runs
        if not other.own and other.record.model == run.record.model and other.run_id != run.run_id
    ]
    return [run, *others]


def served(runs: Iterable[Run]) -> Run:
    """Return the run that is served by default: `choose_within_tolerance` of the committed models' representatives.

    Raises
    ------
    ArtifactError
        There is no committed run.
    """
    candidates = [run for run in representative(runs) if not run.own]
    if not candidates:
        raise ArtifactError("No trained model was found in artifacts/; fetch that folder again or train one.")
    return choose_within_tolerance(candidates, figure=_selection, size=lambda run: run.record.parameters)


def find_run(name: str | None, runs: list[Run]) -> Run:
    """Return the run for a model's name or a run id; None is the served one.

    Where an own run has the id of a committed one, ``own:<run id>`` is the own one.

    Raises
    ------
    UnknownModelError
        No such model or run, or the model has not been trained.
    """
    if name is None:
        return served(runs)
    own_id = name.removeprefix(OWN)
    for run in runs:
        if run.run_id == own_id and (run.own or own_id == name):
            return run
    if own_id != name:
        raise UnknownModelError(f"{runs_dir()} has no run named {own_id!r}; see python -m core models")
    get_model(name)
    for run in representative(runs):
        if run.record.model == name:
            return run
    raise UnknownModelError(f"{name} has not been trained; run: python -m core train {name} --data DIR")


def _selection(run: Run) -> float:
    return run.record.selection["mean"]
