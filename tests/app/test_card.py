"""Model card through the app's entry point: every item, for each model, and both exports."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.reports.model_card import make_card
from core.results.store import read_results
from core.runs.store import served
from core.wording import BANNER, format_rate
from pages.shared import cache as cached
from pages.shared.navigation import MODEL_CARD
from tests.support.app import open_app, text_of
from tests.support.runs import median_runs

PAGE = MODEL_CARD.path


def opened() -> AppTest:
    return open_app(PAGE)


def test_every_item_of_the_card_is_on_the_page() -> None:
    app = opened()
    assert not app.exception
    assert not app.error
    run = served(median_runs())
    card = make_card(run, [other for other in median_runs() if other != run])
    shown = text_of(app)
    assert app.title[0].value == "What must I know before I use this model?"
    assert BANNER in shown
    assert [tab.label for tab in app.tabs] == [
        f"{section.title} ({sum(item.text != BANNER for item in section.items)})" for section in card.sections
    ]
    for section in card.sections:
        for item in section.items:
            assert item.text in shown
    assert f"**It finds {format_rate(read_results()[run.run_id]['test'].metrics['sensitivity'])} of 390 films" in shown


def test_the_card_can_be_taken_along() -> None:
    assert [button.label for button in opened().get("download_button")] == ["One page as PDF", "Markdown"]


def test_what_is_not_known_is_marked() -> None:
    marked = [one.value for one in opened().markdown if one.value.startswith("**") and ":gray-badge[" in one.value]
    assert {one[2:].partition("**")[0] for one in marked} == {
        "Dates",
        "Age and sex",
        "Other hospitals",
        "Readers with the model",
        "Monitoring",
        "Contact",
    }


def test_another_model_has_its_own_figures() -> None:
    app = opened()
    other = next(run for run in median_runs() if run != served(median_runs()))
    app.pills(key="card_model").set_value(cached.key(other)).run()
    assert not app.exception
    shown = text_of(app)
    assert other.record.weights_hash in shown
    assert served(median_runs()).record.weights_hash not in shown
    assert format_rate(read_results()[other.run_id]["test"].metrics["specificity"]) in shown


@pytest.mark.parametrize("share", [5.0, 40.0])
def test_the_share_of_pneumonia_moves_predictive_values(share: float) -> None:
    app = opened()
    app.number_input(key="card_prevalence").set_value(share).run()
    run = served(median_runs())
    card = make_card(run, [other for other in median_runs() if other != run], prevalence=share / 100)
    wanted = next(item.text for item in card.items if item.title == "PPV and NPV")
    assert f"Where {share:g} %" in wanted
    assert wanted in text_of(app)


def test_without_models_the_page_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(tmp_path))
    app = open_app(PAGE)
    assert not app.exception
    assert "No trained model was found" in app.error[0].value
