"""Worklist through the app's entry point: a stack with bad files in it is judged, ordered, stopped, opened and left."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile, UploadedFileRec
from streamlit.testing.v1 import AppTest

from core.charts.film import picture_source
from core.data.samples import list_not_films, list_samples
from core.errors import ArtifactError
from core.explain.trust import leading_method
from core.imaging.archive import Entry
from core.imaging.decode import decode_film
from core.imaging.notes import NoteKind
from core.inference.model import Model
from core.runs.store import list_runs, served
from core.wording import BANNER, VERDICT_WORDS, format_probability
from core.worklist.queue import Row, judge_all, reading_order, summary
from pages.shared.film_state import CURRENT
from pages.shared.navigation import OVERVIEW, WORKLIST
from pages.worklist import input as worklist_input
from pages.worklist import job as worklist_job
from pages.worklist.job import JOB, Job
from tests.support.app import open_app, text_of
from tests.support.dicom_files import make_dicom

PAGE = WORKLIST.path


def open_page() -> AppTest:
    app = open_app(PAGE)
    assert not app.exception
    return app


def finish(app: AppTest) -> AppTest:
    """What the fragment's timer does in a browser."""
    for _ in range(200):
        if JOB not in app.session_state or app.session_state[JOB] is None or app.session_state[JOB].pending is None:
            break
        app.run()
    app.run()
    assert not app.exception
    return app


def give(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    app.file_uploader[0].set_value([(name, data, "application/octet-stream") for name, data in files])
    return finish(app.run())


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def job_of(app: AppTest) -> Job:
    return app.session_state[JOB]


def shown(app: AppTest) -> list[str]:
    return app.dataframe[0].value["File"].tolist()


def test_page_opens_with_its_question_and_no_list() -> None:
    app = open_page()
    assert app.title[0].value == "Triage a worklist"
    assert not app.subheader
    assert not app.error
    assert not app.get("plotly_chart")  # nothing is simulated before it is asked for
    assert BANNER in text_of(app)


def test_a_stack_with_bad_files_is_judged_to_its_end(make_film: Callable[..., bytes]) -> None:
    films = {f"film {seed}.jpeg": make_film(seed=seed) for seed in range(5)}
    packed = zipped(films | {"broken.jpeg": make_film(seed=9)[:900]})
    app = give(open_page(), ("one.jpeg", make_film(seed=7)), ("letter.png", b"This is a letter."), ("a.zip", packed))
    run = served(list_runs()[0])
    entries = [Entry(file="one.jpeg", film=decode_film(make_film(seed=7), "one.jpeg")), Entry(file="letter.png")]
    entries += [Entry(file=f"a.zip/{name}", film=decode_film(data, name)) for name, data in films.items()]
    entries += [Entry(file="a.zip/broken.jpeg")]
    expected = list(judge_all(entries, Model(run)))
    assert app.subheader[0].value == summary(expected, 2.0)
    assert shown(app) == [row.file for row in reading_order(expected)]
    table = app.dataframe[0].value
    assert table["Place"].tolist() == list(range(1, 9))
    for place, row in enumerate(reading_order(expected)):
        line = table.iloc[place]
        assert line["Came as"] == row.number
        assert list(line["Verdict"]) == [VERDICT_WORDS[row.verdict]]
        if row.prediction:
            assert line["Probability"] == pytest.approx(min(max(row.prediction.probability, 0.01), 0.99))
            assert line["Film"].startswith("data:image/jpeg;base64,")
    assert len(app.dataframe) == 1
    reasons = next(one.value for one in app.text if one.value.startswith("letter.png")).split("\n\n")
    assert reasons[0].startswith("letter.png: not a picture")
    assert reasons[1].startswith("a.zip/broken.jpeg: damaged or cut off")
    assert len(reasons) == 2
    first = reading_order(expected)[0]
    assert first.prediction is not None
    assert format_probability(first.prediction.probability) in text_of(app)
    assert f"`{first.file}`" in text_of(app)
    assert BANNER in text_of(app)


def test_nothing_of_the_upload_is_held_but_the_budgeted_films(
    film_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = give(open_page(), *[(f"{number}.jpeg", film_bytes) for number in range(3)])
    job = job_of(app)
    assert job.pending is None  # and with it the uploaded files
    assert app.file_uploader[0].value == []
    assert sum(len(row.packed or b"") for row in job.rows) < worklist_job.judge_all.__kwdefaults__["kept_bytes"]
    assert not any(isinstance(value, Row) and value.film() is None for value in job.rows)


def test_verdicts_can_be_shown_apart(make_film: Callable[..., bytes]) -> None:
    app = give(open_page(), ("a.jpeg", make_film()), ("b.png", b"x"))
    pills = app.pills(key="worklist_kind_1")
    assert pills.options[0] == "All 2"
    pills.set_value("Not judged").run()
    assert not app.exception
    assert shown(app) == ["b.png"]
    assert "**Not judged**" in text_of(app)


def test_a_click_opens_the_film_and_read_takes_it(make_film: Callable[..., bytes]) -> None:
    app = give(open_page(), ("a.jpeg", make_film(seed=1)), ("b.jpeg", make_film(seed=2, width=400)))
    rows = reading_order(job_of(app).rows)
    app.session_state["worklist_table_1_All"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.run()
    assert f"`{rows[1].file}`, arrived as number {rows[1].number}" in text_of(app)
    app.toggle(key="worklist_map").set_value(True).run()
    assert not app.exception
    figure = json.loads(next(one for one in app.get("plotly_chart") if "worklist_film" in one.proto.id).proto.spec)
    assert any(trace["type"] == "heatmap" for trace in figure["data"])
    assert any(one.value.startswith(f"{leading_method(job_of(app).run).title}: vermilion") for one in app.caption)
    app.button(key="worklist_read").click().run()
    assert not app.exception
    assert app.title[0].value.startswith("Read an X-ray")
    assert any(f"`{rows[1].file}`, your upload" in one.value for one in app.caption)
    said = rows[1].prediction
    assert said is not None
    assert f"Probability {format_probability(said.probability)}" in text_of(app)


def test_a_dicom_file_without_ending_keeps_what_it_says_of_itself(make_film: Callable[..., bytes]) -> None:
    pixels = decode_film(make_film(seed=1), "film.jpeg").pixels
    app = give(open_page(), ("IM000001", make_dicom(pixels, ViewPosition="LL")), ("a.jpeg", make_film(seed=2)))
    lateral = next(row for row in job_of(app).rows if row.file == "IM000001")
    assert (lateral.status, lateral.gate) == ("scored", "warn")
    (note,) = lateral.notes
    assert note.kind is NoteKind.LATERAL_VIEW
    assert lateral.remark.count(note.text) == 1
    doubted = [row.file for row in job_of(app).rows if row.remark]
    assert f"**{len(doubted)} result{'s' if len(doubted) > 1 else ''} to treat with caution.**" in text_of(app)
    lines = app.text[-1].value.split("\n\n")
    assert len(lines) == len(doubted)
    assert f"IM000001: {lateral.remark}" in lines
    place = reading_order(job_of(app).rows).index(lateral)
    app.session_state["worklist_table_1_All"] = {"selection": {"rows": [place], "columns": [], "cells": []}}
    app.run()
    assert f":material/warning: {lateral.remark}" in text_of(app)
    app.button(key="worklist_read").click().run()
    assert not app.exception
    taken = app.session_state[CURRENT].film  # so that the gate there knows it too
    assert (taken.name, taken.notes) == ("`IM000001`", (note,))


def test_pace_and_prevalence_move_what_they_should(make_film: Callable[..., bytes]) -> None:
    app = open_page()
    app.button(key="worklist_samples").click()
    finish(app.run())
    before = app.dataframe[0].value
    assert app.subheader[0].value == summary(job_of(app).rows, 2.0)
    app.number_input(key="worklist_minutes").set_value(4.0).run()
    assert app.subheader[0].value == summary(job_of(app).rows, 4.0)
    app.number_input(key="worklist_prevalence").set_value(60.0).run()
    after = app.dataframe[0].value
    assert after["File"].tolist() == before["File"].tolist()
    assert after["Score"].dropna().tolist() == before["Score"].dropna().tolist()
    assert (after["Probability"].dropna() >= before["Probability"].dropna()).all()
    assert (after["Probability"] > before["Probability"]).any()


def test_samples_come_in_a_mixed_order_without_folders() -> None:
    app = open_page()
    app.button(key="worklist_samples").click()
    finish(app.run())
    names = [row.file for row in job_of(app).rows]
    others = [picture.path.name for picture in list_not_films()]
    assert sorted(names) == sorted([*(sample.path.name for sample in list_samples()), *others])
    assert [row.file for row in job_of(app).rows if row.status == "refused"] == [one for one in names if one in others]
    assert all(row.gate == "refuse" and row.thumbnail for row in job_of(app).rows if row.file in others)
    reasons = next(text.value for text in app.text if "\n" in text.value).split("\n\n")
    assert sorted(reason.partition(":")[0] for reason in reasons) == sorted(others)
    assert names != sorted(names)
    labels = ["normal" in name for name in names if name not in others]
    assert labels not in (sorted(labels), sorted(labels, reverse=True))


def slow(entries: list[Entry]) -> Iterator[Entry]:
    """Entries that take longer than a part of the progress may."""
    import time

    for entry in entries:
        time.sleep(0.05)
        yield entry


def test_a_list_can_be_left_stopped_and_goes_on(film_bytes: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklist_input, "PART", 0.01)  # about one film at a time
    read = worklist_job.read_uploads
    monkeypatch.setattr(worklist_job, "read_uploads", lambda files: slow(list(read(files))))
    app = open_page()
    app.file_uploader[0].set_value([(f"{number}.jpeg", film_bytes, "image/jpeg") for number in range(6)])
    app.run()
    done = len(job_of(app).rows)
    assert 0 < done < 6
    assert len(app.dataframe) == 0  # no table while it runs
    app.switch_page(OVERVIEW.path).run()
    assert len(job_of(app).rows) == done
    app.switch_page(PAGE).run()
    assert not app.exception
    assert done < len(job_of(app).rows) < 6
    app.button(key="worklist_stop").click().run()
    assert not app.exception
    stopped = len(job_of(app).rows)
    assert stopped < 6
    assert f"Stopped after {stopped} of 6 films" in text_of(app)
    assert len(app.dataframe[0].value) == stopped
    app.run()
    assert len(job_of(app).rows) == stopped


def test_once_three_films_are_judged_the_time_that_is_left_is_named(
    film_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist_input, "PART", 0.01)  # about one film at a time
    read = worklist_job.read_uploads
    monkeypatch.setattr(worklist_job, "read_uploads", lambda files: slow(list(read(files))))
    app = open_page()
    app.file_uploader[0].set_value([(f"{number}.jpeg", film_bytes, "image/jpeg") for number in range(8)])
    said = {}
    for _ in range(7):
        app.run()
        said[len(job_of(app).rows)] = app.get("progress")[0].proto.text
    assert said[2] == "2 of 8 films judged"
    assert re.fullmatch(r"5 of 8 films judged, \d+ s to go", said[5])


def test_another_list_takes_the_place_of_the_first(make_film: Callable[..., bytes]) -> None:
    app = give(open_page(), ("a.jpeg", make_film(seed=1)))
    give(app, ("b.jpeg", make_film(seed=2)), ("c.jpeg", make_film(seed=3)))
    assert sorted(shown(app)) == ["b.jpeg", "c.jpeg"]
    assert job_of(app).number == 2


def test_an_uploader_that_is_gone_makes_no_list(film_bytes: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser may send its state once more, by then without the files."""
    state = {worklist_job.UPLOADER: 1}
    monkeypatch.setattr(worklist_job.st, "session_state", state)
    for number in (0, 1):
        state[f"{worklist_job.UPLOADER}_{number}_files"] = [DeletedFile(file_id="x")]
        worklist_job.take_uploads(f"{worklist_job.UPLOADER}_{number}_files")
    record = UploadedFileRec(file_id="y", name="a.jpeg", type="image/jpeg", data=film_bytes)
    state[f"{worklist_job.UPLOADER}_0_files"] = [UploadedFile(record, FileURLs())]
    worklist_job.take_uploads(f"{worklist_job.UPLOADER}_0_files")
    assert JOB not in state
    state[f"{worklist_job.UPLOADER}_1_files"] = state[f"{worklist_job.UPLOADER}_0_files"]
    worklist_job.take_uploads(f"{worklist_job.UPLOADER}_1_files")
    assert state[JOB].total == 1


def test_names_of_files_are_neither_markup_nor_formulas(make_film: Callable[..., bytes]) -> None:
    name = '=cmd|"![x](y)".jpeg'
    app = give(open_page(), (name, make_film()))
    assert shown(app) == [f"'{name}"]
    assert f"`{name}`" in text_of(app)


def test_without_a_gate_nothing_is_judged(film_bytes: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ArtifactError("gate.npz is missing; fetch it again.")

    monkeypatch.setattr(worklist_job, "load_gate", missing)
    app = give(open_page(), ("a.jpeg", film_bytes))
    assert app.error[0].value == "gate.npz is missing; fetch it again."
    assert not app.subheader


def test_a_folder_can_be_given() -> None:
    app = open_page()
    app.segmented_control(key="worklist_way").set_value("A folder").run()
    assert not app.exception
    assert app.file_uploader[0].accept_directory


def test_hidden_files_of_a_folder_are_left_alone(make_film: Callable[..., bytes]) -> None:
    app = open_page()
    app.segmented_control(key="worklist_way").set_value("A folder").run()
    give(app, ("films/a.jpeg", make_film()), ("films/.DS_Store", b"x"), ("films/letter", b"x"))
    assert [row.file for row in job_of(app).rows] == ["films/a.jpeg", "films/letter"]
    assert job_of(app).rows[1].status == "refused"


def test_a_film_that_was_not_kept_is_small_and_cannot_be_opened(
    make_film: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = worklist_job.judge_all
    monkeypatch.setattr(worklist_job, "judge_all", lambda entries, model, *rest: judge(entries, model, kept_bytes=0))
    app = give(open_page(), ("a.jpeg", make_film()))
    assert "more films than this session keeps" in text_of(app)
    assert not any(button.key == "worklist_read" for button in app.button)


def test_waits_are_simulated_when_asked_for() -> None:
    app = open_page()
    app.number_input(key="worklist_films").set_value(300)
    app.button(key="worklist_simulate").click().run()
    assert not app.exception
    text = text_of(app)
    assert "**Reading time saved: none.**" in text
    assert "**Children whose pneumonia the model misses** wait" in text
    assert "Readers are busy 62 % of their hours" in text
    assert "Published: 16 % of imaged children have pneumonia" in text
    assert "No cap shortens the hours in which nobody reads" in text
    charts = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    assert [chart["layout"]["title"]["text"] for chart in charts] == [
        "Mean wait",
        "95 of 100 wait at most",
        "Longest wait",
    ]
    figures = app.dataframe[0].value
    assert len(figures) == 12
    assert set(figures["Order"]) == {"As they came", "Flagged first", "Flagged first, capped"}


def test_the_share_of_pneumonia_moves_the_simulated_waits() -> None:
    app = open_page()
    app.number_input(key="worklist_share").set_value(40.0)
    app.button(key="worklist_simulate").click().run()
    assert not app.exception
    assert "Yours: 40.0 % of imaged children have pneumonia" in text_of(app)
    figures = app.dataframe[0].value.query("Order == 'As they came'").set_index("Children")["Films"]
    assert figures["Pneumonia"] / figures["All films"] == pytest.approx(0.4, abs=0.02)


def test_a_lab_that_cannot_keep_up_is_said() -> None:
    app = open_page()
    app.number_input(key="worklist_films").set_value(2000)
    app.button(key="worklist_simulate").click().run()
    assert not app.exception
    assert "the list would grow without end" in app.error[0].value
    assert not app.get("plotly_chart")


def test_without_artifacts_the_page_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, film_bytes: bytes
) -> None:
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(tmp_path / "nothing"))
    app = open_page()
    give(app, ("a.jpeg", film_bytes))
    assert app.error
    assert not app.subheader
    assert BANNER in text_of(app)


def test_each_list_draws_its_own_film(make_film: Callable[..., bytes]) -> None:
    """The caches know films by what they hold: the first film of another list is not the first of this one."""
    app = open_page()
    for seed in (1, 2, 1):
        app = give(app, ("a.jpeg", make_film(seed=seed)))
        (row,) = job_of(app).rows
        figure = json.loads(next(one for one in app.get("plotly_chart") if "worklist_film" in one.proto.id).proto.spec)
        assert row.film() is not None
        assert figure["layout"]["images"][0]["source"] == picture_source(row.film().pixels)
