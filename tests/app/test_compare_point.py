"""Compare's operating point and link: every number follows, and a link that holds nonsense is survived."""

import pytest
from streamlit.testing.v1 import AppTest

from core.evaluation.evaluate import evaluate
from core.evaluation.metrics import confusion
from core.evaluation.operating_points import findings_at, make_draws, rates_at
from core.evaluation.threshold import ThresholdRule, choose_threshold
from core.runs.store import list_runs, representative
from core.wording import format_rate
from tests.app.test_compare import PAGE, SENSITIVITY, models_table, opened, titled
from tests.support.app import open_app, text_of

RULES = {
    "same": ThresholdRule(kind="fixed", value=0.5),
    "sensitivity": ThresholdRule(kind="fixed_sensitivity", value=0.95),
    "specificity": ThresholdRule(kind="fixed_specificity", value=0.95),
    "cost": ThresholdRule(kind="cost_ratio", value=5.0),
}


def linked(**parameters: str | list[str]) -> AppTest:
    return open_app(PAGE, query=parameters)


@pytest.mark.parametrize("point", RULES)
def test_figures_at_a_point_are_those_of_a_fresh_evaluation(point: str) -> None:
    app = opened()
    app.selectbox(key="compare_point").set_value(point).run()
    assert not app.exception
    assert not app.error
    table = models_table(app)
    for run in representative(list_runs()[0])[:3]:
        threshold = choose_threshold(RULES[point], run.scores("stress_validation"))
        fresh = evaluate(run.scores("test"), threshold)
        assert table[titled(run)] == format_rate(fresh.metrics["sensitivity"])
    assert "stay at their own thresholds" in text_of(app)


def test_matrices_and_films_follow_the_slider() -> None:
    app = opened()
    app.session_state["compare_tabs"] = "Single films"
    app.selectbox(key="compare_point").set_value("same").run()
    app.slider(key="compare_threshold").set_value(0.3).run()
    app.segmented_control(key="compare_films").set_value("wrong").run()
    assert not app.exception
    shown = app.selectbox(key="compare_first").value
    run = next(one for one in list_runs()[0] if f"ours:{one.run_id}" == shown)
    counts = confusion(run.scores("test"), 0.3)
    assert f"{counts.fn} pneumonias missed, {counts.fp} false alarms; all models at 0.30" in text_of(app)
    frame = next(one.value for one in app.dataframe if "sureness" in one.value)
    assert len(frame) == counts.fn + counts.fp
    assert frame["sureness"].is_monotonic_decreasing
    app.session_state["compare_tabs"] = "Matrices and reports"
    app.run()
    reports = [one.value for one in app.dataframe if "support" in one.value]
    place = [one.run_id for one in representative(list_runs()[0])].index(run.run_id)
    assert reports[place]["recall"].iloc[0] == pytest.approx(counts.sensitivity)


def test_findings_follow_the_point() -> None:
    app = opened()
    app.session_state["compare_pairs"] = True
    app.session_state["compare_pairs_metric"] = "specificity"
    app.selectbox(key="compare_point").set_value("same").run()
    assert not app.exception
    runs = representative(list_runs()[0])
    tables = [run.scores("test") for run in runs]
    draws = make_draws(tables[0])
    expected = [
        one
        for one in findings_at(tables, [rates_at(table, 0.5, draws) for table in tables])
        if one.metric == "specificity"
    ]
    shown = next(frame.value for frame in app.dataframe if "p after Holm" in frame.value)
    assert shown["Only first right"].tolist() == [one.only_a for one in expected]
    assert shown["p after Holm"].tolist() == pytest.approx([one.p_adjusted for one in expected])
    assert shown["Clear difference"].tolist() == ["yes" if one.distinguishable else "no" for one in expected]


def test_the_link_restores_the_row() -> None:
    runs = representative(list_runs()[0])
    app = linked(
        compare_point="Fixed specificity",
        compare_specificity="90",
        compare_split="Validation",
        compare_models=[runs[0].title, runs[-1].title],
        compare_metric="Sensitivity",
        compare_tabs="Gain and cost",
    )
    assert not app.exception
    assert app.selectbox(key="compare_point").value == "specificity"
    assert app.slider(key="compare_specificity").value == 90
    assert app.get_by_key("compare_models").value == [f"ours:{run.run_id}" for run in (runs[0], runs[-1])]
    fresh = evaluate(
        runs[0].scores("validation"),
        choose_threshold(ThresholdRule(kind="fixed_specificity", value=0.9), runs[0].scores("stress_validation")),
    )
    assert models_table(app)[titled(runs[0])] == format_rate(fresh.metrics["sensitivity"])
    assert "no other beats in both" in text_of(app)


@pytest.mark.parametrize(
    ("point", "name", "value"),
    [
        *(
            ("Same threshold for all", "compare_threshold", value)
            for value in ("nan", "-inf", "1e400", "-5", "", "<b>")
        ),
        ("Fixed sensitivity", "compare_sensitivity", "nan"),
        ("Fixed specificity", "compare_specificity", "inf"),
        ("Cost of a miss", "compare_cost", "nan"),
        ("Cost of a miss", "compare_cost", "9" * 400),
    ],
)
def test_a_hostile_value_is_survived(point: str, name: str, value: str) -> None:
    app = linked(compare_point=point, **{name: value})
    assert not app.exception
    assert len(models_table(app)) > 2


@pytest.mark.parametrize(
    "name",
    [
        "compare_point",
        "compare_split",
        "compare_seeds",
        "compare_models",
        "compare_metric",
        "compare_order",
        "compare_published",
        "compare_tabs",
        "compare_pairs",
        "compare_films",
    ],
)
def test_a_stale_name_is_survived(name: str) -> None:
    app = linked(**{name: ["gone", "=1+1"]})
    assert not app.exception
    assert not app.error
    assert SENSITIVITY in next(frame.value for frame in app.dataframe if "Multiply-adds" in frame.value)


def test_rows_stand_in_the_order_asked_for() -> None:
    app = opened()
    app.selectbox(key="compare_order").set_value("parameters").run()
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "Multiply-adds" in frame.value)
    ours = table["Parameters"].dropna()
    assert len(ours) == len(representative(list_runs()[0]))
    assert ours.is_monotonic_increasing
    assert table["How far to trust it"].notna().all()
