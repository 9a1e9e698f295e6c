"""What pages share between reruns and sessions; keys are names and hashes, never objects."""

import streamlit as st

from core.errors import ArtifactError
from core.inference.model import Model
from core.results.store import Results, read_results
from core.runs.record import Run
from core.runs.store import list_runs, representative, served


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


def key(run: Run) -> str:
    """What controls and caches call a run: a reader's own run may share its id with a committed one."""
    return f"{'own' if run.own else 'ours'}:{run.run_id}"


def find(name: str, weights_hash: str) -> Run:
    """The run of a `key` and weights; raises `ArtifactError` if it is gone or was trained anew."""
    for run in runs()[0]:
        if (key(run), run.record.weights_hash) == (name, weights_hash):
            return run
    raise ArtifactError(f"{name.partition(':')[2]} is no longer there as it was; load the page again.")


def model(run: Run) -> Model:
    """The loaded serving graph of a run, with the record that stands on disk now."""
    found = loaded(key(run), run.record.weights_hash)
    return found if found.run == run else Model(run, found.network)


@st.cache_resource(max_entries=64, show_spinner=False)
def loaded(name: str, weights_hash: str) -> Model:
    """The loaded serving graph of the run of a `key` and weights."""
    return Model(find(name, weights_hash))


def results() -> Results:
    """The committed results."""
    return read_results()
