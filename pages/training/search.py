"""What the searches tried: the list of experiments and the trials, as parallel coordinates and as tables."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.charts.search import parallel_coordinates
from core.errors import LungLensError
from core.models.registry import get_model
from core.runs.selection import SELECTION_TOLERANCE, within_tolerance
from core.training.search_files import TrialRow
from core.training.search_tables import (
    SEARCHES,
    Configuration,
    SearchPlan,
    chosen_by_rule,
    configurations,
    experiments_frame,
    not_run,
    read_experiments,
    read_plan,
    read_trials,
    settings_of,
    trials_frame,
)
from pages.shared import cache as cached
from pages.shared.chart_cache import cached_figure
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
    "target": "Learns from",
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
    """List the experiments on our network, written down before they ran."""
    st.subheader("The list of experiments", anchor=False)
    rows = read_experiments()
    if not rows:
        st.info("None has run yet; run: `python -m scripts.run_experiments DATA`", icon=":material/pending:")
        return
    tried = configurations(rows)
    served = _served_experiment()
    for sentence in (highest_in_words(len(rows), tried), served_in_words(tried, served), plain_in_words(tried)):
        if sentence:
            st.markdown(sentence)
    st.plotly_chart(
        cached_figure(parallel_coordinates, experiments_frame(rows), AXES, "mean", FIGURE),
        key="training_experiments",
        alt="Parallel coordinates of the experiments: a line for each training through its settings to its mean AUROC",
        config={"displayModeBar": False},
    )
    st.caption(
        "A line is one training, settings left, figures right, coloured by the last axis; lines through one setting "
        "are spread by their rank, the highest on top. Drag along an axis to keep the lines through it, click the axis "
        "to let go. Settings that are the same for all are left out."
    )
    _experiments_table(tried, served)
    if missing := not_run(rows):
        st.caption(
            f"Planned and not run, {len(missing)}: {', '.join(f'`{name}`' for name in missing)}; to run what is "
            "missing: `python -m scripts.run_experiments DATA`."
        )


def _served_experiment() -> str:
    """Return the configuration of the served run; empty if there is none."""
    try:
        return cached.served_run().record.model
    except LungLensError:
        return ""


def highest_in_words(trainings: int, tried: Sequence[Configuration]) -> str:
    """Return how many were trained, and which has the highest figure; Markdown."""
    best = tried[0]
    return (
        f"**{_count(trainings, 'training')} of {_count(len(tried), 'configuration')}. Highest mean AUROC of plain and "
        f"stress validation, median seed: {_named(best)} with {_mean_in_words(best)}.**"
    )


def served_in_words(tried: Sequence[Configuration], name: str) -> str:
    """Return the served configuration with its figure, and why it is served; empty if it is none of these."""
    best = tried[0]
    served = next((configuration for configuration in tried if configuration.name == name), None)
    if served is None:
        return ""
    if served == best:
        return "It is the one served."
    text = f"**Served is {_named(served)} with {_mean_in_words(served)}.**"
    if served != chosen_by_rule(tried):
        return f"{text} It was chosen among the models that are committed."
    within = f"{SELECTION_TOLERANCE:g}"
    text += f" The rule: the highest is taken, but within {within} of it the smallest network"
    if served.parameters < best.parameters:
        text += f": {served.parameters:,} parameters against {best.parameters:,}"
    close = within_tolerance(tried, lambda configuration: configuration.mean)
    as_small = sum(configuration.parameters == served.parameters for configuration in close)
    return f"{text}. Of the {as_small} as small it is the highest." if as_small > 1 else f"{text}."


def plain_in_words(tried: Sequence[Configuration]) -> str:
    """Return which configuration plain validation alone would choose; empty if it is the same."""
    best, plain = tried[0], max(tried, key=lambda configuration: configuration.validation_auroc)
    if plain == best:
        return ""
    return (
        f"On plain validation alone {_named(plain)} would win with {plain.validation_auroc:.4f}, but it reaches "
        f"{plain.stress_validation_auroc:.4f} on stress validation, {_named(best)} {best.stress_validation_auroc:.4f}."
    )


def _named(configuration: Configuration) -> str:
    return f"*{configuration.title}* (`{configuration.name}`)"


def _mean_in_words(configuration: Configuration) -> str:
    """``0.9956 (0.9951 to 0.9961 over 3 seeds)``."""
    seeds = "" if configuration.seeds == 1 else f" over {configuration.seeds} seeds"
    return f"{configuration.mean:.4f} ({_range_in_words(configuration)}{seeds})"


def _range_in_words(configuration: Configuration) -> str:
    return "one seed" if configuration.seeds == 1 else f"{configuration.low:.4f} to {configuration.high:.4f}"


def _experiments_table(tried: Sequence[Configuration], served: str) -> None:
    table = pd.DataFrame(
        {
            "Configuration": [
                f"{configuration.title} (served)" if configuration.name == served else configuration.title
                for configuration in tried
            ],
            FIGURE: [configuration.mean for configuration in tried],
            "Question": [configuration.question for configuration in tried],
            "Range over seeds": [_range_in_words(configuration) for configuration in tried],
            "Seeds": [configuration.seeds for configuration in tried],
            FIGURES["validation_auroc"]: [configuration.validation_auroc for configuration in tried],
            FIGURES["stress_validation_auroc"]: [configuration.stress_validation_auroc for configuration in tried],
            "Epochs": [configuration.epochs for configuration in tried],
            "Parameters": [configuration.parameters for configuration in tried],
            "Name in the code": [configuration.name for configuration in tried],
        }
    )
    st.dataframe(
        table,
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
    """Show the trials of one search."""
    title, command = SEARCHES[search]
    st.subheader(title, anchor=False)
    rows = read_trials(search)
    if not rows:
        st.info(f"This search has not been run; run: `{command}`", icon=":material/pending:")
        return
    frame = trials_frame(rows)
    complete = frame[frame["mean"].notna()]
    titles = {name: name.replace("_", " ").capitalize() for name in settings_of(rows)}
    st.markdown(trials_in_words(search, rows, read_plan(search)))
    if len(complete) > 1:
        st.plotly_chart(
            cached_figure(parallel_coordinates, complete, titles, "mean", FIGURE),
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


def trials_in_words(search: str, trials: Sequence[TrialRow], plan: SearchPlan | None) -> str:
    """Return how many trials were made of how many planned, and the settings of the best, the first; Markdown."""
    text = f"**{_count(len(trials), 'trial')}**"
    if plan:
        text += f" of {plan.trials} planned, up to {_count(plan.epochs, 'epoch')} each, sampler {plan.sampler}"
    best = trials[0]
    if best.mean is None:
        return f"{text}."
    settings = {name: best.settings[name] for name in settings_of(trials) if name in best.settings}
    values = ", ".join(f"{name.replace('_', ' ')} {_value(value)}" for name, value in settings.items())
    text += f". **Highest: {best.mean:.4f}** with {values}."
    if search == "grid":
        text += f" The smallest network within 0.002 of it was trained with three seeds: {get_model('cnn_grid').title}."
    return text


def _value(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _axes_style() -> str:
    """Return CSS for axes of parallel coordinates, which Plotly draws black, with a light shadow behind their text.

    Grey is legible on both themes; an edge in the background's colour separates the text from the lines. On a phone
    the many axes scroll in their own box.
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
