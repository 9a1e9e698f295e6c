"""Limits through the app's entry point: every finding quotes the committed figures, of the chosen model."""

import json
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.evidence.failures import shared_errors, shared_films
from core.evidence.read import read_evidence
from core.manifest import write_manifest
from core.paths import artifacts_dir
from core.results.store import read_conformal, read_numbers, read_results, read_shifts
from core.runs.ledger import count_looks, read_ledger
from core.runs.record import Run
from core.runs.store import served
from core.wording import BANNER, format_figure, format_percent, format_points, format_rate
from pages.limits.models import ledger_in_words
from pages.limits.shift import stress_in_words
from pages.limits.use import failures_in_words
from pages.shared.navigation import LIMITS
from tests.support.app import open_app, text_of
from tests.support.films import draw_film
from tests.support.runs import median_runs

PAGE = LIMITS.path
IMPORTANT, FILMS, MODELS = "Most important", "Films and labels", "Models and tests"
FINDINGS = {IMPORTANT: 5, FILMS: 5, MODELS: 3}


def opened(tab: str = IMPORTANT) -> AppTest:
    return open_app(PAGE, limits_tabs=tab)


def findings_of(app: AppTest) -> list[str]:
    return [one.value for one in app.markdown if one.value.startswith("**") and "**\n\n" in one.value]


def claims_of(app: AppTest) -> list[str]:
    return [one.split("\n\n")[0] for one in findings_of(app)]


@pytest.mark.parametrize("tab", FINDINGS)
def test_every_finding_has_a_sentence_a_chart_and_a_consequence(tab: str) -> None:
    app = opened(tab)
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert app.title[0].value == "When not to trust it"
    assert len(findings_of(app)) == len(app.get("plotly_chart")) == FINDINGS[tab]
    assert sum(one.value.startswith(":material/arrow_forward:") for one in app.markdown) == FINDINGS[tab]
    assert all(any(letter.isdigit() for letter in sentence) for sentence in findings_of(app))
    assert all(len(claim) < 70 and "(" not in claim for claim in claims_of(app))  # intervals stand below, not bold
    assert "squashed to 224 × 224 pixels" in text_of(app)
    assert BANNER in text_of(app)


@pytest.mark.parametrize("run", median_runs(), ids=lambda run: run.run_id)
def test_sentences_quote_the_committed_figures_of_the_chosen_model(run: Run) -> None:
    found = []
    for tab in FINDINGS:
        app = opened(tab)
        if run.run_id != served(median_runs()).run_id:
            app.get_by_key("limits_model").set_value(f"ours:{run.run_id}").run()
        assert not app.exception
        assert not app.error
        found += findings_of(app)
    text = "\n".join(found)
    stored, evidence = read_results()[run.run_id], read_evidence().runs[run.run_id]
    assert f"*{run.title}*" in text
    for split in ("validation", "test"):
        assert format_rate(stored[split].metrics["specificity"]) in text
    assert format_points(read_shifts()[run.run_id]["specificity"]) in text
    scores = evidence.shortcut["test"]
    for view in (scores.whole, scores.lungs_masked, scores.lungs_only):
        assert format_figure(view.by_patient) in text
    for name in ("bacteria", "virus"):
        assert format_rate(evidence.subgroups[name].metrics["sensitivity"]) in text
    for side in read_numbers(run).values():
        for metric in ("sensitivity", "specificity"):
            assert format_rate(side.metrics[metric]) in text
    for row in read_conformal()[run.run_id]["test"].rows[:2]:
        assert format_rate(row.coverage) in text


def test_shared_failures_and_looks_are_counted_and_films_are_named() -> None:
    app = opened()
    (normal, pneumonia), films = shared_errors(median_runs()), shared_films(median_runs())
    text = "\n".join(findings_of(app))
    assert failures_in_words(len(median_runs()), normal, pneumonia).figures in text
    full, further = count_looks(read_ledger(artifacts_dir()))
    assert ledger_in_words(full, further).figures in "\n".join(findings_of(opened(MODELS)))
    app.session_state["limits_names"] = True
    app.run()
    assert not app.exception
    assert app.dataframe[0].value["Film"].tolist() == films["sample_id"].tolist()


@pytest.mark.parametrize("name", ["exposure", "rotation"])
def test_a_factor_is_picked(name: str) -> None:
    app = opened()
    app.selectbox(key="limits_factor").set_value(name).run()
    app.segmented_control(key="limits_stress_figure").set_value("auroc").run()
    assert not app.exception
    run = served(median_runs())
    factor = read_evidence().runs[run.run_id].stress_curves.factors[name]
    sums = [a + b for a, b in zip(factor.sensitivity.value, factor.specificity.value, strict=True)]
    worst = sums.index(min(sums))
    sentence = next(one for one in findings_of(app) if stress_in_words(run.title, factor).figures in one)
    assert f"{factor.levels[worst]:g} (" in sentence
    assert f"{format_percent(factor.specificity.value[worst])} (" in sentence


def test_damaged_evidence_is_named_and_the_rest_stays(copied: Path) -> None:
    (copied / "evidence.json").write_text("{")
    for tab, lost in {IMPORTANT: 2, FILMS: 2, MODELS: 0}.items():  # shortcut, stress; films, subgroups
        app = opened(tab)
        assert not app.exception
        assert app.error
        assert all("evidence.json is damaged" in error.value for error in app.error)
        assert len(findings_of(app)) == FINDINGS[tab] - lost
        assert BANNER in text_of(app)


def test_evidence_of_other_weights_is_not_quoted(copied: Path) -> None:
    path = copied / "evidence.json"
    evidence = json.loads(path.read_text())
    run = served(median_runs())
    evidence["runs"][run.run_id]["weights_hash"] = "0" * 64
    path.write_text(json.dumps(evidence))
    write_manifest()
    app = opened()
    assert not app.exception
    assert any(f"knows nothing of {run.run_id}" in error.value for error in app.error)
    assert not any("lungs masked" in one for one in findings_of(app))


def test_a_model_without_evidence_is_missing_from_the_charts_alone(copied: Path) -> None:
    path = copied / "evidence.json"
    evidence = json.loads(path.read_text())
    missing = next(run for run in median_runs() if run.run_id != served(median_runs()).run_id)
    del evidence["runs"][missing.run_id]
    path.write_text(json.dumps(evidence))
    write_manifest()
    app = opened()
    assert not app.exception
    assert not app.error
    assert len(findings_of(app)) == FINDINGS[IMPORTANT]


def test_without_models_there_is_one_line(no_models: None) -> None:
    app = opened()
    assert not app.exception
    assert any("No trained model was found" in error.value for error in app.error)


@pytest.fixture
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "none").mkdir()
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(tmp_path / "none"))
    write_manifest()


def test_shared_failures_are_shown_where_the_films_are_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    films = shared_films(median_runs()).groupby("label").head(6)
    for number, name in enumerate(films["sample_id"]):
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw_film(seed=number)).save(path)
    monkeypatch.delenv("LUNGLENS_DATA", raising=False)
    app = opened()
    app.session_state["limits_names"] = True
    app.run()
    assert "With `LUNGLENS_DATA` naming the data set's folder" in text_of(app)
    assert not app.image
    monkeypatch.setenv("LUNGLENS_DATA", str(tmp_path / "set"))
    app.run()
    app.toggle(key="limits_pictures").set_value(True).run()
    assert not app.exception
    assert len(app.image) == len(films)
    for name in films["sample_id"]:
        assert f"`{Path(name).name}`" in text_of(app)
