"""A reader's own score table and labelled films on Compare: beside ours for this session, nothing written."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.evaluation.evaluate import evaluate
from core.evaluation.paired_tests import compare
from core.evaluation.tables import write_scores
from core.evaluation.types import Scores
from core.imaging.decode import decode_film
from core.inference.model import Model
from core.paths import artifacts_dir, runs_dir
from core.runs.store import list_runs, representative, served
from core.wording import describe_finding, format_rate
from tests.app.test_compare import models_table, opened
from tests.support.app import text_of


def as_csv(scores: Scores, *columns: str) -> bytes:
    text = io.StringIO()
    write_scores(scores, text)
    if columns:
        return pd.read_csv(io.StringIO(text.getvalue()))[list(columns)].to_csv(index=False).encode()
    return text.getvalue().encode()


def give(app: AppTest, name: str, data: bytes) -> AppTest:
    app.file_uploader[0].upload(name, data)
    return app.run()


def ours(split: str = "test") -> Scores:
    return representative(list_runs()[0])[0].scores(split)


def test_a_table_of_the_test_films_is_paired_with_ours() -> None:
    files = {path: path.stat().st_mtime_ns for path in artifacts_dir().rglob("*") if path.is_file()}
    mine = replace(ours(), y_score=1 - ours().y_score * 0.5)
    app = give(opened(), "mine.csv", as_csv(mine, "sample_id", "y_true", "y_score"))
    assert not app.exception
    assert not app.error
    assert models_table(app)["mine.csv (yours)"] == format_rate(evaluate(mine, 0.5).metrics["sensitivity"])
    best = served(list_runs()[0])
    mine = replace(mine, name="mine.csv (yours)")
    for one in compare(mine, best.scores("test"), threshold_a=0.5, threshold_b=best.record.threshold):
        assert describe_finding(one) in text_of(app)
    assert "not counted in our test log" in text_of(app)
    app.number_input(key="compare_own_threshold").set_value(0.7).run()
    assert models_table(app)["mine.csv (yours)"] == format_rate(evaluate(mine, 0.7).metrics["sensitivity"])
    app.session_state["compare_pairs"] = True
    app.run()
    pairs = next(frame.value for frame in app.dataframe if "p after Holm" in frame.value)
    models = len(representative(list_runs()[0]))
    assert (pairs[["First", "Second"]].to_numpy() == "mine.csv (yours)").sum() == models
    assert {path: path.stat().st_mtime_ns for path in artifacts_dir().rglob("*") if path.is_file()} == files
    assert not runs_dir().exists()


def test_a_table_of_other_films_stands_alone() -> None:
    app = give(opened(), "mine.csv", as_csv(ours("validation")))
    assert not app.exception
    assert not app.error
    assert "mine.csv (yours)" not in models_table(app)
    assert "nothing is paired" in text_of(app)
    app.segmented_control(key="compare_split").set_value("validation").run()
    assert not app.exception
    assert "mine.csv (yours)" in models_table(app)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"a,b\n1,2\n", "no column sample_id"),
        (b"sample_id,y_true,y_score\na,1,2\nb,0,0\n", "scores must be between 0 and 1"),
        (b"\xff\xfe\x00", "not a readable CSV"),
        (b"sample_id,y_true,y_score\na,1,0.5\nb,1,0.5\n", "both classes"),
    ],
)
def test_a_wrong_table_gets_a_clear_message(data: bytes, said: str) -> None:
    app = give(opened(), "mine.csv", data)
    assert not app.exception
    assert any(said in error.value for error in app.error)
    assert len(models_table(app)) > 2


def test_a_table_that_lacks_films_says_which() -> None:
    table = ours()
    app = give(opened(), "mine.csv", as_csv(table.take(range(1, len(table)))))
    assert any(f"lacks 1, such as {table.sample_id[0]}" in error.value for error in app.error)


def test_a_name_that_is_a_formula_is_none() -> None:
    app = give(opened(), "=HYPERLINK(1)<b>.csv", as_csv(ours()))
    assert not app.exception
    assert [name for name in models_table(app) if "HYPERLINK" in name] == ["_HYPERLINK(1)_b_.csv (yours)"]
    app = give(opened(), "-1+1.csv", as_csv(ours()))
    assert "'-1_1.csv (yours)" in models_table(app)


def zipped(films: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, film in films.items():
            archive.writestr(name, film)
    return data.getvalue()


def test_labelled_films_are_scored_by_our_models(make_film: Callable[..., bytes]) -> None:
    films = {f"NORMAL/{seed}.jpeg": make_film(seed=seed) for seed in range(3)}
    films |= {f"PNEUMONIA/{seed}.jpeg": make_film(seed=seed) for seed in range(3, 6)}
    app = give(opened(), "mine.zip", zipped(films | {"elsewhere/9.jpeg": make_film(seed=9)}))
    assert not app.exception
    assert not app.error
    table = next(one.value for one in app.dataframe if "AUROC" in one.value and "Parameters" not in one.value)
    runs = representative(list_runs()[0])
    assert table["Model"].tolist() == [run.title for run in runs]
    assert "6 films of 6 patients (3 labelled pneumonia)" in text_of(app)
    assert any("elsewhere/9.jpeg" in one.value for one in app.text)
    run = runs[-1]
    model = Model(run)
    scores = [float(model.predict(decode_film(film, "film.jpeg")).score) for film in films.values()]
    alarms = [score >= run.record.threshold for score in scores]
    assert table["Specificity (recall, normal)"].iloc[-1].startswith(f"{100 * (3 - sum(alarms[:3])) / 3:.1f} %")
    assert table["Sensitivity (recall, pneumonia)"].iloc[-1].startswith(f"{100 * sum(alarms[3:]) / 3:.1f} %")


def test_films_of_one_label_and_broken_zips_are_named(make_film: Callable[..., bytes]) -> None:
    app = give(opened(), "mine.zip", zipped({"NORMAL/1.jpeg": make_film(seed=1)}))
    assert any("Films of both labels are needed" in error.value for error in app.error)
    app = give(opened(), "mine.zip", b"PK\x03\x04nonsense")
    assert not app.exception
    assert any("not a zip file" in error.value for error in app.error)
    assert len(models_table(app)) > 2
