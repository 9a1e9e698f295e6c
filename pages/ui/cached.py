"""What pages share between reruns and sessions; keys are names and hashes, never objects."""

import streamlit as st

from core.results import Results, read_results
from core.runs import Run, find_run, list_runs, representative, served
from core.serving import Model


def runs() -> tuple[list[Run], list[str]]:
    """All runs and what is wrong with those that cannot be read; records are cached by file time in core."""
    return list_runs()


def shown_runs() -> list[Run]:
    """One run for each model, and the user's own; shows what is wrong with the rest."""
    found, problems = runs()
    for problem in problems:
        st.warning(problem, icon=":material/warning:")
    return representative(found)


def served_run() -> Run:
    """The run that is served by default."""
    return served(runs()[0])


def model(run: Run) -> Model:
    """The loaded serving graph of a run."""
    return _model(run.run_id, run.own, run.record.weights_hash)


@st.cache_resource(max_entries=64, show_spinner=False)
def _model(run_id: str, own: bool, weights_hash: str) -> Model:
    candidates = [run for run in runs()[0] if run.own == own and run.record.weights_hash == weights_hash]
    return Model(find_run(run_id, candidates))


def results() -> Results:
    """The committed results."""
    return read_results()
