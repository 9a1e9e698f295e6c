"""Runs, models and results that pages share, and what caches know runs and films by.

A cached function takes the objects themselves with ``hash_funcs=HASH_FUNCS``; what derives from an upload has
``scope="session"`` besides, and a small ``max_entries``.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.inference.model import Model, load_network
from core.inference.network import Network
from core.results.store import Results, read_results
from core.runs.record import Run
from core.runs.store import list_runs, representative, seeds_of, served
from pages.shared.film_state import CurrentFilm, film_identity


def run_identity(run: Run) -> str:
    """Return what a cache knows a run by: its folder and all of its record, so that a new threshold is another run."""
    return f"{run.folder} {run.record.digest}"


def _graph_identity(run: Run) -> str:
    """Return what the loaded graph of a run depends on."""
    return f"{run.folder} {run.record.weights_hash}"


HASH_FUNCS: dict[type, Callable[[Any], str]] = {CurrentFilm: film_identity, Run: run_identity}


def runs() -> tuple[list[Run], list[str]]:
    """All runs and what is wrong with those that cannot be read; records are cached by file time in core."""
    return list_runs()


def shown_runs() -> list[Run]:
    """One run for each model, and the user's own; shows what is wrong with the rest."""
    all_runs, problems = runs()
    for problem in problems:
        st.warning(problem, icon=":material/warning:")
    return representative(all_runs)


def with_seeds(chosen: list[Run], all_seeds: bool) -> list[Run]:
    """Return the chosen runs, each followed by the other seeds of its model if ``all_seeds``."""
    if not all_seeds:
        return chosen
    everyone = runs()[0]
    return [seed for run in chosen for seed in seeds_of(run, everyone)]


def served_run() -> Run:
    """Return the run that is served by default."""
    return served(runs()[0])


def key(run: Run) -> str:
    """Return a run's key for controls and caches: a user's own run may share its id with a committed one."""
    return f"{'own' if run.own else 'ours'}:{run.run_id}"


def model(run: Run) -> Model:
    """Return the loaded network of a run, judging by this record of it."""
    return Model(run, _network(run))


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={Run: _graph_identity})
def _network(run: Run) -> Network:
    return load_network(run)


def results() -> Results:
    """Return the committed results."""
    return read_results()
