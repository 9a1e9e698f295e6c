"""Compare's control row: models, films, operating point, seeds; they live in the link and stay in view.

Where the window has no room for the row beside what it drives, it folds into a bar that opens as a popover over the
page. The fold is the browser's own (``details``), so that it opens at once and the widgets stay as they are.
"""

from dataclasses import dataclass

import streamlit as st

from core.evaluation.threshold import ThresholdRule
from core.runs.record import Run, ScoredSplit
from pages.shared.cache import key
from pages.shared.layout import ask_seeds
from pages.shared.run_figures import SPLIT_TITLES

LINK = "query-params"
SPLIT_HELP = (
    "Test: the official test films, which a run meets only once it is frozen; every use is on record. Validation: a "
    "fifth of the training films, by patient, on which all choices were made. Stress validation: the same films with "
    "framing, exposure, blur, border and JPEG quality changed."
)
FROZEN, SAME, SENSITIVITY, SPECIFICITY, COST = "frozen", "same", "sensitivity", "specificity", "cost"
POINTS = {
    FROZEN: "Frozen, as served",
    SAME: "Same threshold for all",
    SENSITIVITY: "Fixed sensitivity",
    SPECIFICITY: "Fixed specificity",
    COST: "Cost of a miss",
}
POINT_HELP = (
    "Where a model raises an alarm. Frozen: the threshold it is served with. Fixed sensitivity, fixed specificity and "
    "cost choose each model's threshold on stress validation, as the protocol does, never on test; what comes of it on "
    "the films shown differs from the aim. Cost counts at the share of pneumonia among the stress validation films."
)


@dataclass(frozen=True, kw_only=True)
class CompareChoice:
    """What the row says.

    Parameters
    ----------
    runs : list of Run
        One for each model, and the reader's own.
    split : str
    rule : ThresholdRule or None
        None at the frozen thresholds.
    all_seeds : bool
    """

    runs: list[Run]
    split: ScoredSplit
    rule: ThresholdRule | None
    all_seeds: bool


def controls(representatives: list[Run]) -> CompareChoice:
    """Draw the row and read it; what a link holds that no widget would give counts as not said."""
    st.html(_sticky())
    with st.container(key="compare_row", gap=None):
        st.html('<details class="compare-fold"><summary>Models, films and operating point</summary></details>')
        return _row(representatives)


def _row(representatives: list[Run]) -> CompareChoice:
    with st.container(border=True, key="compare_controls"):
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            split = st.segmented_control(
                "Films",
                list(SPLIT_TITLES),
                default="test",
                required=True,
                format_func=SPLIT_TITLES.__getitem__,
                help=SPLIT_HELP,
                key="compare_split",
                bind=LINK,
            )
            rule = _operating_point()
            all_seeds = ask_seeds("compare_seeds", more=" Small bars on the chart below are the others.", bind=LINK)
        titles = {key(run): run.title for run in representatives}
        chosen = st.pills(
            "Models",
            list(titles),
            selection_mode="multi",
            default=list(titles),
            format_func=titles.__getitem__,
            key="compare_models",
            label_visibility="collapsed",
            bind=LINK,
        )
    return CompareChoice(
        runs=[run for run in representatives if key(run) in chosen],
        split=split if split in SPLIT_TITLES else "test",
        rule=rule,
        all_seeds=all_seeds,
    )


def _operating_point() -> ThresholdRule | None:
    """Ask for the kind of operating point, and for its value where it has one."""
    point = st.selectbox(
        "Operating point",
        list(POINTS),
        format_func=POINTS.__getitem__,
        key="compare_point",
        help=POINT_HELP,
        bind=LINK,
        width=215,
    )
    if point == SAME:
        return ThresholdRule(kind="fixed", value=_slider("Threshold", "compare_threshold", 0.0, 1.0, 0.5, 0.01, "%.2f"))
    if point == SENSITIVITY:
        share = _slider("Sensitivity, at least, %", "compare_sensitivity", 50.0, 99.9, 95.0, 0.1, "%.1f")
        return ThresholdRule(kind="fixed_sensitivity", value=round(share / 100, 6))
    if point == SPECIFICITY:
        share = _slider("Specificity, at least, %", "compare_specificity", 50.0, 99.9, 95.0, 0.1, "%.1f")
        return ThresholdRule(kind="fixed_specificity", value=round(share / 100, 6))
    if point == COST:
        cost = _slider("A miss costs, in false alarms", "compare_cost", 0.1, 100.0, 5.0, 0.1, "%.1f")
        return ThresholdRule(kind="cost_ratio", value=cost)
    return None


def _slider(label: str, name: str, low: float, high: float, base: float, step: float, form: str) -> float:
    value = st.slider(
        label, min_value=low, max_value=high, value=base, step=step, format=form, key=name, bind=LINK, width=200
    )
    return float(value) if low <= value <= high else base  # a link may hold what no slider gives, such as NaN


def _sticky() -> str:
    """Keep the row in view, on the theme's ground: whole where the window has room for it, else folded into a bar."""
    light, dark = (st.get_option(f"theme.{scheme}.backgroundColor") for scheme in ("light", "dark"))
    edge_light, edge_dark = (st.get_option(f"theme.{scheme}.borderColor") for scheme in ("light", "dark"))
    edge = f"1px solid light-dark({edge_light}, {edge_dark})"
    return f"""<style>
        div:has(> .st-key-compare_row) {{ position: sticky; top: 3.75rem; z-index: 90; }}
        .st-key-compare_controls, .compare-fold {{ background: light-dark({light}, {dark}); }}
        .compare-fold {{ border: {edge}; border-radius: 0.25rem; }}
        .compare-fold summary {{ padding: 0.6rem 0.9rem; cursor: pointer; }}
        @media (min-width: 900px) and (min-height: 600px) {{
            .st-key-compare_row > :has(.compare-fold) {{ display: none; }}
        }}
        @media not ((min-width: 900px) and (min-height: 600px)) {{
            .st-key-compare_row:not(:has(.compare-fold[open])) .st-key-compare_controls {{ display: none; }}
            .st-key-compare_row .st-key-compare_controls {{
                position: absolute; top: 100%; left: 0; right: 0; max-height: 70dvh; overflow-y: auto;
                box-shadow: 0 8px 24px rgb(0 0 0 / 0.3);
            }}
        }}
    </style>"""
