"""Business case through the app: a CFO, a safety lead and a statistician ask, and a link answers again."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.impact.figures import format_number, format_odds, format_result
from core.impact.formulas import USES
from core.impact.scenario import LOSING, PRESETS, Scenario, preset
from core.impact.simulate import Simulation
from core.runs.store import list_runs, served
from core.wording import BANNER
from pages.shared.navigation import BUSINESS
from tests.support.app import open_app, text_of

PAGE = BUSINESS.path


def opened(**query: str) -> AppTest:
    return open_app(PAGE, query=query)


def headline(app: AppTest) -> str:
    return next(one.value for one in app.markdown if one.value.startswith("####"))


def shows(app: AppTest, scenario: Scenario) -> Simulation:
    """The headline is that of a scenario as the command line has it: the lab's own books, then what care brings."""
    simulation = scenario.simulate(scenario.rates())
    said = headline(app)
    own, net = (a_year(simulation, name) for name in ("own_books", "net"))
    assert f"In the lab's own books: {own}" in said
    assert f"With care and readers' time counted: {net}" in said
    assert said.index("own books") < said.index("time counted:")
    assert f"it costs your lab about {format_number(-simulation.figures['own_books'].value)} EUR a year" in said
    assert f"It pays in **{format_odds(simulation.p_positive)}** simulations" in said
    return simulation


def a_year(simulation: Simulation, name: str) -> str:
    one = simulation.figures[name]
    return (
        f"**{format_number(one.value)} EUR** a year (95 % range {format_number(one.low)} to {format_number(one.high)})"
    )


def table(app: AppTest) -> dict[str, dict[str, str]]:
    frame = next(one.value for one in app.dataframe if "Verdict" in one.value)
    return frame.set_index("Scenario").to_dict("index")


def test_page_opens_at_the_base_case_and_says_what_the_command_says() -> None:
    app = opened()
    assert not app.exception
    assert not app.error
    shows(app, preset(PRESETS[0]))
    text = text_of(app)
    for name in ("**Money.**", "**Time.**", "**Children.**"):
        assert name in text
    assert "160 have pneumonia" in text
    for label in ("measured here", "published elsewhere", "assumption"):
        assert label in text
    assert BANNER in text


def test_reading_time_alone_does_not_pay_and_the_page_says_so() -> None:
    text = text_of(opened())
    assert "1.5 s per X-ray is worth 0.08 EUR at 196 EUR an hour" in text
    assert "AI costs 0.18 to 2.65 EUR per X-ray. Reading time alone does not pay for it." in text


@pytest.mark.parametrize("name", PRESETS[1:])
def test_a_lab_to_start_from_sets_every_input(name: str) -> None:
    app = opened()
    app.selectbox(key="business_lab").set_value(name).run()
    assert not app.exception
    assert app.number_input(key="business_volume").value == preset(name).inputs["volume"].base
    assert preset(name).title in headline(app)
    shows(app, preset(name))


def test_a_cfo_changes_price_volume_and_lab() -> None:
    app = opened()
    app.number_input(key="business_ai_price").set_value(2.5)
    app.number_input(key="business_volume").set_value(3000).run()
    assert not app.exception
    simulation = shows(app, preset(PRESETS[0]).with_values({"ai_price": 2.5, "volume": 3000}))
    assert "Imaging lab, changed" in headline(app)
    even = f"{simulation.figures['break_even_price'].value:.2f}"
    assert f"breaks even at {even} EUR per X-ray; the price is 2.38" in text_of(app)
    app.slider(key="business_prevalence").set_value(40).run()
    assert "400 have pneumonia" in text_of(app)


def test_where_nothing_but_the_system_counts_the_headline_says_so() -> None:
    app = opened(business_use=USES["triage"])
    assert not app.exception
    simulation = replace(preset(PRESETS[0]), use="triage").simulate(preset(PRESETS[0]).rates())
    assert f"In the lab's own books: {a_year(simulation, 'own_books')}" in headline(app)
    assert f"Neither care nor readers' time changes. It pays in **{format_odds(0)}** simulations." in headline(app)
    assert " counted" not in headline(app)


def test_time_that_only_may_change_counts_in_the_headline() -> None:
    app = opened(business_second_look="0")  # readers' time: nothing at the base, something in the draws
    assert not app.exception
    shows(app, preset(PRESETS[0]).with_values({"second_look": 0}))


def test_a_value_of_the_readers_is_no_longer_called_published() -> None:
    app = opened()
    children = next(one.value for one in app.markdown if "**Children.**" in one.value)
    assert children.index("published elsewhere") < children.index("how many have pneumonia")
    app.slider(key="business_prevalence").set_value(20).run()
    children = next(one.value for one in app.markdown if "**Children.**" in one.value)
    assert "published elsewhere" not in children
    assert "how many have pneumonia, the reader, on other films, how readers react" in children


@pytest.mark.parametrize(("name", "value"), [("dependence", 1.0), ("drop_right", 99.0), ("accept_wrong", 100.0)])
def test_extreme_assumptions_are_answered(name: str, value: float) -> None:
    app = opened(**{f"business_{name}": str(value)})
    assert not app.exception
    assert not app.error
    assert "Imaging lab, changed" in headline(app)


def test_model_and_operating_point_move_the_money() -> None:
    app = opened()
    seen = {headline(app)}
    app.selectbox(key="business_point").set_value("sensitivity_99").run()
    assert "Sensitivity of at least 99.0 %" in app.selectbox(key="business_point").options
    seen.add(headline(app))
    box = app.selectbox(key="business_model")
    other = next(title for title in box.options if title != served(list_runs()[0]).title)
    box.select_index(box.options.index(other)).run()
    assert not app.exception
    seen.add(headline(app))
    assert len(seen) == 3


def test_losing_scenarios_stand_beside_winning_ones() -> None:
    rows = table(opened())
    assert list(rows)[:3] == [f"Yours: {title.lower()}" for title in USES.values()]
    assert set(rows) >= {preset(name).title for name in PRESETS + LOSING}
    assert rows["Triage, to save money"]["Verdict"] == "Loses money"
    assert list(rows["Bought to read faster"])[:2] == ["Net a year, EUR", "Chance it pays"]  # what a phone shows first
    assert rows["Bought to read faster"]["Chance it pays"] == "below 1 %"
    assert rows["Nobody reads what is not flagged"]["Verdict"].endswith("misses more children")
    scenario = preset("model_elsewhere")
    expected = format_result(scenario.simulate(scenario.rates()), "net").replace(" EUR", "")
    assert rows[scenario.title]["Net a year, EUR"] == expected


def test_a_safety_lead_sees_who_waits_and_who_is_missed() -> None:
    app = opened()
    text = text_of(app)
    assert "Will more children be missed?" in text
    assert "are not flagged are normal by the model alone" in text
    app.selectbox(key="business_use").set_value("triage").run()
    assert not app.exception
    text = text_of(app)
    assert "A missed child waits" in text
    assert "1 in 20 waits more than" in text
    assert "Readers save **no time**" in text


def test_a_statistician_sees_draws_thresholds_and_what_was_never_measured() -> None:
    text = text_of(opened())
    for words in ("resampled together by patient", "chosen on validation", "nobody measured reader and model together"):
        assert words in text
    assert "The test films have been used for" in text


def test_the_link_restores_the_scenario() -> None:
    query = {
        "business_lab": preset("small_clinic").title,
        "business_volume": "2500",
        "business_use": USES["rule_out"],
        "business_accept_right": "30",
    }
    app = opened(**query)
    assert not app.exception
    assert app.number_input(key="business_volume").value == 2500
    assert app.selectbox(key="business_use").value == "rule_out"
    assert app.slider(key="business_accept_right").value == 30
    assert "Small clinic, changed, rule out normals" in headline(app)


@pytest.mark.parametrize(
    "query",
    [
        {"business_volume": "-5", "business_ai_price": "nan"},
        {"business_volume": "1e999", "business_hourly": "inf"},
        {"business_volume": "9" * 5_000},
        {"business_prevalence": "999", "business_utilisation": "100"},
        {"business_lab": "<script>alert(1)</script>", "business_use": "'; DROP TABLE"},
        {"business_model": "../../etc/passwd", "business_point": "\x00"},
        {"business_second_look": "[]", "business_euro": "0"},
    ],
)
def test_a_hostile_link_changes_nothing(query: dict[str, str]) -> None:
    app = opened(**query)
    assert not app.exception
    assert not app.error
    shows(app, preset(PRESETS[0]))


def test_a_value_that_no_widget_would_give_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.business import inputs as business_inputs

    monkeypatch.setattr(business_inputs, "_field", lambda name, one: float("nan") if name == "hourly" else one.base)
    app = opened()
    assert not app.exception
    assert any("hourly" in error.value for error in app.error)
    assert BANNER in text_of(app)


def test_a_phone_meets_the_answer_before_the_inputs() -> None:
    app = opened()
    assert "own books: **" in headline(app)
    assert any(one.key == "business_prevalence" for one in app.columns[0].slider)
    assert any("**Money.**" in one.value for one in app.columns[1].markdown)
    first_column = next(place for place, one in enumerate(app.main.children.values()) if app.columns[0] in walk(one))
    first_words = next(place for place, one in enumerate(app.main.children.values()) if headline(app) in words(one))
    assert first_words < first_column


def walk(block: object) -> list[object]:
    children = getattr(block, "children", {})
    return [block, *(inner for child in children.values() for inner in walk(child))]


def words(block: object) -> list[object]:
    return [getattr(one, "value", None) for one in walk(block) if type(one).__name__ == "Markdown"]


def test_charts_are_drawn_with_break_even_and_price() -> None:
    curve, swings = (json.loads(chart.proto.spec) for chart in opened().get("plotly_chart"))
    simulation = preset(PRESETS[0]).simulate(preset(PRESETS[0]).rates())
    even = simulation.figures["break_even_price"].value
    assert any(f"{even:.2f} EUR" in note["text"] for note in curve["layout"]["annotations"])
    assert any("Price asked, 0.95 EUR" in trace.get("name", "") for trace in curve["data"])
    assert len(swings["data"][0]["y"]) == 10


def test_every_export_holds_the_scenario() -> None:
    app = opened(business_volume="2500")
    buttons = {one.label: one for one in app.get("download_button")}
    assert list(buttons) == ["Download board summary (PDF)", "All inputs and outputs", "Scenario file"]


def test_without_artifacts_the_page_says_so_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(tmp_path / "nothing"))
    app = opened()
    assert not app.exception
    assert any("No evaluated model was found" in error.value for error in app.error)
    assert BANNER in text_of(app)
