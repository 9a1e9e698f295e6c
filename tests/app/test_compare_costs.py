"""Costs beside Compare's confusion matrices: they follow the point, the price of a miss and a reader's own table."""

import io

import pytest
from streamlit.testing.v1 import AppTest

from core.evaluation.operating_points import Costs, costs_at, make_draws, rates_at
from core.evaluation.tables import write_scores
from core.evaluation.threshold import ThresholdRule, choose_threshold
from core.wording import format_count
from tests.app.test_compare import opened
from tests.support.app import text_of
from tests.support.runs import median_runs

TAB = "Matrices and reports"


def costs(ratio: float, thresholds: list[float]) -> Costs:
    tables = [run.scores("test") for run in median_runs()]
    draws = make_draws(tables[0])
    rates = [rates_at(table, threshold, draws) for table, threshold in zip(tables, thresholds, strict=True)]
    return costs_at(rates, ratio, 0.16)


def with_tab() -> AppTest:
    app = opened()
    app.session_state["compare_tabs"] = TAB
    app.run()
    assert not app.exception
    assert not app.error
    return app


def assert_costs(app: AppTest, found: Costs) -> None:
    text = text_of(app)
    for one in found.each:
        assert f"Errors cost {format_count(one)} per 1,000 children." in text
    place = min(range(len(found.each)), key=lambda place: found.each[place].value)
    assert f"**Cheapest: {median_runs()[place].title}**, {format_count(found.each[place])} per 1,000 children." in text


def test_every_matrix_has_its_cost() -> None:
    app = with_tab()
    assert_costs(app, costs(5.0, [run.record.threshold for run in median_runs()]))
    app.number_input(key="compare_ratio").set_value(20.0).run()
    assert_costs(app, costs(20.0, [run.record.threshold for run in median_runs()]))
    assert "Misses times 20 plus false alarms, at 16 % pneumonia" in text_of(app)


def test_the_price_of_the_control_row_holds_where_it_asks_for_one() -> None:
    app = with_tab()
    app.selectbox(key="compare_point").set_value("cost").run()
    app.slider(key="compare_cost").set_value(8.0).run()
    assert not app.exception
    assert not [one for one in app.number_input if one.key == "compare_ratio"]
    rule = ThresholdRule(kind="cost_ratio", value=8.0)
    assert_costs(app, costs(8.0, [choose_threshold(rule, run.scores("stress_validation")) for run in median_runs()]))


def test_a_price_at_which_no_alarm_is_as_cheap_is_said() -> None:
    app = with_tab()
    app.number_input(key="compare_ratio").set_value(0.1).run()
    assert "At this price raising no alarm at all would cost no more than" in text_of(app)


@pytest.mark.parametrize("value", ["nan", "1e9", "-1", "x"])
def test_a_hostile_price_in_the_link_is_survived(value: str) -> None:
    app = opened()
    app.query_params["compare_tabs"] = TAB
    app.query_params["compare_ratio"] = value
    app.run()
    assert not app.exception
    assert "**Cheapest: " in text_of(app)


def test_an_own_table_has_its_matrix_its_report_and_its_cost() -> None:
    table = io.StringIO()
    write_scores(median_runs()[0].scores("test"), table)
    app = with_tab()
    before = len(app.get("plotly_chart"))
    app.file_uploader[0].upload("mine.csv", table.getvalue().encode())
    app.run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == before + 1
    assert len([frame for frame in app.dataframe if "support" in frame.value]) == len(median_runs()) + 1
    assert "**mine.csv (yours)**" in text_of(app)
