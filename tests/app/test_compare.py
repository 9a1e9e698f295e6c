"""Compare through the app's entry point: a reviewer switches films, seeds and models; damage is named."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.evaluation.calibration import shift_prevalence
from core.evaluation.intervals import wilson
from core.evaluation.types import Scores
from core.manifest import write_manifest
from core.results.published import NOTEBOOK, PUBLISHED
from core.results.store import null_baselines, read_conformal, read_findings, read_results
from core.runs.record import Run
from core.runs.store import list_runs, representative, served
from core.wording import BANNER, describe_finding, format_percent, format_rate
from pages.compare.curves import does_it_hold
from pages.shared.navigation import COMPARE
from tests.support.app import chart_keys, open_app, text_of

PAGE = COMPARE.path
SENSITIVITY = "Sensitivity (recall, pneumonia)"


def opened(page: str = PAGE) -> AppTest:
    return open_app(page)


def models_table(app: AppTest) -> dict[str, str]:
    table = next(frame.value for frame in app.dataframe if "Multiply-adds" in frame.value)
    return dict(zip(table["Model"], table[SENSITIVITY], strict=True))


def titled(run: Run) -> str:
    return f"{run.title} (served)" if run.run_id == served(list_runs()[0]).run_id else run.title


def best_two(split: str) -> set[str]:
    """Titles of the two models with the highest AUROC."""
    stored = read_results()
    runs = [run for run in representative(list_runs()[0]) if not run.own]
    ranked = sorted(runs, key=lambda run: -stored[run.run_id][split].metrics["auroc"].value)
    return {run.title for run in ranked[:2]}


def assert_best_beside_the_runner_up(app: AppTest, split: str) -> None:
    text = text_of(app)
    pair = [one for one in read_findings(split) if {one.a, one.b} == best_two(split)]
    for metric in ("auroc", "sensitivity", "specificity"):
        one = next(one for one in pair if one.metric == metric)
        assert describe_finding(one) in text or describe_finding(one.swapped()) in text


def test_table_holds_every_model_and_the_null_baselines() -> None:
    app = opened()
    assert not app.exception
    assert not app.error
    stored = read_results()
    expected = {
        titled(run): format_rate(stored[run.run_id]["test"].metrics["sensitivity"])
        for run in representative(list_runs()[0])
    }
    table = models_table(app)
    assert {title: table[title] for title in expected} == expected
    nulls = {f"Null baseline: {one.name.lower()}": one for one in null_baselines("test")}
    assert len(nulls) == 4
    for title, one in nulls.items():
        assert table[title] == format_rate(one.metrics["sensitivity"])
    text = text_of(app)
    assert sum("(served)" in title for title in table) == 1
    assert_best_beside_the_runner_up(app, "test")
    assert any(one.value.startswith(f"Best of our {len(expected)} by AUROC") for one in app.subheader)
    assert "full evaluations on record" in text
    assert BANNER in text


@pytest.mark.parametrize("kind", ["probability", "score"])
def test_the_question_of_calibration_is_answered_from_the_test_films(kind: str) -> None:
    app = opened()
    if kind == "score":
        app.session_state["compare_calibration"] = kind
        app.run()
    assert not app.error
    run = served(list_runs()[0])
    scores = run.scores("test")
    share = float(scores.y_true.mean())
    said = scores.y_score
    if kind == "probability":
        said = shift_prevalence(run.calibration.apply(said), old=run.calibration.prevalence, new=share)
    there = (said >= 0.7) & (said < 0.9)
    observed = wilson(int(scores.y_true[there].sum()), int(there.sum()))
    text = text_of(app)
    assert f"Calibration, at the {format_percent(share)} pneumonia of these films" in text
    assert f"of the test films to which *{run.title}* gives" in text
    assert f"{format_rate(observed)} are labelled pneumonia ({there.sum()} film" in text
    answers = {"No, too high": said[there].mean() > observed.high, "No, too low": said[there].mean() < observed.low}
    assert [answer for answer in answers if f"**{answer}:**" in text] == [a for a, holds in answers.items() if holds]


def test_the_answer_on_calibration_where_few_films_or_none_lie_there() -> None:
    scores = Scores(
        sample_id=np.arange(4).astype(str),
        cluster_id=np.arange(4).astype(str),
        y_true=np.array([0, 1, 1, 1]),
        y_score=np.array([0.1, 0.75, 0.8, 0.85]),
    )
    held = does_it_hold(scores, "Dense", "probability", "test")
    assert held.startswith("**Not contradicted:** of the test films to which *Dense* gives a probability of 70 to 90 %")
    assert "100.0 % (43.9 to 100.0) are labelled pneumonia (3 films)" in held
    low = does_it_hold(replace(scores, y_score=np.full(4, 0.1)), "Dense", "score", "validation")
    assert low == "*Dense* gives a raw score of 70 to 90 % to none of these validation films."


def test_a_reviewer_switches_the_films() -> None:
    app = opened()
    before = models_table(app)
    app.segmented_control(key="compare_split").set_value("stress_validation").run()
    assert not app.exception
    after = models_table(app)
    run = representative(list_runs()[0])[0]
    assert after[titled(run)] == format_rate(read_results()[run.run_id]["stress_validation"].metrics["sensitivity"])
    assert after != before
    assert "stress validation films" in text_of(app)
    assert_best_beside_the_runner_up(app, "stress_validation")


def test_all_seeds_add_their_rows() -> None:
    app = opened()
    few = models_table(app)
    app.segmented_control(key="compare_seeds").set_value("all").run()
    assert not app.exception
    runs = list_runs()[0]
    assert len(models_table(app)) == len(few) + len(runs) - len(representative(runs))


def test_one_model_alone_has_nothing_to_compare() -> None:
    app = opened()
    pills = app.get_by_key("compare_models")
    pills.set_value(pills.value[:1]).run()
    assert not app.exception
    assert len(models_table(app)) == 1 + len(null_baselines("test")) + len((*NOTEBOOK, *PUBLISHED))
    assert "Choose two or more models of ours" in text_of(app)
    app.get_by_key("compare_models").set_value([]).run()
    assert not app.exception
    assert any("at least one model" in info.value for info in app.info)


@pytest.mark.parametrize(
    ("tab", "sign"),
    [
        ("Curves", "at its frozen threshold"),
        ("Scores", "right of it is a false alarm"),
        ("Matrices and reports", "shares are of the row"),
        ("Matrices and reports", "scikit-learn"),
        ("Single films", "give different verdicts"),
        ("Gain and cost", "no other beats in both"),
        ("When they abstain", "leaves the film to the reader"),
        ("Training and seeds", "validation loss"),
        ("Training and seeds", "not the best"),
        ("Notebook and publications", "How far to trust them"),
    ],
)
def test_every_tab_opens(tab: str, sign: str) -> None:
    app = opened()
    app.session_state["compare_tabs"] = tab
    app.run()
    assert not app.exception
    assert not app.error
    assert sign in text_of(app)


def test_training_says_of_each_model_which_epoch_it_keeps() -> None:
    app = opened()
    app.session_state["compare_tabs"] = "Training and seeds"
    app.run()
    caption = next(one.value for one in app.caption if "The star is the epoch" in one.value)
    early, fixed = caption.split("training stops when", 1)
    for run in representative(list_runs()[0]):
        keeps_last = run.record.spec["train"].get("keep") == "last"
        assert f"*{run.title}*" in (fixed if keeps_last else early)
    assert "training runs a fixed number of epochs" in fixed


def test_coverage_on_test_stands_beside_validation() -> None:
    app = opened()
    app.session_state["compare_tabs"] = "When they abstain"
    app.run()
    table = next(frame.value for frame in app.dataframe if "No call" in frame.value)
    shown = representative(list_runs()[0])
    assert table["Model"].tolist() == [titled(run) for run in shown for _ in range(2)]
    for run in shown:
        sets = read_conformal()[run.run_id]["test"]
        found = table[(table["Model"] == titled(run)) & (table["Films"] == "Test")].iloc[0]
        assert found["Coverage (normal)"].startswith(f"{100 * sets.of('normal').coverage.value:.1f} % (")
        assert found["No call"].startswith(f"{100 * sets.of('all').abstained.value:.1f} % (")


def test_damaged_evidence_is_named_and_our_models_stay(copied: Path) -> None:
    (copied / "evidence.json").write_text("{")
    app = opened()
    assert not app.exception
    assert any("evidence.json is damaged" in warning.value for warning in app.warning)
    assert len(models_table(app)) == len(representative(list_runs()[0])) + len((*NOTEBOOK, *PUBLISHED))


def test_all_pairs_open() -> None:
    app = opened()
    app.session_state["compare_pairs"] = True
    app.run()
    assert not app.exception
    pairs = next(frame.value for frame in app.dataframe if "p after Holm" in frame.value)
    models = len(representative(list_runs()[0]))
    assert len(pairs) == models * (models - 1) / 2


def test_a_readers_own_run_stands_beside_ours(tmp_path: Path) -> None:
    ours = representative(list_runs()[0])[0]
    shutil.copytree(ours.folder, tmp_path / "runs" / ours.run_id)
    app = opened()
    assert not app.exception
    assert not app.error
    table = models_table(app)
    own = next(title for title in table if "yours" in title)
    assert table[own] == table[titled(ours)]
    frame = next(frame.value for frame in app.dataframe if "Multiply-adds" in frame.value).set_index("Model")
    for cost in ("Training on one core, s", "Per film on one core, ms"):
        assert frame[cost].notna()[titled(ours)]
        assert frame[cost].isna()[own]
    app.session_state["compare_pairs"] = True
    app.run()
    assert not app.exception
    assert "yours" in text_of(app)


def test_damaged_results_are_named_and_curves_go_on(copied: Path) -> None:
    (copied / "results.json").write_text("{")
    app = opened()
    assert not app.exception
    assert any("results.json is damaged" in warning.value for warning in app.warning)
    assert BANNER in text_of(app)


def test_a_damaged_run_is_named_and_the_others_stay(copied: Path) -> None:
    victim = representative(list_runs()[0])[0]
    (victim.folder / "run.json").write_text("{")
    app = opened()
    assert not app.exception
    assert any(victim.run_id in warning.value for warning in app.warning)
    assert len(models_table(app)) >= 2


def test_a_damaged_ledger_is_named(copied: Path) -> None:
    (copied / "test_ledger.csv").write_text("time,run,surprise\n1,2,3\n")
    app = opened()
    assert not app.exception
    assert any("test_ledger.csv is damaged" in error.value for error in app.error)
    assert models_table(app)


def test_results_of_another_version_are_named(copied: Path) -> None:
    (copied / "results.json").write_text(json.dumps({"runs": {}}))
    write_manifest()
    app = opened()
    assert not app.exception
    assert any("make results" in warning.value for warning in app.warning)


def test_missing_scores_and_history_leave_the_other_models(copied: Path) -> None:
    victim = representative(list_runs()[0])[0]
    (victim.folder / "scores_test.csv").unlink()
    (victim.folder / "history.csv").unlink()
    app = opened()
    assert not app.exception
    assert any("scores_test.csv is missing" in error.value for error in app.error)
    assert {"compare_dots", "roc", "precision_recall", "reliability", "decision"} <= chart_keys(app)
    app.session_state["compare_tabs"] = "Training and seeds"
    app.run()
    assert not app.exception
    assert any("history.csv is missing" in error.value for error in app.error)
    drawn = {run.run_id for run in representative(list_runs()[0]) if f"training_ours:{run.run_id}" in chart_keys(app)}
    assert drawn == {run.run_id for run in representative(list_runs()[0])} - {victim.run_id}


@pytest.mark.parametrize("tab", ["Curves", "Scores", "Matrices and reports", "Training and seeds"])
def test_charts_without_a_table_beside_them_are_saved_as_csv(tab: str) -> None:
    app = opened()
    app.session_state["compare_tabs"] = tab
    app.run()
    assert not app.exception
    assert [button.label.endswith("as CSV") for button in app.get("download_button")] == [True]
