"""Read it yourself first: nothing of a model's answer is seen before the reader's own, which then stands beside it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.evaluation.verdict import Verdict
from core.imaging.decode import decode_film
from core.inference.model import Model
from core.runs.store import list_runs, served
from core.wording import VERDICT_WORDS
from pages.read import cache as read_cached
from tests.app.conftest import open_read
from tests.support.app import upload

WORDS = {Verdict.FLAGGED: "pneumonia", Verdict.NOT_FLAGGED: "normal", Verdict.NO_CALL: "cannot"}


def switch_on(app: AppTest) -> AppTest:
    app.toggle(key="read_yourself").set_value(True).run()
    assert not app.exception
    return app


def answer(app: AppTest, word: str) -> AppTest:
    app.button(key=f"read_answer_{word}").click().run()
    assert not app.exception
    return app


def models_word(data: bytes) -> str:
    prediction = Model(served(list_runs()[0])).predict(decode_film(data, "film.jpeg"))
    return WORDS[prediction.verdict]


def text(app: AppTest) -> str:
    return "\n".join(part.value for part in [*app.markdown, *app.caption, *app.subheader])


def assert_nothing_of_a_model(app: AppTest) -> None:
    assert len(app.dataframe) == 0
    assert len(app.get("bidi_component")) == 0
    assert len(app.get("plotly_chart")) == 1  # the film alone
    assert "Map over the film" not in app.segmented_control(key="read_view").options
    assert [part.value for part in app.subheader] == ["What do you make of this film?"]
    for word in (" prevalence", "flag", "cut-off", "Score 0", VERDICT_WORDS[Verdict.NO_CALL]):
        assert word not in text(app)


def test_scores_are_hidden_until_the_reader_answers(artifacts: Path, make_film: Callable[..., bytes]) -> None:
    app = switch_on(upload(open_read(), "first.jpeg", make_film(seed=1)))
    second = make_film(seed=2)
    app = upload(app, "second.jpeg", second)
    assert_nothing_of_a_model(app)
    app = answer(app, models_word(second))
    assert len(app.dataframe) == 1
    assert "You said" in text(app)
    assert "You agree" in text(app)
    assert "agree on 1 of 1 film that you read first in this session" in text(app)


def test_nothing_is_computed_before_the_answer(
    artifacts: Path, make_film: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = switch_on(upload(open_read(), "first.jpeg", make_film(seed=1)))

    def forbidden(*_: object) -> None:
        raise AssertionError("scored before the reader's answer")

    monkeypatch.setattr(read_cached, "_score", forbidden)
    assert_nothing_of_a_model(upload(app, "second.jpeg", make_film(seed=2)))


def test_a_different_answer_is_said_and_counted(artifacts: Path, make_film: Callable[..., bytes]) -> None:
    films = [make_film(seed=number) for number in (1, 2, 3)]
    app = switch_on(upload(open_read(), "first.jpeg", films[0]))
    app = answer(upload(app, "second.jpeg", films[1]), models_word(films[1]))
    other = next(word for word in WORDS.values() if word != models_word(films[2]))
    app = answer(upload(app, "third.jpeg", films[2]), other)
    assert "You differ" in text(app)
    assert "agree on 1 of 2 films" in text(app)


def test_an_answer_after_the_scores_is_not_counted(artifacts: Path, film_bytes: bytes) -> None:
    app = switch_on(upload(open_read(), "film.jpeg", film_bytes))
    assert_nothing_of_a_model(app)
    assert "seen this film's scores before" in text(app)
    app = answer(app, "normal")
    assert "this answer is not counted" in text(app)
    assert "that you read first" not in text(app)


def test_an_answer_is_kept_for_its_film_and_asked_once(artifacts: Path, make_film: Callable[..., bytes]) -> None:
    films = [make_film(seed=number) for number in (1, 2)]
    app = switch_on(upload(open_read(), "first.jpeg", films[0]))
    app = answer(upload(app, "second.jpeg", films[1]), "pneumonia")
    assert_nothing_of_a_model(upload(app, "first.jpeg", films[0]))
    app = upload(app, "again.jpeg", films[1])
    assert "You said **pneumonia**" in text(app)
    assert not any(button.key == "read_answer_normal" for button in app.button)
    app.toggle(key="read_yourself").set_value(False).run()
    assert "You said **pneumonia**" in text(app)


def test_a_samples_label_is_not_told_first(artifacts: Path) -> None:
    app = open_read()
    app.session_state["read_yourself"] = True
    app.button(key="read_sample_pneumonia-1").click().run()
    assert not app.exception
    assert "A synthetic picture" in text(app)
    assert "drawn as pneumonia" not in text(app)
    assert_nothing_of_a_model(app)


def test_a_map_that_was_open_is_hidden_with_the_scores(artifacts: Path, make_film: Callable[..., bytes]) -> None:
    app = upload(open_read(), "first.jpeg", make_film(seed=1))
    app.segmented_control(key="read_view").set_value("Map over the film").run()
    app = switch_on(app)
    assert_nothing_of_a_model(app)
    assert "No map shows why" not in text(app)
