"""What the errors behind Compare's confusion matrices cost, at a price of a miss that the reader sets."""

import math
from collections.abc import Sequence

import streamlit as st

from core.charts.comparison import DotRow, SeriesStyle, count_dots
from core.errors import LungLensError
from core.evaluation.operating_points import Costs, RatesAt, costs_at
from core.evaluation.threshold import ThresholdRule
from core.evaluation.types import Estimate
from core.runs.record import ScoredSplit
from core.wording import format_count, format_percent
from pages.compare import operating_point as compare_point
from pages.compare.controls import LINK
from pages.compare.findings import listed
from pages.compare.uploads import UploadedTable
from pages.shared.chart_cache import cached_figure
from pages.shared.run_figures import Shown, picture

AXIS = "Cost of errors per 1,000 children, in false alarms (lower is better)"
LOW, BASE, HIGH = 0.1, 5.0, 100.0  # false alarms that a miss may cost


def costs(
    rows: list[Shown], uploaded: list[UploadedTable], split: ScoredSplit, rule: ThresholdRule | None, prevalence: float
) -> dict[str, str]:
    """Show the cheapest in a sentence, then all as dots with intervals; return each cost in words by its title."""
    ratio = _ratio(rule)
    styles, rates = _rates(rows, uploaded, split, rule)
    if not rates:
        return {}
    per_model = costs_at(rates, ratio, prevalence)
    st.markdown(cheapest_in_words([style.title for style in styles], per_model))
    dot_rows = [DotRow(style=style, estimate=cost) for style, cost in zip(styles, per_model.each, strict=True)]
    dot_rows.sort(key=lambda row: row.estimate.value)
    for title, value in (("No alarm at all", per_model.nobody), ("An alarm for every child", per_model.everybody)):
        alone = Estimate(value=value, low=math.nan, high=math.nan, method="none")
        dot_rows.append(
            DotRow(style=SeriesStyle(title=title, model=None, hollow=True), estimate=alone, may_lie_outside=True)
        )
    st.plotly_chart(
        count_dots(dot_rows, AXIS) if uploaded else cached_figure(count_dots, dot_rows, AXIS),
        key="compare_costs",
        alt="Cost of misses and false alarms of every model with its 95 % interval",
        config=picture("costs"),
    )
    st.caption(
        f"Misses times {ratio:g} plus false alarms, at {format_percent(prevalence, 0)} pneumonia among the children "
        "who are imaged; sensitivity and specificity are those of the matrices below, with 95 % intervals by patient. "
        "For costs in euros see *Business case*."
    )
    return {style.title: format_count(cost) for style, cost in zip(styles, per_model.each, strict=True)}


def _ratio(rule: ThresholdRule | None) -> float:
    """Return the price of a miss: that of the control row, or asked for here."""
    if rule is not None and rule.kind == "cost_ratio":
        return rule.value
    value = st.number_input(
        "A miss costs, in false alarms",
        min_value=LOW,
        max_value=HIGH,
        value=BASE,
        step=1.0,
        format="%.1f",
        key="compare_ratio",
        bind=LINK,
        width=240,
        help="How many false alarms weigh as much as one missed pneumonia. It judges the errors and moves no "
        "threshold; the operating point *Cost of a miss* moves them too.",
    )
    return float(value) if value is not None and LOW <= value <= HIGH else BASE


def _rates(
    rows: list[Shown], uploaded: list[UploadedTable], split: ScoredSplit, rule: ThresholdRule | None
) -> tuple[list[SeriesStyle], list[RatesAt]]:
    styles, rates = [], []
    for row in rows:
        try:
            rates.append(compare_point.rates(row.run, split, rule))
        except LungLensError as error:
            st.error(str(error), icon=":material/error:")
            continue
        styles.append(row.style)
    for table in uploaded:
        rates.append(compare_point.rates_of_table(table.scores, table.evaluation.threshold, split))
        styles.append(table.style)
    return styles, rates


def cheapest_in_words(titles: Sequence[str], per_model: Costs) -> str:
    """Return which model's errors cost least, which others do not clearly differ, and which cost too much."""
    place = min(range(len(titles)), key=lambda place: per_model.each[place].value)
    text = f"**Cheapest: {titles[place]}**, {format_count(per_model.each[place])} per 1,000 children."
    others = len(titles) - 1
    alike = [title for title, dearer in zip(titles, per_model.dearer, strict=True) if not dearer]
    alike.remove(titles[place])
    if alike:
        text += f" No clear difference from {listed(alike)}."
    elif others:
        text += f" Clearly cheaper than {'the other' if others == 1 else f'each of the {others} others'}."
    least = min(per_model.nobody, per_model.everybody)
    worse = [title for title, cost in zip(titles, per_model.each, strict=True) if cost.value >= least]
    if worse:
        without = "raising no alarm at all" if per_model.nobody <= per_model.everybody else "an alarm for every child"
        text += f" At this price {without} would cost no more than {', '.join(f'*{title}*' for title in worse)}."
    return text
