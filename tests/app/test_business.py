"""Business case through the app's entry point: a CFO changes the lab and the numbers move as they should."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.impact import PREVALENCE, per_thousand
from core.results import estimate, read_results
from core.runs import list_runs, served
from core.text import BANNER, count

APP = str(Path(__file__).resolve().parents[2] / "streamlit_app.py")
PAGE = "pages/impact/business.py"


def opened() -> AppTest:
    return AppTest.from_file(APP, default_timeout=60).run().switch_page(PAGE).run()


def text_of(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.title, *app.markdown, *app.caption, *app.info])


def row_of(app: AppTest, title: str) -> dict[str, str]:
    table = next(frame.value for frame in app.dataframe if "Missed" in frame.value)
    return table.set_index("Per 1,000 children").loc[title].to_dict()


def expected(prevalence: float) -> dict[str, str]:
    stored = read_results()[served(list_runs()[0]).run_id]["test"]
    counts = per_thousand(estimate(stored, "sensitivity"), estimate(stored, "specificity"), prevalence)
    return {"Found": count(counts.found), "Missed": count(counts.missed), "False alarms": count(counts.false_alarms)}


def test_page_opens_at_the_base_case() -> None:
    app = opened()
    assert not app.exception
    assert not app.error
    title = served(list_runs()[0]).title
    assert row_of(app, title).items() >= expected(PREVALENCE.base).items()
    assert row_of(app, "One reader, other films")["Found"] == "123 (114-130)"
    text = text_of(app)
    assert "Reader minutes saved: **none**" in text
    money = next(one.value for one in app.markdown if "**Money.**" in one.value)
    assert "worth about **0.09 USD** a film" in money
    assert "AI is sold for 0.19 to 2.78 USD a film. It does not pay by time alone." in money
    assert "EUR" not in money
    basis = "\n".join(one.value for one in app.expander[0].markdown)
    assert "0.08 EUR a film, or 0.09 USD at 1.05 USD a euro" in basis
    assert "at any rate below 2.33 USD a euro" in basis
    assert "reader, published range" in text
    for label in ("measured here", "published elsewhere", "assumption"):
        assert label in text
    assert BANNER in text


def test_a_cfo_changes_prevalence_and_volume() -> None:
    app = opened()
    title = served(list_runs()[0]).title
    before = row_of(app, title)
    app.slider(key="business_prevalence").set_value(40).run()
    assert not app.exception
    assert row_of(app, title).items() >= expected(0.40).items()
    assert "400 have pneumonia" in text_of(app)
    app.slider(key="business_prevalence").set_value(16)
    app.number_input(key="business_volume").set_value(20_000).run()
    after = row_of(app, title)
    assert after["Found"] == before["Found"]
    hours = [float(row["Hours moved a year"].split(" ")[0].replace(",", "")) for row in (before, after)]
    assert hours[1] == pytest.approx(2 * hours[0], abs=1)


def test_a_phone_shows_the_answers_before_the_controls() -> None:
    answers, controls = opened().columns[:2]
    assert any("**Money.**" in one.value for one in answers.markdown)
    assert any(one.key == "business_prevalence" for one in controls.slider)


def test_charts_have_titles_and_set_the_reader_apart() -> None:
    charts = [json.loads(chart.proto.spec) for chart in opened().get("plotly_chart")]
    assert [chart["layout"]["title"]["text"] for chart in charts] == [
        "Missed, of 160 children with pneumonia",
        "Falsely flagged, of 840 children without",
    ]
    for chart in charts:
        names = list(dict.fromkeys(trace["y"][0] for trace in chart["data"]))
        assert names[-1] == "One reader, other films"
        assert len(names) - 2 < chart["layout"]["shapes"][0]["y0"] < len(names) - 1


def test_a_chosen_reader_has_no_published_range() -> None:
    app = opened()
    app.slider(key="business_sensitivity").set_value(90).run()
    assert not app.exception
    assert row_of(app, "One reader, other films")["Found"] == "144"
    assert "reader, as you set it" in text_of(app)
    assert "reader, published range" not in text_of(app)


def test_another_model_answers() -> None:
    app = opened()
    box = app.selectbox(key="business_model")
    assert len(box.options) > 1
    other = next(name for name in box.options if name != served(list_runs()[0]).title)
    box.select_index(box.options.index(other)).run()
    assert not app.exception
    assert f"*{other}* flags" in text_of(app)


def test_without_artifacts_the_page_says_so_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(tmp_path / "nothing"))
    app = opened()
    assert not app.exception
    assert any("No evaluated model was found" in error.value for error in app.error)
    assert BANNER in text_of(app)
