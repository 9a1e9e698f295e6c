"""A damaged artifact on the page that uses it: said with what to do; the rest goes on, and nothing is diagnosed.

Every kind, each damaged in one way; ``tests/core/test_damaged_artifacts.py`` has every way.
"""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.samples import list_samples
from core.wording import VERDICT_WORDS
from pages.read.tabs import TABS
from pages.shared.navigation import (
    BUSINESS,
    COMPARE,
    DATA,
    INSIDE,
    LIMITS,
    MODEL_CARD,
    OVERVIEW,
    READ,
    TRAINING,
    WORKLIST,
    AppPage,
)
from tests.support.app import open_app
from tests.support.damaged_artifacts import damage, linked, ours

SERVED, OTHER = ours()
FILM = list_samples()[0].path
_, WHY, _, SIMILAR, _ = TABS
CASES = [
    (OVERVIEW, f"{SERVED}/run.json", "a bit turned", {}),
    (OVERVIEW, "results.json", "cut off", {}),
    (OVERVIEW, "samples/samples.json", "older", {}),
    (WORKLIST, f"{SERVED}/run.json", "gone", {}),
    (COMPARE, f"{OTHER}/run.json", "swapped", {}),
    (COMPARE, f"{OTHER}/scores_test.csv", "swapped", {"compare_tabs": "Curves"}),
    (COMPARE, "evidence.json", "gone", {}),
    (COMPARE, "speed.json", "older", {"compare_tabs": "Gain and cost"}),
    (COMPARE, "search/experiments.csv", "gone", {"compare_tabs": "Gain and cost"}),
    (COMPARE, "test_ledger.csv", "cut off", {}),
    (INSIDE, f"{SERVED}/model.onnx", "a bit turned", {}),
    (TRAINING, f"{SERVED}/history.csv", "older", {"training_tabs": "Curves"}),
    (TRAINING, "search/experiments.csv", "a bit turned", {"training_tabs": "What was tried"}),
    (DATA, "data.json", "older", {}),
    (DATA, "data_means.npy", "swapped", {"data_tabs": "Train against test"}),
    (LIMITS, "evidence.json", "older", {}),
    (LIMITS, "gate/gate.json", "older", {"limits_tabs": "Films and labels"}),
    (LIMITS, "test_ledger.csv", "gone", {"limits_tabs": "Models and tests"}),
    (BUSINESS, "results.json", "gone", {}),
    (BUSINESS, f"{SERVED}/scores_test.csv", "a bit turned", {}),
    (MODEL_CARD, "results.json", "older", {}),
    (MODEL_CARD, "data.json", "gone", {}),
    (MODEL_CARD, "MANIFEST.json", "cut off", {}),
]
READ_CASES = [
    (f"{SERVED}/model.onnx", "cut off", {}),
    (f"{SERVED}/model.onnx", "older", {}),
    (f"{SERVED}/run.json", "older", {}),
    ("similar/index.npz", "older", {"read_tabs": SIMILAR, "read_similar_fold": True}),
    ("explanations.json", "gone", {"read_tabs": WHY}),
]
NO_VERDICT = [
    ("gate/gate.npz", "gone"),
    ("gate/gate.npz", "swapped"),
    ("gate/gate.npz", "older"),
    ("MANIFEST.json", "gone"),
]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The committed artifacts, to be damaged."""
    monkeypatch.delenv("LUNGLENS_DATA", raising=False)
    folder = linked(tmp_path / "artifacts")
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(folder))
    return folder


def opened(page: AppPage, state: dict[str, object]) -> AppTest:
    return open_app(page.path, **state)


def problems(app: AppTest) -> str:
    """What the page says in boxes and captions; fails at an exception or a traceback."""
    assert not app.exception, app.exception
    said = "\n".join(text.value for text in [*app.error, *app.warning, *app.caption, *app.info, *app.markdown])
    assert "Traceback" not in said
    return said


def assert_named(said: str, name: str) -> None:
    lines = [line for line in said.splitlines() if Path(name).name in line]
    assert lines, f"{name} is not named in:\n{said}"
    assert any(word in line for line in lines for word in ("etch", "run:", "make", "restore", "train")), lines


@pytest.mark.parametrize(("page", "name", "how", "state"), CASES, ids=lambda value: str(value).replace("/", ":"))
def test_the_page_that_uses_it_says_so(root, page, name, how, state) -> None:
    damage(root, name, how)
    app = opened(page, state)
    assert_named(problems(app), name)
    assert app.title  # the page is there


@pytest.mark.parametrize(("name", "how", "state"), READ_CASES)
def test_read_names_it_and_shows_what_the_others_say(root, name, how, state) -> None:
    damage(root, name, how)
    app = opened(READ, state)
    app.file_uploader[0].upload(FILM.name, FILM.read_bytes())
    assert_named(problems(app.run()), name)


@pytest.mark.parametrize(("name", "how"), NO_VERDICT)
def test_without_a_gate_or_a_manifest_read_has_no_verdict(root, real_gate, name, how) -> None:
    damage(root, name, how)
    app = opened(READ, {})
    app.file_uploader[0].upload(FILM.name, FILM.read_bytes())
    said = problems(app.run())
    assert_named(said, name)
    assert not any(words in said for words in VERDICT_WORDS.values())
    assert not app.dataframe


def test_the_worklist_is_not_judged_by_another_model(root, real_gate) -> None:
    damage(root, f"{SERVED}/run.json", "gone")
    app = opened(WORKLIST, {})
    app.button("worklist_samples").click().run()
    said = problems(app)
    assert_named(said, f"{SERVED}/run.json")
    assert not app.dataframe
