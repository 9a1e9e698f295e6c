"""The registry and what of it is trained, as data."""

from dataclasses import asdict
from typing import TypedDict

from core.errors import ArtifactError
from core.models.registry import MODELS
from core.runs.store import choose_run, list_runs, representative


class ListedModel(TypedDict):
    """A registered model, and its representative run where it is trained."""

    name: str
    title: str
    reason: str
    input: dict[str, int]
    parameters: int | None
    trained: bool
    run_id: str | None
    weights_hash: str | None
    seeds: list[int]
    served: bool


class OwnRun(TypedDict):
    """A run of the user's own."""

    run_id: str
    title: str
    weights_hash: str
    folder: str


class Listing(TypedDict):
    """The registry, the user's own runs, and a sentence for each problem with a run."""

    models: list[ListedModel]
    own_runs: list[OwnRun]
    problems: list[str]


def list_models() -> Listing:
    """Return all registered models, their representative runs, and the user's own runs."""
    runs, problems = list_runs()
    representatives = representative(runs)
    try:
        served_id = choose_run(None).run_id
    except ArtifactError as error:
        served_id = None
        problems = problems or [str(error)]
    by_model = {run.record.model: run for run in representatives if not run.own}
    models: list[ListedModel] = []
    for name, spec in MODELS.items():
        run = by_model.get(name)
        models.append(
            {
                "name": name,
                "title": spec.title,
                "reason": spec.reason,
                "input": asdict(spec.input),
                "parameters": run.record.parameters if run else None,
                "trained": run is not None,
                "run_id": run.run_id if run else None,
                "weights_hash": run.record.weights_hash if run else None,
                "seeds": sorted(other.record.seed for other in runs if other.record.model == name and not other.own),
                "served": run is not None and run.run_id == served_id,
            }
        )
    own: list[OwnRun] = [
        {"run_id": run.run_id, "title": run.title, "weights_hash": run.record.weights_hash, "folder": str(run.folder)}
        for run in representatives
        if run.own
    ]
    return {"models": models, "own_runs": own, "problems": problems}
