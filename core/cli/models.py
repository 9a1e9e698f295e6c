"""``python -m core models``: the registry and what of it is trained."""

import argparse
from dataclasses import asdict
from typing import Any

from core.cli.format import table
from core.errors import ArtifactError
from core.models.registry import MODELS
from core.runs.store import choose_run, list_runs, representative


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments beyond --json."""


def run(arguments: argparse.Namespace) -> dict[str, Any]:
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


def text(document: dict[str, Any]) -> str:
    """A table, an asterisk at the served model."""
    rows = [
        (
            ("* " if model["served"] else "  ") + model["name"],
            model["title"],
            "{height}x{width}x{channels}".format(**model["input"]),
            f"{model['parameters']:,}" if model["trained"] else "-",
            model["run_id"] or "not trained",
            (model["weights_hash"] or "-")[:12],
        )
        for model in document["models"]
    ]
    rows += [
        (f"  {run['run_id']}", run["title"], "", "", "yours", run["weights_hash"][:12]) for run in document["own_runs"]
    ]
    lines = [table(("  model", "title", "input", "parameters", "run", "weights"), rows), "", "* served by default"]
    return "\n".join([*lines, *(f"Problem: {problem}" for problem in document["problems"])])
