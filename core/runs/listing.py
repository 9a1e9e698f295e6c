"""The registry and what of it is trained, as data."""

from dataclasses import asdict
from typing import Any

from core.errors import ArtifactError
from core.models.registry import MODELS
from core.runs.store import choose_run, list_runs, representative


def list_models() -> dict[str, Any]:
    """All registered models, their representative runs, and the user's own runs."""
    runs, problems = list_runs()
    shown = representative(runs)
    try:
        served_id = choose_run(None).run_id
    except ArtifactError as error:
        served_id = None
        problems = problems or [str(error)]
    by_model = {run.record.model: run for run in shown if not run.own}
    models = []
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
    own = [
        {"run_id": run.run_id, "title": run.title, "weights_hash": run.record.weights_hash, "folder": str(run.folder)}
        for run in shown
        if run.own
    ]
    return {"models": models, "own_runs": own, "problems": problems}
