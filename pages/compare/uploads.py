"""A reader's own score tables and labelled films on Compare: held in this session alone, never written."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

import streamlit as st

from core.charts.comparison import SeriesStyle
from core.errors import InputError, LungLensError
from core.evaluation.evaluate import Evaluation, evaluate
from core.evaluation.paired_tests import Candidate, Finding, compare_all
from core.evaluation.tables import read_scores
from core.evaluation.threshold import ThresholdRule
from core.evaluation.types import Estimate, Scores
from core.imaging.archive import MAX_MEMBERS, MAX_PACKED, Entry, list_zip, read_zip
from core.imaging.decode import SUFFIXES, decode_film
from core.imaging.film import Film, printable
from core.inference.labelled import match_to_ours, score_labelled
from core.runs.record import Run, ScoredSplit
from core.runs.store import representative
from core.wording import safe_cell
from pages.compare import operating_point as compare_point
from pages.shared import cache as cached
from pages.shared.cache import HASH_FUNCS
from pages.shared.run_figures import SPLIT_TITLES

HALF = 0.5
MAX_TABLE = 20 * 1024**2
SCORED = "compare_own_scored"
SAID = "Your data stays in memory, is never written and is not counted in our test log."
Upload = Any  # streamlit's UploadedFile


@dataclass(frozen=True, kw_only=True, eq=False)
class UploadedTable:
    """A reader's score table, evaluated.

    Parameters
    ----------
    file_id : str
        Of the upload.
    style : SeriesStyle
    scores : Scores
        Under our film names and patients where the films are those of the split shown.
    evaluation : Evaluation
    paired : bool
        Whether the films are those of the split shown.
    """

    file_id: str
    style: SeriesStyle
    scores: Scores
    evaluation: Evaluation
    paired: bool

    def estimate(self, metric: str) -> Estimate:
        """Return a figure with its interval."""
        return self.evaluation.metrics[metric]


def upload(rule: ThresholdRule | None) -> tuple[list[Upload], list[Upload], float]:
    """Score tables, films and the threshold of the tables."""
    with st.expander("Your own scores or labelled films beside ours", icon=":material/upload:", key="compare_own"):
        st.markdown(
            "**A score table**: CSV with the columns `sample_id,y_true,y_score` and, where a patient has several "
            "films, `cluster_id`. **Labelled films**: a zip or a folder with `NORMAL/` and `PNEUMONIA/`, at most "
            f"{MAX_MEMBERS} films; our models score them."
        )
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            way = st.segmented_control(
                "What you have", ["Files", "A folder"], default="Files", required=True, key="compare_own_way"
            )
            threshold = st.number_input(
                "Threshold of your table",
                min_value=0.0,
                max_value=1.0,
                value=HALF,
                step=0.01,
                key="compare_own_threshold",
                disabled=rule is not None and rule.kind == "fixed",
                help="Choose it on other films than these. Rules cannot choose it here: they would look at the very "
                "films that judge it. With the same threshold for all, it is that one.",
                width=220,
            )
        folder = way == "A folder"
        films = [suffix.removeprefix(".") for suffix in SUFFIXES]
        given = st.file_uploader(
            f"CSV or zip, up to {MAX_PACKED // 1024**2} MB",
            type=films if folder else ["csv", "zip"],
            accept_multiple_files="directory" if folder else True,
            max_upload_size=MAX_PACKED // 1024**2,
            key=f"compare_own_{'folder' if folder else 'files'}",
        )
        st.caption(SAID)
    tables = [file for file in given if file.name.lower().endswith(".csv")]
    if rule is not None and rule.kind == "fixed":
        threshold = rule.value
    return tables, [file for file in given if file not in tables], float(threshold)


def read_tables(tables: list[Upload], threshold: float, split: ScoredSplit) -> list[UploadedTable]:
    """Read the user's tables at a threshold; a line names what is wrong with one."""
    evaluated = []
    for number, file in enumerate(tables):
        twins = [other.name for other in tables].count(file.name) > 1
        title = f"{_plain(file.name)} ({f'yours, {number + 1}' if twins else 'yours'})"
        try:
            if file.size > MAX_TABLE:
                raise InputError(f"larger than {MAX_TABLE // 1024**2} MB; a table needs four columns.", file=title)
            scores, paired = _matched(file.file_id, split, title, file.getvalue())
        except LungLensError as error:
            st.error(str(error), icon=":material/error:")
            continue
        evaluated.append(
            UploadedTable(
                file_id=file.file_id,
                style=SeriesStyle(title=title, model=None, hollow=True, dashed=True),
                scores=scores,
                evaluation=_evaluate(file.file_id, split, threshold, scores),
                paired=paired,
            )
        )
    return evaluated


def _plain(name: str) -> str:
    """Make a file name safe: no formula in a spreadsheet, no markup on a page or a chart."""
    return safe_cell(re.sub(r"[^\w .()-]", "_", printable(name)))


@st.cache_data(scope="session", max_entries=16, show_spinner=False)
def _matched(file_id: str, split: ScoredSplit, title: str, _data: bytes) -> tuple[Scores, bool]:
    """Return the table, and whether its films are those of the split; `file_id` is the hash of `_data`."""
    table = read_scores(io.BytesIO(_data), title)
    ours = next((run for run in cached.runs()[0] if not run.own and run.has_scores(split)), None)
    matched = match_to_ours(table, compare_point.scores(ours, split), SPLIT_TITLES[split].lower()) if ours else None
    return (table, False) if matched is None else (matched, True)


@st.cache_data(scope="session", max_entries=32, show_spinner="Evaluating your table")
def _evaluate(file_id: str, split: ScoredSplit, threshold: float, _scores: Scores) -> Evaluation:
    """`_scores` is what `file_id` and `split` give."""
    return evaluate(_scores, threshold)


def uploaded_findings(
    table: UploadedTable, runs: list[Run], split: ScoredSplit, rule: ThresholdRule | None
) -> list[Finding]:
    """Compare a user's table with each of our runs on the same films; Holm covers all pairs among them."""
    pairs = _compare_uploaded(table.file_id, table.evaluation.threshold, runs, split, rule, table.scores)
    return [pair for pair in pairs if table.scores.name in (pair.a, pair.b)]


@st.cache_data(
    scope="session", max_entries=16, show_spinner="Comparing your table with our models", hash_funcs=HASH_FUNCS
)
def _compare_uploaded(
    file_id: str,
    threshold: float,
    runs: list[Run],
    split: ScoredSplit,
    rule: ThresholdRule | None,
    _scores: Scores,
) -> list[Finding]:
    """`_scores` is what `file_id` and `split` give."""
    ours = [
        Candidate(scores=compare_point.scores(run, split), threshold=compare_point.threshold(run, rule)) for run in runs
    ]
    return compare_all([Candidate(scores=_scores, threshold=threshold), *ours])


def films_scored(files: list[Upload]) -> tuple[dict[str, Scores], list[str]]:
    """Scores of our models for a reader's labelled films, by key of the run, and a line for each film left out.

    Raises
    ------
    InputError
        There are no films of both labels, or too many.
    """
    wanted = " ".join(sorted(file.file_id for file in files))
    stored = st.session_state.get(SCORED)
    if stored is None or stored[0] != wanted:
        st.session_state[SCORED] = stored = (wanted, *_score(files))
    return stored[1], stored[2]


def films_evaluated(
    file_ids: list[str], runs: list[Run], tables: list[Scores], rule: ThresholdRule | None
) -> tuple[list[Evaluation], list[Finding]]:
    """Evaluate our runs on a user's films at a point, with all pairs among them."""
    return _evaluate_films(file_ids, runs, rule, tables)


@st.cache_data(scope="session", max_entries=8, show_spinner="Evaluating your films", hash_funcs=HASH_FUNCS)
def _evaluate_films(
    file_ids: list[str], runs: list[Run], rule: ThresholdRule | None, _tables: list[Scores]
) -> tuple[list[Evaluation], list[Finding]]:
    """`_tables` is what `file_ids` and `runs` give."""
    thresholds = [compare_point.threshold(run, rule) for run in runs]
    models = [
        Candidate(scores=table, threshold=threshold) for table, threshold in zip(_tables, thresholds, strict=True)
    ]
    findings = compare_all(models) if len(models) > 1 else []
    return [evaluate(model.scores, model.threshold) for model in models], findings


def _score(files: list[Upload]) -> tuple[dict[str, Scores], list[str]]:
    films = [file for file in files if not file.name.lower().endswith(".zip")]
    if len(films) > MAX_MEMBERS:
        raise InputError(f"{len(films)} films are more than {MAX_MEMBERS}; take a part of them.")
    runs = representative(cached.runs()[0])
    models = [cached.model(run) for run in runs]
    notes: list[str] = []
    zips = [file for file in files if file not in films]
    total = len(films) + sum(len(list_zip(io.BytesIO(file.getvalue()), _plain(file.name))) for file in zips)
    bar = st.progress(0.0, "Scoring your films")
    tables: list[Scores] = []
    try:
        for done, scored_so_far in enumerate(score_labelled(_entries(files), models, notes)):
            tables = scored_so_far
            if done % 5 == 0:
                bar.progress(min(done / total, 1.0), f"Scoring your films: {done} of {total}")
    finally:
        bar.empty()
    scored = {cached.key(run): replace(table, name=run.title) for run, table in zip(runs, tables, strict=True)}
    return scored, notes


def _entries(files: list[Upload]) -> Iterator[Entry]:
    for file in files:
        if file.name.lower().endswith(".zip"):
            yield from read_zip(io.BytesIO(file.getvalue()), _plain(file.name))
        else:
            yield _entry(file)


def _entry(file: Upload) -> Entry:
    name = printable(file.name)
    try:
        film: Film = decode_film(file.getvalue(), PurePosixPath(name).name)
    except InputError as error:
        return Entry(file=name, error=error)
    return Entry(file=name, film=film)
