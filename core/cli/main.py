"""The command line: parses arguments, calls one command, prints for people or as one JSON document."""

import argparse
import importlib
import io
import json
import logging
import os
import sys
from collections.abc import Sequence

from core.errors import LungLensError, StorageError

COMMANDS = {
    "models": "list the models and which of them are trained",
    "score": "score films, folders and zip files",
    "evaluate": "metrics with intervals for a labelled folder, a data set's split or a score table",
    "compare": "compare score tables of the same films, pair by pair",
    "train": "train a model, evaluate it on validation and export it",
    "search": "search for hyperparameters, or list the trials kept",
    "data": "audit of a data set",
    "report": "the one-page report on a film as PDF, JSON or PNG",
    "impact": "the business model for a scenario: money, time, children",
    "screen": "score an archive of any size into one Parquet table",
    "doctor": "check the installation and the artifacts",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    int
        0 done, 2 wrong usage or bad input with a one-line reason on standard error, 1 otherwise.
    """
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file name may hold what the terminal cannot show
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="python -m core", description="LungLens on the command line.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command_name = next((word for word in words if word in COMMANDS), None)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if name == command_name:  # other commands need not be imported
            importlib.import_module(f"core.cli.{name}").add_arguments(command)
        command.add_argument("--json", action="store_true", help="print exactly one JSON document")
    parsed = parser.parse_args(words)
    module = importlib.import_module(f"core.cli.{parsed.command}")
    try:
        document = module.run(parsed)
    except LungLensError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1 if isinstance(error, StorageError) else 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 1
    status = int(document.pop("exit_status", 0))
    try:
        print(json.dumps(document, indent=2) if parsed.json else module.text(document), flush=True)
    except BrokenPipeError:  # the receiving program, such as head, has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status
