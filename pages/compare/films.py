"""Single films on Compare: where scores lie, where two models differ, where one was sure and wrong."""

import plotly.graph_objects as go
import streamlit as st

from core.charts.ladder import score_histogram
from core.evaluation.film_errors import disagreements, failures, kinds
from core.runs.record import Run, ScoredSplit
from pages.compare import operating_point as compare_point
from pages.compare.controls import LINK, CompareChoice
from pages.compare.downloads import save_charts
from pages.shared.cache import HASH_FUNCS, key
from pages.shared.layout import errors_shown
from pages.shared.run_figures import Shown, is_served, picture
from pages.shared.thumbnails import PICTURES, pictures

COLUMNS = {
    "sample_id": st.column_config.TextColumn("Film", width="large"),
    "kind": st.column_config.TextColumn("Label", help="Bacterial or viral as the file's name says."),
    "score": st.column_config.NumberColumn("Score", format="%.3f"),
    "error": st.column_config.TextColumn("Error"),
    "right": st.column_config.TextColumn("Right"),
    "sureness": st.column_config.ProgressColumn(
        "How sure", min_value=0, max_value=1, format="percent", help="Way of the score from threshold to 0 or 1."
    ),
}


def histograms(rows: list[Shown], split: ScoredSplit, where: str) -> None:
    """Scores of normal, bacterial and viral films, a chart for each model."""
    charts = {}
    with st.grid(3, min_column_width=320) as grid:
        for row in rows:
            with grid.cell(), errors_shown():
                title = row.style.title
                charts[title] = chart = _histogram(row.run, split, row.evaluation.threshold, title)
                st.plotly_chart(
                    chart,
                    key=f"scores_{key(row.run)}",
                    alt=f"Scores of {row.style.title} by kind of film",
                    config=picture(f"scores-{row.run.run_id}"),
                )
    save_charts("These charts as CSV", charts, "scores")
    st.caption(
        f"Each line is the share of the films of one kind, so they can be compared. Dashed: the threshold, {where}. "
        "What lies of a pneumonia line left of it is missed; what lies of normal right of it is a false alarm. "
        "The outermost bins hold all that lies beyond. In the CSV, x is in log-odds as on the axis."
    )


@st.cache_resource(max_entries=256, show_spinner=False, hash_funcs=HASH_FUNCS)
def _histogram(run: Run, split: ScoredSplit, threshold: float, title: str) -> go.Figure:
    scores = run.scores(split)
    return score_histogram(scores.y_score, kinds(scores), threshold, title)


def single_films(rows: list[Shown], choice: CompareChoice) -> None:
    """Films on which two models differ, or those that one gets wrong."""
    what = st.segmented_control(
        "Films",
        ["differ", "wrong"],
        default="differ",
        required=True,
        format_func={"differ": "Two models differ", "wrong": "One model errs"}.__getitem__,
        key="compare_films",
        label_visibility="collapsed",
        bind=LINK,
    )
    names = {key(row.run): row.style.title for row in rows}
    if not names:
        return
    if what == "wrong":
        _wrong(names, rows, choice)
    elif len(names) < 2:
        st.info("Choose two or more models above.", icon=":material/touch_app:")
    else:
        _differ(names, rows, choice)


def _select(label: str, names: dict[str, str], index: int, state: str) -> str:
    chosen = st.selectbox(
        label, list(names), index=index, format_func=names.__getitem__, key=state, bind=LINK, width=280
    )
    return chosen if chosen in names else list(names)[index]


def _served_place(rows: list[Shown]) -> int:
    return next((place for place, row in enumerate(rows) if is_served(row.run)), len(rows) - 1)


def _differ(names: dict[str, str], rows: list[Shown], choice: CompareChoice) -> None:
    by_key = {key(row.run): row for row in rows}
    best = _served_place(rows)
    with st.container(horizontal=True, gap="medium"):
        first = by_key[_select("First model", names, best, "compare_first")]
        second = by_key[_select("Second model", names, 0 if best else 1, "compare_second")]
    if first is second:
        st.info("A model does not differ from itself; choose another.", icon=":material/touch_app:")
        return
    scores_first, scores_second = (compare_point.scores(row.run, choice.split) for row in (first, second))
    films = disagreements(scores_first, scores_second, first.evaluation.threshold, second.evaluation.threshold)
    right = int((films["right"] == scores_first.name).sum())
    st.markdown(
        f"*{names[key(first.run)]}* and *{names[key(second.run)]}* give different verdicts on **{len(films):,} of "
        f"{len(scores_first):,} films**; the first alone is right on {right:,}, the second alone on "
        f"{len(films) - right:,}. The widest gap comes first."
    )
    if films.empty:
        return
    st.dataframe(
        films,
        hide_index=True,
        height=390,
        column_config={
            **COLUMNS,
            "first": st.column_config.NumberColumn(names[key(first.run)], format="%.3f"),
            "second": st.column_config.NumberColumn(names[key(second.run)], format="%.3f"),
        },
        alt="Films on which the two models differ",
    )
    pictures(films.head(PICTURES), "kind", key="compare_pictures", is_changed=choice.split == "stress_validation")


def _wrong(names: dict[str, str], rows: list[Shown], choice: CompareChoice) -> None:
    by_key = {key(row.run): row for row in rows}
    row = by_key[_select("Model", names, _served_place(rows), "compare_first")]
    scores = compare_point.scores(row.run, choice.split)
    films = failures(scores, row.evaluation.threshold)
    missed = int((films["error"] == "missed").sum())
    st.markdown(
        f"*{row.style.title}* is wrong on **{len(films):,} of {len(scores):,} films**: {missed:,} pneumonias missed, "
        f"{len(films) - missed:,} false alarms; {compare_point.in_words(choice.rule)}. The surest come first."
    )
    if films.empty:
        return
    st.dataframe(
        films, hide_index=True, height=390, column_config=COLUMNS, alt=f"Films that {row.style.title} gets wrong"
    )
    pictures(films.head(PICTURES), "kind", key="compare_pictures", is_changed=choice.split == "stress_validation")
