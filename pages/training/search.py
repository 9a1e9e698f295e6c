"""What the searches tried: the list of experiments and the trials, as parallel coordinates and as tables."""

import pandas as pd
import streamlit as st

from core.charts.search import parallel_coordinates
from core.errors import LungLensError
from core.models.registry import get_model
from core.runs.store import SELECTION_TOLERANCE
from core.training.search_tables import (
    SEARCHES,
    by_experiment,
    by_the_rule,
    not_run,
    read_experiments,
    read_plan,
    read_trials,
    settings_of,
)
from pages.shared import cache as cached
from pages.shared.chart_cache import drawn
from pages.shared.layout import errors_shown

FIGURE = "Mean AUROC"
MEANING = (
    "Mean AUROC is the selection figure: the mean of the AUROCs on plain and on stress validation, the same films with "
    "framing, exposure, blur, border and JPEG quality changed. AUROC is the chance that a film labelled pneumonia "
    "scores higher than a normal one. No test film was used."
)
AXES = {
    "network": "Network",
    "side": "Input, px",
    "width": "First filters",
    "depth": "Blocks",
    "contrast": "Contrast",
    "augmentation": "Augmentation",
    "lesson": "Learns from",
    "epochs": "Epochs",
    "parameters": "Parameters",
    "validation_auroc": "Plain AUROC",
    "stress_validation_auroc": "Stress AUROC",
}
QUESTION_WIDTH = 650  # pixels that the longest question takes
FIGURES = {
    "mean": FIGURE,
    "validation_auroc": "Plain validation",
    "stress_validation_auroc": "Stress validation",
}
NUMBERS = {
    **{title: st.column_config.NumberColumn(format="%.4f") for title in FIGURES.values()},
    "Parameters": st.column_config.NumberColumn(format="localized"),
    "Seconds": st.column_config.NumberColumn(format="%.0f", help="Wall time beside other work: no measure of cost."),
}


def experiments() -> None:
    """The list of experiments on our network, written down before they ran."""
    st.subheader("The list of experiments", anchor=False)
    frame = read_experiments()
    if frame.empty:
        st.info("None has run yet; run: `python -m scripts.run_experiments DATA`", icon=":material/pending:")
        return
    table = by_experiment(frame)
    best = table.iloc[0]
    st.markdown(
        f"**{len(frame)} trainings of {len(table)} configurations. Highest mean AUROC of plain and stress validation, "
        f"median seed: {_named(best)} with {_mean_in_words(best)}.**"
    )
    served = _served_experiment()
    if served in set(table["experiment"]):
        st.markdown(_served_in_words(table, served))
    plain = table.loc[table["validation_auroc"].idxmax()]
    if plain["experiment"] != best["experiment"]:
        st.markdown(
            f"On plain validation alone {_named(plain)} would win with {plain['validation_auroc']:.4f}, but it "
            f"reaches {plain['stress_validation_auroc']:.4f} on stress validation, {_named(best)} "
            f"{best['stress_validation_auroc']:.4f}."
        )
    st.plotly_chart(
        drawn(parallel_coordinates, frame, AXES, "mean", FIGURE),
        key="training_experiments",
        alt="Parallel coordinates of the experiments: a line for each training through its settings to its mean AUROC",
        config={"displayModeBar": False},
    )
    st.caption(
        "A line is one training, settings left, figures right, coloured by the last axis; lines through one setting "
        "are spread by their rank, the highest on top. Drag along an axis to keep the lines through it, click the axis "
        "to let go. Settings that are the same for all are left out."
    )
    _experiments_table(table, served)
    if missing := not_run(frame):
        st.caption(
            f"Planned and not run, {len(missing)}: {', '.join(f'`{name}`' for name in missing)}; to run what is "
            "missing: `python -m scripts.run_experiments DATA`."
        )


def _served_experiment() -> str:
    """The configuration of the served run; empty if there is none."""
    try:
        return cached.served_run().record.model
    except LungLensError:
        return ""


def _served_in_words(table: pd.DataFrame, name: str) -> str:
    """The served configuration with its figure, and why it is served."""
    best, served = table.iloc[0], table[table["experiment"] == name].iloc[0]
    if name == best["experiment"]:
        return "It is the one served."
    text = f"**Served is {_named(served)} with {_mean_in_words(served)}.**"
    if name != by_the_rule(table):
        return f"{text} It was chosen among the models that are committed."
    within = f"{SELECTION_TOLERANCE:g}".removeprefix("0")
    text += f" The rule: the highest is taken, but within {within} of it the smallest network"
    if served["parameters"] < best["parameters"]:
        text += f": {served['parameters']:,} parameters against {best['parameters']:,}"
    close = table[table["mean"] >= best["mean"] - SELECTION_TOLERANCE]
    as_small = int((close["parameters"] == served["parameters"]).sum())
    return f"{text}. Of the {as_small} as small it is the highest." if as_small > 1 else f"{text}."


def _named(row: pd.Series) -> str:
    return f"*{row['title']}* (`{row['experiment']}`)"


def _mean_in_words(row: pd.Series) -> str:
    """``0.9956 (0.9951 to 0.9961 over 3 seeds)``."""
    return f"{row['mean']:.4f} ({row['low']:.4f} to {row['high']:.4f} over {_seeds(row['seeds'])})"


def _experiments_table(table: pd.DataFrame, served: str) -> None:
    shown = pd.DataFrame(
        {
            "Configuration": [
                f"{row.title} (served)" if row.experiment == served else row.title for row in table.itertuples()
            ],
            FIGURE: table["mean"],
            "Question": table["question"],
            "Range over seeds": [
                "one seed" if row.seeds == 1 else f"{row.low:.4f} to {row.high:.4f}" for row in table.itertuples()
            ],
            "Seeds": table["seeds"],
            FIGURES["validation_auroc"]: table["validation_auroc"],
            FIGURES["stress_validation_auroc"]: table["stress_validation_auroc"],
            "Epochs": table["epochs"],
            "Parameters": table["parameters"],
            "Name in the code": table["experiment"],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        height="content",
        column_config={
            "Configuration": st.column_config.TextColumn(pinned=True),
            "Question": st.column_config.TextColumn(width=QUESTION_WIDTH),
            **NUMBERS,
        },
        alt="Every configuration of the list with its question and its validation figures",
    )
    st.caption("Figures are those of the median seed by the mean AUROC; the range is over the seeds that have run.")


def trials(search: str) -> None:
    """The trials of one search."""
    title, command = SEARCHES[search]
    st.subheader(title, anchor=False)
    frame = read_trials(search)
    if frame.empty:
        st.info(f"This search has not been run; run: `{command}`", icon=":material/pending:")
        return
    complete = frame[frame["mean"].notna()]
    settings = settings_of(frame)
    titles = {name: name.replace("_", " ").capitalize() for name in settings}
    st.markdown(_in_words(search, frame, complete, titles))
    if len(complete) > 1:
        st.plotly_chart(
            drawn(parallel_coordinates, complete, titles, "mean", FIGURE),
            key=f"training_trials_{search}",
            alt=f"Parallel coordinates, {title}: a line for each trial through its settings to its mean AUROC",
            config={"displayModeBar": False},
        )
        pruned = len(frame) - len(complete)
        cut = f" Cut off early, without a figure and in the table alone: {pruned}." if pruned else ""
        st.caption(f"A line is one trial, coloured by the last axis and spread by its rank.{cut}")
    st.dataframe(
        frame.rename(
            columns={
                **titles,
                **FIGURES,
                "trial": "Trial",
                "state": "State",
                "epochs": "Epochs",
                "parameters": "Parameters",
                "seconds": "Seconds",
            }
        ),
        hide_index=True,
        column_config={"Trial": st.column_config.NumberColumn(pinned=True), **NUMBERS},
        placeholder="–",
        alt=f"Every trial, {title}, best first",
    )


def _in_words(search: str, frame: pd.DataFrame, complete: pd.DataFrame, titles: dict[str, str]) -> str:
    text = f"**{len(frame)} trial{'' if len(frame) == 1 else 's'}**"
    if plan := read_plan(search):
        text += f" of {plan['trials']} planned, up to {plan['epochs']} epochs each, sampler {plan['sampler']}"
    if complete.empty:
        return f"{text}."
    best = complete.iloc[0]
    values = ", ".join(
        f"{title.lower()} {_value(best[name])}" for name, title in titles.items() if pd.notna(best[name])
    )
    text += f". **Highest: {best['mean']:.4f}** with {values}."
    if search == "grid":
        text += f" The smallest network within 0.002 of it was trained with three seeds: {get_model('cnn_grid').title}."
    return text


def _value(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _seeds(count: int) -> str:
    return "one seed" if count == 1 else f"{count} seeds"


def _axes_style() -> str:
    """Plotly draws axes of parallel coordinates black, with a light shadow behind their text: grey on both grounds, and
    an edge in the colour of the ground keeps the lines off the text. On a phone the many axes scroll in their own box.
    """
    light, dark = (st.get_option(f"theme.{scheme}.backgroundColor") for scheme in ("light", "dark"))
    return f"""<style>
        .parcoords .axis .domain, .parcoords .axis .tick line {{
            stroke: #7F7F7F !important; stroke-opacity: 0.8 !important;
        }}
        .parcoords .axis .tick text {{
            text-shadow: none !important;
            stroke: light-dark({light}, {dark}); stroke-width: 4px; stroke-linejoin: round; paint-order: stroke;
        }}
        .st-key-training_experiments {{ overflow-x: auto; }}
        .st-key-training_experiments > div {{ min-width: 45rem; }}
    </style>"""


def searches() -> None:
    """All that was tried; what is damaged is named, the rest stays."""
    st.html(_axes_style())
    for show in (experiments, *(lambda name=name: trials(name) for name in SEARCHES)):
        with errors_shown():
            show()
    st.caption(MEANING)
