"""What if the threshold were another one: rates of validation, this film's verdict, and the frozen one untouched."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.evaluation.evaluate import evaluate
from core.imaging.decode import decode_film
from core.inference.model import Model, Prediction
from core.runs.record import Run
from core.runs.store import list_runs, served
from core.wording import format_rate
from pages.read.threshold import film_sentence
from pages.shared.cache import key
from tests.app.conftest import open_read
from tests.support.app import upload


def opened(app: AppTest) -> AppTest:
    app.session_state["read_whatif"] = True
    app.run()
    assert not app.exception
    return app


def table(app: AppTest) -> str:
    return next(text.value for text in app.markdown if text.value.startswith("| |")).replace("\N{NO-BREAK SPACE}", " ")


def judged(run: Run, data: bytes) -> Prediction:
    return Model(run).predict(decode_film(data, "film.jpeg"))


def test_nothing_is_computed_before_it_opens(artifacts: Path, film_bytes: bytes) -> None:
    app = upload(open_read(), "film.jpeg", film_bytes)
    assert not app.select_slider or all("read_whatif" not in one.key for one in app.select_slider)
    assert not any(text.value.startswith("| |") for text in app.markdown)


def test_rates_are_those_of_validation_at_both_thresholds(monkeypatch: pytest.MonkeyPatch, film_bytes: bytes) -> None:
    monkeypatch.delenv("LUNGLENS_ARTIFACTS", raising=False)
    run = served(list_runs()[0])
    app = opened(upload(open_read(), "film.jpeg", film_bytes))
    verdict_before = app.subheader[0].value
    slider = app.select_slider(key=f"read_whatif_{key(run)}")
    assert slider.value == run.record.threshold
    slider.set_value(0.2).run()
    assert not app.exception
    assert "What if 0.200" in table(app)
    assert f"Frozen {run.record.threshold:.3f}" in table(app)
    for split, words in (("validation", ""), ("stress_validation", " under stress")):
        for name in ("sensitivity", "specificity"):
            tried, frozen = (
                format_rate(evaluate(run.scores(split), at).metrics[name]) for at in (0.2, run.record.threshold)
            )
            assert f"| {name.capitalize()}{words} | {tried} | {frozen} |" in table(app)
    assert any("not the frozen one: nothing here moves the verdict" in text.value for text in app.caption)
    assert app.subheader[0].value == verdict_before


def test_the_films_verdict_at_that_threshold_is_said(monkeypatch: pytest.MonkeyPatch, film_bytes: bytes) -> None:
    monkeypatch.delenv("LUNGLENS_ARTIFACTS", raising=False)
    run = served(list_runs()[0])
    app = opened(upload(open_read(), "film.jpeg", film_bytes))
    prediction = judged(run, film_bytes)
    assert any(text.value == film_sentence(prediction, run.record.threshold) for text in app.markdown)
    app.select_slider(key=f"read_whatif_{key(run)}").set_value(0.2).run()
    assert any(text.value == film_sentence(prediction, 0.2) for text in app.markdown)


@pytest.mark.parametrize(
    ("score", "labels", "threshold", "words"),
    [
        (0.3, ("normal",), 0.5, "Score 0.300, frozen threshold 0.500: **Not flagged**."),
        (0.3, ("normal",), 0.4, "Score 0.300, what-if threshold 0.400: still **Not flagged**."),
        (0.3, ("normal",), 0.2, "Score 0.300, what-if threshold 0.200: **No call** instead of **Not flagged**."),
        (0.3, ("pneumonia",), 0.3, "Score 0.300, what-if threshold 0.300: **Flagged** instead of **No call**."),
        (0.7, ("pneumonia",), 0.8, "Score 0.700, what-if threshold 0.800: **No call** instead of **Flagged**."),
    ],
)
def test_sentence(score: float, labels: tuple[str, ...], threshold: float, words: str) -> None:
    prediction = Prediction(
        run_id="one",
        title="One",
        score=score,
        logit=0.0,
        probability=0.5,
        prevalence=0.16,
        threshold=0.5,
        positive=score >= 0.5,
        conformal_set=labels,
    )
    assert film_sentence(prediction, threshold) == words


def test_missing_scores_are_named(artifacts: Path, film_bytes: bytes) -> None:
    app = opened(upload(open_read(), "film.jpeg", film_bytes))  # these artifacts hold no score tables
    assert any("scores_validation.csv" in error.value for error in app.error)
    assert len(app.dataframe) == 1
