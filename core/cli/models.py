"""``python -m core models``: lists the registered models and their trained runs."""

import argparse

from core.cli.document import Document
from core.cli.format import table
from core.runs.listing import list_models


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no arguments: ``--json`` is enough."""


def run(arguments: argparse.Namespace) -> Document:
    """Return all registered models, their representative runs, and the user's own runs."""
    return {**list_models()}


def text(document: Document) -> str:
    """Return a table with an asterisk at the served model."""
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
