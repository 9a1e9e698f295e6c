"""The loss and accuracy curves of every training, with a sentence on each."""

import streamlit as st

from core.charts.curves import training
from core.runs.record import Run
from core.training.loss_curves import loss_sentence, overfitting_sentence, saved_epoch_sentence, summarise_history
from pages.shared.cache import key, with_seeds
from pages.shared.chart_cache import cached_figure
from pages.shared.layout import ask_seeds, errors_shown
from pages.shared.run_figures import series_style


def show_curves(representatives: list[Run]) -> None:
    """Draw loss or accuracy by epoch of the chosen models and seeds, with a sentence on each."""
    if not representatives:
        st.error("No trained model was found; fetch artifacts/ again or train one.", icon=":material/error:")
        return
    chosen, quantity = _controls(representatives)
    histories = {}
    for run in chosen:
        with errors_shown():
            histories[key(run)] = (run, run.history())
    if not histories:
        st.info("Choose at least one model above.", icon=":material/touch_app:")
        return
    summaries = {name: summarise_history(history) for name, (_, history) in histories.items()}
    st.markdown(f"**{overfitting_sentence(list(summaries.values()))}**")
    with st.grid(3, min_column_width=320) as grid:
        for name, (run, history) in histories.items():
            style = series_style(run)
            with grid.cell(), st.container(gap="xxsmall"):
                st.plotly_chart(
                    cached_figure(training, history, style, run.record.best_epoch, quantity),
                    key=f"training_{name}",
                    alt=f"{quantity.capitalize()} of {style.title} by epoch on training and validation films",
                    config={"displayModeBar": False},
                )
                before = f"Pretrained: {run.pretraining}. " if run.pretraining else ""
                st.caption(f"{before}{loss_sentence(summaries[name])}")
    st.caption(
        "Dotted: training films, changed at random where the model asks for it, which can leave their loss above that "
        "of validation; solid: validation films, a fifth of the training folder by patient, from which the model does "
        "not learn. Loss is how far scores lie from their labels; every chart has its own scale. Single epochs are "
        "noise, so sentences compare the mean loss of the middle third of the epochs with that of the last; less than "
        "5 % counts as no change. "
        f"{saved_epoch_sentence([run for run, _ in histories.values()])}"
    )


def _controls(representatives: list[Run]) -> tuple[list[Run], str]:
    titles = {key(run): run.title for run in representatives}
    with st.container(border=True):
        models = st.pills(
            "Models",
            list(titles),
            selection_mode="multi",
            default=list(titles),
            format_func=titles.__getitem__,
            key="training_models",
        )
        with st.container(horizontal=True, gap="medium"):
            all_seeds = ask_seeds("training_seeds")
            quantity = st.segmented_control(
                "Quantity",
                ["loss", "accuracy"],
                default="loss",
                required=True,
                format_func=str.capitalize,
                key="training_quantity",
            )
    return with_seeds([run for run in representatives if key(run) in models], all_seeds), str(quantity)
