"""Options that several commands share."""

import argparse

from core.errors import InputError
from core.evaluation.calibration import DEFAULT_PREVALENCE


def add_model_and_prevalence(parser: argparse.ArgumentParser) -> None:
    """Add ``--model`` and ``--prevalence``; `check_prevalence` checks the second."""
    parser.add_argument("--model", metavar="M", help="model name, run id or own:RUN_ID; the served one by default")
    parser.add_argument(
        "--prevalence",
        type=float,
        default=DEFAULT_PREVALENCE,
        help="share of pneumonia that the probability holds at (default %(default)s)",
    )


def check_prevalence(arguments: argparse.Namespace) -> float:
    """Return the given prevalence; raises `InputError` unless it is between 0 and 1."""
    prevalence: float = arguments.prevalence
    if not 0 < prevalence < 1:
        raise InputError(f"--prevalence {prevalence:g}: must lie between 0 and 1.")
    return prevalence
