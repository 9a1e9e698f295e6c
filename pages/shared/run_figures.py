"""What Overview, Compare and Business case show of each run: its figures, its style, its curves."""

from dataclasses import dataclass

import streamlit as st

from core.charts.comparison import SeriesStyle
from core.errors import ArtifactError, LungLensError
from core.evaluation.conformal import ConformalSets
from core.evaluation.evaluate import Evaluation
from core.evaluation.types import Estimate
from core.paths import artifacts_dir, runs_dir
from core.results.store import conformal_sets, evaluate_run, evaluation_of, null_baselines, read_conformal
from core.runs.ledger import in_words, read_ledger
from core.runs.record import Run, ScoredSplit
from core.runs.store import representative, served
from pages.shared import cache as cached
from pages.shared.cache import HASH_FUNCS, key

SPLIT_TITLES: dict[ScoredSplit, str] = {
    "test": "Test",
    "validation": "Validation",
    "stress_validation": "Stress validation",
}


def picture(name: str) -> dict[str, object]:
    """Return Plotly's settings for a chart whose one button, shown on hover, saves it as a PNG of this name."""
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "filename": f"lunglens-{name}", "scale": 2},
    }


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A run with its evaluation on one split."""

    run: Run
    style: SeriesStyle
    evaluation: Evaluation

    def estimate(self, metric: str) -> Estimate:
        """Return a figure with its interval."""
        return self.evaluation.metrics[metric]


def series_style(run: Run) -> SeriesStyle:
    """Return how a run is drawn: one colour and marker a model; further seeds dashed, user-trained runs hollow."""
    served_seed = run.own or key(run) in _places(str(artifacts_dir()), str(runs_dir()))[0]
    title = run.title if served_seed else f"{run.title}, seed {run.record.seed}"
    return SeriesStyle(title=title, model=run.record.model, hollow=run.own, dashed=run.own or not served_seed)


def title_in_tables(run: Run) -> str:
    """How a run is called in tables: as on charts, and the served one says so."""
    title = series_style(run).title
    return f"{title} (served)" if is_served(run) else title


def is_served(run: Run) -> bool:
    """Whether this is the run that Read and the commands use unless told otherwise."""
    return not run.own and key(run) == _places(str(artifacts_dir()), str(runs_dir()))[1]


@st.cache_resource(ttl=2, max_entries=4, show_spinner=False)
def _places(artifacts: str, user_trained: str) -> tuple[frozenset[str], str]:
    """Keys of the runs that represent their models, and of the served one; asked for each row of each table."""
    models = representative(cached.runs()[0])
    return frozenset(map(key, models)), key(served(models)) if any(not run.own for run in models) else ""


def evaluation(run: Run, split: ScoredSplit) -> Evaluation:
    """Return committed results for our runs, a live evaluation of the stored scores for the user's own."""
    return _evaluate(run, split) if run.own else evaluation_of(run, split)


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs=HASH_FUNCS)
def _evaluate(run: Run, split: ScoredSplit) -> Evaluation:
    return evaluate_run(run, split)


def shown(runs: list[Run], split: ScoredSplit) -> list[Shown]:
    """Return the runs that can be evaluated on a split; one line says what is wrong with the rest."""
    rows, problems = [], []
    for run in runs:
        try:
            rows.append(Shown(run=run, style=series_style(run), evaluation=evaluation(run, split)))
        except LungLensError as error:
            problems.append(str(error))
    for problem in dict.fromkeys(problems):
        st.warning(problem, icon=":material/warning:")
    return rows


def nulls(split: ScoredSplit) -> list[Evaluation]:
    """Return the evaluations of the null baselines, which know nothing of lungs; a line says what is wrong."""
    try:
        return null_baselines(split)
    except LungLensError as error:
        st.warning(str(error), icon=":material/warning:")
        return []


def sets(run: Run, split: ScoredSplit) -> ConformalSets:
    """Return coverage and workload of a run's conformal sets: committed for ours, computed for the user's own."""
    if run.own:
        return _sets(run, split)
    try:
        return read_conformal()[run.run_id][split]
    except KeyError:
        raise ArtifactError(f"{run.run_id} has no conformal sets in results.json; run: make results") from None


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=HASH_FUNCS)
def _sets(run: Run, split: ScoredSplit) -> ConformalSets:
    return conformal_sets(run, split)


def films_in_words(evaluation: Evaluation, split: ScoredSplit = "test") -> str:
    """Return ``624 test films of 404 patients (390 labelled pneumonia, 234 normal)``."""
    films, pneumonias = evaluation.n, evaluation.positives
    name = SPLIT_TITLES[split].lower()
    return (
        f"{films:,} {name} films of {evaluation.clusters:,} patients "
        f"({pneumonias:,} labelled pneumonia, {films - pneumonias:,} normal)"
    )


def ledger_in_words() -> str:
    """How often the test films have been used, by our runs and by the reader's own."""
    return in_words(read_ledger(artifacts_dir()), read_ledger(runs_dir()))
